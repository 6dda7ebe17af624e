//! `cache-sync`: the package index of a pypicloud server, kept equal to the bucket of its packages.
//!
//! pypicloud serves a Python package index out of a bucket, and remembers what is in it in DynamoDB or
//! Redis. Whatever comes into the bucket by another way than through that server, such as by
//! replication from another region, it does not see; this handler writes it into the index, in
//! pypicloud's own form.
//!
//! Events come late, twice and out of order, so an event only says which file to look at. The item of
//! that file is made what the bucket says *now*, by a write that fails if somebody else has written
//! since, and then the bucket is looked at again: whoever writes last has seen that the bucket still
//! is what it wrote, or a later event is on its way.
//!
//! An item's key is the file's name alone, and a bucket may hold that file under several keys: the one
//! that was written last counts, and when it goes, the others under the keys that pypicloud uses are
//! looked at. What is said about a name is that of its newest file. An object that is no package (by
//! its metadata and its name) is left out.
//!
//! | step | guards against |
//! |---|---|
//! | look at the object, write the item, look again | events out of order, two instances at once |
//! | conditional writes | an instance, or pypicloud itself, that wrote between reading and writing |
//! | the name of a newer file is said at once | nothing: it can only become newer |
//! | the name of an older file is said after two looks with a pause between, and checked after another | DynamoDB's index, which [lags behind](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.Writes) its table |
//!
//! What an index holds of an object is a [projection](projection::Projection) of its own: that of packages is
//! pypicloud's, a program of one's own may bring another, and all else here is the same for both.
//!
//! What cannot be known from one event, a rebuild finds: files under keys that pypicloud
//! does not use, of which the newest was removed, and the old name of a file that was renamed by its
//! metadata when the function ended between two writes.
//!
//! The function needs these rights: `s3:GetObject` on the objects and `s3:ListBucket` on the bucket;
//! `dynamodb:GetItem`, `PutItem` and `DeleteItem` on the tables, `Query` on the index `name-index`, and
//! for a rebuild `Scan` on the tables and `BatchGetItem` on that of the files; or with a secret
//! `secretsmanager:GetSecretValue`. A projection of tags needs `s3:GetObjectTagging`.

pub mod index;
pub mod item;
pub mod package;
pub mod projection;

mod command;
mod file_name;
mod rebuild;
mod settle;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::intake::{Change, ObjectEvent};
use crate::journal::Journal;
use crate::work::{Outcome, Work};
pub use command::Progress;
use index::{Index, Shelf};
use projection::{Projection, Row, Tags};

/// How often a file is looked at that changes each time.
const ROUNDS: usize = 10;

/// How many files are looked at at the same time.
const AT_ONCE: usize = 16;

/// The handler.
pub struct CacheSync<S, P, I> {
    shelf: S,
    projection: P,
    index: I,
    bucket: String,
    prefix: String,
    journal: Journal,
}

/// Keys under which an object of an id may be in the bucket, besides those that the projection knows.
type Keys = BTreeSet<String>;

impl<S: Shelf, P: Projection, I: Index<Row = P::Row>> CacheSync<S, P, I> {
    /// Keeps `index` equal to what the projection makes of the `bucket`, of which only keys that begin with
    /// `prefix` count.
    pub fn new(
        shelf: S,
        (projection, index): (P, I),
        bucket: &str,
        prefix: &str,
        journal: Journal,
    ) -> Self {
        Self {
            shelf,
            projection,
            index,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            journal,
        }
    }

    /// Whether an event may have changed a row: by its name, wherever its object is.
    fn counts(event: &ObjectEvent) -> bool {
        event.change != Change::Other || (P::TAGS && is_of_tags(&event.name))
    }

