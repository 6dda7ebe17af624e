//! The environment of the `forward` handler.

use crate::environment::{EnvironmentError, Process, Reader, Variable, Variables};

const QUEUE_URL: &str = "QUEUE_URL";
const EXPECTED_URL: &str =
    "the URL of an SQS queue, such as https://sqs.eu-central-1.amazonaws.com/123456789012/uploads";

/// How the `forward` handler is set up: it turns every S3 event into one message
/// ([`crate::ObjectMessage`]) in a queue.
///
/// `V` is what a value is: text in the handler, text or a token in a construct.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Forward<V = String> {
    /// The URL of the SQS queue. One that ends in `.fifo` gets messages with a group (the object)
    /// and a deduplication id (the event).
    pub queue_url: V,
}

impl<V> Forward<V> {
    /// Forwards to the queue with this URL.
    #[must_use]
    pub const fn new(queue_url: V) -> Self {
        Self { queue_url }
    }

    /// The variables to set on the function, sorted; `literal` makes a value of plain text.
    #[must_use]
    pub fn variables(self, _literal: impl Fn(String) -> V) -> Vec<(String, V)> {
        vec![(QUEUE_URL.to_owned(), self.queue_url)]
    }
}

impl Forward {
    /// The variables and what they hold.
    pub const VARIABLES: &[Variable] = &[Variable {
        name: QUEUE_URL,
        holds: "the URL of the queue; FIFO if it ends in .fifo",
    }];

    /// Reads the environment of this process.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    #[inline]
    pub fn from_env() -> Result<Self, EnvironmentError> {
        Self::read(&Process)
    }

    /// Reads the given variables.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    pub fn read(variables: &impl Variables) -> Result<Self, EnvironmentError> {
        let reader = Reader(variables);
        let is_url = |text: &str| is_url(text).then(|| text.to_owned());
        let url = reader.parsed(QUEUE_URL, EXPECTED_URL, is_url)?;
        url.map(Self::new)
            .ok_or_else(|| crate::environment::missing(QUEUE_URL, EXPECTED_URL))
    }

    /// Whether the queue keeps the order of messages of a group.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.queue_url.ends_with(".fifo")
    }
}

/// An ARN or a bare name in the place of the URL is the usual mistake.
pub(crate) fn is_url(text: &str) -> bool {
    let address = text
        .strip_prefix("https://")
        .or(text.strip_prefix("http://"));
    address.is_some_and(|address| {
        address
            .split_once('/')
            .is_some_and(|(host, path)| !host.is_empty() && !path.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn read(url: &str) -> Result<Forward, EnvironmentError> {
        Forward::read(&BTreeMap::from([(QUEUE_URL, url.to_owned())]))
    }

    #[test]
    fn what_a_construct_writes_the_handler_reads() {
        let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/uploads.fifo";
        let forward = Forward::new(url.to_owned());
        let variables: BTreeMap<_, _> =
            forward.clone().variables(|text| text).into_iter().collect();
        assert_eq!(Forward::read(&variables), Ok(forward));
    }

    #[test]
    fn an_arn_or_a_name_is_not_a_url() {
        for wrong in [
            "arn:aws:sqs:eu-central-1:123456789012:uploads",
            "uploads",
            "https://sqs",
        ] {
            let error = read(wrong).unwrap_err();
            assert_eq!(
                (error.held.as_deref(), error.variable.as_str()),
                (Some(wrong), QUEUE_URL)
            );
        }
        assert_eq!(read("").unwrap_err().held, None);
    }

    #[test]
    fn the_name_tells_the_kind_of_queue() {
        assert!(
            read("http://127.0.0.1:4566/000000000000/a.fifo")
                .unwrap()
                .is_fifo()
        );
        assert!(
            !read("http://127.0.0.1:4566/000000000000/a")
                .unwrap()
                .is_fifo()
        );
    }
}
