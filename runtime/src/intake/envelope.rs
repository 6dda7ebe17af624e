//! The wrappings: who carries the event, and how to tell.

use std::fmt;

use aws_lambda_events::sqs::SqsMessage;
use serde::Deserialize as _;
use serde_json::Value;

use super::{ObjectEvent, bridge, s3};

/// How many wrappings an event may have. S3 in SNS in SQS in the record of a failure queue in SQS
/// are five; more than this is somebody's loop.
pub const DEPTH_LIMIT: usize = 8;

/// One object event, or why it cannot be read.
pub type Item = Result<ObjectEvent, Unreadable>;

/// What the function was invoked with, by what it has to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// An asynchronous (or a test) invocation: it succeeds or fails as a whole.
    Invocation(Vec<Item>),
    /// A batch of an SQS queue: the answer names the messages that failed.
    Queue(Vec<QueueMessage>),
}

/// One message of an SQS batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMessage {
    /// The message's id, by which a failure is reported.
    pub id: String,
    /// In a FIFO queue: the group whose order is kept. A standard queue's groups (fair queues) order
    /// nothing and are left out.
    pub group: Option<String>,
    /// The object events in its body; one message can hold several.
    pub items: Vec<Item>,
}

/// A part of an event that is not as any known sender writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it is, such as `event.Records[1].body.Records[0].s3.object.key`.
    pub at: String,
    /// What is wrong: what was got, what is expected.
    pub problem: String,
}

impl Unreadable {
    pub(super) fn new(at: &str, problem: impl Into<String>) -> Self {
        Self {
            at: at.to_owned(),
            problem: problem.into(),
        }
    }

    /// Something of another type than expected.
    pub(super) fn kind(at: &str, got: Option<&Value>, expected: &str) -> Self {
        Self::new(at, format!("got {}, expected {expected}", kind_of(got)))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.problem)
    }
}

impl std::error::Error for Unreadable {}

fn kind_of(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Number(_)) => "a number",
        Some(Value::String(text)) if text.is_empty() => "an empty text",
        Some(Value::String(_)) => "a text",
        Some(Value::Array(_)) => "a list",
        Some(Value::Object(_)) => "an object",
    }
}

/// Reads what the function was invoked with.
#[must_use]
pub fn read(event: &Value) -> Delivery {
    let from_queue = |record: &Value| record["eventSource"] == "aws:sqs";
    match event["Records"].as_array() {
        Some(records) if records.first().is_some_and(from_queue) => batch(records),
        _ => Delivery::Invocation(Place::root().items(event)),
    }
}

fn batch(records: &[Value]) -> Delivery {
    let messages: Result<_, _> = (records.iter().enumerate())
        .map(|(index, record)| message(&Place::root().field("Records").at(index), record))
        .collect();
    // A message without an id cannot be reported as failed, so the whole batch has to fail.
    messages.map_or_else(
        |problem| Delivery::Invocation(vec![Err(problem)]),
        Delivery::Queue,
    )
}

fn message(place: &Place, record: &Value) -> Result<QueueMessage, Unreadable> {
    let message = SqsMessage::deserialize(record)
        .map_err(|error| Unreadable::new(&place.path, format!("no SQS message: {error}")))?;
    let id = message.message_id.filter(|id| !id.is_empty());
    let Some(id) = id else {
        let path = place.field("messageId").path;
        return Err(Unreadable::kind(
            &path,
            record.get("messageId"),
            "the message's id",
        ));
    };
    let is_fifo = message
        .event_source_arn
        .is_some_and(|arn| arn.ends_with(".fifo"));
    let group = message.attributes.get("MessageGroupId").cloned();
    Ok(QueueMessage {
        id,
        group: group.filter(|_| is_fifo),
        items: place.field("body").text(record.get("body")),
    })
}

/// Where in the event the reader is, and how many wrappings deep.
struct Place {
    path: String,
    depth: usize,
}

impl Place {
    fn root() -> Self {
        Self {
            path: "event".to_owned(),
            depth: 0,
        }
    }

    fn field(&self, name: &str) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            depth: self.depth,
        }
    }

    fn at(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            depth: self.depth,
        }
    }

    fn problem(&self, problem: impl Into<String>) -> Vec<Item> {
        vec![Err(Unreadable::new(&self.path, problem))]
    }

    /// The events in a text that holds an event as JSON.
    fn text(self, text: Option<&Value>) -> Vec<Item> {
        let Some(Value::String(text)) = text else {
            return vec![Err(Unreadable::kind(
                &self.path,
                text,
                "the text of an event",
            ))];
        };
        match serde_json::from_str(text) {
            Ok(event) => self.deeper(&event),
            Err(error) => self.problem(format!("no JSON: {error}")),
        }
    }

    fn deeper(self, event: &Value) -> Vec<Item> {
        if self.depth == DEPTH_LIMIT {
            return self.problem(format!("wrapped more than {DEPTH_LIMIT} times"));
        }
        Self {
            depth: self.depth + 1,
            ..self
        }
        .items(event)
    }

    /// The events in an event of any shape.
    fn items(&self, event: &Value) -> Vec<Item> {
        let Value::Object(fields) = event else {
            return vec![Err(Unreadable::kind(&self.path, Some(event), "an object"))];
        };
        if let Some(records) = fields.get("Records") {
            return self.field("Records").records(records);
        }
        if event["requestContext"].is_object() && fields.contains_key("requestPayload") {
            return self
                .field("requestPayload")
                .deeper(&event["requestPayload"]);
        }
        if event["Event"] == "s3:TestEvent" {
            return Vec::new();
        }
        if event["source"] == "aws.s3" && event["detail"].is_object() {
            return vec![bridge::read(&self.path, event)];
        }
        if event["Type"] == "Notification" {
            return self.field("Message").text(fields.get("Message"));
        }
        self.problem(unknown(fields))
    }

    fn records(&self, records: &Value) -> Vec<Item> {
        let Value::Array(records) = records else {
            return vec![Err(Unreadable::kind(
                &self.path,
                Some(records),
                "a list of records",
            ))];
        };
        let read = |(index, record)| self.at(index).record(record);
        records.iter().enumerate().flat_map(read).collect()
    }

    fn record(self, record: &Value) -> Vec<Item> {
        if record["s3"].is_object() {
            return vec![s3::read(&self.path, record)];
        }
        if record["EventSource"] == "aws:sns" {
            return self
                .field("Sns")
                .field("Message")
                .text(record["Sns"].get("Message"));
        }
        if record["eventSource"] == "aws:sqs" {
            return self.field("body").text(record.get("body"));
        }
        match record.as_object() {
            Some(fields) => self.problem(unknown(fields)),
            None => vec![Err(Unreadable::kind(&self.path, Some(record), "a record"))],
        }
    }
}

/// Names what an object of unknown shape has, to help its reader; its values may be anything.
fn unknown(fields: &serde_json::Map<String, Value>) -> String {
    const SHOWN: usize = 6;
    let mut names: Vec<_> = fields.keys().take(SHOWN).map(String::as_str).collect();
    if fields.len() > SHOWN {
        names.push("..");
    }
    let got = if names.is_empty() {
        "an empty object".to_owned()
    } else {
        format!("an object of {}", names.join(", "))
    };
    format!(
        "got {got}, expected an event of S3, SQS, SNS or EventBridge, or the record of a failed one"
    )
}
