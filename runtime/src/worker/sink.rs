//! What is built in to carry objects to: [`NetStorage`](netstorage::NetStorage) and [`HttpPut`]. Any other is a
//! [`Sink`](super::ports::Sink) of one's own.

pub mod answer;
mod http_put;
pub mod netstorage;
pub mod signature;

pub use http_put::HttpPut;

use crate::failure::{Class, Failure};

/// A request of a sink, ready to be sent as it is.
#[derive(Clone, Debug)]
pub struct Outgoing<C> {
    /// Such as `PUT`.
    pub method: &'static str,
    /// The URL, its path encoded: nobody may encode it again or take it for another one.
    pub url: String,
    /// Headers besides `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// The content with its length in bytes; nothing for a request without a body.
    pub content: Option<(C, u64)>,
}

/// What was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The time of the server, in seconds since 1970, if it said it.
    pub date: Option<i64>,
    /// The beginning of the body.
    pub body: Vec<u8>,
}

/// What sends the requests of sinks.
#[allow(async_fn_in_trait, reason = "a worker does all its work on one thread")]
pub trait Transport {
    /// What is sent bit by bit.
    type Content;

    /// Sends a request once.
    ///
    /// # Errors
    /// If there was no answer.
    async fn send(&self, request: Outgoing<Self::Content>) -> Result<Reply, Failure>;
}

/// Refuses keys that would be taken for another path: HTTP clients, proxies and servers take `.` and `..` out of
/// paths, so an object could land outside of where it belongs.
fn check_path(key: &str) -> Result<(), Failure> {
    if key.split('/').any(|part| matches!(part, "." | "..")) {
        let message = "the key has `.` or `..` between its slashes, which leads to another path";
        return Err(Failure::new(Class::Refused, message));
    }
    Ok(())
}
