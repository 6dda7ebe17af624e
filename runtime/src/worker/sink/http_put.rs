//! A server that takes `PUT` and `DELETE`: what most stores of files understand.

use super::{Outgoing, Transport, answer, check_path};
use crate::failure::Failure;
use crate::intake::encode_path;
use crate::worker::ports::{Head, Sink};

const PUT: &str = "HTTP PUT";
const DELETE: &str = "HTTP DELETE";

/// A server at one URL. Each key is put behind it, percent-encoded but for its slashes.
///
/// A `PUT` has the object's `Content-Type` and `Content-Length`; whatever status from 200 to 299 answers it means
/// that the object is there. A `DELETE` may answer 404 or 410, too.
#[derive(Debug)]
pub struct HttpPut<T> {
    transport: T,
    url: String,
    authorization: Option<String>,
}

impl<T> HttpPut<T> {
    /// The server at this URL, which has no slash at its end.
    pub const fn new(transport: T, url: String, authorization: Option<String>) -> Self {
        Self {
            transport,
            url,
            authorization,
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let authorization = self.authorization.clone();
        authorization
            .map(|held| ("authorization", held))
            .into_iter()
            .collect()
    }
}

impl<T: Transport> Sink<T::Content> for HttpPut<T> {
    fn place(&self, key: &str) -> Result<String, Failure> {
        check_path(key)?;
        Ok(format!("{}/{}", self.url, encode_path(key)))
    }

    async fn put(&self, place: &str, head: &Head, content: T::Content) -> Result<(), Failure> {
        let mut headers = self.headers();
        if let Some(kind) = &head.content_type {
            headers.push(("content-type", kind.clone()));
        }
        let request = Outgoing {
            method: "PUT",
            url: place.to_owned(),
            headers,
            content: Some((content, head.size)),
        };
        let reply = self.transport.send(request).await;
        let reply = reply.map_err(|failure| failure.during(PUT))?;
        match reply.status {
            200..300 => Ok(()),
            _ => Err(answer::failure(PUT, &reply)),
        }
    }

    async fn remove(&self, place: &str) -> Result<(), Failure> {
        let request = Outgoing {
            method: "DELETE",
            url: place.to_owned(),
            headers: self.headers(),
            content: None,
        };
        let reply = self.transport.send(request).await;
        let reply = reply.map_err(|failure| failure.during(DELETE))?;
        match reply.status {
            200..300 | 404 | 410 => Ok(()),
            _ => Err(answer::failure(DELETE, &reply)),
        }
    }

    /// Nothing is known of such a server beforehand.
    async fn check(&self) -> Result<(), Failure> {
        Ok(())
    }
}
