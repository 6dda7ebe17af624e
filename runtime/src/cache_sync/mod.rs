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
//! What cannot be known from one event, [a rebuild](Rebuild) finds: files under keys that pypicloud
//! does not use, of which the newest was removed, and the old name of a file that was renamed by its
//! metadata when the function ended between two writes.
//!
//! The function needs these rights: `s3:GetObject` on the objects and `s3:ListBucket` on the bucket;
//! `dynamodb:GetItem`, `PutItem` and `DeleteItem` on the tables, `Query` on the index `name-index`, and
//! for a rebuild `Scan` on the tables and `BatchGetItem` on that of the files; or with a secret
//! `secretsmanager:GetSecretValue`.

pub mod index;
pub mod package;

mod file_name;
mod rebuild;
mod settle;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use cloudwright_contract::Rebuild;
use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::intake::{Change, ObjectEvent};
use crate::journal::Journal;
use crate::work::{Outcome, Work};
use index::{Index, Shelf};
use package::{Package, file_of, name_of, usual_keys};

/// How often a file is looked at that changes each time.
const ROUNDS: usize = 10;

/// How many files are looked at at the same time.
const AT_ONCE: usize = 16;

/// The handler.
pub struct CacheSync<S, I> {
    shelf: S,
    index: I,
    bucket: String,
    prefix: String,
    journal: Journal,
}

/// Keys under which a file may be in the bucket, besides those that pypicloud uses.
type Keys = BTreeSet<String>;

impl<S: Shelf, I: Index> CacheSync<S, I> {
    /// Keeps `index` equal to the `bucket`, of which only keys that begin with `prefix` count.
    pub fn new(shelf: S, index: I, bucket: &str, prefix: &str, journal: Journal) -> Self {
        Self {
            shelf,
            index,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            journal,
        }
    }

