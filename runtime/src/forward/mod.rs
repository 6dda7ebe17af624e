//! `forward`: one message in a queue for every change of an object.
//!
//! S3 cannot notify a FIFO queue; this handler stands between. A message
//! ([`ObjectMessage`]) holds one change, its key decoded. In a FIFO queue its group is the object, so
//! that changes of one object stay in order and others do not wait, and its deduplication id is the
//! event, so that an event that is delivered twice is one message.
//!
//! A batch that SQS takes in part is an error only for the part that it refused; that part is tried
//! again, and what follows in a refused message's group waits for it.

mod ids;
mod sending;

use cloudwright_contract::{KeyEncoding, ObjectMessage};

use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::intake::{Change, ObjectEvent};
use crate::work::{Outcome, Work};
use sending::Sending;

/// How many messages SQS takes at once
/// ([SendMessageBatch](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html)).
/// Ten of these messages stay far below its limit in bytes, since a key has at most 1,024.
pub const BATCH_LIMIT: usize = 10;

/// A queue that messages are sent to.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Queue {
    /// Sends up to [`BATCH_LIMIT`] messages. What is neither accepted nor refused counts as not sent.
    ///
    /// # Errors
    /// If the queue took none of them, after the client's own retries.
    async fn send(&self, messages: &[Message]) -> Result<Receipt, Failure>;
}

/// A message on its way into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its name in the batch.
    pub id: String,
    /// The JSON of an [`ObjectMessage`].
    pub body: String,
    /// What a FIFO queue needs besides; nothing for a standard queue.
    pub order: Option<Order>,
}

/// What keeps messages in order and single in a FIFO queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The object, as 64 hexadecimal digits: a key itself is no valid id.
    pub group: String,
    /// The event, as 64 hexadecimal digits.
    pub deduplication: String,
}

/// What the queue did with a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The ids of the messages that it took.
    pub accepted: Vec<String>,
    /// The messages that it did not take.
    pub refused: Vec<Refusal>,
}

/// A message that the queue did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The message's id.
    pub id: String,
    /// The error code, such as `InternalError`.
    pub code: String,
    /// What the queue says about it.
    pub message: String,
    /// Whether sending it again cannot help.
    pub is_final: bool,
}

/// The handler.
#[derive(Clone, Debug)]
pub struct Forwarder<Q> {
    queue: Q,
    is_fifo: bool,
}

impl<Q: Queue> Forwarder<Q> {
    /// Forwards to `queue`.
    pub const fn new(queue: Q, is_fifo: bool) -> Self {
        Self { queue, is_fifo }
    }

    fn message(&self, index: usize, event: &ObjectEvent) -> Message {
        let order = || Order {
            group: ids::group(event),
            deduplication: ids::deduplication(event),
        };
        Message {
            id: index.to_string(),
            body: serde_json::to_string(&content(event)).unwrap_or_default(),
            order: self.is_fifo.then(order),
        }
    }
}

impl<Q: Queue> Work for Forwarder<Q> {
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = vec![Ok(()); events.len()];
        let changes =
            (events.iter().enumerate()).filter(|(_, event)| event.change != Change::Other);
        let messages = changes.map(|(index, event)| self.message(index, event));
        let mut sending = Sending::new(messages);
        sending.run(&self.queue, deadline).await;
        for (index, failure) in sending.failed() {
            outcomes[index] = Err(vec![failure.of(&events[index])]);
        }
        outcomes
    }
}

fn content(event: &ObjectEvent) -> ObjectMessage {
    ObjectMessage {
        schema_version: ObjectMessage::SCHEMA_VERSION,
        event_name: event.name.clone(),
        bucket: event.bucket.clone(),
        key: event.key.clone(),
        key_encoding: KeyEncoding::None,
        etag: event.etag.clone(),
        size: event.size,
        version_id: event.version_id.clone(),
        sequencer: event.sequencer.as_ref().map(ToString::to_string),
        event_time: event.time.clone(),
        region: event.region.clone(),
    }
}

#[cfg(test)]
mod tests;
