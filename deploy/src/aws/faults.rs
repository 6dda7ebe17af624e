//! What the SDK says went wrong, as a [`Fault`]: one line, without the SDK's own layers.

use std::error::Error;

use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, DispatchFailure, SdkError};
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

/// What the SDK says of whoever was to give credentials and could not, before why.
pub(super) const LOADING: &str = "an error occurred while loading credentials";

/// The requests by which roles are assumed: with credentials, and with a token.
pub(super) const ASSUME_ROLE: &str = "AssumeRole";
pub(super) const ASSUME_ROLE_WITH_TOKEN: &str = "AssumeRoleWithWebIdentity";

/// The operation of a request for credentials that went to no service of ours: to a portal, a container or an instance.
pub(super) const CREDENTIALS: &str = "credentials";

/// The fault of a request, or of the one that was made before it for credentials.
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
        SdkError::DispatchFailure(failure) => {
            if let Some(fault) = of_provider(error) {
                return fault;
            }
            match credentials(failure, error) {
                Some(told) => fault(Class::Credentials, "", told),
                None => {
                    let told = unreached(failure.as_connector_error(), error);
                    fault(Class::Unreachable, "", told)
                }
            }
        }
        _ => fault(Class::Unreachable, "", context(error)),
    }
}

/// What kept whoever was to give credentials from it, where that is a request of its own: a role that it may not assume,
/// a host that it does not reach.
fn of_provider(error: &(dyn Error + 'static)) -> Option<Fault> {
    let mut below = causes(error).skip_while(|cause| cause.to_string() != LOADING);
    below.find_map(|cause| {
        if let Some(asked) = cause.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>() {
            return Some(of(ASSUME_ROLE, asked));
        }
        if let Some(asked) =
            cause.downcast_ref::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>()
        {
            return Some(of(ASSUME_ROLE_WITH_TOKEN, asked));
        }
        let failure = cause.downcast_ref::<ConnectorError>()?;
        (failure.is_io() || failure.is_timeout()).then(|| Fault {
            class: Class::Unreachable,
            operation: CREDENTIALS,
            code: String::new(),
            message: unreached(Some(failure), cause),
        })
    })
}

/// What is wrong with the credentials, where that is what kept a request from being sent: it looks like any other
/// failure to do so.
fn credentials(failure: &DispatchFailure, error: &(dyn Error + 'static)) -> Option<String> {
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
fn unreached(failure: Option<&ConnectorError>, error: &(dyn Error + 'static)) -> String {
    let told = context(error);
    if failure.is_some_and(ConnectorError::is_io) {
        format!("no connection: {told}")
    } else if failure.is_some_and(ConnectorError::is_timeout) {
        format!("no answer: {told}")
    } else {
        told
    }
}

/// The error and what led to it.
fn context(error: &(dyn Error + 'static)) -> String {
    let mut told: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = one_line(&cause.to_string());
        if !LAYERS.contains(&&*text) && told.last() != Some(&text) {
            told.push(text);
        }
    }
    told.join(": ")
}

/// The error, then what led to it.
pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// A text without its line breaks and what is indented for them.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
