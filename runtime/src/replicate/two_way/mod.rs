//! Two-way replication: every bucket may be written to, and the newest write decides.
//!
//! Nothing that lies in the buckets tells which of two objects is newer, and what is missing tells
//! nothing at all: it may have been removed, or not have come yet. So a table remembers, for each key
//! and bucket, the newest change that somebody made there ([`record`]). Within a bucket S3's
//! sequencer orders changes, between buckets their time; the newest of all is the *winner*. What the
//! table says is the same in whatever order events come in, and how often.
//!
//! An event is handled in two steps:
//!
//! 1. Was it somebody's change, or a handler's own? A copy says so itself, by its [`mark`]; a removal
//!    by who made it. Only somebody's change goes into the table, so replication does not run in
//!    circles.
//! 2. Every bucket is brought to the winner. What is there decides ([`verdict`]): a copy of something
//!    older is replaced or removed; what is newer, or may be, stays, for its own event is on its way.
//!    S3 writes and removes only if what is there is still what was looked at.
//!
//! After that the table is read again: a change that came in between is brought to all buckets too.
//! The event of a handler's own write, finally, is not idle. It makes the handler of that bucket
//! compare the bucket with the table, after every write to it.
//!
//! What no event told of, a run over all objects finds: see [`reconcile`].
//!
//! What a reader has to know:
//!
//! - The newest write is that with the latest event time, so clocks are S3's.
//! - Buckets should have versions. Without them a write of the same content as before, in the moment
//!   between a look and a write, cannot be told from it by S3's conditions, and may lose.
//! - A copy that somebody copies onto itself in its place, with its metadata (to bring back an older
//!   version, or to change a header), keeps its mark, so it counts as a handler's copy: the newest change
//!   is brought back. Upload the content again, or remove the newer versions.
//! - Removing one version for good is a change only if it is the newest one of its bucket.
//! - Events have to name who made a change: notifications of S3 do, those through EventBridge do not.
//!
//! Besides the rights of one-way replication, on the function's own bucket too, the function needs
//! `dynamodb:GetItem` and `dynamodb:UpdateItem` on the table.

pub mod evidence;
pub mod mark;
pub mod reconcile;
pub mod record;
mod sites;
pub mod verdict;

use cloudwright_contract::{Reconcile, Replicate};
use serde_json::Value;

use super::listing::Listing;
use super::store::{Store as _, Stores};
use super::{ROUNDS, Subject, outcomes, subjects, walk};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::intake::{Change, ObjectEvent, Removal, Sequencer, epoch_millis};
use crate::journal::Journal;
use crate::work::{Outcome, Work};
use mark::Mark;
use record::{Entry, Ledger, Record};
use sites::{Progress, Sites};
use verdict::quoted;

/// The handler, for two-way replication.
#[derive(Debug)]
pub struct Synchronizer<S, L> {
    stores: S,
    ledger: L,
    plan: Replicate,
    /// The function's name, which is what S3 calls the session that it works in.
    name: String,
    /// Where a run over all objects tells what it has found.
    journal: Option<Journal>,
}

/// What an event means.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meaning {
    /// Somebody changed the object.
    Change(Entry),
    /// A handler wrote a copy, or what was changed is no more.
    Nothing,
    /// A handler removed a copy.
    RemovedByHandler,
}

/// When an event happened.
struct Moment {
    time: i64,
    sequencer: Sequencer,
}

impl<S: Stores, L: Ledger> Synchronizer<S, L> {
    /// Replicates as planned, with the other functions that use the same table. `name` is the name of
    /// this function.
    pub const fn new(stores: S, ledger: L, plan: Replicate, name: String) -> Self {
        Self {
            stores,
            ledger,
            plan,
            name,
            journal: None,
        }
    }

