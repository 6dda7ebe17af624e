//! `replicate`: copies of a bucket's objects in other buckets, in any region.
//!
//! Where every bucket may be written to, see [`two_way`]. What follows is for one source and its
//! copies.
//!
//! Events come late, twice and out of order, so an event only says which object to look at. What is
//! in the source bucket *now* is brought to every destination, and what is not there any more is
//! removed. Then the source is looked at again: if it has changed meanwhile, so must the copies.
//! Whoever writes to a destination last has therefore seen that the source still is what it wrote,
//! or a later event is on its way; that is why copies converge however events interleave.
//!
//! | in the source | at a destination | done there |
//! |---|---|---|
//! | an object | its copy, by its [mark](marker::ENTRY) | nothing |
//! | an object that came through that bucket | anything | nothing: replication in a circle ends |
//! | an object | anything else, or nothing | copied, with metadata, headers, tags and storage class |
//! | nothing, or a delete marker | an object | removed (by a delete marker, where there are versions) |
//! | nothing, or a delete marker | nothing | nothing, so that removals in a circle end too |
//!
//! So a version that is removed for good is right as well: the version before it is copied, if it
//! is the object now. Every destination is tried, whichever fails. ACLs, legal holds and retention
//! are not copied.
//!
//! The function needs these rights: on objects of the source `s3:GetObject`, `s3:GetObjectVersion`,
//! `s3:GetObjectTagging` and `s3:GetObjectVersionTagging`; on objects of a destination
//! `s3:GetObject`, `s3:PutObject`, `s3:PutObjectTagging`, `s3:DeleteObject` and
//! `s3:AbortMultipartUpload`; on all the buckets `s3:ListBucket`, without which S3 answers a missing
//! object with a refusal. With KMS keys, `kms:Decrypt` on every key and `kms:GenerateDataKey` on those
//! of the destinations.

pub mod marker;
pub mod store;
mod transfer;
pub mod two_way;

use std::collections::BTreeMap;

use cloudwright_contract::{Destination, Replicate};
use futures_util::future::{join, join_all};
use futures_util::{StreamExt as _, stream};

use crate::deadline::Deadline;
use crate::failure::{Class, Failure};
use crate::intake::{Change, ObjectEvent};
use crate::work::{Outcome, Work};
use marker::Marker;
use store::{Copy, Object, Origin, Over, Stop, Store, Stores};

/// How often an object is looked at that changes each time.
const ROUNDS: usize = 5;

/// The handler, for one-way replication.
#[derive(Clone, Debug)]
pub struct Replicator<S> {
    stores: S,
    plan: Replicate,
}

/// An object that events are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject<'a> {
    bucket: &'a str,
    key: &'a str,
    region: &'a str,
}

/// What was done at a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// It was as it should be.
    Nothing,
    /// It was changed.
    Something,
    /// It was left as it was, because the source was no longer the state to copy. It may be that state
    /// again when it is looked at next.
    NotYet,
}

/// What is at a destination before anything is done there.
type Found = Result<Option<Object>, Failure>;

/// The key that the copy of an object has.
fn key_at(to: &Destination, subject: Subject<'_>) -> String {
    format!("{}{}", to.prefix, subject.key)
}

impl<S: Stores> Replicator<S> {
    /// Replicates as planned.
    pub const fn new(stores: S, plan: Replicate) -> Self {
        Self { stores, plan }
    }

    /// Brings one object to all destinations.
    async fn replicate(&self, subject: Subject<'_>, deadline: &Deadline) -> Outcome {
        let source = self.stores.of(subject.region);
        let look = || deadline.limit(source.look(subject.bucket, subject.key, None));
        // At the same time, for speed: whichever is seen first, the look after the writes decides.
        let (state, mut found) = join(look(), self.peek(subject, deadline)).await;
        let mut state = state.map_err(|failure| vec![failure])?;
        for _ in 0..ROUNDS {
            let destinations = self.plan.destinations.iter().zip(found);
            let work =
                destinations.map(|(to, there)| self.bring(subject, &state, (to, there), deadline));
            let results = join_all(work).await;
            if results.iter().all(|result| *result == Ok(Done::Nothing)) {
                return Ok(());
            }
            let is_open = results.contains(&Ok(Done::NotYet));
            let mut failures: Vec<_> = results.into_iter().filter_map(Result::err).collect();
            let now = match look().await {
                Ok(now) => now,
                Err(failure) => {
                    failures.push(failure);
                    return Err(failures);
                }
            };
            if now == state && !is_open {
                return if failures.is_empty() {
                    Ok(())
                } else {
                    Err(failures)
                };
            }
            state = now;
            found = self.peek(subject, deadline).await;
        }
        let message = format!("it was another object each of the {ROUNDS} times it was looked at");
        let failure = Failure::new(Class::KeepsChanging, message);
        Err(vec![
            failure
                .about(subject.bucket, subject.key)
                .within(subject.region),
        ])
    }

