//! From an invocation to its answer: what is tried, in which order, and what counts as failed.
//!
//! Whatever a handler does with object events, it answers for them the same way. An asynchronous
//! invocation tries every event and then fails as a whole if one failed, because Lambda takes any
//! answer for success. A batch of an SQS queue answers with the messages that failed; in a FIFO queue
//! the messages after a failed one in its group are not tried and fail with it, or their order
//! would be lost ([partial batches](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html)).

use std::collections::BTreeSet;

use aws_lambda_events::sqs::SqsBatchResponse;
use serde_json::Value;

use crate::deadline::Deadline;
use crate::failure::{Failure, Report};
use crate::intake::{Delivery, ObjectEvent, QueueMessage, epoch_millis};
use crate::journal::{Counts, Journal};

/// What became of one object event: nothing is left to do, or everything that failed.
pub type Outcome = Result<(), Vec<Failure>>;

/// What a handler does with object events.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Work {
    /// Handles events, in any order, all of them whatever fails: one outcome per event, in the
    /// order of the events.
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome>;

    /// Does what somebody tells the function to do by an event of the handler's own; nothing if the
    /// event is no such command.
    async fn command(&self, _event: &Value, _deadline: &Deadline) -> Option<Result<Value, Report>> {
        None
    }
}

/// One invocation: its id, its time and where it is told of.
pub struct Invocation<'a> {
    /// Lambda's request id.
    pub request: &'a str,
    /// When work has to stop.
    pub deadline: Deadline,
    /// Where failures are logged.
    pub journal: &'a Journal,
}

impl Invocation<'_> {
    /// Handles what was delivered, and gives the function's answer.
    ///
    /// # Errors
    /// Everything that failed, if that fails the invocation.
    pub async fn answer(&self, delivery: Delivery, work: &impl Work) -> Result<Value, Report> {
        let started = tokio::time::Instant::now();
        let mut tally = Tally::default();
        let answer = match delivery {
            Delivery::Invocation(items) => {
                let message = QueueMessage {
                    id: String::new(),
                    group: None,
                    items,
                };
                self.wave(vec![message], work, &mut tally).await;
                Ok(Value::Null)
            }
            Delivery::Queue(messages) => Ok(self.batch(messages, work, &mut tally).await),
        };
        for failure in &tally.failures {
            self.journal.failure(self.request, failure);
        }
        let counts = Counts {
            done: tally.done,
            failed: tally.failures.len(),
            oldest: tally.oldest,
        };
        // Nothing but zeros would be told of a test event, say.
        if tally.done > 0 || !tally.failures.is_empty() {
            self.journal
                .metrics(self.request, counts, started.elapsed());
        }
        let is_whole = answer == Ok(Value::Null);
        if is_whole && !tally.failures.is_empty() {
            return Err(Report {
                done: tally.done,
                failures: tally.failures,
            });
        }
        answer
    }

    /// Gives the function's answer to a command, and logs what failed.
    ///
    /// # Errors
    /// What the command failed with.
    pub fn told(&self, done: Result<Value, Report>) -> Result<Value, Report> {
        for failure in done
            .as_ref()
            .err()
            .into_iter()
            .flat_map(|report| &report.failures)
        {
            self.journal.failure(self.request, failure);
        }
        done
    }

    async fn batch(
        &self,
        messages: Vec<QueueMessage>,
        work: &impl Work,
        tally: &mut Tally,
    ) -> Value {
        let order: Vec<_> = messages.iter().map(|message| message.id.clone()).collect();
        let mut failed_groups = BTreeSet::new();
        let mut failed = BTreeSet::new();
        for wave in waves(messages) {
            let (blocked, open): (Vec<_>, Vec<_>) = (wave.into_iter()).partition(|message| {
                message
                    .group
                    .as_ref()
                    .is_some_and(|group| failed_groups.contains(group))
            });
            failed.extend(blocked.into_iter().map(|message| message.id));
            for message in self.wave(open, work, tally).await {
                failed_groups.extend(message.group);
                failed.insert(message.id);
            }
        }
        let mut answer = SqsBatchResponse::default();
        answer.set_failures(order.into_iter().filter(|id| failed.contains(id)));
        serde_json::to_value(answer).unwrap_or_default()
    }

    /// Handles messages together and gives those of which a part failed.
    async fn wave(
        &self,
        messages: Vec<QueueMessage>,
        work: &impl Work,
        tally: &mut Tally,
    ) -> Vec<QueueMessage> {
        let readable =
            |message: &QueueMessage| message.items.iter().flatten().cloned().collect::<Vec<_>>();
        let events: Vec<_> = messages.iter().flat_map(readable).collect();
        let mut outcomes = match events.is_empty() {
            true => Vec::new(),
            false => work.handle(&events, &self.deadline).await,
        }
        .into_iter();
        let mut failed = Vec::new();
        for mut message in messages {
            let before = tally.failures.len();
            for item in std::mem::take(&mut message.items) {
                match item {
                    Ok(event) => tally.count(&event, outcomes.next()),
                    Err(unreadable) => tally.failures.push(unreadable.into()),
                }
            }
            if tally.failures.len() > before {
                failed.push(message);
            }
        }
        failed
    }
}

#[derive(Default)]
struct Tally {
    done: usize,
    /// When the first of what was done had happened.
    oldest: Option<i64>,
    failures: Vec<Failure>,
}

impl Tally {
    fn count(&mut self, event: &ObjectEvent, outcome: Option<Outcome>) {
        match outcome {
            Some(Ok(())) => {
                self.done += 1;
                let happened = event.time.as_deref().and_then(epoch_millis);
                let oldest = [self.oldest, happened].into_iter().flatten().min();
                self.oldest = oldest;
            }
            Some(Err(failures)) => self.failures.extend(failures),
            // A handler that gave too few outcomes has not said that this one is done.
            None => self.failures.push(Failure::new(
                crate::failure::Class::ServiceFailed,
                "the handler gave no outcome for this event",
            )),
        }
    }
}

/// The messages in as few waves as keep the order of every group: one message of a group per wave.
fn waves(messages: Vec<QueueMessage>) -> Vec<Vec<QueueMessage>> {
    let mut waves: Vec<Vec<QueueMessage>> = Vec::new();
    for message in messages {
        let same_group =
            |other: &QueueMessage| message.group.is_some() && other.group == message.group;
        let last = waves.iter().rposition(|wave| wave.iter().any(same_group));
        let wave = last.map_or(0, |last| last + 1);
        if wave == waves.len() {
            waves.push(Vec::new());
        }
        waves[wave].push(message);
    }
    waves
}

#[cfg(test)]
mod tests;
