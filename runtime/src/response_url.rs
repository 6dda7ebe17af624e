//! The presigned URLs of CloudFormation, by the HTTP client that the SDK brings along.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use crate::bucket_notifications::answer::Addressee;
use crate::failure::{Class, Failure};
use crate::sdk;

const OPERATION: &str = "PUT to the ResponseURL of CloudFormation";

/// How long a connection and an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whoever is behind a presigned URL.
#[derive(Debug)]
pub struct ResponseUrls {
    connector: Connector,
}

impl ResponseUrls {
    /// A client that trusts the certificates of the system.
    #[must_use]
    pub fn new() -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(PATIENCE)
            .read_timeout(PATIENCE)
            .build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .tls_provider(sdk::tls())
            .build();
        Self { connector }
    }
}

impl Default for ResponseUrls {
    fn default() -> Self {
        Self::new()
    }
}

impl Addressee for ResponseUrls {
    async fn put(&self, url: &str, body: &str) -> Result<(), Failure> {
        let failed = |class, text: String| Failure::new(class, text).during(OPERATION);
        // Presigned without a content type: one that is sent would not be what was signed.
        let request = http::Request::put(url)
            .header("content-length", body.len())
            .body(SdkBody::from(body));
        let is_whole = |request: &http::Request<SdkBody>| request.uri().scheme().is_some();
        let request = request
            .ok()
            .filter(is_whole)
            .and_then(|request| HttpRequest::try_from(request).ok());
        let request = request.ok_or_else(|| {
            failed(
                Class::UnreadableEvent,
                "ResponseURL: expected a URL".to_owned(),
            )
        })?;
        let answer = self.connector.call(request).await;
        let answer = answer.map_err(|problem| {
            let causes =
                std::iter::successors(std::error::Error::source(&problem), |cause| cause.source());
            let causes: Vec<_> = causes.map(ToString::to_string).collect();
            failed(Class::Unreachable, causes.join(": "))
        })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let class = Class::of_answer("", status.as_u16());
        let text = format!("HTTP status {}", status.as_u16());
        let request = answer.headers().get("x-amz-request-id");
        Err(failed(class, text).answered(request))
    }
}
