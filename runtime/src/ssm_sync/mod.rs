//! `ssm-sync`: servers that follow a bucket, by a command of Systems Manager for each burst of changes.
//!
//! A document on the servers does the work (`aws s3 sync`, a batch process); this handler says when.
//! However many changes come together, each bucket among them gets each of its documents once: the
//! document reads the bucket as it is when it runs, so one command covers every change before it. And
//! every change is covered: it counts as done only when Systems Manager took a command that was sent
//! after it, or while another change waits for which one will be sent (`window.rs`).
//!
//! A document can also be for a marker, an object that says that a batch is complete: then it is sent once
//! for each version of that object, and told its key (`claim.rs`).
//!
//! Systems Manager has no token that makes two requests one, so a command can be sent twice: when a
//! request is tried again whose answer got lost, when one of a bucket's documents fails and all of them
//! are sent again, and, without a window, when an event is delivered again. Documents have to bear that;
//! one that holds a lock and brings a directory to the bucket's state does. That a command was taken says
//! nothing about how it went: watch that by the command's own status, output and alarms.

mod claim;
mod memory;
mod window;

use std::collections::BTreeMap;

use cloudwright_contract::{Command, SsmSync};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::intake::{Change, ObjectEvent};
use crate::journal::Journal;
use crate::work::{Outcome, Work};
use claim::Claim;
use window::{Entry, Gate, ended, lease};

pub use memory::{Memory, Note};

/// How many commands are sent at the same time; Systems Manager takes only a few in a second.
const AT_ONCE: usize = 4;
/// The parameters of a document that is for a marker.
const KEY: &str = "S3Key";
const VERSION: &str = "S3Version";
/// How long a comment may be, in characters.
const COMMENT: usize = 100;

/// Servers that commands are sent to.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Fleet {
    /// Sends a command and gives its id.
    ///
    /// # Errors
    /// If it was not taken, after the client's own retries.
    async fn send(&self, order: &Order<'_>) -> Result<String, Failure>;
}

/// A command for a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// What is sent, where and how.
    pub command: &'a Command,
    /// The bucket that changed.
    pub bucket: &'a str,
    /// How many of the changes it is sent for; none for a run that somebody asked for.
    pub changes: usize,
    /// The marker that it is sent for.
    pub marker: Option<&'a ObjectEvent>,
}

impl Order<'_> {
    /// The parameters of the document, by name.
    #[must_use]
    pub fn parameters(&self) -> BTreeMap<String, Vec<String>> {
        let chosen = self.command.parameters.iter();
        let mut parameters: BTreeMap<_, _> = chosen
            .map(|parameter| (parameter.name.clone(), parameter.values.clone()))
            .collect();
        if let Some(name) = &self.command.bucket_parameter {
            parameters.insert(name.clone(), vec![self.bucket.to_owned()]);
        }
        if let Some(marker) = self.marker {
            parameters.insert(KEY.to_owned(), vec![marker.key.clone()]);
            let version = marker.version_id.iter().cloned();
            parameters.extend(version.map(|version| (VERSION.to_owned(), vec![version])));
        }
        parameters
    }

    /// What the console shows for the command: at most 100 characters.
    #[must_use]
    pub fn comment(&self) -> String {
        let text = match (self.command.comment.as_str(), self.marker) {
            ("", None) if self.changes == 0 => format!("{}: asked for", self.bucket),
            ("", None) => format!("{}: {} changed", self.bucket, self.changes),
            ("", Some(marker)) => {
                let is_plain = |one: &char| !one.is_control();
                let key: String = marker.key.chars().filter(is_plain).collect();
                format!("{}: {key}", self.bucket)
            }
            (chosen, _) => chosen.to_owned(),
        };
        text.chars().take(COMMENT).collect()
    }
}

/// The handler.
#[derive(Debug)]
pub struct Syncer<F, M> {
    fleet: F,
    memory: M,
    plan: SsmSync,
    journal: Journal,
}

/// The changes of a bucket that come together.
#[derive(Clone, Copy, Default)]
struct Changes {
    count: usize,
    /// The end of the latest window that one of them waited for.
    ended: Option<u64>,
    /// Whether one of them did not wait yet.
    is_new: bool,
}