    /// The id of the row that a key is about; nothing if it is about none here.
    fn id<'a>(&self, key: &'a str) -> Option<&'a str> {
        let id = self.projection.id(key);
        (key.starts_with(&self.prefix) && !id.is_empty()).then_some(id)
    }

    /// The id that an event is about, if it is about one.
    fn id_of<'a>(&self, event: &'a ObjectEvent) -> Result<Option<&'a str>, Failure> {
        if !Self::counts(event) {
            return Ok(None);
        }
        if event.bucket != self.bucket {
            let message = format!("an event of another bucket, expected {}", self.bucket);
            return Err(Failure::new(Class::Refused, message).of(event));
        }
        Ok(self.id(&event.key))
    }

    /// Makes the index say of an id what the bucket says. True if it did not.
    async fn sync(&self, id: &str, places: &Keys, deadline: &Deadline) -> Result<bool, Failure> {
        let mut has_changed = false;
        for _ in 0..ROUNDS {
            let is_now = deadline.limit(self.index.row(id)).await?;
            let wanted = self.wanted(id, places, is_now.as_ref(), deadline).await?;
            let is_right = is_now == wanted;
            if !is_right {
                let write = self.write(is_now.as_ref(), wanted.as_ref());
                let is_written = deadline.limit(write).await?;
                has_changed |= is_written;
                if let Some(left) = left(is_now.as_ref(), wanted.as_ref()) {
                    let _ = self.settle(left, id, None, deadline).await?;
                }
                // What is written now is said of its group at once, and one more look does for both. Whether a row has
                // gone for good shows by that look alone.
                if !is_written || wanted.is_none() {
                    continue;
                }
            }
            match self.settle_group(id, wanted.as_ref(), deadline).await? {
                ControlFlow::Break(()) if is_right => return Ok(has_changed),
                ControlFlow::Break(()) => {}
                // What was said may be about a row that has gone since.
                ControlFlow::Continue(()) => has_changed = true,
            }
        }
        let message = format!("it was another one each of the {ROUNDS} times it was looked at");
        Err(Failure::new(Class::KeepsChanging, message))
    }

    async fn write(&self, was: Option<&P::Row>, new: Option<&P::Row>) -> Result<bool, Failure> {
        match (was, new) {
            (_, Some(new)) => self.index.put(new, was).await,
            (Some(was), None) => self.index.remove(was).await,
            (None, None) => Ok(false),
        }
    }

    /// The row of what the bucket holds under an id: of several objects that of the newest.
    ///
    /// Whatever lies under another key had an event of its own, which compared it with what the index
    /// said. So other keys matter only when nothing is left under those that are known.
    async fn wanted(
        &self,
        id: &str,
        places: &Keys,
        is_now: Option<&P::Row>,
        deadline: &Deadline,
    ) -> Result<Option<P::Row>, Failure> {
        let mut keys = places.clone();
        let named = is_now
            .map(Row::key)
            .filter(|key| self.projection.id(key) == id);
        keys.extend(named.map(str::to_owned));
        if let Some(found) = self.newest_of(&keys, deadline).await? {
            return Ok(Some(found));
        }
        let others = self.projection.other_keys(id).into_iter();
        let others = others.filter(|key| !keys.contains(key)).collect();
        self.newest_of(&others, deadline).await
    }

    async fn newest_of(&self, keys: &Keys, deadline: &Deadline) -> Result<Option<P::Row>, Failure> {
        let looks = keys.iter().map(|key| self.row_of(key, deadline));
        let rows = try_join_all(looks).await?.into_iter().flatten();
        Ok(rows.max_by(|left, right| {
            (left.modified(), left.key()).cmp(&(right.modified(), right.key()))
        }))
    }

    /// The row of what is under a key now.
    async fn row_of(&self, key: &str, deadline: &Deadline) -> Result<Option<P::Row>, Failure> {
        let about = |failure: Failure| failure.about(&self.bucket, key);
        let object = deadline.limit(self.shelf.look(key)).await.map_err(about)?;
        let Some(object) = object else {
            return Ok(None);
        };
        if !P::TAGS {
            return Ok(self.projection.row(key, &object, &Tags::new()));
        }
        let tags = deadline.limit(self.shelf.tags(key, &object)).await;
        // What has changed meanwhile is looked at again: the row that is written now is not the last.
        let tags = tags.map_err(about)?;
        Ok(tags.and_then(|tags| self.projection.row(key, &object, &tags)))
    }

    /// Says of the row's group what is to be said. Goes on if it had to.
    async fn settle_group(
        &self,
        id: &str,
        row: Option<&P::Row>,
        deadline: &Deadline,
    ) -> Result<ControlFlow<()>, Failure> {
        let (group, own) = match row {
            None => (self.projection.group(id), None),
            Some(row) => row
                .group()
                .map(|(group, own)| (group.to_owned(), own))
                .unzip(),
        };
        match group {
            Some(group) => self.settle(&group, id, own, deadline).await,
            None => Ok(ControlFlow::Break(())),
        }
    }

    /// Ids with the keys and the places of their events.
    fn ids(
        &self,
        events: &[ObjectEvent],
        outcomes: &mut [Outcome],
    ) -> BTreeMap<String, (Keys, Vec<usize>)> {
        let mut ids = BTreeMap::new();
        for (index, event) in events.iter().enumerate() {
            match self.id_of(event) {
                Err(failure) => outcomes[index] = Err(vec![failure]),
                Ok(None) => {}
                Ok(Some(id)) => {
                    let empty = || (Keys::new(), Vec::new());
                    let (places, indices) = ids.entry(id.to_owned()).or_insert_with(empty);
                    places.insert(event.key.clone());
                    indices.push(index);
                }
            }
        }
        ids
    }

    /// Tells of a file that is no package, which is no failure: buckets hold other things too.
    fn tell(&self, id: &str, places: &Keys) {
        if !self.projection.is_likely(id) {
            let keys: Vec<_> = places.iter().collect();
            let message = "the name of the file does not tell of a package";
            self.journal
                .info("", message, json!({"bucket": self.bucket, "keys": keys}));
        }
    }

    /// Counts the events that need nothing here, since their keys begin otherwise or are none of files, and
    /// those of files that are no packages by their names.
    fn count_skipped(&self, events: &[ObjectEvent]) {
        let changes = events
            .iter()
            .filter(|event| Self::counts(event) && event.bucket == self.bucket);
        let (mut elsewhere, mut unnamed) = (0, 0);
        for event in changes {
            match self.id(&event.key) {
                None => elsewhere += 1,
                Some(id) => unnamed += u64::from(!self.projection.is_likely(id)),
            }
        }
        if elsewhere + unnamed > 0 {
            let counts = [("KeysElsewhere", elsewhere), ("FilesNotPackages", unnamed)];
            self.journal.counts(&counts);
        }
    }
}

