//! What the SDK is told of the function's surroundings: all of it comes from environment variables,
//! as Lambda sets them.
//!
//! The SDK can find out by itself, in every place that a program may run in, and looks for files and
//! servers that no function has. Here it is the region, credentials that last as long as the process, and
//! what somebody may set on a function:
//!
//! | variable | says |
//! |---|---|
//! | `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL_DYNAMODB`, .. | an endpoint in place of AWS |
//! | `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` | other endpoints of AWS, if it is `true` |
//!
//! ([AWS](https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html))

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use cloudwright_contract::{EnvironmentError, Process, Variables as _};

use super::init::{InitError, required};
use crate::sdk;

/// How long a connection may take: what the SDK takes by itself.
const CONNECT_TIME: Duration = Duration::from_millis(3_100);

/// The settings of all clients of one process. They share connections, and the certificates of the
/// system are read once.
pub(super) fn sdk() -> Result<SdkConfig, InitError> {
    sdk_as(credentials()?)
}

/// As [`sdk`], with credentials of another kind.
pub(super) fn sdk_as(
    credentials: impl ProvideCredentials + 'static,
) -> Result<SdkConfig, InitError> {
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIME);
    let mut settings = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(required(
            "AWS_REGION",
            "the function's region",
        )?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().tls_provider(sdk::tls()).build_https())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts.build())
        .service_config(ServiceVariables);
    settings.set_endpoint_url(set("AWS_ENDPOINT_URL"));
    settings.set_use_fips(switch("AWS_USE_FIPS_ENDPOINT")?);
    settings.set_use_dual_stack(switch("AWS_USE_DUALSTACK_ENDPOINT")?);
    Ok(settings.build())
}

/// Those of the function's role; a process gets no other ones while it lives.
fn credentials() -> Result<Credentials, InitError> {
    let expected = "the credentials of the function's role, as Lambda sets them";
    Ok(Credentials::new(
        required("AWS_ACCESS_KEY_ID", expected)?,
        required("AWS_SECRET_ACCESS_KEY", expected)?,
        set("AWS_SESSION_TOKEN"),
        None,
        "Lambda",
    ))
}

pub(super) fn set(name: &str) -> Option<String> {
    Process.variable(name).filter(|text| !text.is_empty())
}

fn switch(name: &str) -> Result<Option<bool>, InitError> {
    let Some(held) = set(name) else {
        return Ok(None);
    };
    let known = [("true", true), ("false", false)];
    let known = known
        .into_iter()
        .find(|(text, _)| held.eq_ignore_ascii_case(text));
    let (_, value) = known.ok_or_else(|| {
        InitError::from(EnvironmentError {
            variable: name.to_owned(),
            held: Some(held.clone()),
            expected: "true or false".to_owned(),
        })
    })?;
    Ok(Some(value))
}

/// The variables of single services, such as `AWS_ENDPOINT_URL_S3`.
#[derive(Debug)]
struct ServiceVariables;

impl LoadServiceConfig for ServiceVariables {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        set(&format!("{}_{service}", key.env()))
    }
}
