//! Why something was not done, in words that lead to the cause.
//!
//! Lambda shows an error's type and message in the log, in the metrics of its Errors alarm's reader
//! and on the failure queue, and nothing else. So the message names the service and operation, the
//! bucket, key and region, what the service said, and its request id; and of many failures in one
//! invocation, each.

use std::fmt;

use serde::Serialize;

use crate::intake::{ObjectEvent, Unreadable};

/// What kind of failure it is; its name is the error type that Lambda shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Class {
    /// The event is not as any known sender writes it.
    UnreadableEvent,
    /// A role or policy does not allow it.
    AccessDenied,
    /// A bucket, queue or table is not there.
    NotFound,
    /// The service asks to slow down, after all retries.
    Throttled,
    /// The service does not accept the request as it is.
    Refused,
    /// The service failed on its side, after all retries.
    ServiceFailed,
    /// The service did not answer, after all retries.
    Unreachable,
    /// The answer was lost: nobody knows whether it was done.
    OutcomeUnknown,
    /// What is handled changed each time that it was looked at.
    KeepsChanging,
    /// There was no time left to finish.
    DeadlineReached,
}

impl Class {
    /// The name, such as `AccessDenied`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnreadableEvent => "UnreadableEvent",
            Self::AccessDenied => "AccessDenied",
            Self::NotFound => "NotFound",
            Self::Throttled => "Throttled",
            Self::Refused => "Refused",
            Self::ServiceFailed => "ServiceFailed",
            Self::Unreachable => "Unreachable",
            Self::OutcomeUnknown => "OutcomeUnknown",
            Self::KeepsChanging => "KeepsChanging",
            Self::DeadlineReached => "DeadlineReached",
        }
    }

    /// The class of a service's answer, by its error code and HTTP status.
    #[must_use]
    pub fn of_answer(code: &str, status: u16) -> Self {
        const THROTTLING: [&str; 6] = [
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "RequestThrottled",
            "TooManyRequestsException",
            "ProvisionedThroughputExceededException",
        ];
        let code = code.rsplit(['#', '.']).next().unwrap_or(code);
        match (code, status) {
            ("OperationAborted", _) => Self::KeepsChanging,
            (code, _) if THROTTLING.contains(&code) => Self::Throttled,
            (_, 429) => Self::Throttled,
            ("AccessDenied" | "AccessDeniedException" | "AllAccessDisabled", _) => {
                Self::AccessDenied
            }
            // An archived object, which S3 answers with 403.
            ("InvalidObjectState", _) => Self::Refused,
            ("InvalidAccessKeyId" | "ExpiredToken" | "SignatureDoesNotMatch", _)
            | (_, 401 | 403) => Self::AccessDenied,
            (
                "InvalidDocument"
                | "NoSuchBucket"
                | "NonExistentQueue"
                | "QueueDoesNotExist"
                | "ResourceNotFoundException",
                _,
            )
            | (_, 404) => Self::NotFound,
            ("InternalError" | "ServiceUnavailable", _) | (_, 500..) => Self::ServiceFailed,
            _ => Self::Refused,
        }
    }
}

/// One thing that was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(Box<Details>);

/// What a [`Failure`] tells; read through it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Details {
    /// What kind it is.
    pub class: Class,
    /// What was tried, such as `S3 CopyObject`; empty if nothing was.
    pub operation: String,
    /// The bucket it was about.
    pub bucket: Option<String>,
    /// The key it was about.
    pub key: Option<String>,
    /// The region it was tried in.
    pub region: Option<String>,
    /// What went wrong: the service's code and message, or what was got and expected.
    pub message: String,
    /// The request id of the service's answer.
    pub request_id: Option<String>,
}

impl Failure {
    /// A failure that is not about a service's answer.
    #[must_use]
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            class,
            operation: String::new(),
            bucket: None,
            key: None,
            region: None,
            message: message.into(),
            request_id: None,
        }))
    }

    /// Adds to what went wrong.
    #[must_use]
    pub fn explained(mut self, by: &str) -> Self {
        self.0.message = format!("{}; {by}", self.0.message);
        self
    }

    /// Names the request that was answered so.
    #[must_use]
    pub fn answered(mut self, request_id: Option<&str>) -> Self {
        self.0.request_id = request_id.map(str::to_owned);
        self
    }

    /// Names what was tried, such as `S3 CopyObject`.
    #[must_use]
    pub fn during(mut self, operation: impl Into<String>) -> Self {
        self.0.operation = operation.into();
        self
    }

    /// Names the object, unless it is named already.
    #[must_use]
    pub fn about(mut self, bucket: &str, key: &str) -> Self {
        self.0.bucket.get_or_insert_with(|| bucket.to_owned());
        self.0.key.get_or_insert_with(|| key.to_owned());
        self
    }

    /// Names the bucket, unless one is named already.
    #[must_use]
    pub fn inside(mut self, bucket: &str) -> Self {
        self.0.bucket.get_or_insert_with(|| bucket.to_owned());
        self
    }

    /// Names the region, unless it is named already.
    #[must_use]
    pub fn within(mut self, region: &str) -> Self {
        self.0.region.get_or_insert_with(|| region.to_owned());
        self
    }

    /// Names the object of an event, unless one is named already.
    #[must_use]
    pub fn of(self, event: &ObjectEvent) -> Self {
        self.about(&event.bucket, &event.key)
    }
}