/// The group that a row was in and is no longer.
fn left<'a, R: Row>(was: Option<&'a R>, wanted: Option<&R>) -> Option<&'a str> {
    let group = |row: &'a R| row.group().map(|(group, _)| group);
    let now = wanted.and_then(Row::group).map(|(group, _)| group);
    was.and_then(group).filter(|old| now != Some(old))
}

/// Whether an event tells of tags, by a notification or by EventBridge.
fn is_of_tags(name: &str) -> bool {
    name.starts_with("ObjectTagging:") || name.starts_with("Object Tags ")
}

impl<S: Shelf, P: Projection, I: Index<Row = P::Row>> Work for CacheSync<S, P, I> {
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome> {
        let mut outcomes = vec![Ok(()); events.len()];
        let ids = self.ids(events, &mut outcomes);
        self.count_skipped(events);
        let work = ids.iter().map(|(id, (places, indices))| async move {
            self.tell(id, places);
            // Boxed: too deep for the compiler with all that calls it.
            (indices, Box::pin(self.sync(id, places, deadline)).await)
        });
        let mut done = stream::iter(work).buffer_unordered(AT_ONCE);
        while let Some((indices, result)) = done.next().await {
            for index in indices {
                let failed = |failure: Failure| vec![failure.of(&events[*index])];
                outcomes[*index] = result.clone().map(|_| ()).map_err(failed);
            }
        }
        outcomes
    }

    async fn command(&self, event: &Value, deadline: &Deadline) -> Option<Result<Value, Report>> {
        let command = command::read(event)?;
        Some(match command {
            Ok(command) => Box::pin(self.obey(&command, deadline)).await,
            Err(failure) => Err(failure.into()),
        })
    }
}

#[cfg(test)]
mod tests;