    /// The file that an event is about, if it is about one.
    fn file<'a>(&self, event: &'a ObjectEvent) -> Result<Option<&'a str>, Failure> {
        if event.change == Change::Other {
            return Ok(None);
        }
        if event.bucket != self.bucket {
            let message = format!("an event of another bucket, expected {}", self.bucket);
            return Err(Failure::new(Class::Refused, message).of(event));
        }
        let file = file_of(&event.key);
        Ok((event.key.starts_with(&self.prefix) && !file.is_empty()).then_some(file))
    }

    /// Makes the index say of a file what the bucket says. True if it did not.
    async fn sync(&self, file: &str, places: &Keys, deadline: &Deadline) -> Result<bool, Failure> {
        let mut has_changed = false;
        for _ in 0..ROUNDS {
            let is_now = deadline.limit(self.index.package(file)).await?;
            let wanted = self.wanted(file, places, is_now.as_ref(), deadline).await?;
            if is_now != wanted {
                has_changed |= deadline
                    .limit(self.write(is_now.as_ref(), wanted.as_ref()))
                    .await?;
                if let Some(old) =
                    is_now.filter(|old| Some(&old.name) != wanted.as_ref().map(|new| &new.name))
                {
                    let _ = self.settle(&old.name, file, None, deadline).await?;
                }
                continue;
            }
            match self.settle_file(file, wanted.as_ref(), deadline).await? {
                ControlFlow::Break(()) => return Ok(has_changed),
                // What was said may be about a file that has gone since.
                ControlFlow::Continue(()) => has_changed = true,
            }
        }
        let message = format!("it was another package each of the {ROUNDS} times it was looked at");
        Err(Failure::new(Class::KeepsChanging, message))
    }

    async fn write(&self, was: Option<&Package>, new: Option<&Package>) -> Result<bool, Failure> {
        match (was, new) {
            (_, Some(new)) => self.index.put(new, was).await,
            (Some(was), None) => self.index.remove(was).await,
            (None, None) => Ok(false),
        }
    }

    /// The package that the bucket holds under a file's name: of several the newest.
    ///
    /// Whatever lies under another key had an event of its own, which compared it with what the index
    /// said. So other keys matter only when nothing is left under those that are known.
    async fn wanted(
        &self,
        file: &str,
        places: &Keys,
        is_now: Option<&Package>,
        deadline: &Deadline,
    ) -> Result<Option<Package>, Failure> {
        let mut keys = places.clone();
        let named = is_now
            .map(Package::path)
            .filter(|path| file_of(path) == file);
        keys.extend(named.map(str::to_owned));
        if let Some(found) = self.newest_of(&keys, deadline).await? {
            return Ok(Some(found));
        }
        let usual = usual_keys(&self.prefix, file).into_iter();
        let others = usual.filter(|key| !keys.contains(key)).collect();
        self.newest_of(&others, deadline).await
    }

    async fn newest_of(
        &self,
        keys: &Keys,
        deadline: &Deadline,
    ) -> Result<Option<Package>, Failure> {
        let looks = keys.iter().map(|key| async move {
            let object = deadline.limit(self.shelf.look(key)).await;
            let object = object.map_err(|failure| failure.about(&self.bucket, key))?;
            Ok::<_, Failure>(object.and_then(|object| Package::of(key, &object)))
        });
        let packages = try_join_all(looks).await?.into_iter().flatten();
        Ok(packages.max_by(|left, right| {
            (left.modified, left.path()).cmp(&(right.modified, right.path()))
        }))
    }

    /// Says of the file's name what is to be said. Goes on if it had to.
    async fn settle_file(
        &self,
        file: &str,
        package: Option<&Package>,
        deadline: &Deadline,
    ) -> Result<ControlFlow<()>, Failure> {
        let name = package.map_or_else(|| name_of(file), |package| Some(package.name.clone()));
        let Some(name) = name else {
            return Ok(ControlFlow::Break(()));
        };
        let own = package.map(Package::as_summary);
        self.settle(&name, file, own, deadline).await
    }

    /// Files with the keys and the places of their events.
    fn files(
        &self,
        events: &[ObjectEvent],
        outcomes: &mut [Outcome],
    ) -> BTreeMap<String, (Keys, Vec<usize>)> {
        let mut files = BTreeMap::new();
        for (index, event) in events.iter().enumerate() {
            match self.file(event) {
                Err(failure) => outcomes[index] = Err(vec![failure]),
                Ok(None) => {}
                Ok(Some(file)) => {
                    let empty = || (Keys::new(), Vec::new());
                    let (places, indices) = files.entry(file.to_owned()).or_insert_with(empty);
                    places.insert(event.key.clone());
                    indices.push(index);
                }
            }
        }
        files
    }

    /// Tells of a file that is no package, which is no failure: buckets hold other things too.
    fn tell(&self, file: &str, places: &Keys) {
        if name_of(file).is_none() {
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
            .filter(|event| event.change != Change::Other && event.bucket == self.bucket);
        let (mut elsewhere, mut unnamed) = (0, 0);
        for event in changes {
            let file = file_of(&event.key);
            match event.key.starts_with(&self.prefix) && !file.is_empty() {
                false => elsewhere += 1,
                true => unnamed += u64::from(name_of(file).is_none()),
            }
        }
        if elsewhere + unnamed > 0 {
            let counts = [("KeysElsewhere", elsewhere), ("FilesNotPackages", unnamed)];
            self.journal.counts(&counts);
        }
    }
}

impl<S: Shelf, I: Index> Work for CacheSync<S, I> {
    async fn handle(&self, events: &[ObjectEvent], deadline: &Deadline) -> Vec<Outcome> {
        let mut outcomes = vec![Ok(()); events.len()];
        let files = self.files(events, &mut outcomes);
        self.count_skipped(events);
        let work = files.iter().map(|(file, (places, indices))| async move {
            self.tell(file, places);
            // Boxed: too deep for the compiler with all that calls it.
            (indices, Box::pin(self.sync(file, places, deadline)).await)
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
        let rebuild = event.get(Rebuild::MEMBER)?;
        let rebuilt = match command(rebuild) {
            Ok(rebuild) => Box::pin(self.rebuild(&rebuild, deadline)).await,
            Err(problem) => Err(Report::from(Failure::new(
                Class::UnreadableEvent,
                format!("{}: {problem}", Rebuild::MEMBER),
            ))),
        };
        Some(rebuilt.map(|rebuilt| serde_json::to_value(rebuilt).unwrap_or_default()))
    }
}

/// An object only: a list would do too if its reader were asked.
fn command(rebuild: &Value) -> Result<Rebuild, String> {
    if !rebuild.is_object() {
        return Err(format!("got {rebuild}, expected an object such as {{}}"));
    }
    serde_json::from_value(rebuild.clone()).map_err(|problem| problem.to_string())
}

#[cfg(test)]
mod tests;
