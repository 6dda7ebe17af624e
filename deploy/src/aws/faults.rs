//! What the SDK says went wrong, as a [`Fault`].

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::fault::{Class, Fault};

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
                message.to_owned()
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
        _ if is_about_credentials(error) => fault(Class::Credentials, "", context(error)),
        _ => fault(Class::Unreachable, "", context(error)),
    }
}

/// Missing credentials look like a failed dispatch.
fn is_about_credentials(error: &(impl Error + 'static)) -> bool {
    let text = DisplayErrorContext(error).to_string().to_lowercase();
    ["credentials", "token", "sso"]
        .iter()
        .any(|word| text.contains(word))
}

/// The error and what led to it, without the structures that the SDK adds at the end.
fn context(error: &(impl Error + 'static)) -> String {
    let mut causes = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        source = cause.source();
    }
    causes.join(": ")
}