    /// Tells in this journal what runs over all objects find.
    #[must_use]
    pub fn telling(mut self, journal: Journal) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Handles the events of one object.
    async fn settle(
        &self,
        subject: Subject<'_>,
        events: impl Iterator<Item = &ObjectEvent>,
        deadline: &Deadline,
    ) -> Result<(), Vec<Failure>> {
        let about = |failure: Failure| {
            let failure = failure.about(subject.bucket, subject.key);
            vec![failure.within(subject.region)]
        };
        let mut pass = Pass::default();
        for event in events {
            match self.meaning(subject, event, deadline).await {
                Ok(Meaning::Change(entry)) => {
                    let change =
                        (self.ledger).change(subject.key, subject.bucket, &entry, &self.name);
                    pass.record = Some(deadline.limit(change).await.map_err(about)?);
                    pass.is_everywhere = true;
                }
                Ok(Meaning::RemovedByHandler) => pass.is_restoring = true,
                Ok(Meaning::Nothing) => {}
                Err(failure) => return Err(about(failure)),
            }
        }
        self.bring(subject, pass, deadline).await
    }

    /// Brings the buckets to the newest change.
    async fn bring(
        &self,
        subject: Subject<'_>,
        mut pass: Pass,
        deadline: &Deadline,
    ) -> Result<(), Vec<Failure>> {
        let about = |failure: Failure| vec![failure.about(subject.bucket, subject.key)];
        let read = async || {
            let record = deadline.limit(self.ledger.read(subject.key)).await;
            record.map_err(about)
        };
        let sites = Sites::new(&self.stores, &self.plan, subject, deadline).map_err(about)?;
        let mut record = match pass.record.take() {
            Some(record) => record,
            None => read().await?,
        };
        for _ in 0..ROUNDS {
            if record.removes() && !record.writers.contains(&self.name) {
                let sign = self.ledger.sign(subject.key, &self.name);
                record = deadline.limit(sign).await.map_err(about)?;
            }
            let Progress {
                is_open, failures, ..
            } = sites.bring(&record, &pass).await;
            let now = read().await?;
            if now == record && !is_open {
                return if failures.is_empty() {
                    Ok(())
                } else {
                    Err(failures)
                };
            }
            // Whatever came in between may be about every bucket.
            pass.is_everywhere = true;
            record = now;
        }
        Err(about(keeps_changing()))
    }

    /// What an event means, with a look at what it is about.
    async fn meaning(
        &self,
        subject: Subject<'_>,
        event: &ObjectEvent,
        deadline: &Deadline,
    ) -> Result<Meaning, Failure> {
        match event.change {
            Change::Created => self.creation(subject, event, deadline).await,
            Change::Removed(Removal::Permanent) if event.version_id.is_some() => {
                self.lost_version(subject, event, deadline).await
            }
            Change::Removed(_) => self.removal(subject, event, deadline).await,
            Change::Other => Ok(Meaning::Nothing),
        }
    }

    async fn creation(
        &self,
        subject: Subject<'_>,
        event: &ObjectEvent,
        deadline: &Deadline,
    ) -> Result<Meaning, Failure> {
        let store = self.stores.of(subject.region);
        let version = event.version_id.as_deref();
        let look = store.look(subject.bucket, subject.key, version);
        let Some(object) = deadline.limit(look).await? else {
            return Ok(Meaning::Nothing);
        };
        let is_other = |etag: &str| quoted(etag) != object.etag;
        if event.etag.as_deref().is_some_and(is_other)
            || Mark::read(&object, subject.bucket, subject.key).is_some()
        {
            return Ok(Meaning::Nothing);
        }
        let Moment { time, sequencer } = moment(event)?;
        Ok(Meaning::Change(Entry {
            sequencer,
            time,
            etag: Some(object.etag),
            version: object.version_id,
        }))
    }

