//! A registry of container images, as far as images are pushed to it
//! ([specification](https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push)).
//!
//! Of each blob it is asked whether it has it; then the blob is announced, sent, and named by its digest, which the
//! registry checks. The manifest comes last, under the tag: until then nobody sees the image.
//!
//! These are four requests, made by the HTTP client that the SDK brings along. A library for registries would bring a
//! second client and minutes of everybody's build.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use super::LONG;
use crate::fault::{Class, Fault};

/// What faults call a push.
const OPERATION: &str = "PushImage";
/// How much of an answer is read, in bytes.
const LONGEST: usize = 64 << 10;
/// How long an answer may take where little is sent.
const SHORT: Duration = Duration::from_secs(60);

/// A registry, and what it lets its caller in with.
pub(super) struct Registry {
    connector: Connector,
    /// Such as `https://123456789012.dkr.ecr.eu-central-1.amazonaws.com`.
    url: String,
    authorization: String,
}

/// An answer.
struct Reply {
    status: u16,
    location: Option<String>,
    body: Vec<u8>,
}

impl Registry {
    /// A registry that takes a user's name and password, in base64 with a colon between them.
    pub(super) fn new(url: &str, token: &str) -> Result<Self, Fault> {
        let url = url.trim_end_matches('/');
        let is_here = ["http://127.0.0.1:", "http://localhost:"];
        if !url.starts_with("https://") && !is_here.iter().any(|one| url.starts_with(one)) {
            let message = format!("the registry is not reached through TLS: {url}");
            return Err(refused("", message));
        }
        Ok(Self {
            connector: Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .build(),
            url: url.to_owned(),
            authorization: format!("Basic {token}"),
        })
    }

    /// Pushes the image of a layout, and gives its digest.
    pub(super) async fn push(
        &self,
        repository: &str,
        tag: &str,
        layout: &Path,
    ) -> Result<String, Fault> {
        let index = json(&layout.join("index.json"))?;
        let named = &index["manifests"][0];
        let (digest, manifest) = blob(layout, named)?;
        let content = read(&manifest)?;
        let parts = json(&manifest)?;
        let layers = parts["layers"].as_array().into_iter().flatten();
        for part in layers.chain([&parts["config"]]) {
            let (digest, file) = blob(layout, part)?;
            self.push_blob(repository, &digest, &file).await?;
        }
        let url = format!("{}/v2/{repository}/manifests/{tag}", self.url);
        let kind = named["mediaType"].as_str().unwrap_or_default();
        let body = SdkBody::from(content);
        let reply = self.send("PUT", &url, Some((kind, body)), SHORT).await?;
        reply.expect(&[201, 200])?;
        Ok(digest)
    }

    async fn push_blob(&self, repository: &str, digest: &str, file: &Path) -> Result<(), Fault> {
        const BYTES: &str = "application/octet-stream";
        let blobs = format!("{}/v2/{repository}/blobs", self.url);
        let known = self
            .send("HEAD", &format!("{blobs}/{digest}"), None, SHORT)
            .await?;
        if known.status == 200 {
            return Ok(());
        }
        let begun = self
            .send("POST", &format!("{blobs}/uploads/"), None, SHORT)
            .await?;
        let place = self.place(&begun.expect(&[202])?)?;
        let unreadable = |error: &dyn std::fmt::Display| unreadable(file, error);
        let content = ByteStream::from_path(file).await;
        let content = content.map_err(|error| unreadable(&error))?.into_inner();
        let sent = self
            .send("PATCH", &place, Some((BYTES, content)), LONG)
            .await?;
        let place = self.place(&sent.expect(&[202])?)?;
        let separator = if place.contains('?') { '&' } else { '?' };
        let digest = digest.replace(':', "%3A");
        let url = format!("{place}{separator}digest={digest}");
        let ended = self.send("PUT", &url, None, LONG).await?;
        ended.expect(&[201]).map(drop)
    }

    /// Where an upload goes on: within this registry, for what lets us in is for nobody else.
    fn place(&self, reply: &Reply) -> Result<String, Fault> {
        let named = reply.location.as_deref().unwrap_or_default();
        if named.starts_with('/') {
            return Ok(format!("{}{named}", self.url));
        }
        let rest = named.strip_prefix(&*self.url);
        if rest.is_some_and(|rest| rest.starts_with('/')) {
            return Ok(named.to_owned());
        }
        Err(refused(
            "",
            format!("the registry sends an upload elsewhere: {named}"),
        ))
    }

