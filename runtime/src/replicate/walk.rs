//! One walk through the lists of several buckets, as far as the time of a call goes.
//!
//! Every bucket lists its objects in the order of their keys, so one walk through all lists sees every
//! key once and holds a page of each, however many objects there are. What the lists show to be equal
//! is passed by; what is to be done about the rest, a judge knows: of copies in
//! [`reconcile`](super::reconcile), of buckets that are all written to in
//! [`two_way::reconcile`](super::two_way::reconcile).
//!
//! A call ends when its time does, and answers with the key to go on after. Up to there everything is
//! done; what was begun behind it is found done the next time.

use cloudwright_contract::{Destination, Reconcile, Reconciled, Replicate};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Subject;
use super::listing::{Entry, Listing, Reader};
use super::store::Stores;
use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::journal::Journal;

/// How many keys are walked past before the place is remembered, if nothing has to be done for them.
const WINDOW: usize = 10_000;

/// A key, and what the lists say of it.
pub(super) struct Item {
    pub(super) key: String,
    pub(super) source: Option<Entry>,
    /// By destination.
    pub(super) there: Vec<Option<Entry>>,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing had to be done.
    Equal,
    /// Something was done.
    Repaired,
    /// Something is otherwise than elsewhere, and stays so.
    Left,
}

/// Who knows what is to be done about a key.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub(super) trait Judge {
    /// Whether the lists alone show that nothing has to be done.
    fn is_equal(&self, item: &Item) -> bool;

    /// Looks at a key, and does what has to be done.
    ///
    /// # Errors
    /// What could not be done.
    async fn settle(&self, item: &Item, deadline: &Deadline) -> Result<Found, Vec<Failure>>;
}

/// What is walked through.
pub(super) struct Walk<'a, S> {
    pub(super) stores: &'a S,
    pub(super) plan: &'a Replicate,
    /// Where is told what was found.
    pub(super) journal: Option<&'a Journal>,
    pub(super) command: &'a Reconcile,
}

/// All lists.
struct Lists<'a, L> {
    source: Reader<'a, L>,
    destinations: Vec<(&'a Destination, Reader<'a, L>)>,
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

impl<'a, S: Stores> Walk<'a, S>
where
    S::Store: Listing,
{
    /// The object with this key, in the bucket that the command names.
    pub(super) fn subject<'k>(&self, key: &'k str) -> Subject<'k>
    where
        'a: 'k,
    {
        Subject {
            bucket: &self.command.bucket,
            key,
            region: self.stores.own_region(),
        }
    }

    /// Looks at all objects, as long as there is time; gives what to answer.
    ///
    /// # Errors
    /// If a list cannot be read. An object that cannot be repaired is counted and told of, and the
    /// walk goes on.
    pub(super) async fn run(
        &self,
        judge: &impl Judge,
        deadline: &Deadline,
    ) -> Result<Value, Report> {
        let command = self.command;
        let mut lists = self.lists();
        let mut counts = Reconciled::default();
        let mut after = command.after.clone();
        let at_end = loop {
            let window = self.window(judge, &mut lists, deadline).await;
            let (looked, items, last) = match window {
                Ok(Some(window)) => window,
                Ok(None) => break true,
                Err(failure)
                    if failure.class == Class::DeadlineReached && after != command.after =>
                {
                    break false;
                }
                Err(failure) => return Err(failure.into()),
            };
            let work = items.iter().map(|item| judge.settle(item, deadline));
            let results = join_all(work).await;
            // What a whole call was too short for, the next one would be, too: that counts as failed.
            let has_moved = after != command.after || results.contains(&Ok(Found::Repaired));
            if has_moved && results.iter().any(is_late) {
                // The next call looks at these again, and finds what was repaired to be equal.
                let repaired = results
                    .into_iter()
                    .filter(|one| *one == Ok(Found::Repaired));
                counts = counts.and(self.count(0, repaired.collect()));
                break false;
            }
            counts = counts.and(self.count(looked, results));
            after = Some(last);
            if deadline.remaining().is_zero() {
                break false;
            }
        };
        self.tell(counts);
        Ok(answer(command, after, counts, at_end))
    }

    fn lists(&self) -> Lists<'a, S::Store> {
        let own = self.stores.of(self.stores.own_region());
        let (prefix, after) = (&self.command.prefix, &self.command.after);
        let destinations = self.plan.destinations.iter().map(|to| {
            let put = |key: &String| format!("{}{key}", to.prefix);
            let store = self.stores.of(&to.region);
            let reader = Reader::new(store, &to.bucket, put(prefix), after.as_ref().map(put));
            (to, reader.except(self.below(to)))
        });
        Lists {
            source: Reader::new(own, &self.command.bucket, prefix.clone(), after.clone()),
            destinations: destinations.collect(),
        }
    }

    /// The prefixes of other destinations that are below that of this one, in the same bucket.
    fn below(&self, to: &Destination) -> Vec<&'a str> {
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
        judge: &impl Judge,
        lists: &mut Lists<'_, S::Store>,
        deadline: &Deadline,
    ) -> Result<Option<(u64, Vec<Item>, String)>, Failure> {
        let at_once = usize::try_from(self.plan.concurrency).unwrap_or(usize::MAX);
        let (mut looked, mut last, mut items) = (0, None, Vec::new());
        for _ in 0..WINDOW {
            let Some(item) = lists.next(deadline).await? else {
                break;
            };
            last = Some(item.key.clone());
            let skipped = self.plan.skip.iter().any(|skip| skip.matches(&item.key));
            if skipped || !item.key.ends_with(&self.command.suffix) {
                continue;
            }
            looked += 1;
            if !judge.is_equal(&item) {
                items.push(item);
            }
            if items.len() >= at_once {
                break;
            }
        }
        Ok(last.map(|last| (looked, items, last)))
    }

    /// Counts what became of keys, and tells what failed.
    fn count(&self, looked: u64, results: Vec<Result<Found, Vec<Failure>>>) -> Reconciled {
        let mut counts = Reconciled {
            looked,
            ..Reconciled::default()
        };
        for result in results {
            match result {
                Ok(Found::Equal) => {}
                Ok(Found::Repaired) => counts.repaired += 1,
                Ok(Found::Left) => counts.foreign += 1,
                Err(failures) => {
                    counts.failed += 1;
                    if let Some(journal) = self.journal {
                        failures.iter().for_each(|one| journal.failure("", one));
                    }
                }
            }
        }
        counts
    }

    fn tell(&self, counts: Reconciled) {
        if let Some(journal) = self.journal {
            journal.counts(&[
                ("ReconcileLooked", counts.looked),
                ("ReconcileRepaired", counts.repaired),
                ("ReconcileFailed", counts.failed),
                ("ReconcileForeign", counts.foreign),
            ]);
        }
    }
}

/// Whether there was no time left for it.
fn is_late(result: &Result<Found, Vec<Failure>>) -> bool {
    let failures = result.as_ref().err();
    failures.is_some_and(|all| all.iter().any(|one| one.class == Class::DeadlineReached))
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