impl<F: Fleet, M: Memory> Syncer<F, M> {
    /// Sends the commands of `plan` to `fleet`, remembers what has to be in `memory`, and writes the ids of
    /// those that were taken to `journal`.
    pub const fn new(fleet: F, memory: M, plan: SsmSync, journal: Journal) -> Self {
        Self {
            fleet,
            memory,
            plan,
            journal,
        }
    }

    fn commands<'a>(&'a self, bucket: &'a str) -> impl Iterator<Item = &'a Command> {
        let is_for = move |command: &&Command| {
            let wanted = command.bucket.as_deref();
            wanted.is_none_or(|wanted| wanted == bucket)
        };
        self.plan.commands.iter().filter(is_for)
    }

    /// Sends the commands for the changes of a bucket, now or by a change that waits, and gives what
    /// failed.
    async fn sync(&self, bucket: &str, changes: Changes, deadline: &Deadline) -> Vec<Failure> {
        if self.commands(bucket).next().is_none() {
            // Nothing would ever be done for it, and nobody would know.
            let message = "no command is for this bucket; set COMMAND_<n>_BUCKET to its name, or to \
                           nothing for all buckets";
            return vec![Failure::new(Class::Refused, message)];
        }
        let is_sync = |command: &&Command| command.marker.is_none();
        let commands: Vec<_> = self.commands(bucket).filter(is_sync).collect();
        let Some(window) = self.plan.window.as_ref().filter(|_| !commands.is_empty()) else {
            return self.send_all(&commands, bucket, changes, deadline).await;
        };
        let gate = Gate {
            memory: &self.memory,
            window,
            bucket,
        };
        let opened = match deadline
            .limit(gate.enter(changes.ended, changes.is_new))
            .await
        {
            Ok(Entry::Opened(opened)) => opened,
            Ok(Entry::Covered) => return Vec::new(),
            Err(failure) => return vec![failure],
        };
        let failures = self.send_all(&commands, bucket, changes, deadline).await;
        if !failures.is_empty() {
            gate.close(&opened).await;
        }
        failures
    }

    async fn send_all(
        &self,
        commands: &[&Command],
        bucket: &str,
        changes: Changes,
        deadline: &Deadline,
    ) -> Vec<Failure> {
        let order = |command| Order {
            command,
            bucket,
            changes: changes.count,
            marker: None,
        };
        let orders: Vec<_> = commands.iter().copied().map(order).collect();
        let sent = orders.iter().map(|order| self.send(order, deadline));
        let sent: Vec<_> = stream::iter(sent).buffered(AT_ONCE).collect().await;
        sent.into_iter().filter_map(Result::err).collect()
    }

    /// Sends the commands that an object is a marker of.
    async fn run(&self, event: &ObjectEvent, deadline: &Deadline) -> Vec<Failure> {
        let mut failures = Vec::new();
        for command in self.commands(&event.bucket) {
            let is_marker = |marker: &cloudwright_contract::Marker| marker.is(&event.key);
            let is_object = event.change == Change::Created && ended(event).is_none();
            if is_object && command.marker.as_ref().is_some_and(is_marker) {
                failures.extend(self.run_once(command, event, deadline).await.err());
            }
        }
        failures
    }

    async fn run_once(
        &self,
        command: &Command,
        event: &ObjectEvent,
        deadline: &Deadline,
    ) -> Result<(), Failure> {
        let claim = Claim::new(&self.memory, &command.document, event)?;
        let lease = lease(deadline.remaining());
        let Some(taken) = deadline.limit(claim.take(lease)).await? else {
            return Ok(());
        };
        let order = Order {
            command,
            bucket: &event.bucket,
            changes: 1,
            marker: Some(event),
        };
        match self.send(&order, deadline).await {
            Ok(id) => {
                if let Err(failure) = claim.done(&taken, &id).await {
                    // It was sent: to fail now would send it again for sure.
                    self.journal.failure("", &failure.of(event));
                }
                Ok(())
            }
            Err(failure) => {
                claim.release(&taken).await;
                Err(failure)
            }
        }
    }

