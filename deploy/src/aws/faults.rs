//! What the SDK says went wrong, as a [`Fault`]: one line, without the SDK's own layers.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{DispatchFailure, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::fault::{Class, Fault};

/// What the SDK puts around every fault of a request, which tells nobody anything.
const LAYERS: [&str; 7] = [
    "dispatch failure",
    "io error",
    "other",
    "client error (Connect)",
    "client error (SendRequest)",
    "service error",
    "the credential provider was not enabled",
];

/// What is said where nobody has any.
pub(super) const NO_CREDENTIALS: &str =
    "there are no AWS credentials: none in variables, the profile, a container or the instance";

/// The fault of a request.
pub(super) fn of<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let fault = |class, code: &str, message: String| Fault {
        class,
        operation,
        code: code.to_owned(),
        message,
    };
    match error {
        SdkError::ServiceError(answer) => {
            let (metadata, status) = (answer.err().meta(), answer.raw().status().as_u16());
            let code = metadata.code().unwrap_or_default();
            let message = metadata.message().unwrap_or_default();
            let told = if message.is_empty() {
                format!("HTTP status {status}")
            } else {
                one_line(message)
            };
            fault(Class::of(code, message, status), code, told)
        }
        SdkError::ResponseError(answer) if answer.raw().status().is_success() => {
            fault(Class::Unreachable, "", context(error))
        }
        SdkError::ResponseError(answer) => fault(
            Class::of("", "", answer.raw().status().as_u16()),
            "",
            context(error),
        ),
        SdkError::ConstructionFailure(_) => fault(Class::Refused, "", context(error)),
        SdkError::DispatchFailure(failure) => match credentials(failure, error) {
            Some(told) => fault(Class::Credentials, "", told),
            None => fault(Class::Unreachable, "", unreached(failure, error)),
        },
        _ => fault(Class::Unreachable, "", context(error)),
    }
}

/// What is wrong with the credentials, where that is what kept a request from being sent: it looks like any other
/// failure to do so.
fn credentials(failure: &DispatchFailure, error: &(impl Error + 'static)) -> Option<String> {
    let told = context(error);
    let lower = told.to_lowercase();
    let words = ["credential", "token", "sso", "profile"];
    let is_sent = failure.is_io() || failure.is_timeout();
    // Of a provider that has nothing the SDK says nothing.
    let is_said = told.is_empty() || words.iter().any(|word| lower.contains(word));
    if is_sent || !is_said {
        return None;
    }
    let none = "no credentials found in chain";
    Some(if told.is_empty() || told.contains(none) {
        NO_CREDENTIALS.to_owned()
    } else {
        told
    })
}

/// Why a request did not get through.
fn unreached(failure: &DispatchFailure, error: &(impl Error + 'static)) -> String {
    let told = context(error);
    if failure.is_io() {
        format!("no connection: {told}")
    } else if failure.is_timeout() {
        format!("no answer: {told}")
    } else {
        told
    }
}

/// The error and what led to it.
fn context(error: &(impl Error + 'static)) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(cause) = next {
        let text = one_line(&cause.to_string());
        if !LAYERS.contains(&&*text) && causes.last() != Some(&text) {
            causes.push(text);
        }
        next = cause.source();
    }
    causes.join(": ")
}

/// A text without its line breaks and what is indented for them.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
