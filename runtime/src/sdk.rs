//! What the SDK's clients have in common: how they encrypt, and what they say went wrong, as a [`Failure`].

use std::error::Error;

use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::failure::{Class, Failure};

/// What connections are encrypted with: the smaller one of the two that the SDK can be built with.
pub(crate) fn tls() -> Provider {
    Provider::Rustls(CryptoMode::Ring)
}

/// The failure of a request; what it was about is added by who made it.
pub(crate) fn failure<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let failure = match error {
        SdkError::ServiceError(answer) => {
            let metadata = answer.err().meta();
            let status = answer.raw().status().as_u16();
            let code = metadata.code().unwrap_or_default();
            if code.is_empty() && (200..300).contains(&status) {
                // A success that is not as the service writes one.
                let failure = Failure::new(Class::ServiceFailed, context(error));
                return named(failure, operation, error);
            }
            let text = match (code, metadata.message()) {
                ("", _) => unexplained(status),
                (code, Some(message)) => format!("{code}: {message}"),
                (code, None) => format!("{code} (HTTP status {status})"),
            };
            Failure::new(Class::of_answer(code, status), text)
        }
        // Some clients cannot read an error that has no body.
        SdkError::ResponseError(answer) if !answer.raw().status().is_success() => {
            let status = answer.raw().status().as_u16();
            Failure::new(Class::of_answer("", status), unexplained(status))
        }
        SdkError::ResponseError(_) => Failure::new(Class::ServiceFailed, context(error)),
        SdkError::ConstructionFailure(_) => Failure::new(Class::Refused, context(error)),
        _ => Failure::new(Class::Unreachable, context(error)),
    };
    named(failure, operation, error)
}

fn named<E>(failure: Failure, operation: &str, error: &SdkError<E, HttpResponse>) -> Failure {
    let request = error.raw_response().and_then(request_id);
    failure.during(operation).answered(request)
}

fn unexplained(status: u16) -> String {
    format!("HTTP status {status} without an explanation")
}

/// Services spell the header in two ways.
fn request_id(answer: &HttpResponse) -> Option<&str> {
    let header = |name| answer.headers().get(name);
    header("x-amz-request-id").or_else(|| header("x-amzn-requestid"))
}

/// The error and what led to it, without the raw answer that the SDK adds at the end.
fn context(error: &(impl Error + 'static)) -> String {
    let text = DisplayErrorContext(error).to_string();
    let end = text.rfind(" (").unwrap_or(text.len());
    text[..end].to_owned()
}

/// The error code of an answer, empty if it has none.
#[cfg(any(
    feature = "bucket-notifications",
    feature = "index",
    feature = "pipeline-status",
    feature = "replicate",
    feature = "ssm-sync",
    feature = "submit",
    feature = "worker"
))]
pub(crate) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    let answer = error.as_service_error();
    answer
        .and_then(ProvideErrorMetadata::code)
        .unwrap_or_default()
}