    /// Sends every document that follows a bucket, and gives the ids of the commands.
    async fn sync_now(&self, asked: &Value, deadline: &Deadline) -> Result<Value, Report> {
        if asked.as_object().is_none_or(|members| !members.is_empty()) {
            let message = format!("{}: got {asked}, expected {{}}", SsmSync::SYNC);
            return Err(Failure::new(Class::UnreadableEvent, message).into());
        }
        let commands = self.plan.commands.iter();
        let following = commands.filter(|command| command.marker.is_none());
        let orders: Vec<_> = following.filter_map(asked_for).collect();
        if orders.is_empty() {
            let message = "no document follows a bucket of its own: markers start those of this function, or \
                           COMMAND_<n>_BUCKET is not set";
            return Err(Failure::new(Class::Refused, message).into());
        }
        let sent = orders.iter().map(|order| self.send(order, deadline));
        let sent: Vec<_> = stream::iter(sent).buffered(AT_ONCE).collect().await;
        let (done, failed): (Vec<_>, Vec<_>) = sent.into_iter().partition(Result::is_ok);
        let ids: Vec<_> = done.into_iter().flatten().collect();
        let failures: Vec<_> = failed.into_iter().filter_map(Result::err).collect();
        match failures.is_empty() {
            true => Ok(json!({ "commands": ids })),
            false => Err(Report {
                done: ids.len(),
                failures,
            }),
        }
    }

    async fn send(&self, order: &Order<'_>, deadline: &Deadline) -> Result<String, Failure> {
        let document = &order.command.document;
        let id = deadline.limit(self.fleet.send(order)).await;
        let id = id.map_err(|failure| failure.during(format!("SSM SendCommand of {document}")))?;
        let fields = json!({
            "commandId": id, "document": document, "bucket": order.bucket, "changes": order.changes,
            "key": order.marker.map(|marker| &marker.key),
        });
        self.journal.info("", "command sent", fields);
        Ok(id)
    }
}

/// A command that nothing changed for; none for a document that follows whatever bucket changes.
fn asked_for(command: &Command) -> Option<Order<'_>> {
    Some(Order {
        command,
        bucket: command.bucket.as_deref()?,
        changes: 0,
        marker: None,
    })
}

/// The changes of each bucket.
fn by_bucket(events: &[ObjectEvent]) -> BTreeMap<&str, Changes> {
    let mut buckets: BTreeMap<&str, Changes> = BTreeMap::new();
    for event in events.iter().filter(|event| event.change != Change::Other) {
        let changes = buckets.entry(&event.bucket).or_default();
        let ended = ended(event);
        changes.count += 1;
        changes.ended = changes.ended.max(ended);
        changes.is_new |= ended.is_none();
    }
    buckets
}

impl<F: Fleet, M: Memory> Work for Syncer<F, M> {
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome> {
        let buckets = by_bucket(events);
        let syncs = buckets.iter().map(|(bucket, changes)| async move {
            (*bucket, self.sync(bucket, *changes, deadline).await)
        });
        let failures: Vec<_> = stream::iter(syncs).buffered(AT_ONCE).collect().await;
        let failures: BTreeMap<&str, Vec<Failure>> = failures.into_iter().collect();
        let mut outcomes = Vec::with_capacity(events.len());
        for event in events {
            let of_bucket = failures.get(event.bucket.as_str());
            let of_bucket = of_bucket.filter(|_| event.change != Change::Other);
            let mut found = of_bucket.cloned().unwrap_or_default();
            found.extend(self.run(event, deadline).await);
            let found = found.into_iter().map(|failure| failure.of(event));
            let found: Vec<_> = found.collect();
            outcomes.push(if found.is_empty() { Ok(()) } else { Err(found) });
        }
        outcomes
    }

    async fn command(&self, event: &Value, deadline: &Deadline) -> Option<Result<Value, Report>> {
        let asked = event.get(SsmSync::SYNC)?;
        Some(self.sync_now(asked, deadline).await)
    }
}

#[cfg(test)]
mod tests;
