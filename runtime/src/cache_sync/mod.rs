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
//! is what it wrote, or a later event is on its way. The item of an object that comes is written where
//! none is, and read only if there is one.
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

use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::intake::{Change, ObjectEvent};
use crate::journal::Journal;
use crate::work::{Outcome, Work};
pub use command::Progress;
use index::{Added, Index, Shelf};
use projection::{Projection, Row, Tags};
use settle::Settled;

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

/// What the events of one id say.
#[derive(Default)]
struct About {
    places: Keys,
    /// Whether an object has come and none has gone, so that there may be no row yet.
    is_new: bool,
}

/// What is known of the row of an id.
enum Known<R> {
    Unread,
    Found(Option<R>),
    /// Written here, and not yet said of its group.
    Written(R),
}

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
    ///
    /// A row that was written here is not read again. Whoever wrote another one since looks at the bucket afterwards,
    /// as is done here: the last who writes has seen that the bucket is what it wrote. Only where something was said of a
    /// group the row is read once more: it may be another one's by then, and that one's words were the right ones.
    async fn sync(&self, id: &str, about: &About, deadline: &Deadline) -> Result<bool, Failure> {
        let mut has_changed = false;
        let mut known = Known::Unread;
        if about.is_new && self.projection.is_likely(id) {
            known = self.add(&about.places, deadline).await?;
        }
        for _ in 0..ROUNDS {
            if let Known::Written(row) = &known {
                has_changed = true;
                // Said before the bucket is looked at again: what is said may be about an object that goes.
                if self.settle_group(id, Some(row), deadline).await? != Settled::Already {
                    let there = deadline.limit(self.index.row(id)).await?;
                    if there.as_ref() != Some(row) {
                        known = Known::Found(there);
                    }
                }
            }
            let is_ours = matches!(known, Known::Written(_));
            let is_now = match std::mem::replace(&mut known, Known::Unread) {
                Known::Unread => deadline.limit(self.index.row(id)).await?,
                Known::Found(row) => row,
                Known::Written(row) => Some(row),
            };
            let wanted = self.wanted(id, &about.places, is_now.as_ref(), deadline);
            let wanted = wanted.await?;
            if is_now == wanted {
                if is_ours {
                    return Ok(has_changed);
                }
                match self.settle_group(id, wanted.as_ref(), deadline).await? {
                    Settled::Already => return Ok(has_changed),
                    // What was said may be about a row that has gone since.
                    Settled::Raised | Settled::Lowered => has_changed = true,
                }
                continue;
            }
            let write = self.write(is_now.as_ref(), wanted.as_ref());
            let is_done = deadline.limit(write).await?;
            has_changed |= is_done;
            let mut is_known = is_done;
            if let Some(left) = left(is_now.as_ref(), wanted.as_ref()) {
                is_known &= self.settle(left, id, None, deadline).await? == Settled::Already;
            }
            // Whether a row has gone for good shows by reading it alone.
            if let Some(row) = wanted.filter(|_| is_known) {
                known = Known::Written(row);
            }
        }
        let message = format!("it was another one each of the {ROUNDS} times it was looked at");
        Err(Failure::new(Class::KeepsChanging, message))
    }

    /// Writes the row of an object that is said to be new where there is none yet, without a question before it.
    async fn add(&self, places: &Keys, deadline: &Deadline) -> Result<Known<P::Row>, Failure> {
        let Some(row) = self.newest_of(places, deadline).await? else {
            return Ok(Known::Unread);
        };
        Ok(match deadline.limit(self.index.add(&row)).await? {
            Added::Written => Known::Written(row),
            Added::Not(there) => Known::Found(there),
        })
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

    /// Says of the row's group what is to be said.
    async fn settle_group(
        &self,
        id: &str,
        row: Option<&P::Row>,
        deadline: &Deadline,
    ) -> Result<Settled, Failure> {
        let (group, own) = match row {
            None => (self.projection.group(id), None),
            Some(row) => row
                .group()
                .map(|(group, own)| (group.to_owned(), own))
                .unzip(),
        };
        match group {
            Some(group) => self.settle(&group, id, own, deadline).await,
            None => Ok(Settled::Already),
        }
    }

    /// Ids with what their events say, and which these are.
    fn ids(
        &self,
        events: &[ObjectEvent],
        outcomes: &mut [Outcome],
    ) -> BTreeMap<String, (About, Vec<usize>)> {
        let mut ids = BTreeMap::new();
        for (index, event) in events.iter().enumerate() {
            match self.id_of(event) {
                Err(failure) => outcomes[index] = Err(vec![failure]),
                Ok(None) => {}
                Ok(Some(id)) => {
                    let (about, indices): &mut (About, Vec<_>) =
                        ids.entry(id.to_owned()).or_default();
                    about.is_new =
                        event.change == Change::Created && (about.is_new || indices.is_empty());
                    about.places.insert(event.key.clone());
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
        let work = ids.iter().map(|(id, (about, indices))| async move {
            self.tell(id, &about.places);
            // Boxed: too deep for the compiler with all that calls it.
            (indices, Box::pin(self.sync(id, about, deadline)).await)
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
