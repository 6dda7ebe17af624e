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
//! | nothing, or a delete marker | an object | removed: by a delete marker where there are versions, with all versions, or not at all, as [planned](Deletion) |
//! | nothing, or a delete marker | nothing | nothing, so that removals in a circle end too |
//!
//! # Requests
//!
//! The copies of a new object take three answers, one after another, however many there are:
//!
//! 1. The source is looked at. A copy can be made without that, but not one with a mark, the storage
//!    class and the redirect of a website: S3 takes these from the request alone.
//! 2. The object is copied to all destinations at once, on the condition that nothing is there. Only
//!    where S3 refuses that, somebody has to look what is there. Large objects, whose condition S3 tells
//!    after all parts were copied, and removals begin with that look instead.
//! 3. The source is looked at again. No look before a write has ended can stand for this one: an object
//!    may be removed while it is copied, and the handler of that removal finds no copy to remove.
//!
//! Where objects are replaced more often than made, the look at the destinations comes first, at the
//! same time as the one at the source: an instance expects of an object what it met with the last one.
//!
//! So a version that is removed for good is right as well: the version before it is copied, if it
//! is the object now. Every destination is tried, whichever fails. ACLs, legal holds and retention
//! are not copied.
//!
//! What events do not tell of, a run over all objects finds: see [`reconcile`].
//!
//! The function needs these rights: on objects of the source `s3:GetObject`, `s3:GetObjectVersion`,
//! `s3:GetObjectTagging` and `s3:GetObjectVersionTagging`; on objects of a destination
//! `s3:GetObject`, `s3:PutObject`, `s3:PutObjectTagging`, `s3:DeleteObject` and
//! `s3:AbortMultipartUpload`; on all the buckets `s3:ListBucket`, without which S3 answers a missing
//! object with a refusal. Where copies are erased, `s3:ListBucketVersions` and `s3:DeleteObjectVersion`. With KMS keys, `kms:Decrypt` on every key and `kms:GenerateDataKey` on those
//! of the destinations.

pub mod listing;
pub mod marker;
pub mod reconcile;
pub mod store;
mod transfer;
pub mod two_way;
pub mod walk;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use cloudwright_contract::{Deletion, Destination, Reconcile, Replicate};
use futures_util::future::{join, join_all};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::intake::{Change, ObjectEvent};
use crate::journal::Journal;
use crate::work::{Outcome, Work};
use listing::Listing;
use marker::Marker;
use store::{Copy, Object, Origin, Over, Stop, Store, Stores};

/// How often an object is looked at that changes each time.
const ROUNDS: usize = 5;

/// The handler, for one-way replication.
#[derive(Debug)]
pub struct Replicator<S> {
    stores: S,
    plan: Replicate,
    /// Whether the object before this one was at a destination already: a guess which request to make
    /// first, on which nothing but time depends.
    expects_copies: AtomicBool,
    /// Where a run over all objects tells what it has found.
    journal: Option<Journal>,
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

/// A destination for one object: the key there, and what was found, if it was looked at.
struct Place<'a> {
    to: &'a Destination,
    key: String,
    found: Option<Found>,
}

/// The key that the copy of an object has.
fn key_at(to: &Destination, subject: Subject<'_>) -> String {
    format!("{}{}", to.prefix, subject.key)
}

/// The storage class that the copy of an object has, if it is not `STANDARD`.
fn class_at<'a>(to: &'a Destination, object: &'a Object) -> Option<&'a str> {
    let class = to
        .storage_class
        .as_deref()
        .or(object.storage_class.as_deref());
    class.filter(|class| *class != "STANDARD")
}

impl<S: Stores> Replicator<S> {
    /// Replicates as planned.
    pub const fn new(stores: S, plan: Replicate) -> Self {
        Self {
            stores,
            plan,
            expects_copies: AtomicBool::new(false),
            journal: None,
        }
    }

