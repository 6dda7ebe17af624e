//! A model of S3: buckets with and without versions, requests that take their time, fail before or
//! after they did their work, and see what others do meanwhile.

mod requests;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use super::super::store::{Headers, Object, Origin, Over, Stop};
use super::super::{marker, two_way};
use crate::failure::{Class, Failure};
use crate::intake::{Change, ObjectEvent, Sequencer};

pub(in crate::replicate) const SOURCE: &str = "source";

/// How a request ends in the list of requests that was not allowed to replace what is there.
pub(in crate::replicate) const REFUSED: &str = ", refused";

/// What a request does besides its work.
#[derive(Clone, Copy, Debug)]
pub(in crate::replicate) enum Fate {
    Work { pauses: u8 },
    FailBefore,
    FailAfter,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::replicate) struct Stored {
    pub(in crate::replicate) object: Object,
    pub(in crate::replicate) tags: Vec<(String, String)>,
}

/// The versions of an object, the current one last; `None` is a delete marker.
type Versions = Vec<(String, Option<Stored>)>;

#[derive(Debug, Default)]
struct State {
    buckets: BTreeMap<String, BTreeMap<String, Versions>>,
    script: Vec<Fate>,
    uploads: BTreeMap<String, Parts>,
    writes: u32,
    events: u32,
    requests: Vec<String>,
    /// How long each request takes.
    pace: Duration,
    /// With a clock: milliseconds since its beginning, and how much those of the buckets differ.
    clock: Option<(i64, BTreeMap<String, i64>)>,
    /// With a clock: what S3 tells of the requests of handlers.
    echoes: Vec<ObjectEvent>,
}

/// When clocks begin: 2026-01-31T00:00:00Z, in milliseconds since 1970.
const BEGINNING: i64 = 1_769_817_600_000;

#[derive(Debug)]
struct Parts {
    stored: Stored,
    bytes: u64,
}

#[derive(Debug)]
pub(in crate::replicate) struct World {
    state: Mutex<State>,
    has_versions: bool,
}

