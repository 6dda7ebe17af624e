//! Everything compared with everything: what repairs a replica when events were lost, or somebody
//! changed it.
//!
//! The source and each replica list their objects in the order of their keys, so one walk through all
//! lists sees every key once and holds a page of each. What the lists say to be equal is taken for it:
//! whoever changes the metadata of a copy, and nothing else, is not found out. The rest is looked at: a
//! copy in parts has another entity tag than its object, and bears a mark.
//!
//! | in the source | in a replica | done |
//! |---|---|---|
//! | an object | one of the same entity tag and size that is not older, or its copy by its mark | nothing |
//! | an object | anything else, or nothing | as after an event of the object |
//! | nothing | a copy of what was there, by its mark | removed, if it still is that copy |
//! | nothing | anything else | nothing: it is somebody else's |
//!
//! A call ends when its time does, and answers with the key to go on after. Up to there everything is
//! done; what was begun behind it is found done the next time.

use cloudwright_contract::{Destination, Reconcile, Reconciled};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::listing::{Entry, Listing, Reader};
use super::marker::{self, Marker};
use super::store::{Object, Origin, Over, Store, Stores};
use super::{Done, Replicator, Subject, done, key_at, transfer};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};

/// How many keys are walked past before the place is remembered, if nothing has to be done for them.
const WINDOW: usize = 10_000;

/// A key, and what the lists say of it.
struct Item {
    key: String,
    source: Option<Entry>,
    /// By destination.
    there: Vec<Option<Entry>>,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Equal,
    Repaired,
    Foreign,
}

/// All lists.
struct Lists<'a, L> {
    source: Reader<'a, L>,
    destinations: Vec<(&'a Destination, Reader<'a, L>)>,
}

impl Item {
    /// Whether the lists alone show that nothing has to be done.
    fn is_equal(&self) -> bool {
        let same = |entry: &Entry, there: &Option<Entry>| {
            there.as_ref().is_some_and(|there| {
                // What was written later may have other headers, even if the content is the same.
                let is_later = there.modified >= entry.modified;
                is_later && (&there.etag, there.size) == (&entry.etag, entry.size)
            })
        };
        let source = self.source.as_ref();
        source.is_some_and(|entry| self.there.iter().all(|there| same(entry, there)))
    }
}

impl<L: Listing> Lists<'_, L> {
    /// The next key of all.
    async fn next(&mut self, deadline: &Deadline) -> Result<Option<Item>, Failure> {
        let mut first = self.source.key(deadline).await?.map(str::to_owned);
        for (to, reader) in &mut self.destinations {
            let key = reader.key(deadline).await?;
            let key = key.and_then(|key| key.strip_prefix(&*to.prefix));
            let is_earlier = |key: &&str| first.as_deref().is_none_or(|first| *key < first);
            if let Some(key) = key.filter(is_earlier) {
                first = Some(key.to_owned());
            }
        }
        Ok(first.map(|key| {
            let source = self.source.take(&key);
            let destinations = self.destinations.iter_mut();
            let there =
                destinations.map(|(to, reader)| reader.take(&format!("{}{key}", to.prefix)));
            Item {
                there: there.collect(),
                source,
                key,
            }
        }))
    }
}

