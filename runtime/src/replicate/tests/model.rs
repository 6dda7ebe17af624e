//! A model of S3: buckets with and without versions, requests that take their time, fail before or
//! after they did their work, and see what others do meanwhile.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use super::super::marker;
use super::super::store::{Copy, Headers, Object, Origin, Part, Stop, Store, Stores, Upload};
use crate::failure::{Class, Failure};
use crate::intake::{Change, ObjectEvent, Sequencer};

pub(super) const SOURCE: &str = "source";

/// What a request does besides its work.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Work { pauses: u8 },
    FailBefore,
    FailAfter,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) object: Object,
    pub(super) tags: Vec<(String, String)>,
}

/// The versions of an object, the current one last; `None` is a delete marker.
type Versions = Vec<(String, Option<Stored>)>;

#[derive(Debug, Default)]
struct State {
    buckets: BTreeMap<String, BTreeMap<String, Versions>>,
    script: Vec<Fate>,
    uploads: BTreeMap<String, Parts>,
    writes: u32,
    requests: Vec<String>,
}

#[derive(Debug)]
struct Parts {
    stored: Stored,
    bytes: u64,
}

#[derive(Debug)]
pub(super) struct World {
    state: Mutex<State>,
    has_versions: bool,
}

impl World {
    pub(super) fn new(has_versions: bool, mut script: Vec<Fate>) -> Self {
        script.reverse();
        let state = State {
            script,
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            has_versions,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The requests so far, such as `copy replica/key`.
    pub(super) fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// Copies in parts that were neither completed nor given up.
    pub(super) fn open_uploads(&self) -> usize {
        self.state().uploads.len()
    }

    /// The objects of a bucket, without the marks of copies.
    pub(super) fn objects(&self, bucket: &str) -> BTreeMap<String, Stored> {
        let state = self.state();
        let keys = state.buckets.get(bucket).into_iter().flatten();
        let current = keys.filter_map(|(key, versions)| {
            let mut stored = versions.last()?.1.clone()?;
            stored.object.metadata.remove(marker::ENTRY);
            Some((key.clone(), stored))
        });
        current.collect()
    }

    /// What two buckets have to agree on: all but version and time.
    pub(super) fn content(&self, bucket: &str) -> BTreeMap<String, Stored> {
        let mut objects = self.objects(bucket);
        for stored in objects.values_mut() {
            stored.object.version_id = None;
            stored.object.modified = 0;
        }
        objects
    }

    /// Somebody stores an object.
    pub(super) fn put(&self, bucket: &str, key: &str, content: u8) -> ObjectEvent {
        // Every other write looks the same, so that a state can come back.
        let writes = self.state().writes % 2;
        let object = Object {
            etag: format!("\"{content}\""),
            size: u64::from(content) * 4,
            headers: Headers {
                content_type: Some(format!("type/{writes}")),
                ..Headers::default()
            },
            metadata: BTreeMap::from([("number".to_owned(), writes.to_string())]),
            ..Object::default()
        };
        // Another write of the same content has the same tags: nothing announces a change of tags.
        let tags = vec![("content".to_owned(), content.to_string())];
        let version = self.write(bucket, key, Some(Stored { object, tags }));
        self.event("ObjectCreated:Put", bucket, key, version)
    }

    /// Somebody removes an object.
    pub(super) fn delete(&self, bucket: &str, key: &str) -> ObjectEvent {
        let version = self.write(bucket, key, None);
        let name = match self.has_versions {
            true => "ObjectRemoved:DeleteMarkerCreated",
            false => "ObjectRemoved:Delete",
        };
        self.event(name, bucket, key, version)
    }

    /// Somebody removes the current version, or the delete marker, for good.
    pub(super) fn delete_version(&self, bucket: &str, key: &str) -> ObjectEvent {
        let mut state = self.state();
        let versions = state.buckets.entry(bucket.to_owned()).or_default();
        let removed = versions.get_mut(key).and_then(Vec::pop);
        drop(state);
        let version = removed.map(|(version, _)| version);
        self.event("ObjectRemoved:Delete", bucket, key, version)
    }

    fn write(&self, bucket: &str, key: &str, stored: Option<Stored>) -> Option<String> {
        let mut state = self.state();
        state.writes += 1;
        let number = state.writes;
        let version = format!("v{number}");
        let id = self.has_versions.then(|| version.clone());
        let stored = stored.map(|mut stored| {
            stored.object.version_id.clone_from(&id);
            // Several writes have the same second.
            stored.object.modified = i64::from(number / 4);
            stored
        });
        let bucket = state.buckets.entry(bucket.to_owned()).or_default();
        let versions = bucket.entry(key.to_owned()).or_default();
        if !self.has_versions {
            versions.clear();
        }
        versions.push((version, stored));
        id
    }

    fn event(
        &self,
        name: &str,
        bucket: &str,
        key: &str,
        version_id: Option<String>,
    ) -> ObjectEvent {
        ObjectEvent {
            change: Change::named(name),
            name: name.to_owned(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            region: None,
            time: None,
            size: None,
            etag: None,
            version_id,
            sequencer: Sequencer::new(&format!("{:08x}", self.state().writes)),
            principal: None,
        }
    }

    fn current(&self, bucket: &str, key: &str) -> Option<Stored> {
        let state = self.state();
        state.buckets.get(bucket)?.get(key)?.last()?.1.clone()
    }

    /// What an origin names, if it still is so.
    fn pinned(&self, origin: &Origin<'_>) -> Result<Stored, Stop> {
        let found = match &origin.object.version_id {
            None => self.current(origin.bucket, origin.key),
            Some(wanted) => {
                let state = self.state();
                let versions = (state.buckets.get(origin.bucket))
                    .and_then(|keys| keys.get(origin.key))
                    .into_iter()
                    .flatten();
                let mut found = versions.filter(|(version, _)| version == wanted);
                found.next().and_then(|(_, stored)| stored.clone())
            }
        };
        found
            .filter(|stored| stored.object.etag == origin.object.etag)
            .ok_or(Stop::Changed)
    }

    /// Does a request as its fate wants it: `read` sees one moment, `write` a later one.
    async fn request<T>(
        &self,
        name: String,
        read: impl FnOnce() -> Result<T, Stop>,
        write: impl FnOnce(&T),
    ) -> Result<T, Stop> {
        let fate = {
            let mut state = self.state();
            state.requests.push(name);
            state.script.pop().unwrap_or(Fate::Work { pauses: 0 })
        };
        let failure = |text| Stop::Failed(Failure::new(Class::ServiceFailed, text));
        let pauses = match fate {
            Fate::FailBefore => return Err(failure("before")),
            Fate::FailAfter => 1,
            Fate::Work { pauses } => pauses,
        };
        for _ in 0..pauses / 4 {
            tokio::task::yield_now().await;
        }
        let value = read()?;
        for _ in 0..pauses {
            tokio::task::yield_now().await;
        }
        write(&value);
        match fate {
            Fate::FailAfter => Err(failure("after")),
            _ => Ok(value),
        }
    }

    async fn sure<T>(
        &self,
        name: String,
        read: impl FnOnce() -> T,
        write: impl FnOnce(&T),
    ) -> Result<T, Failure> {
        match self.request(name, || Ok(read()), write).await {
            Ok(value) => Ok(value),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Changed) => unreachable!("nothing here compares states"),
        }
    }
}

/// What is stored when `copy` is made of something with these tags.
fn copied(origin: &Origin<'_>, copy: &Copy<'_>, tags: Vec<(String, String)>) -> Stored {
    let object = Object {
        storage_class: copy.storage_class.map(str::to_owned),
        headers: copy.headers.clone(),
        metadata: copy.metadata.clone(),
        ..origin.object.clone()
    };
    Stored { object, tags }
}

impl Store for &World {
    async fn look(&self, bucket: &str, key: &str) -> Result<Option<Object>, Failure> {
        let read = || self.current(bucket, key).map(|stored| stored.object);
        self.sure(format!("look {bucket}/{key}"), read, |_| {})
            .await
    }

    async fn peek(&self, bucket: &str, key: &str) -> Result<Option<Object>, Failure> {
        self.look(bucket, key).await
    }

    async fn tags(&self, origin: &Origin<'_>) -> Result<Vec<(String, String)>, Stop> {
        let read = || self.pinned(origin).map(|stored| stored.tags);
        self.request(format!("tags {}", origin.key), read, |_| {})
            .await
    }

    async fn copy(&self, origin: &Origin<'_>, copy: &Copy<'_>) -> Result<(), Stop> {
        let name = format!("copy {}/{}", copy.bucket, copy.key);
        let write = |found: &Stored| {
            let stored = copied(origin, copy, found.tags.clone());
            self.write(copy.bucket, copy.key, Some(stored));
        };
        self.request(name, || self.pinned(origin), write).await?;
        Ok(())
    }

    async fn begin(&self, copy: &Copy<'_>, tags: &[(String, String)]) -> Result<String, Failure> {
        let object = Object {
            storage_class: copy.storage_class.map(str::to_owned),
            headers: copy.headers.clone(),
            metadata: copy.metadata.clone(),
            ..Object::default()
        };
        let stored = Stored {
            object,
            tags: tags.to_vec(),
        };
        let name = format!("begin {}/{}", copy.bucket, copy.key);
        let id = self.sure(name, || (), |()| {}).await;
        id.map(|()| {
            let mut state = self.state();
            state.writes += 1;
            let id = format!("u{}", state.writes);
            state.uploads.insert(id.clone(), Parts { stored, bytes: 0 });
            id
        })
    }

    async fn copy_part(
        &self,
        origin: &Origin<'_>,
        upload: &Upload<'_>,
        part: Part,
    ) -> Result<String, Stop> {
        let write = |found: &Stored| {
            let mut state = self.state();
            let parts = state.uploads.get_mut(upload.id).expect("it has begun");
            parts.stored.object.etag.clone_from(&found.object.etag);
            parts.bytes += part.last + 1 - part.first;
        };
        let name = format!("part {}-{}", part.first, part.last);
        let found = self.request(name, || self.pinned(origin), write).await?;
        Ok(found.object.etag)
    }

    async fn complete(&self, upload: &Upload<'_>, parts: &[String]) -> Result<(), Failure> {
        let write = |(): &()| {
            let upload_state = self.state().uploads.remove(upload.id);
            let done = upload_state.expect("it has begun");
            let mut stored = done.stored;
            assert!(
                parts.iter().all(|etag| *etag == stored.object.etag),
                "parts of two states"
            );
            stored.object.size = done.bytes;
            self.write(upload.bucket, upload.key, Some(stored));
        };
        let name = format!("complete {}/{}", upload.bucket, upload.key);
        self.sure(name, || (), write).await
    }

    async fn abort(&self, upload: &Upload<'_>) -> Result<(), Failure> {
        let mut state = self.state();
        state.requests.push("abort".to_owned());
        state.uploads.remove(upload.id);
        Ok(())
    }

    async fn remove(&self, bucket: &str, key: &str) -> Result<(), Failure> {
        let write = |(): &()| {
            self.write(bucket, key, None);
        };
        self.sure(format!("remove {bucket}/{key}"), || (), write)
            .await
    }
}

impl<'a> Stores for &'a World {
    type Store = &'a World;

    fn of(&self, _: &str) -> &'a World {
        self
    }

    fn own_region(&self) -> &str {
        "eu-central-1"
    }
}