    async fn send(
        &self,
        method: &'static str,
        url: &str,
        content: Option<(&str, SdkBody)>,
        patience: Duration,
    ) -> Result<Reply, Fault> {
        let request = self.request(method, url, content)?;
        let answer = async {
            let response = self.connector.call(request).await;
            let response = response.map_err(|problem| unanswered(&problem))?;
            read_reply(response).await
        };
        let answer = tokio::time::timeout(patience, answer).await;
        answer.map_err(|_| unreachable(format!("the registry does not answer: {method} {url}")))?
    }

    fn request(
        &self,
        method: &'static str,
        url: &str,
        content: Option<(&str, SdkBody)>,
    ) -> Result<HttpRequest, Fault> {
        let bad = |_| refused("", format!("a URL or header that HTTP cannot carry: {url}"));
        let (kind, body) =
            content.map_or((None, SdkBody::empty()), |(kind, body)| (Some(kind), body));
        let length = body.content_length().unwrap_or_default();
        let mut request = HttpRequest::new(body);
        request.set_method(method).map_err(bad)?;
        request.set_uri(url.to_owned()).map_err(bad)?;
        let headers = request.headers_mut();
        let authorization = self.authorization.clone();
        headers
            .try_insert("authorization", authorization)
            .map_err(bad)?;
        if method != "HEAD" {
            let length = length.to_string();
            headers.try_insert("content-length", length).map_err(bad)?;
        }
        if let Some(kind) = kind {
            let kind = kind.to_owned();
            headers.try_insert("content-type", kind).map_err(bad)?;
        }
        Ok(request)
    }
}

impl Reply {
    /// The reply, if it has one of these statuses.
    fn expect(self, wanted: &[u16]) -> Result<Self, Fault> {
        if wanted.contains(&self.status) {
            return Ok(self);
        }
        let told: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = |member: &str| {
            told["errors"][0][member]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let (code, message) = (text("code"), text("message"));
        let class = match self.status {
            401 => Class::Credentials,
            403 => Class::Denied,
            404 => Class::Missing,
            status => Class::of(&code, &message, status),
        };
        let message = format!("the registry answers {}: {message}", self.status);
        Err(fault(class, &code, message))
    }
}

async fn read_reply(response: HttpResponse) -> Result<Reply, Fault> {
    let status = response.status().as_u16();
    let location = response.headers().get("location").map(str::to_owned);
    let mut stream = ByteStream::new(response.into_body());
    let mut body = Vec::new();
    // All of it is read, so that the connection can be used again; not all of it is kept.
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(|problem| unanswered(&problem))?;
        let room = LONGEST.saturating_sub(body.len());
        body.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
    Ok(Reply {
        status,
        location,
        body,
    })
}

/// The digest that a descriptor names, and the file of the layout that holds it.
fn blob(layout: &Path, descriptor: &Value) -> Result<(String, PathBuf), Fault> {
    let named = descriptor["digest"].as_str().unwrap_or_default();
    let digits = named
        .strip_prefix("sha256:")
        .filter(|digits| digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let digits = digits.ok_or_else(|| {
        let message = format!("\"{}\" is no OCI layout of an image", layout.display());
        refused("", message)
    })?;
    Ok((named.to_owned(), layout.join("blobs/sha256").join(digits)))
}

fn json(file: &Path) -> Result<Value, Fault> {
    let content = read(file)?;
    serde_json::from_slice(&content).map_err(|error| unreadable(file, &error))
}

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(file).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &Path, error: &dyn std::fmt::Display) -> Fault {
    refused("", format!("cannot read \"{}\": {error}", file.display()))
}

/// Each problem that led to this one, once.
fn unanswered(problem: &(dyn std::error::Error + 'static)) -> Fault {
    let mut chain = Vec::new();
    let mut next = Some(problem);
    while let Some(error) = next {
        let text = error.to_string();
        if !chain.contains(&text) {
            chain.push(text);
        }
        next = error.source();
    }
    unreachable(chain.join(": "))
}

fn unreachable(message: String) -> Fault {
    fault(Class::Unreachable, "", message)
}

fn refused(code: &str, message: String) -> Fault {
    fault(Class::Refused, code, message)
}

fn fault(class: Class, code: &str, message: String) -> Fault {
    Fault {
        class,
        operation: OPERATION,
        code: code.to_owned(),
        message,
    }
}
