//! Messages that were given up: which queues of an app have them, and what they say.
//!
//! Four things are called so. A queue's dead letters are messages that nobody could work on. An asynchronous
//! call that a function gave up becomes a record of the call in its destination
//! ([form](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html)), with the event
//! inside; in a function's own dead-letter queue it becomes the event alone. What a rule could not hand over is
//! the event, with the error beside it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::find::Named;
use super::redrive::give_back;
use super::services::{Message, Queues};
use crate::assembly::{Assembly, Stack};
use crate::cloud::Clock;
use crate::fault::Fault;
use crate::pace::patiently;

/// The type of a queue.
pub const QUEUE: &str = "AWS::SQS::Queue";

/// A queue for what was given up.
#[derive(Clone, Debug)]
pub struct LetterQueue<'a> {
    /// The queue.
    pub named: Named<'a>,
    /// What gives up messages to it.
    pub feeds: Vec<Feed<'a>>,
}

/// What gives up messages to a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed<'a> {
    /// What it gives up.
    pub what: What,
    /// The logical id of the queue or function.
    pub id: &'a str,
    /// Its path.
    pub path: &'a str,
}

/// What is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Messages of a queue.
    Messages,
    /// Records of asynchronous calls of a function.
    Records,
    /// The events of asynchronous calls of a function.
    Events,
    /// Events that a rule could not hand over.
    Deliveries,
}

impl What {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Records => "records",
            Self::Events => "events",
            Self::Deliveries => "deliveries",
        }
    }
}

/// The queues of an app to which its templates give something up.
#[must_use]
pub fn queues(assembly: &Assembly) -> Vec<LetterQueue<'_>> {
    let mut all = Vec::new();
    for stack in &assembly.stacks {
        let mut fed: BTreeMap<&str, Vec<Feed<'_>>> = BTreeMap::new();
        for (id, body) in stack.template["Resources"]
            .as_object()
            .into_iter()
            .flatten()
        {
            for (what, from, to) in gives_up(stack, id, body) {
                let feed = Feed {
                    what,
                    id: from,
                    path: stack.path_of(from),
                };
                let feeds = fed.entry(to).or_default();
                if !feeds.contains(&feed) {
                    feeds.push(feed);
                }
            }
        }
        all.extend(fed.into_iter().map(|(id, feeds)| {
            let named = Named {
                stack,
                id,
                path: stack.path_of(id),
            };
            LetterQueue { named, feeds }
        }));
    }
    all
}

/// What a resource gives up, whose it is, and to which queues.
fn gives_up<'a>(stack: &'a Stack, id: &'a str, body: &'a Value) -> Vec<(What, &'a str, &'a str)> {
    let properties = &body["Properties"];
    let (what, from, to) = match body["Type"].as_str().unwrap_or_default() {
        QUEUE => (
            What::Messages,
            id,
            vec![&properties["RedrivePolicy"]["deadLetterTargetArn"]],
        ),
        "AWS::Lambda::Function" => (
            What::Events,
            id,
            vec![&properties["DeadLetterConfig"]["TargetArn"]],
        ),
        "AWS::Lambda::EventInvokeConfig" => {
            let function = properties["FunctionName"]["Ref"].as_str();
            let to = &properties["DestinationConfig"]["OnFailure"]["Destination"];
            (What::Records, function.unwrap_or(id), vec![to])
        }
        "AWS::Events::Rule" => {
            let targets = properties["Targets"].as_array().into_iter().flatten();
            let to = targets.map(|target| &target["DeadLetterConfig"]["Arn"]);
            (What::Deliveries, id, to.collect())
        }
        _ => return Vec::new(),
    };
    let to = to.into_iter().filter_map(|to| queue_of(stack, to));
    to.map(|to| (what, from, to)).collect()
}

/// The queue of the stack that an ARN in a template is of.
fn queue_of<'a>(stack: &'a Stack, arn: &Value) -> Option<&'a str> {
    let mut queues = stack.template["Resources"].as_object()?.iter();
    let attribute = match &arn["Fn::GetAtt"] {
        Value::Array(parts) => parts.first().and_then(Value::as_str),
        Value::String(text) => text.strip_suffix(".Arn"),
        _ => None,
    };
    let end = ending(arn);
    let is_it = |(id, body): &(&'a String, &'a Value)| {
        let name = body["Properties"]["QueueName"].as_str();
        let is_named = end
            .zip(name)
            .is_some_and(|(end, name)| end.rsplit(':').next() == Some(name));
        body["Type"] == QUEUE && (attribute == Some(id) || is_named)
    };
    queues.find(is_it).map(|(id, _)| id.as_str())
}

/// The text that a value ends with.
fn ending(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(function) => match function.get("Fn::Join") {
            Some(join) => ending(join[1].as_array()?.last()?),
            None => function.get("Fn::Sub").and_then(Value::as_str),
        },
        _ => None,
    }
}

/// The record of an asynchronous call that was given up.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The function's ARN, with its qualifier.
    pub function: String,
    /// Why it was given up: `RetriesExhausted`, `EventAgeExceeded`, ..
    pub condition: String,
    /// How often it was called.
    pub calls: u64,
    /// The error's type and text.
    pub error: Option<(String, String)>,
    /// The event.
    pub event: Value,
}

impl Record {
    /// Reads the body of a message; `None` if it is something else, the record of a call that was fine included.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        let context = body["requestContext"].as_object()?;
        if context.get("condition").is_some_and(|why| why == "Success") {
            return None;
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let answer = &body["responsePayload"];
        let message = text(&answer["errorMessage"]);
        let kind = text(&answer["errorType"]);
        let kind = kind.or_else(|| text(&body["responseContext"]["functionError"]));
        Some(Self {
            function: text(context.get("functionArn")?)?,
            condition: text(context.get("condition")?)?,
            calls: context
                .get("approximateInvokeCount")
                .and_then(Value::as_u64)
                .unwrap_or_default(),
            error: kind.map(|kind| (kind, message.unwrap_or_default())),
            event: body.get("requestPayload")?.clone(),
        })
    }
}

/// How long a message that is only looked at is kept from others, in seconds, should this program be ended.
const LOOK: u32 = 30;

/// Looks at some messages and gives them back.
///
/// # Errors
/// When SQS does not answer. What was taken is given back before.
pub async fn look(
    queues: &dyn Queues,
    clock: &dyn Clock,
    queue: &str,
    most: usize,
) -> Result<Vec<Message>, Fault> {
    let mut seen: Vec<Message> = Vec::new();
    let ended = loop {
        if seen.len() >= most {
            break Ok(());
        }
        match patiently(clock, || queues.receive(queue, LOOK)).await {
            Ok(messages) if messages.is_empty() => break Ok(()),
            Ok(messages) => seen.extend(messages),
            Err(fault) => break Err(fault),
        }
    };
    give_back(queues, queue, &seen).await;
    seen.sort_by(|a, b| (a.sent, &a.id).cmp(&(b.sent, &b.id)));
    seen.dedup_by(|a, b| a.id == b.id);
    seen.truncate(most);
    ended.map(|()| seen)
}