impl<S: Stores> Replicator<S>
where
    S::Store: Listing,
{
    /// Looks at all objects, as long as there is time; gives what to answer.
    ///
    /// # Errors
    /// If a list cannot be read. An object that cannot be repaired is counted and told of, and the
    /// walk goes on.
    pub async fn reconcile(
        &self,
        command: &Reconcile,
        deadline: &Deadline,
    ) -> Result<Value, Report> {
        let mut lists = self.lists(command);
        let mut counts = Reconciled::default();
        let mut after = command.after.clone();
        let at_end = loop {
            let window = self.window(command, &mut lists, deadline).await;
            let (window, last) = match window {
                Ok(Some(window)) => window,
                Ok(None) => break true,
                Err(failure)
                    if failure.class == Class::DeadlineReached && after != command.after =>
                {
                    break false;
                }
                Err(failure) => return Err(failure.into()),
            };
            let (looked, results) = window;
            let mut results = join_all(
                results
                    .iter()
                    .map(|item| self.settle(command, item, deadline)),
            )
            .await;
            let is_late = |result: &Result<Found, Vec<Failure>>| {
                let failures = result.as_ref().err();
                failures
                    .is_some_and(|all| all.iter().any(|one| one.class == Class::DeadlineReached))
            };
            // What a whole call was too short for, the next one would be, too: that counts as failed.
            let has_moved = after != command.after || results.contains(&Ok(Found::Repaired));
            if has_moved && results.iter().any(is_late) {
                break false;
            }
            counts = counts.and(self.count(looked, &mut results));
            after = Some(last);
            if deadline.remaining().is_zero() {
                break false;
            }
        };
        self.tell(counts);
        Ok(answer(command, after, counts, at_end))
    }

    fn lists<'a>(&'a self, command: &'a Reconcile) -> Lists<'a, S::Store> {
        let own = self.stores.of(self.stores.own_region());
        let (prefix, after) = (&command.prefix, &command.after);
        let destinations = self.plan.destinations.iter().map(|to| {
            let put = |key: &String| format!("{}{key}", to.prefix);
            let store = self.stores.of(&to.region);
            let reader = Reader::new(store, &to.bucket, put(prefix), after.as_ref().map(put));
            (to, reader.except(self.below(to)))
        });
        Lists {
            source: Reader::new(own, &command.bucket, prefix.clone(), after.clone()),
            destinations: destinations.collect(),
        }
    }

    /// The prefixes of other destinations that are below that of this one, in the same bucket.
    fn below(&self, to: &Destination) -> Vec<&str> {
        let others = self.plan.destinations.iter();
        let below = others.filter(|other| {
            let is_longer = other.prefix.len() > to.prefix.len();
            other.bucket == to.bucket && is_longer && other.prefix.starts_with(&to.prefix)
        });
        below.map(|other| &*other.prefix).collect()
    }

    /// The next keys for which something may have to be done, as many as are worked on at once; how
    /// many keys were walked past for them, and the last of these.
    async fn window(
        &self,
        command: &Reconcile,
        lists: &mut Lists<'_, S::Store>,
        deadline: &Deadline,
    ) -> Result<Option<((u64, Vec<Item>), String)>, Failure> {
        let at_once = usize::try_from(self.plan.concurrency).unwrap_or(usize::MAX);
        let (mut looked, mut last, mut items) = (0, None, Vec::new());
        for _ in 0..WINDOW {
            let Some(item) = lists.next(deadline).await? else {
                break;
            };
            last = Some(item.key.clone());
            let skipped = self.plan.skip.iter().any(|skip| skip.matches(&item.key));
            if skipped || !item.key.ends_with(&command.suffix) {
                continue;
            }
            looked += 1;
            if !item.is_equal() {
                items.push(item);
            }
            if items.len() >= at_once {
                break;
            }
        }
        Ok(last.map(|last| ((looked, items), last)))
    }

    /// Looks at a key, and does what has to be done.
    async fn settle(
        &self,
        command: &Reconcile,
        item: &Item,
        deadline: &Deadline,
    ) -> Result<Found, Vec<Failure>> {
        let subject = Subject {
            bucket: &command.bucket,
            key: &item.key,
            region: self.stores.own_region(),
        };
        let state = self.look(subject, deadline).await.map_err(one)?;
        let Some(object) = state else {
            return self.remove_copies(subject, item, deadline).await;
        };
        let origin = Origin {
            bucket: subject.bucket,
            key: subject.key,
            region: subject.region,
            object: &object,
        };
        let places = self.peek_all(subject, deadline).await;
        let mut is_equal = true;
        for place in places {
            let there = place.found.unwrap_or(Ok(None)).map_err(one)?;
            is_equal &= is_copy(&origin, place.to, &place.key, there.as_ref());
        }
        if is_equal {
            return Ok(Found::Equal);
        }
        self.replicate(subject, false, deadline).await?;
        Ok(Found::Repaired)
    }

    /// Removes copies of what the source has no more.
    async fn remove_copies(
        &self,
        subject: Subject<'_>,
        item: &Item,
        deadline: &Deadline,
    ) -> Result<Found, Vec<Failure>> {
        let mut found = Found::Equal;
        let places = self.plan.destinations.iter().zip(&item.there);
        for (to, _) in places.filter(|(_, there)| there.is_some()) {
            match self.remove_copy(subject, to, deadline).await.map_err(one)? {
                Found::Repaired => found = Found::Repaired,
                Found::Foreign if found == Found::Equal => found = Found::Foreign,
                Found::Foreign | Found::Equal => {}
            }
        }
        if found == Found::Repaired && self.look(subject, deadline).await.map_err(one)?.is_some() {
            // It came back meanwhile, and its event may have been before the removal.
            self.replicate(subject, false, deadline).await?;
        }
        Ok(found)
    }

    async fn remove_copy(
        &self,
        subject: Subject<'_>,
        to: &Destination,
        deadline: &Deadline,
    ) -> Result<Found, Failure> {
        let key = key_at(to, subject);
        let store = self.stores.of(&to.region);
        let about = |failure: Failure| failure.about(&to.bucket, &key).within(&to.region);
        let there = deadline.limit(store.look(&to.bucket, &key, None)).await;
        let Some(there) = there.map_err(about)? else {
            return Ok(Found::Equal);
        };
        let source = [subject.bucket, subject.key];
        if !marker::is_copy_of(&there, source, [&to.bucket, &key]) {
            return Ok(Found::Foreign);
        }
        let removal = store.remove(&to.bucket, &key, Over::Etag(&there.etag));
        match done(transfer::within(deadline, removal).await).map_err(about)? {
            Done::Something => Ok(Found::Repaired),
            // Something else is there now, which has an event of its own.
            Done::Nothing | Done::NotYet => Ok(Found::Equal),
        }
    }

    /// Counts what became of keys, and tells what failed.
    fn count(&self, looked: u64, results: &mut Vec<Result<Found, Vec<Failure>>>) -> Reconciled {
        let mut counts = Reconciled {
            looked,
            ..Reconciled::default()
        };
        for result in results.drain(..) {
            match result {
                Ok(Found::Equal) => {}
                Ok(Found::Repaired) => counts.repaired += 1,
                Ok(Found::Foreign) => counts.foreign += 1,
                Err(failures) => {
                    counts.failed += 1;
                    if let Some(journal) = &self.journal {
                        failures.iter().for_each(|one| journal.failure("", one));
                    }
                }
            }
        }
        counts
    }

    fn tell(&self, counts: Reconciled) {
        if let Some(journal) = &self.journal {
            journal.counts(&[
                ("ReconcileLooked", counts.looked),
                ("ReconcileRepaired", counts.repaired),
                ("ReconcileFailed", counts.failed),
                ("ReconcileForeign", counts.foreign),
            ]);
        }
    }
}

fn one(failure: Failure) -> Vec<Failure> {
    vec![failure]
}

/// Whether the copy of this state is there, or is not to be.
fn is_copy(origin: &Origin<'_>, to: &Destination, key: &str, there: Option<&Object>) -> bool {
    let marker = Marker::of(origin, &to.bucket, key);
    marker::has_passed(origin, &to.bucket) || there.is_some_and(|there| marker.is_on(there))
}

/// The event to go on with, or at the end what all calls have counted.
fn answer(command: &Reconcile, after: Option<String>, counts: Reconciled, at_end: bool) -> Value {
    let so_far = command.so_far.and(counts);
    if at_end {
        return json!({ Reconciled::MEMBER: so_far });
    }
    let next = Reconcile {
        after,
        so_far,
        ..command.clone()
    };
    json!({ Reconcile::MEMBER: next })
}

/// The command in an event.
pub(super) fn command(reconcile: &Value) -> Result<Reconcile, Report> {
    let read = serde_json::from_value::<Reconcile>(reconcile.clone());
    read.map_err(|problem| {
        let message = format!("{}: {problem}", Reconcile::MEMBER);
        Failure::new(Class::UnreadableEvent, message).into()
    })
}