    async fn removal(
        &self,
        subject: Subject<'_>,
        event: &ObjectEvent,
        deadline: &Deadline,
    ) -> Result<Meaning, Failure> {
        let Some(principal) = &event.principal else {
            let message = "the event does not say who removed the object, so it may have been another \
                           handler: got no userIdentity, expected a notification of S3 (to a function, \
                           queue or topic), not of EventBridge";
            return Err(Failure::new(Class::UnreadableEvent, message));
        };
        let session = principal.rsplit(':').next().unwrap_or_default();
        let record = deadline.limit(self.ledger.read(subject.key)).await?;
        if record.writers.contains(session) {
            return Ok(Meaning::RemovedByHandler);
        }
        let Moment { time, sequencer } = moment(event)?;
        Ok(Meaning::Change(Entry {
            sequencer,
            time,
            etag: None,
            version: event.version_id.clone(),
        }))
    }

    /// One version is gone. If it was the newest change of its bucket, what shows now is a change.
    async fn lost_version(
        &self,
        subject: Subject<'_>,
        event: &ObjectEvent,
        deadline: &Deadline,
    ) -> Result<Meaning, Failure> {
        let record = deadline.limit(self.ledger.read(subject.key)).await?;
        let newest = record.sites.get(subject.bucket);
        if newest.is_none_or(|newest| newest.version != event.version_id) {
            return Ok(Meaning::Nothing);
        }
        let store = self.stores.of(subject.region);
        let look = store.look(subject.bucket, subject.key, None);
        let there = deadline.limit(look).await?;
        let is_copy = |object| Mark::read(object, subject.bucket, subject.key).is_some();
        if there.as_ref().is_some_and(is_copy) {
            return Ok(Meaning::Nothing);
        }
        let Moment { time, sequencer } = moment(event)?;
        let version = there.as_ref().and_then(|object| object.version_id.clone());
        Ok(Meaning::Change(Entry {
            sequencer,
            time,
            etag: there.map(|object| object.etag),
            version,
        }))
    }
}

/// What the events of an object ask for.
#[derive(Debug)]
struct Pass {
    /// The table's record, if it was read already.
    record: Option<Record>,
    /// Whether every bucket is to be looked at, not only the one that the events are of.
    is_everywhere: bool,
    /// Whether an object that is missing in the bucket of its own change is put back: a handler has
    /// removed something there.
    is_restoring: bool,
    /// The second since 1970 before which no event is to be expected any more; of events, the first.
    horizon: i64,
}

impl Default for Pass {
    fn default() -> Self {
        Self {
            record: None,
            is_everywhere: false,
            is_restoring: false,
            horizon: i64::MIN,
        }
    }
}

/// That an object was changed at every look.
fn keeps_changing() -> Failure {
    let message = format!("it was changed each of the {ROUNDS} times it was looked at");
    Failure::new(Class::KeepsChanging, message)
}

fn moment(event: &ObjectEvent) -> Result<Moment, Failure> {
    let time = event.time.as_deref().and_then(epoch_millis);
    match (time, event.sequencer.clone()) {
        (Some(time), Some(sequencer)) => Ok(Moment { time, sequencer }),
        _ => {
            let message = format!(
                "two-way replication orders changes: got the time {:?} and the sequencer {:?}, expected both",
                event.time.as_deref().unwrap_or_default(),
                event.sequencer.as_ref().map_or("", Sequencer::as_str),
            );
            Err(Failure::new(Class::UnreadableEvent, message))
        }
    }
}

impl<S: Stores, L: Ledger> Work for Synchronizer<S, L>
where
    S::Store: Listing,
{
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome> {
        let subjects = subjects(&self.plan, self.stores.own_region(), events).into_iter();
        let work = subjects.map(async |(subject, indices)| {
            let own = indices.iter().map(|index| &events[*index]);
            let outcome = self.settle(subject, own, deadline).await;
            (indices, outcome)
        });
        outcomes(&self.plan, events.len(), work).await
    }

    async fn command(&self, event: &Value, deadline: &Deadline) -> Option<Result<Value, Report>> {
        let told = event.get(Reconcile::MEMBER)?;
        Some(match walk::command(told) {
            Ok(command) => Box::pin(self.reconcile(&command, deadline)).await,
            Err(problem) => Err(problem),
        })
    }
}

#[cfg(test)]
mod tests;
