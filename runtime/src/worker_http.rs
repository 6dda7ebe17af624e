//! The requests of the worker's sinks, by the HTTP client that the SDK brings along.

use std::error::Error;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::date_time::Format;

use crate::failure::{Class, Failure};
use crate::sdk;
use crate::worker::sink::{Outgoing, Reply, Transport};

/// How much of an answer is read, in bytes.
const LONGEST: usize = 64 << 10;

/// For how long a connection is kept that nothing is sent on: shorter than servers do.
const IDLE: Duration = Duration::from_secs(5);

/// Sends requests of sinks.
#[derive(Debug)]
pub struct Http(Connector);

impl Http {
    /// A client with connections of its own.
    #[must_use]
    pub fn new() -> Self {
        let connector = Connector::builder().tls_provider(sdk::tls());
        Self(connector.pool_idle_timeout(IDLE).build())
    }
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Transport for Http {
    type Content = SdkBody;

    async fn send(&self, request: Outgoing<SdkBody>) -> Result<Reply, Failure> {
        let request = made(request)?;
        let response = self.0.call(request).await;
        let response = response.map_err(|problem| unanswered(&problem))?;
        let date = response.headers().get("date").and_then(seconds);
        let status = response.status().as_u16();
        let mut stream = ByteStream::new(response.into_body());
        let mut body = Vec::new();
        // All of it is read, so that the connection can be used again; not all of it is kept.
        while let Some(bytes) = stream.next().await {
            match bytes {
                Ok(bytes) => {
                    let room = LONGEST.saturating_sub(body.len());
                    body.extend_from_slice(&bytes[..bytes.len().min(room)]);
                }
                // A status alone says that it failed, not that it succeeded.
                Err(problem) if status < 300 => return Err(unanswered(&problem)),
                Err(_) => break,
            }
        }
        Ok(Reply { status, date, body })
    }
}

fn made(request: Outgoing<SdkBody>) -> Result<HttpRequest, Failure> {
    // The text of a problem could repeat what a header proves itself with.
    let refused = || Failure::new(Class::Refused, "a URL or header that HTTP cannot carry");
    let mut made = http::Request::builder()
        .method(request.method)
        .uri(&request.url);
    for (name, value) in &request.headers {
        made = made.header(*name, value);
    }
    let (content, length) = request.content.unwrap_or_else(|| (SdkBody::empty(), 0));
    if length > 0 || request.method != "GET" {
        made = made.header("content-length", length);
    }
    let made = made.body(content).map_err(|_| refused())?;
    HttpRequest::try_from(made).map_err(|_| refused())
}

fn seconds(date: &str) -> Option<i64> {
    let date = DateTime::from_str(date, Format::HttpDate).ok()?;
    Some(date.secs())
}

/// Each problem that led to this one, once.
fn unanswered(problem: &(dyn Error + 'static)) -> Failure {
    let mut chain = Vec::new();
    let mut next = Some(problem);
    while let Some(error) = next {
        let text = error.to_string();
        if !chain.contains(&text) {
            chain.push(text);
        }
        next = error.source();
    }
    Failure::new(Class::Unreachable, chain.join(": "))
}
