//! Sending many messages in batches, in order where there is one, again where it helps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{BATCH_LIMIT, Message, Queue, Receipt};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure};

/// How often a message is tried when the queue refuses it alone. Whole requests are retried by the
/// client.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);

/// The messages of one invocation and what became of them.
pub(super) struct Sending {
    /// Not yet sent, in the order of their events.
    pending: Vec<Attempt>,
    failed: BTreeMap<usize, Failure>,
}

struct Attempt {
    message: Message,
    number: u32,
}

impl Attempt {
    /// The index of its event.
    fn index(&self) -> usize {
        self.message.id.parse().unwrap_or_default()
    }

    fn group(&self) -> Option<&str> {
        self.message
            .order
            .as_ref()
            .map(|order| order.group.as_str())
    }
}

impl Sending {
    pub(super) fn new(messages: impl Iterator<Item = Message>) -> Self {
        let pending = messages
            .map(|message| Attempt { message, number: 1 })
            .collect();
        Self {
            pending,
            failed: BTreeMap::new(),
        }
    }

    /// The failures, by the index of the event.
    pub(super) fn failed(self) -> impl Iterator<Item = (usize, Failure)> {
        self.failed.into_iter()
    }

    pub(super) async fn run(&mut self, queue: &impl Queue, deadline: &Deadline) {
        while !self.pending.is_empty() {
            let batch = self.take_batch();
            let messages: Vec<_> = batch
                .iter()
                .map(|attempt| attempt.message.clone())
                .collect();
            match deadline.limit(queue.send(&messages)).await {
                Ok(receipt) => self.settle(batch, &receipt).await,
                Err(failure) => batch
                    .iter()
                    .for_each(|attempt| self.fail(attempt, failure.clone())),
            }
        }
    }

    /// The first messages, at most one of a group: a batch that is taken in part must not put a
    /// later change of an object before an earlier one.
    fn take_batch(&mut self) -> Vec<Attempt> {
        let mut groups = BTreeSet::new();
        let mut batch = Vec::new();
        let mut rest = Vec::new();
        for attempt in std::mem::take(&mut self.pending) {
            let is_first = attempt
                .group()
                .is_none_or(|group| groups.insert(group.to_owned()));
            match is_first && batch.len() < BATCH_LIMIT {
                true => batch.push(attempt),
                false => rest.push(attempt),
            }
        }
        self.pending = rest;
        batch
    }

    async fn settle(&mut self, batch: Vec<Attempt>, receipt: &Receipt) {
        let mut again = Vec::new();
        for attempt in batch {
            if receipt.accepted.contains(&attempt.message.id) {
                continue;
            }
            match refusal(&attempt, receipt) {
                (false, _) if attempt.number < ATTEMPTS => again.push(attempt),
                (_, failure) => self.fail(&attempt, failure),
            }
        }
        if let Some(first) = again.first() {
            tokio::time::sleep(PAUSE * 4_u32.pow(first.number - 1)).await;
        }
        // Before the others: they are older than what waits in their group.
        let older = again.into_iter().map(|attempt| Attempt {
            number: attempt.number + 1,
            ..attempt
        });
        self.pending.splice(0..0, older);
    }

    /// What follows in the group of a failed message is not sent: it would overtake the failed one.
    fn fail(&mut self, attempt: &Attempt, failure: Failure) {
        if let Some(group) = attempt.group() {
            let (blocked, rest) = std::mem::take(&mut self.pending)
                .into_iter()
                .partition::<Vec<_>, _>(|other| other.group() == Some(group));
            self.pending = rest;
            for other in blocked {
                let message = "not sent, because an earlier change of the same object was not";
                self.failed
                    .insert(other.index(), Failure::new(failure.class, message));
            }
        }
        self.failed.insert(attempt.index(), failure);
    }
}

/// Whether it is final that the queue did not take a message, and why it did not.
fn refusal(attempt: &Attempt, receipt: &Receipt) -> (bool, Failure) {
    const OPERATION: &str = "SQS SendMessageBatch";
    let refused = receipt
        .refused
        .iter()
        .find(|refusal| refusal.id == attempt.message.id);
    let Some(refusal) = refused else {
        let silent = Failure::new(Class::ServiceFailed, "the answer does not name the message");
        return (false, silent.during(OPERATION));
    };
    let class = Class::of_answer(&refusal.code, if refusal.is_final { 400 } else { 500 });
    let text = format!("{}: {}", refusal.code, refusal.message);
    (
        refusal.is_final,
        Failure::new(class, text).during(OPERATION),
    )
}
