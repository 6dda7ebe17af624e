//! `ssm-sync`: servers that follow a bucket, by a command of Systems Manager for each burst of changes.
//!
//! A document on the servers does the work (`aws s3 sync`, a batch process); this handler says when.
//! However many changes come together, each bucket among them gets each of its documents once: the
//! document reads the bucket as it is when it runs, so one command covers every change before it. And
//! every change is covered: it counts as done only when Systems Manager took a command that was sent
//! after it. To collect more changes into a command, let a standard queue with a batching window
//! bring the events.
//!
//! Systems Manager has no token that makes two requests one, so a command can be sent twice: when an
//! event is delivered again, when a request is tried again whose answer got lost, and when one of a
//! bucket's documents fails and all of them are sent again. Documents have to bear that; one that
//! holds a lock and brings a directory to the bucket's state does. That a command was taken says
//! nothing about how it went: watch that by the command's own status, output and alarms.

use std::collections::BTreeMap;

use cloudwright_contract::{Command, SsmSync};
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use crate::deadline::Deadline;
use crate::failure::{Class, Failure};
use crate::intake::{Change, ObjectEvent};
use crate::journal::Journal;
use crate::work::{Outcome, Work};

/// How many commands are sent at the same time; Systems Manager takes only a few in a second.
const AT_ONCE: usize = 4;

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
    /// How many of the changes it is sent for.
    pub changes: usize,
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
        parameters
    }

    /// What the console shows for the command: at most 100 characters, since a bucket's name has at
    /// most 63.
    #[must_use]
    pub fn comment(&self) -> String {
        match self.command.comment.as_str() {
            "" => format!("{}: {} changed", self.bucket, self.changes),
            chosen => chosen.to_owned(),
        }
    }
}

/// The handler.
#[derive(Debug)]
pub struct Syncer<F> {
    fleet: F,
    plan: SsmSync,
    journal: Journal,
}

impl<F: Fleet> Syncer<F> {
    /// Sends the commands of `plan` to `fleet`, and writes the ids of those that were taken to
    /// `journal`.
    pub const fn new(fleet: F, plan: SsmSync, journal: Journal) -> Self {
        Self {
            fleet,
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

    /// Sends all commands of a bucket, and gives what failed.
    async fn sync(&self, bucket: &str, changes: usize, deadline: &Deadline) -> Vec<Failure> {
        let orders: Vec<_> = (self.commands(bucket))
            .map(|command| Order {
                command,
                bucket,
                changes,
            })
            .collect();
        if orders.is_empty() {
            // Nothing would ever be done for it, and nobody would know.
            let message = "no command is for this bucket; set COMMAND_<n>_BUCKET to its name, or to \
                           nothing for all buckets";
            return vec![Failure::new(Class::Refused, message)];
        }
        let sent = orders.iter().map(|order| self.send(order, deadline));
        let sent: Vec<_> = stream::iter(sent).buffered(AT_ONCE).collect().await;
        sent.into_iter().filter_map(Result::err).collect()
    }

    async fn send(&self, order: &Order<'_>, deadline: &Deadline) -> Result<(), Failure> {
        let document = &order.command.document;
        let id = deadline.limit(self.fleet.send(order)).await;
        let id = id.map_err(|failure| failure.during(format!("SSM SendCommand of {document}")))?;
        let fields = json!({
            "commandId": id, "document": document, "bucket": order.bucket, "changes": order.changes,
        });
        self.journal.info("", "command sent", fields);
        Ok(())
    }
}

impl<F: Fleet> Work for Syncer<F> {
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome> {
        let mut buckets: BTreeMap<&str, usize> = BTreeMap::new();
        for event in events.iter().filter(|event| event.change != Change::Other) {
            *buckets.entry(&event.bucket).or_default() += 1;
        }
        let syncs = buckets.iter().map(|(bucket, changes)| async move {
            (*bucket, self.sync(bucket, *changes, deadline).await)
        });
        let failures: Vec<_> = stream::iter(syncs).buffered(AT_ONCE).collect().await;
        let failures: BTreeMap<&str, Vec<Failure>> = failures.into_iter().collect();
        let outcome = |event: &ObjectEvent| match failures.get(event.bucket.as_str()) {
            Some(failures) if event.change != Change::Other && !failures.is_empty() => {
                let of_event = |failure: &Failure| failure.clone().of(event);
                Err(failures.iter().map(of_event).collect())
            }
            _ => Ok(()),
        };
        events.iter().map(outcome).collect()
    }
}

#[cfg(test)]
mod tests;
