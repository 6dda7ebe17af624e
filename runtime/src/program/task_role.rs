//! The credentials of a container's role, which Amazon ECS gives out at an address of the container's own and which
//! expire ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html)).

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result as Provided, future};
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::date_time::Format;
use serde_json::Value;

use super::surroundings::set;
use crate::sdk;

/// Where Amazon ECS answers.
const HOST: &str = "http://169.254.170.2";

/// The credentials of a container's role.
#[derive(Debug)]
pub(super) struct TaskRole {
    connector: Connector,
    url: String,
}

impl TaskRole {
    /// The role that the environment tells of, if it does.
    pub(super) fn from_env() -> Option<Self> {
        let relative = set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        let url = relative.map(|path| format!("{HOST}{path}"));
        let url =
            url.or_else(|| set("AWS_CONTAINER_CREDENTIALS_FULL_URI").filter(|url| is_near(url)));
        Some(Self {
            connector: Connector::builder().tls_provider(sdk::tls()).build(),
            url: url?,
        })
    }

    async fn ask(&self) -> Provided {
        let wrong =
            |problem: &str| CredentialsError::provider_error(format!("{}: {problem}", self.url));
        let mut request = http::Request::get(&self.url).header("accept", "application/json");
        if let Some(token) = set("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
            request = request.header("authorization", token);
        }
        let request = request.body(SdkBody::empty()).ok();
        let request = request.and_then(|request| HttpRequest::try_from(request).ok());
        let request = request.ok_or_else(|| wrong("no request can be made of it"))?;
        let answer = self.connector.call(request).await;
        let answer = answer.map_err(|problem| wrong(&problem.to_string()))?;
        if answer.status().as_u16() != 200 {
            return Err(wrong(&format!("HTTP status {}", answer.status().as_u16())));
        }
        let body = ByteStream::new(answer.into_body()).collect().await;
        let body = body.map_err(|problem| wrong(&problem.to_string()))?;
        read(&body.to_vec()).ok_or_else(|| wrong("no credentials in the answer"))
    }
}

impl ProvideCredentials for TaskRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.ask())
    }
}

/// Plain text goes no further than this machine.
fn is_near(url: &str) -> bool {
    let plain = url.strip_prefix("http://");
    plain.is_none_or(|rest| {
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        matches!(
            host,
            "127.0.0.1" | "localhost" | "169.254.170.2" | "169.254.170.23"
        )
    })
}

fn read(body: &[u8]) -> Option<Credentials> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    let expires = text("Expiration").and_then(|date| {
        let date = DateTime::from_str(&date, Format::DateTimeWithOffset).ok()?;
        SystemTime::try_from(date).ok()
    });
    let (id, secret) = (text("AccessKeyId")?, text("SecretAccessKey")?);
    Some(Credentials::new(
        id,
        secret,
        text("Token"),
        expires,
        "EcsContainer",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_expire_when_the_answer_says() {
        let body =
            br#"{"RoleArn": "arn:..", "AccessKeyId": "AK", "SecretAccessKey": "SK", "Token": "T",
                        "Expiration": "2026-01-31T12:00:00Z"}"#;
        let held = read(body).unwrap();
        assert_eq!(
            (held.access_key_id(), held.session_token()),
            ("AK", Some("T"))
        );
        let seconds = held
            .expiry()
            .unwrap()
            .duration_since(SystemTime::UNIX_EPOCH);
        assert_eq!(seconds.unwrap().as_secs(), 1_769_860_800);
        assert!(read(b"{\"code\": \"AccessDenied\"}").is_none());
    }

    #[test]
    fn no_secret_is_asked_for_over_the_open_network() {
        assert!(is_near("http://169.254.170.23/v1/credentials"));
        assert!(is_near("https://far.example/"));
        assert!(!is_near("http://far.example/"));
        assert!(!is_near("http://127.0.0.1.far.example/"));
    }
}
