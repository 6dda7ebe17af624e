//! Everything compared with everything: what repairs a replica when events were lost, or somebody
//! changed it.
//!
//! The source and each replica are [walked through](super::walk) together. What the lists say to be
//! equal is taken for it: whoever changes the metadata of a copy, and nothing else, is not found out.
//! The rest is looked at: a copy in parts has another entity tag than its object, and bears a mark.
//!
//! | in the source | in a replica | done |
//! |---|---|---|
//! | an object | one of the same entity tag and size that is not older, or its copy by its mark | nothing |
//! | an object | anything else, or nothing | as after an event of the object |
//! | nothing | a copy of what was there, by its mark | as after a removal, if it still is that copy |
//! | nothing | anything else | nothing: it is somebody else's |

use cloudwright_contract::{Deletion, Destination, Reconcile};
use serde_json::Value;

use super::listing::{Entry, Listing};
use super::marker::{self, Marker};
use super::store::{Object, Origin, Over, Store, Stores};
use super::walk::{Found, Item, Judge, Walk};
use super::{Done, Replicator, Subject, done, key_at, transfer};
use crate::deadline::Deadline;
use crate::failure::{Failure, Report};

/// What decides about copies.
struct Copies<'a, S> {
    replicator: &'a Replicator<S>,
    walk: &'a Walk<'a, S>,
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
        let walk = Walk {
            stores: &self.stores,
            plan: &self.plan,
            journal: self.journal.as_ref(),
            command,
        };
        let copies = Copies {
            replicator: self,
            walk: &walk,
        };
        walk.run(&copies, deadline).await
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
        let places = places.filter(|(to, there)| there.is_some() && to.deletion != Deletion::Keep);
        for (to, _) in places {
            match self.remove_copy(subject, to, deadline).await.map_err(one)? {
                Found::Repaired => found = Found::Repaired,
                Found::Left if found == Found::Equal => found = Found::Left,
                Found::Left | Found::Equal => {}
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
            return Ok(Found::Left);
        }
        if to.deletion == Deletion::Erase {
            let erasure = deadline.limit(store.erase(&to.bucket, &key));
            erasure.await.map_err(about)?;
            return Ok(Found::Repaired);
        }
        let removal = store.remove(&to.bucket, &key, Over::Etag(&there.etag));
        match done(transfer::within(deadline, removal).await).map_err(about)? {
            Done::Something => Ok(Found::Repaired),
            // Something else is there now, which has an event of its own.
            Done::Nothing | Done::NotYet => Ok(Found::Equal),
        }
    }
}

impl<S: Stores> Judge for Copies<'_, S>
where
    S::Store: Listing,
{
    fn is_equal(&self, item: &Item) -> bool {
        match &item.source {
            Some(entry) => item.there.iter().all(|there| is_same(entry, there)),
            None => {
                let destinations = self.replicator.plan.destinations.iter();
                let mut places = destinations.zip(&item.there);
                places.all(|(to, there)| there.is_none() || to.deletion == Deletion::Keep)
            }
        }
    }

    async fn settle(&self, item: &Item, deadline: &Deadline) -> Result<Found, Vec<Failure>> {
        let replicator = self.replicator;
        let subject = self.walk.subject(&item.key);
        let state = replicator.look(subject, deadline).await.map_err(one)?;
        let Some(object) = state else {
            return replicator.remove_copies(subject, item, deadline).await;
        };
        let origin = Origin {
            bucket: subject.bucket,
            key: subject.key,
            region: subject.region,
            object: &object,
        };
        let places = replicator.peek_all(subject, deadline).await;
        let mut is_equal = true;
        for place in places {
            let there = place.found.unwrap_or(Ok(None)).map_err(one)?;
            is_equal &= is_copy(&origin, place.to, &place.key, there.as_ref());
        }
        if is_equal {
            return Ok(Found::Equal);
        }
        replicator.replicate(subject, false, deadline).await?;
        Ok(Found::Repaired)
    }
}

/// Whether a list shows the copy of an entry.
fn is_same(entry: &Entry, there: &Option<Entry>) -> bool {
    // What was written later may have other headers, even if the content is the same.
    let is_later = |there: &Entry| there.modified >= entry.modified;
    entry.is_alike(there.as_ref()) && there.as_ref().is_some_and(is_later)
}

fn one(failure: Failure) -> Vec<Failure> {
    vec![failure]
}

/// Whether the copy of this state is there, or is not to be.
fn is_copy(origin: &Origin<'_>, to: &Destination, key: &str, there: Option<&Object>) -> bool {
    let marker = Marker::of(origin, &to.bucket, key);
    marker::has_passed(origin, &to.bucket) || there.is_some_and(|there| marker.is_on(there))
}
