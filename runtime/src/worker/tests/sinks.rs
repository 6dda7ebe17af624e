//! What the two built-in sinks send.

use std::cell::RefCell;

use super::super::ports::{Head, Sink};
use super::super::sink::netstorage::Stat;
use super::super::sink::{HttpPut, Outgoing, Reply, Transport};
use super::model::World;
use super::{requests, storage};
use crate::failure::{Class, Failure};

fn head(size: u64) -> Head {
    Head {
        bucket: "media".to_owned(),
        key: "k".to_owned(),
        version_id: None,
        etag: "\"1\"".to_owned(),
        size,
        content_type: Some("video/mp4".to_owned()),
    }
}

#[tokio::test(start_paused = true)]
async fn every_verb_is_signed_as_it_is_sent() {
    let world = World::default();
    let sink = storage(&world);
    sink.put("/123/a", &head(1), b"x".to_vec()).await.unwrap();
    let found = sink.stat("/123/a").await.unwrap();
    let expected = Stat {
        kind: "file".to_owned(),
        size: Some(1),
        md5: Some("ab".to_owned()),
    };
    assert_eq!(found, Some(expected));
    assert_eq!(sink.stat("/123/none").await, Ok(None));
    sink.rename("/123/a", "/123/b%20c~%2B").await.unwrap();
    sink.make_directory("/123/d").await.unwrap();
    sink.put("/123/e/", &head(0), Vec::new()).await.unwrap();
    sink.remove("/123/a").await.unwrap();
    sink.remove("/123/e/").await.unwrap();
    let expected = [
        "PUT /123/a upload",
        "GET /123/a stat&format=xml",
        "GET /123/none stat&format=xml",
        "POST /123/a rename&destination=%2F123%2Fb+c~%2B",
        "POST /123/d mkdir",
        "POST /123/e mkdir",
        "POST /123/a delete",
        "POST /123/e rmdir",
    ];
    assert_eq!(requests(&world), expected);
}

#[tokio::test(start_paused = true)]
async fn a_cp_code_that_is_not_there_is_said_before_any_message_is_taken() {
    let world = World::default();
    storage(&world).check().await.unwrap();
    let signer = super::Signer::new("key1".to_owned(), super::KEY.to_owned());
    let clock = ((|| super::NOW) as fn() -> i64, 7_000);
    let place = ("999", Some("media"));
    let other = super::NetStorage::new(world, "cdn.example", place, signer, clock);
    assert_eq!(other.place("a").unwrap(), "/999/media/a");
    let failure = other.check().await.unwrap_err();
    assert_eq!(failure.class, Class::NotFound);
    assert!(failure.to_string().contains("no CP code 999"), "{failure}");
}

/// A server that answers as it is told, and keeps what it was sent.
#[derive(Default)]
pub(super) struct Server {
    status: u16,
    /// What it refuses, by a part of the path.
    closed: Option<&'static str>,
    sent: RefCell<Vec<String>>,
}

impl Server {
    pub(super) fn answering(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// Takes everything but what has this in its path.
    pub(super) fn closed_at(part: &'static str) -> Self {
        Self {
            closed: Some(part),
            ..Self::answering(204)
        }
    }
}

impl Transport for &Server {
    type Content = Vec<u8>;

    async fn send(&self, request: Outgoing<Vec<u8>>) -> Result<Reply, Failure> {
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, held)| format!("{name}: {held}"))
            .collect();
        let length = request.content.map(|(_, length)| length);
        let line = format!("{} {} {headers:?} {length:?}", request.method, request.url);
        self.sent.borrow_mut().push(line);
        let is_closed = self.closed.is_some_and(|part| request.url.contains(part));
        Ok(Reply {
            status: if is_closed { 403 } else { self.status },
            ..Reply::default()
        })
    }
}

#[tokio::test(start_paused = true)]
async fn an_http_server_gets_what_it_needs_and_its_answer_counts() {
    let server = Server::answering(204);
    let url = "https://cdn.example/up".to_owned();
    let sink = HttpPut::new(&server, url, Some("Bearer t".to_owned()));
    let place = sink.place("a b/+ü?").unwrap();
    sink.put(&place, &head(3), b"abc".to_vec()).await.unwrap();
    sink.remove(&place).await.unwrap();
    let expected = [
        "PUT https://cdn.example/up/a%20b/%2B%C3%BC%3F [\"authorization: Bearer t\", \"content-type: video/mp4\"] Some(3)",
        "DELETE https://cdn.example/up/a%20b/%2B%C3%BC%3F [\"authorization: Bearer t\"] None",
    ];
    assert_eq!(*server.sent.borrow(), expected);
    assert_eq!(sink.place("a/../b").unwrap_err().class, Class::Refused);
    for (status, put, remove) in [
        (200, None, None),
        (302, Some(Class::Refused), Some(Class::Refused)),
        (403, Some(Class::AccessDenied), Some(Class::AccessDenied)),
        (404, Some(Class::NotFound), None),
        (503, Some(Class::ServiceFailed), Some(Class::ServiceFailed)),
    ] {
        let server = Server::answering(status);
        let sink = HttpPut::new(&server, "https://cdn.example".to_owned(), None);
        let class = |done: Result<(), Failure>| done.err().map(|failure| failure.class);
        assert_eq!(
            class(sink.put("p", &head(0), Vec::new()).await),
            put,
            "{status}"
        );
        assert_eq!(class(sink.remove("p").await), remove, "{status}");
    }
}