impl std::ops::Deref for Failure {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        Self::new(Class::UnreadableEvent, unreadable.to_string())
    }
}

/// A service may answer with a whole page of HTML.
const LONGEST_MESSAGE: usize = 600;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut about = Vec::new();
        if !self.operation.is_empty() {
            about.push(self.operation.clone());
        }
        about.extend(self.bucket.iter().map(|bucket| format!("bucket {bucket}")));
        about.extend(self.key.iter().map(|key| format!("key {key:?}")));
        about.extend(self.region.iter().map(|region| format!("region {region}")));
        if !about.is_empty() {
            write!(f, "{}: ", about.join(", "))?;
        }
        match self.message.char_indices().nth(LONGEST_MESSAGE) {
            Some((end, _)) => write!(f, "{}..", &self.message[..end])?,
            None => f.write_str(&self.message)?,
        }
        match &self.request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// What an invocation failed with: everything that was not done, and how much was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many things were done or needed nothing.
    pub done: usize,
    /// What was not done; at least one.
    pub failures: Vec<Failure>,
}

/// How many failures a message spells out; the log has them all.
const SHOWN: usize = 10;

impl Report {
    /// The class that all failures have, else `SeveralFailures`.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        let mut classes = self.failures.iter().map(|failure| failure.class);
        let first = classes.next();
        match first.filter(|first| classes.all(|class| class == *first)) {
            Some(class) => class.name(),
            None => "SeveralFailures",
        }
    }
}

impl From<Failure> for Report {
    fn from(failure: Failure) -> Self {
        Self {
            done: 0,
            failures: vec![failure],
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.failures.len();
        write!(f, "{failed} of {} failed", failed + self.done)?;
        for failure in self.failures.iter().take(SHOWN) {
            write!(f, "; {failure}")?;
        }
        match failed.saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more in the log"),
        }
    }
}

impl std::error::Error for Report {}

/// As the Runtime API's `/error` wants it
/// ([Lambda](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror)).
impl Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut report = serializer.serialize_struct("Report", 2)?;
        report.serialize_field("errorType", self.error_type())?;
        report.serialize_field("errorMessage", &self.to_string())?;
        report.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn denied() -> Failure {
        let failure = Failure::new(Class::AccessDenied, "AccessDenied: Access Denied");
        let failure = failure
            .during("S3 CopyObject")
            .about("art-usw2", "a \"b\"/ü")
            .within("us-west-2");
        failure.answered(Some("C3D13FE58DE4C810"))
    }

    #[test]
    fn the_error_of_an_invocation_is_exactly_this_json() {
        let report = Report {
            done: 2,
            failures: vec![denied()],
        };
        let expected = json!({
            "errorType": "AccessDenied",
            "errorMessage": "1 of 3 failed; S3 CopyObject, bucket art-usw2, key \"a \\\"b\\\"/ü\", region us-west-2: \
                             AccessDenied: Access Denied (request id C3D13FE58DE4C810)",
        });
        assert_eq!(serde_json::to_value(&report).unwrap(), expected);
    }

    #[test]
    fn failures_of_several_classes_and_many_of_them() {
        let late = Failure::new(Class::DeadlineReached, "no time left");
        let report = Report {
            done: 0,
            failures: vec![denied(), late.clone()],
        };
        assert_eq!(report.error_type(), "SeveralFailures");
        let many = Report {
            done: 0,
            failures: vec![late; 12],
        };
        assert_eq!(many.error_type(), "DeadlineReached");
        assert!(
            many.to_string()
                .ends_with("no time left; and 2 more in the log"),
            "{many}"
        );
    }

    #[test]
    fn a_page_of_html_does_not_flood_the_message() {
        let failure = Failure::new(Class::ServiceFailed, "é".repeat(5_000));
        assert_eq!(failure.to_string().chars().count(), LONGEST_MESSAGE + 2);
    }

    #[test]
    fn answers_are_classed_by_code_and_status() {
        let table = [
            ("AccessDenied", 403, Class::AccessDenied),
            ("", 403, Class::AccessDenied),
            ("InvalidObjectState", 403, Class::Refused),
            ("ExpiredToken", 400, Class::AccessDenied),
            ("NoSuchBucket", 404, Class::NotFound),
            (
                "AWS.SimpleQueueService.NonExistentQueue",
                400,
                Class::NotFound,
            ),
            (
                "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
                400,
                Class::NotFound,
            ),
            ("InvalidDocument", 400, Class::NotFound),
            ("OperationAborted", 409, Class::KeepsChanging),
            ("SlowDown", 503, Class::Throttled),
            ("com.amazonaws.sqs#RequestThrottled", 400, Class::Throttled),
            ("", 429, Class::Throttled),
            ("InternalError", 200, Class::ServiceFailed),
            ("", 502, Class::ServiceFailed),
            ("MetadataTooLarge", 400, Class::Refused),
            ("PermanentRedirect", 301, Class::Refused),
        ];
        for (code, status, class) in table {
            assert_eq!(Class::of_answer(code, status), class, "{code} {status}");
        }
    }
}