    /// Tells in this journal what runs over all objects find.
    #[must_use]
    pub fn telling(mut self, journal: Journal) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Brings one object to all destinations; `is_gone` if an event says that it was removed.
    async fn replicate(&self, subject: Subject<'_>, is_gone: bool, deadline: &Deadline) -> Outcome {
        let (state, mut places) = self.begin(subject, is_gone, deadline).await;
        let mut state = state.map_err(|failure| vec![failure])?;
        for _ in 0..ROUNDS {
            let work = places
                .into_iter()
                .map(|place| self.bring(subject, &state, place, deadline));
            let results = join_all(work).await;
            if results.iter().all(|result| *result == Ok(Done::Nothing)) {
                return Ok(());
            }
            let is_open = results.contains(&Ok(Done::NotYet));
            let mut failures: Vec<_> = results.into_iter().filter_map(Result::err).collect();
            let now = match self.look(subject, deadline).await {
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
            places = self.peek_all(subject, deadline).await;
        }
        Err(vec![keeps_changing(subject)])
    }

    /// What is in the source, and the destinations: looked at as well, at the same time, where a
    /// removal or an older copy is to be expected. Whichever is seen first, the look after the writes
    /// decides.
    async fn begin(
        &self,
        subject: Subject<'_>,
        is_gone: bool,
        deadline: &Deadline,
    ) -> (Found, Vec<Place<'_>>) {
        let look = self.look(subject, deadline);
        if !is_gone && !self.expects_copies.load(Ordering::Relaxed) {
            return (look.await, self.places(subject).collect());
        }
        let (state, places) = join(look, self.peek_all(subject, deadline)).await;
        let is_new = |place: &Place<'_>| place.found == Some(Ok(None));
        if !is_gone && places.iter().all(is_new) {
            self.expects_copies.store(false, Ordering::Relaxed);
        }
        (state, places)
    }

    async fn look(&self, subject: Subject<'_>, deadline: &Deadline) -> Found {
        let source = self.stores.of(subject.region);
        deadline
            .limit(source.look(subject.bucket, subject.key, None))
            .await
    }

    fn places(&self, subject: Subject<'_>) -> impl Iterator<Item = Place<'_>> {
        let destinations = self.plan.destinations.iter();
        destinations.map(move |to| Place {
            to,
            key: key_at(to, subject),
            found: None,
        })
    }

    /// The destinations and what seems to be there.
    async fn peek_all(&self, subject: Subject<'_>, deadline: &Deadline) -> Vec<Place<'_>> {
        let looked_at = self.places(subject).map(|mut place| async move {
            place.found = Some(self.peek(&place, deadline).await);
            place
        });
        join_all(looked_at).await
    }

    /// What seems to be at a destination. That a bucket is not there shows when it is written to.
    async fn peek(&self, place: &Place<'_>, deadline: &Deadline) -> Found {
        let store = self.stores.of(&place.to.region);
        deadline
            .limit(store.peek(&place.to.bucket, &place.key))
            .await
    }

    /// Brings a state of the source to one destination.
    async fn bring(
        &self,
        subject: Subject<'_>,
        state: &Option<Object>,
        mut place: Place<'_>,
        deadline: &Deadline,
    ) -> Result<Done, Failure> {
        let found = place.found.take();
        let place = &place;
        let about = |failure: Failure| {
            let failure = failure.about(&place.to.bucket, &place.key);
            failure.within(&place.to.region)
        };
        if (&*place.to.bucket, &*place.key) == (subject.bucket, subject.key) {
            let message = "the destination is the source: an object is not copied onto itself";
            return Err(about(Failure::new(Class::Refused, message)));
        }
        let done = match state {
            None => self.remove(place, found, deadline).await,
            Some(object) => {
                let origin = Origin {
                    bucket: subject.bucket,
                    key: subject.key,
                    region: subject.region,
                    object,
                };
                self.copy(&origin, place, found, deadline).await
            }
        };
        done.map_err(about)
    }

    /// Removes what is at a destination.
    async fn remove(
        &self,
        place: &Place<'_>,
        found: Option<Found>,
        deadline: &Deadline,
    ) -> Result<Done, Failure> {
        let store = self.stores.of(&place.to.region);
        let (bucket, key) = (&place.to.bucket, &place.key);
        match place.to.deletion {
            Deletion::Remove => {}
            Deletion::Keep => return Ok(Done::Nothing),
            Deletion::Erase => {
                let was_there = deadline.limit(store.erase(bucket, key)).await?;
                return Ok(if was_there {
                    Done::Something
                } else {
                    Done::Nothing
                });
            }
        }
        let there = match found {
            Some(found) => found?,
            None => self.peek(place, deadline).await?,
        };
        if there.is_none() {
            // Nothing is written here that would fail for a missing bucket.
            let there = deadline.limit(store.look(bucket, key, None)).await?;
            return Ok(there.map_or(Done::Nothing, |_| Done::NotYet));
        }
        let removal = store.remove(bucket, key, Over::Anything);
        done(transfer::within(deadline, removal).await)
    }

    /// Copies to a destination, unless the copy is there.
    async fn copy(
        &self,
        origin: &Origin<'_>,
        place: &Place<'_>,
        found: Option<Found>,
        deadline: &Deadline,
    ) -> Result<Done, Failure> {
        if marker::has_passed(origin, &place.to.bucket) {
            return Ok(Done::Nothing);
        }
        let marker = Marker::of(origin, &place.to.bucket, &place.key);
        let write = |over| self.write(origin, place, &marker, over, deadline);
        let there = match found {
            Some(found) => found?,
            None => {
                if origin.object.size <= self.plan.multipart.threshold_bytes {
                    let written = done(write(Over::Nothing).await)?;
                    if written == Done::Something {
                        return Ok(written);
                    }
                }
                self.peek(place, deadline).await?
            }
        };
        if there.is_some() {
            self.expects_copies.store(true, Ordering::Relaxed);
        }
        if there.is_some_and(|there| marker.is_on(&there)) {
            return Ok(Done::Nothing);
        }
        done(write(Over::Anything).await)
    }

    async fn write(
        &self,
        origin: &Origin<'_>,
        Place { to, key, .. }: &Place<'_>,
        marker: &Marker,
        over: Over<'_>,
        deadline: &Deadline,
    ) -> Result<(), Stop> {
        let copy = Copy {
            bucket: &to.bucket,
            key,
            kms_key: to.kms_key.as_deref(),
            storage_class: class_at(to, origin.object),
            headers: &origin.object.headers,
            metadata: &marker.put_on(&origin.object.metadata),
            over,
        };
        let (from, into) = (self.stores.of(origin.region), self.stores.of(&to.region));
        let settings = (self.plan.multipart, deadline);
        transfer::run(&from, &into, origin, &copy, settings).await
    }
}

impl<S: Stores> Work for Replicator<S>
where
    S::Store: Listing,
{
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome> {
        let subjects = subjects(&self.plan, self.stores.own_region(), events).into_iter();
        let is_removal = |index: &usize| matches!(events[*index].change, Change::Removed(_));
        let work = subjects.map(async |(subject, indices)| {
            let is_gone = indices.iter().any(is_removal);
            (indices, self.replicate(subject, is_gone, deadline).await)
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

/// That an object was another one at every look.
fn keeps_changing(subject: Subject<'_>) -> Failure {
    let message = format!("it was another object each of the {ROUNDS} times it was looked at");
    let failure = Failure::new(Class::KeepsChanging, message);
    failure
        .about(subject.bucket, subject.key)
        .within(subject.region)
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
