//! What CloudFormation asks of a custom resource, and what it is told
//! ([request and response](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html)).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::{Class, Failure};

/// How many bytes a reason may take, of the 4,096 of a whole response.
const LONGEST_REASON: usize = 2_000;

/// What is to be done, and where the answer goes. Everything that an answer needs is there; the rest
/// may be wrong, and CloudFormation is told so.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// `Create`, `Update` or `Delete`.
    #[serde(default)]
    pub request_type: String,
    /// The presigned URL that takes the answer. Who has it can answer: it is not for logs.
    #[serde(rename = "ResponseURL")]
    pub response_url: String,
    /// The ARN of the stack; another one when the stack is deleted and made anew.
    pub stack_id: String,
    /// The id of the request.
    pub request_id: String,
    /// The name of the resource in its template.
    pub logical_resource_id: String,
    /// What an earlier answer named the resource; CloudFormation's own name if there was none.
    #[serde(default)]
    pub physical_resource_id: String,
    /// The properties as they are to be, or were.
    #[serde(default)]
    pub resource_properties: Value,
    /// The properties before an update.
    #[serde(default)]
    pub old_resource_properties: Value,
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// If it cannot even be answered.
    pub fn read(payload: &Value) -> Result<Self, Failure> {
        Self::deserialize(payload).map_err(|problem| {
            let message =
                format!("expected a request of CloudFormation for a custom resource: {problem}");
            Failure::new(Class::UnreadableEvent, message)
        })
    }

    /// The answer to it, with what it failed with if it failed.
    #[must_use]
    pub fn answer(&self, physical_id: String, failure: Option<&Failure>) -> Answer<'_> {
        let (status, reason) = match failure {
            None => ("SUCCESS", String::new()),
            Some(failure) => {
                let error = format!("{}: {failure}", failure.class.name());
                ("FAILED", cut(error, LONGEST_REASON))
            }
        };
        Answer {
            status,
            reason,
            physical_resource_id: physical_id,
            stack_id: &self.stack_id,
            request_id: &self.request_id,
            logical_resource_id: &self.logical_resource_id,
        }
    }
}

/// What CloudFormation is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer<'a> {
    /// `SUCCESS` or `FAILED`.
    pub status: &'static str,
    /// Why it failed; the events of the stack show it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What names the resource; another one than before makes CloudFormation delete the one before.
    pub physical_resource_id: String,
    /// As in the request.
    pub stack_id: &'a str,
    /// As in the request.
    pub request_id: &'a str,
    /// As in the request.
    pub logical_resource_id: &'a str,
}

/// The beginning of the text whose JSON is not longer than so many bytes.
fn cut(text: String, longest: usize) -> String {
    let bytes = |text: &str| Value::from(text).to_string().len();
    if bytes(&text) <= longest {
        return text;
    }
    let mut kept = 0;
    let mut beginning = String::new();
    for character in text.chars() {
        kept += bytes(character.encode_utf8(&mut [0; 4])) - 2;
        if kept > longest - 4 {
            break;
        }
        beginning.push(character);
    }
    beginning + ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_never_too_long_for_cloudformation() {
        for text in ["x", "é", "\u{1}", "\"", "🎉"] {
            let reason = cut(text.repeat(3_000), LONGEST_REASON);
            let size = Value::from(reason.as_str()).to_string().len();
            assert!(
                (LONGEST_REASON - 12..=LONGEST_REASON).contains(&size),
                "{size}"
            );
            assert!(reason.ends_with(".."));
        }
        assert_eq!(cut("short".to_owned(), LONGEST_REASON), "short");
    }

    #[test]
    fn what_cannot_be_answered_is_an_error() {
        let error = Request::read(&serde_json::json!({"Records": []})).unwrap_err();
        let expected = "expected a request of CloudFormation for a custom resource: missing field \
                        `ResponseURL`";
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.class, Class::UnreadableEvent);
    }
}