impl World {
    pub(in crate::replicate) fn new(has_versions: bool, mut script: Vec<Fate>) -> Self {
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

    /// With a clock: events say when and who, every write has an entity tag of its own, and handlers'
    /// requests lead to events too. The clocks of buckets may differ.
    pub(in crate::replicate) fn timed(
        has_versions: bool,
        script: Vec<Fate>,
        skews: &[(&str, i64)],
    ) -> Self {
        let world = Self::new(has_versions, script);
        let skews = skews.iter().map(|(bucket, by)| ((*bucket).to_owned(), *by));
        world.state().clock = Some((0, skews.collect()));
        world
    }

    /// Lets each request take this long.
    pub(in crate::replicate) fn slow_down(&self, pace: Duration) {
        self.state().pace = pace;
    }

    /// Requests from now on do this, one after another.
    pub(in crate::replicate) fn set_script(&self, mut script: Vec<Fate>) {
        script.reverse();
        self.state().script = script;
    }

    /// What the clock shows, in seconds since 1970.
    pub(in crate::replicate) fn now(&self) -> i64 {
        let state = self.state();
        let now = state.clock.as_ref().map_or(0, |(now, _)| *now);
        (BEGINNING + now).div_euclid(1_000)
    }

    /// Lets time go by.
    pub(in crate::replicate) fn wait(&self, millis: i64) {
        if let Some((now, _)) = &mut self.state().clock {
            *now += millis;
        }
    }

    /// The events of handlers' requests that were not taken yet.
    pub(in crate::replicate) fn take_echoes(&self) -> Vec<ObjectEvent> {
        std::mem::take(&mut self.state().echoes)
    }

    fn echo(&self, name: &str, bucket: &str, key: &str, version: Option<String>) {
        let mut event = self.event(name, bucket, key, version);
        event.principal = Some("AWS:AROAHANDLER:sync".to_owned());
        event.etag = self.current(bucket, key).map(|stored| stored.object.etag);
        let mut state = self.state();
        if state.clock.is_some() {
            state.echoes.push(event);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The requests so far, such as `copy replica/key`, some of them [`REFUSED`].
    pub(in crate::replicate) fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    /// Copies in parts that were neither completed nor given up.
    pub(in crate::replicate) fn open_uploads(&self) -> usize {
        self.state().uploads.len()
    }

    /// The objects of a bucket, without the marks of copies.
    pub(in crate::replicate) fn objects(&self, bucket: &str) -> BTreeMap<String, Stored> {
        let state = self.state();
        let keys = state.buckets.get(bucket).into_iter().flatten();
        let current = keys.filter_map(|(key, versions)| {
            let mut stored = versions.last()?.1.clone()?;
            stored.object.metadata.remove(marker::ENTRY);
            stored.object.metadata.remove(two_way::mark::ENTRY);
            Some((key.clone(), stored))
        });
        current.collect()
    }

    /// What two buckets have to agree on: all but version and time.
    pub(in crate::replicate) fn content(&self, bucket: &str) -> BTreeMap<String, Stored> {
        let mut objects = self.objects(bucket);
        for stored in objects.values_mut() {
            stored.object.version_id = None;
            stored.object.modified = 0;
        }
        objects
    }

    /// Somebody stores an object.
    pub(in crate::replicate) fn put(&self, bucket: &str, key: &str, content: u8) -> ObjectEvent {
        // Every other write looks the same, so that a state can come back.
        let number = self.state().writes;
        let is_timed = self.state().clock.is_some();
        let writes = number % 2;
        let etag = match is_timed {
            true => format!("\"e{number}\""),
            false => format!("\"{content}\""),
        };
        let object = Object {
            etag: etag.clone(),
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
        let mut event = self.event("ObjectCreated:Put", bucket, key, version);
        event.etag = Some(etag.trim_matches('"').to_owned());
        event
    }

    /// An object that is there gets the entity tag of one that was uploaded in parts.
    pub(in crate::replicate) fn make_parts(&self, bucket: &str, key: &str) {
        let mut state = self.state();
        let versions = state
            .buckets
            .get_mut(bucket)
            .and_then(|keys| keys.get_mut(key));
        let current = versions.and_then(|versions| versions.last_mut());
        if let Some((_, Some(stored))) = current {
            stored.object.etag = format!("\"{}-2\"", stored.object.etag.trim_matches('"'));
        }
    }

    /// Somebody removes an object.
    pub(in crate::replicate) fn delete(&self, bucket: &str, key: &str) -> ObjectEvent {
        let version = self.write(bucket, key, None);
        self.event(self.removal(), bucket, key, version)
    }

    const fn removal(&self) -> &'static str {
        match self.has_versions {
            true => "ObjectRemoved:DeleteMarkerCreated",
            false => "ObjectRemoved:Delete",
        }
    }

    /// Somebody removes the current version, or the delete marker, for good.
    pub(in crate::replicate) fn delete_version(&self, bucket: &str, key: &str) -> ObjectEvent {
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
        // Several writes have the same second.
        let modified = match state.time(bucket) {
            Some(time) => (BEGINNING + time) / 1_000,
            None => i64::from(number / 4),
        };
        let stored = stored.map(|mut stored| {
            stored.object.version_id.clone_from(&id);
            stored.object.modified = modified;
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
        let mut state = self.state();
        state.events += 1;
        let time = state.time(bucket);
        ObjectEvent {
            change: Change::named(name),
            name: name.to_owned(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            region: None,
            time: time.map(text_of),
            size: None,
            etag: None,
            version_id,
            sequencer: Sequencer::new(&format!("{:08x}", state.events)),
            principal: time.map(|_| "AWS:AIDASOMEBODY".to_owned()),
        }
    }

    fn current(&self, bucket: &str, key: &str) -> Option<Stored> {
        let state = self.state();
        state.buckets.get(bucket)?.get(key)?.last()?.1.clone()
    }

    fn version(&self, bucket: &str, key: &str, wanted: &str) -> Option<Stored> {
        let state = self.state();
        let versions = state.buckets.get(bucket)?.get(key)?;
        let mut found = versions.iter().filter(|(version, _)| version == wanted);
        found.next()?.1.clone()
    }

    /// The ids of all versions and delete markers.
    fn versions(&self, bucket: &str, key: &str) -> Vec<String> {
        let state = self.state();
        let versions = state.buckets.get(bucket).and_then(|keys| keys.get(key));
        let versions = versions.into_iter().flatten();
        versions.map(|(version, _)| version.clone()).collect()
    }

    /// Removes these versions for good.
    fn forget(&self, bucket: &str, key: &str, gone: &[String]) {
        let mut state = self.state();
        let versions = state.buckets.get_mut(bucket);
        if let Some(versions) = versions.and_then(|keys| keys.get_mut(key)) {
            versions.retain(|(version, _)| !gone.contains(version));
        }
    }

    /// How many versions and delete markers all objects of a bucket have.
    pub(in crate::replicate) fn kept(&self, bucket: &str) -> usize {
        let state = self.state();
        let versions = state.buckets.get(bucket).into_iter().flatten();
        versions.map(|(_, versions)| versions.len()).sum()
    }

    /// What an origin names, if it still is so.
    fn pinned(&self, origin: &Origin<'_>) -> Result<Stored, Stop> {
        let found = match &origin.object.version_id {
            None => self.current(origin.bucket, origin.key),
            Some(wanted) => self.version(origin.bucket, origin.key, wanted),
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
        write: impl FnOnce(&T) -> Result<(), Stop>,
    ) -> Result<T, Stop> {
        let (number, fate) = {
            let mut state = self.state();
            state.requests.push(name);
            let fate = state.script.pop().unwrap_or(Fate::Work { pauses: 0 });
            (state.requests.len() - 1, fate)
        };
        let pace = self.state().pace;
        if !pace.is_zero() {
            tokio::time::sleep(pace).await;
        }
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
        write(&value).inspect_err(|_| self.state().requests[number] += REFUSED)?;
        match fate {
            Fate::FailAfter => Err(failure("after")),
            _ => Ok(value),
        }
    }

    /// A request that depends on no state.
    pub(in crate::replicate) async fn sure<T>(
        &self,
        name: String,
        read: impl FnOnce() -> T,
        write: impl FnOnce(&T),
    ) -> Result<T, Failure> {
        let write = |value: &T| {
            write(value);
            Ok(())
        };
        match self.request(name, || Ok(read()), write).await {
            Ok(value) => Ok(value),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Changed) => unreachable!("nothing here compares states"),
        }
    }

    /// Whether what is there may be replaced.
    fn allows(&self, over: Over<'_>, bucket: &str, key: &str) -> Result<(), Stop> {
        let there = self.current(bucket, key);
        let there = there.as_ref().map(|stored| stored.object.etag.as_str());
        let is_allowed = match over {
            Over::Anything => true,
            Over::Nothing => there.is_none(),
            Over::Etag(etag) => there == Some(etag),
        };
        is_allowed.then_some(()).ok_or(Stop::Changed)
    }
}

impl State {
    /// What the clock of a bucket shows, in milliseconds since its beginning.
    fn time(&self, bucket: &str) -> Option<i64> {
        let (now, skews) = self.clock.as_ref()?;
        Some(now + skews.get(bucket).copied().unwrap_or_default())
    }
}

/// A time on the day at which clocks begin, or in the weeks after it.
fn text_of(millis: i64) -> String {
    let (seconds, millis) = (millis.div_euclid(1_000), millis.rem_euclid(1_000));
    let (day, hour) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minute, second) = (seconds / 60 % 60, seconds % 60);
    let date = match day {
        0 => "01-31".to_owned(),
        1..=28 => format!("02-{day:02}"),
        _ => format!("03-{:02}", day - 28),
    };
    format!("2026-{date}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}