    /// What seems to be at each destination. That a bucket is not there shows when it is written to.
    async fn peek(&self, subject: Subject<'_>, deadline: &Deadline) -> Vec<Found> {
        let peek = async |to: &Destination| {
            let key = key_at(to, subject);
            let store = self.stores.of(&to.region);
            deadline.limit(store.peek(&to.bucket, &key)).await
        };
        join_all(self.plan.destinations.iter().map(peek)).await
    }

    /// Brings a state of the source to one destination, where that was found.
    async fn bring(
        &self,
        subject: Subject<'_>,
        state: &Option<Object>,
        (to, there): (&Destination, Found),
        deadline: &Deadline,
    ) -> Result<Done, Failure> {
        let key = key_at(to, subject);
        let store = self.stores.of(&to.region);
        let about = |failure: Failure| failure.about(&to.bucket, &key).within(&to.region);
        if (&*to.bucket, &*key) == (subject.bucket, subject.key) {
            let message = "the destination is the source: an object is not copied onto itself";
            return Err(about(Failure::new(Class::Refused, message)));
        }
        match (state, there.map_err(about)?) {
            (None, None) => {
                // Nothing is written here that would fail for a missing bucket.
                let sure = deadline.limit(store.look(&to.bucket, &key, None)).await;
                let there = sure.map_err(about)?;
                Ok(there.map_or(Done::Nothing, |_| Done::NotYet))
            }
            (None, Some(_)) => {
                let removal = store.remove(&to.bucket, &key, Over::Anything);
                done(transfer::within(deadline, removal).await).map_err(about)
            }
            (Some(object), there) => {
                let origin = Origin {
                    bucket: subject.bucket,
                    key: subject.key,
                    region: subject.region,
                    object,
                };
                let copied = self.copy(&origin, to, &key, there.as_ref(), deadline).await;
                copied.map_err(about)
            }
        }
    }

    async fn copy(
        &self,
        origin: &Origin<'_>,
        to: &Destination,
        key: &str,
        there: Option<&Object>,
        deadline: &Deadline,
    ) -> Result<Done, Failure> {
        let marker = Marker::of(origin, &to.bucket, key);
        if marker::has_passed(origin, &to.bucket) || there.is_some_and(|there| marker.is_on(there))
        {
            return Ok(Done::Nothing);
        }
        let copy = Copy {
            bucket: &to.bucket,
            key,
            kms_key: to.kms_key.as_deref(),
            storage_class: origin.object.storage_class.as_deref(),
            headers: &origin.object.headers,
            metadata: &marker.put_on(&origin.object.metadata),
            over: Over::Anything,
        };
        let (from, into) = (self.stores.of(origin.region), self.stores.of(&to.region));
        let settings = (self.plan.multipart, deadline);
        done(transfer::run(&from, &into, origin, &copy, settings).await)
    }
}

impl<S: Stores> Work for Replicator<S> {
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome> {
        let subjects = subjects(&self.plan, self.stores.own_region(), events).into_iter();
        let work = subjects
            .map(async |(subject, indices)| (indices, self.replicate(subject, deadline).await));
        outcomes(&self.plan, events.len(), work).await
    }
}

/// The objects to look at, each with the places of its events.
fn subjects<'a>(
    plan: &Replicate,
    own_region: &'a str,
    events: &'a [ObjectEvent],
) -> BTreeMap<Subject<'a>, Vec<usize>> {
    let mut subjects: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        let skipped = plan.skip.iter().any(|skip| skip.matches(&event.key));
        if skipped || event.change == Change::Other {
            continue;
        }
        let subject = Subject {
            bucket: &event.bucket,
            key: &event.key,
            region: event.region.as_deref().unwrap_or(own_region),
        };
        subjects.entry(subject).or_default().push(index);
    }
    subjects
}

/// Does the work of several objects, as many at once as planned; gives the outcome of each event.
async fn outcomes<W>(plan: &Replicate, events: usize, work: impl Iterator<Item = W>) -> Vec<Outcome>
where
    W: Future<Output = (Vec<usize>, Outcome)>,
{
    let at_once = usize::try_from(plan.concurrency).unwrap_or(usize::MAX);
    let mut done = stream::iter(work).buffer_unordered(at_once.max(1));
    let mut outcomes = vec![Ok(()); events];
    while let Some((indices, outcome)) = done.next().await {
        for index in indices {
            outcomes[index].clone_from(&outcome);
        }
    }
    outcomes
}

/// What a step has done that may find the object changed.
fn done(step: Result<(), Stop>) -> Result<Done, Failure> {
    match step {
        Ok(()) => Ok(Done::Something),
        Err(Stop::Changed) => Ok(Done::NotYet),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

#[cfg(test)]
mod tests;
