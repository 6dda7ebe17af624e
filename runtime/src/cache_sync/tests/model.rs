//! A model of a bucket and of an index whose view by name lags behind, with requests that take their
//! time, fail before or after they did their work, and see what others do meanwhile.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::super::index::{Index, List, Listed, Mark, Page, Shelf};
use super::super::package::{Package, file_of};
use super::super::projection::{Summary, Tags};
use crate::failure::{Class, Failure};
use crate::intake::{Change, ObjectEvent};
use crate::replicate::store::Object;

pub(super) const BUCKET: &str = "packages";
pub(super) const LAG: Duration = Duration::from_secs(1);

/// How long the pages of lists are: short, so that there are several.
const PAGE: usize = 3;

/// What a request does besides its work.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Work { pauses: u8 },
    FailBefore,
    FailAfter,
    Hang,
}

type Items = BTreeMap<String, Package>;

/// Both tables of an index.
pub(super) type Tables = (Items, BTreeMap<String, Summary>);

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Object>,
    tags: BTreeMap<String, Tags>,
    items: Items,
    /// The items as they were, for who looks at them by name.
    past: Vec<(Instant, Items)>,
    said: BTreeMap<String, Summary>,
    script: Vec<Fate>,
    puts: i64,
    writes: usize,
    looks: usize,
    lists: usize,
    writes_fail: bool,
}

#[derive(Debug)]
pub(super) struct World {
    state: Mutex<State>,
    lag: Duration,
}

impl World {
    pub(super) fn new(lag: Duration, mut script: Vec<Fate>) -> Self {
        script.reverse();
        let state = State {
            script,
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            lag,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn put(&self, key: &str, metadata: &[(&str, &str)]) -> ObjectEvent {
        let mut state = self.state();
        state.puts += 1;
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        let object = Object {
            // Several writes have the same second.
            modified: state.puts / 2,
            metadata: metadata.iter().map(owned).collect(),
            ..Object::default()
        };
        state.objects.insert(key.to_owned(), object);
        event("ObjectCreated:Put", key)
    }

    /// Writes what an object of another bucket is; nothing if that is gone.
    pub(super) fn copy(&self, key: &str, object: Option<&Object>) -> ObjectEvent {
        let Some(object) = object else {
            return self.delete(key);
        };
        let metadata = object.metadata.iter();
        let metadata: Vec<_> = metadata.map(|(name, text)| (&**name, &**text)).collect();
        self.put(key, &metadata)
    }

    pub(super) fn delete(&self, key: &str) -> ObjectEvent {
        self.state().objects.remove(key);
        event("ObjectRemoved:Delete", key)
    }

    pub(super) fn tag(&self, key: &str, tags: &[(&str, &str)]) -> ObjectEvent {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        let tags = tags.iter().map(owned).collect();
        self.state().tags.insert(key.to_owned(), tags);
        event("ObjectTagging:Put", key)
    }

    pub(super) fn hash(&self, file: &str) -> String {
        format!("{:x}", md5::compute(file))[..4].to_owned()
    }

    pub(super) fn item(&self, file: &str) -> Option<Package> {
        self.state().items.get(file).cloned()
    }

    pub(super) fn said(&self, name: &str) -> Option<Summary> {
        self.state().said.get(name).cloned()
    }

    pub(super) fn writes(&self) -> usize {
        self.state().writes
    }

    /// How often an object was asked for its metadata.
    pub(super) fn looks(&self) -> usize {
        self.state().looks
    }

    /// How often the bucket was asked for a page of its list.
    pub(super) fn lists(&self) -> usize {
        self.state().lists
    }

    /// Lets every later request succeed at once.
    pub(super) fn calm(&self) {
        self.state().script.clear();
    }

    /// The keys of the bucket.
    pub(super) fn keys(&self) -> Vec<String> {
        self.state().objects.keys().cloned().collect()
    }

    /// Lets every later write of a file fail.
    pub(super) fn fail_writes(&self) {
        self.state().writes_fail = true;
    }

    pub(super) fn plant(&self, package: &Package) {
        self.state()
            .items
            .insert(package.file.clone(), package.clone());
    }

    pub(super) fn plant_said(&self, name: &str, summary: &Summary) {
        self.state().said.insert(name.to_owned(), summary.clone());
    }

    pub(super) fn index(&self) -> Tables {
        let state = self.state();
        (state.items.clone(), state.said.clone())
    }

    /// What the index has to be, from the bucket alone.
    pub(super) fn expected(&self, prefix: &str) -> Tables {
        let mut items = Items::new();
        for (key, object) in &self.state().objects {
            let Some(package) = Package::of(key, object).filter(|_| key.starts_with(prefix)) else {
                continue;
            };
            let newer = |old: &Package| (old.modified, old.path()) < (package.modified, key);
            if items.get(file_of(key)).is_none_or(newer) {
                items.insert(package.file.clone(), package);
            }
        }
        let mut said = BTreeMap::new();
        for package in items.values() {
            let best = said
                .entry(package.name.clone())
                .or_insert_with(|| package.as_summary());
            *best = package.as_summary().max(best.clone());
        }
        (items, said)
    }

    /// A request: it waits, fails before its work, does it, or fails after it.
    async fn request<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, Failure> {
        let fate = self
            .state()
            .script
            .pop()
            .unwrap_or(Fate::Work { pauses: 0 });
        let failed = || Err(Failure::new(Class::ServiceFailed, "the model failed"));
        match fate {
            Fate::FailBefore => return failed(),
            Fate::FailAfter => {}
            Fate::Hang => std::future::pending().await,
            Fate::Work { pauses } => {
                for _ in 0..pauses {
                    tokio::time::sleep(Duration::from_millis(40)).await;
                }
            }
        }
        let done = work(&mut self.state());
        tokio::task::yield_now().await;
        match fate {
            Fate::FailAfter => failed(),
            _ => Ok(done),
        }
    }
}

fn event(name: &str, key: &str) -> ObjectEvent {
    ObjectEvent {
        change: Change::named(name),
        name: name.to_owned(),
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        region: None,
        time: None,
        size: None,
        etag: None,
        version_id: None,
        sequencer: None,
        principal: None,
    }
}

impl State {
    fn keep_past(&mut self) {
        self.writes += 1;
        self.past.push((Instant::now(), self.items.clone()));
    }

    /// The items as somebody sees them who looks at what was `ago`.
    fn seen(&self, ago: Duration) -> Items {
        let now = Instant::now();
        // The state before a write is seen until the write is old enough.
        let newer = self
            .past
            .iter()
            .find(|(written, _)| now.duration_since(*written) < ago);
        newer.map_or(&self.items, |(_, before)| before).clone()
    }
}

impl Shelf for &World {
    async fn look(&self, key: &str) -> Result<Option<Object>, Failure> {
        let look = |state: &mut State| {
            state.looks += 1;
            state.objects.get(key).cloned()
        };
        self.request(look).await
    }

    async fn tags(&self, key: &str, _: &Object) -> Result<Option<Tags>, Failure> {
        let tags = |state: &mut State| {
            let is_there = state.objects.contains_key(key);
            is_there.then(|| state.tags.get(key).cloned().unwrap_or_default())
        };
        self.request(tags).await
    }

    async fn list(&self, prefix: &str, after: &str) -> Result<List, Failure> {
        let list = |state: &mut State| {
            let begins =
                |(key, _): &(&String, &Object)| key.starts_with(prefix) && key.as_str() > after;
            state.lists += 1;
            let mut objects = state.objects.iter().filter(begins);
            let page = objects.by_ref().take(PAGE).map(|(key, object)| Listed {
                key: key.clone(),
                modified: object.modified,
            });
            let page = page.collect();
            List {
                objects: page,
                is_last: objects.next().is_none(),
            }
        };
        self.request(list).await
    }
}

/// A page of sorted names, asked for by the one before it.
fn page<'a>(names: impl Iterator<Item = &'a String>, from: Option<&str>) -> Page {
    let mut rest = names.filter(|name| from.is_none_or(|from| name.as_str() > from));
    let entries: Vec<_> = rest.by_ref().take(PAGE).cloned().collect();
    let has_more = rest.next().is_some();
    Page {
        next: entries.last().filter(|_| has_more).cloned(),
        entries,
    }
}

impl Index for &World {
    type Row = Package;

    fn lag(&self) -> Duration {
        self.lag
    }

    async fn row(&self, file: &str) -> Result<Option<Package>, Failure> {
        self.request(|state| state.items.get(file).cloned()).await
    }

    async fn put(&self, package: &Package, was: Option<&Package>) -> Result<bool, Failure> {
        if self.state().writes_fail {
            return Err(Failure::new(Class::ServiceFailed, "the model failed"));
        }
        let put = |state: &mut State| {
            let fits = state.items.get(&package.file) == was;
            if fits {
                state.keep_past();
                state.items.insert(package.file.clone(), package.clone());
            }
            fits
        };
        self.request(put).await
    }

    async fn remove(&self, was: &Package) -> Result<bool, Failure> {
        let remove = |state: &mut State| {
            let fits = state.items.get(&was.file) == Some(was);
            if fits {
                state.keep_past();
                state.items.remove(&was.file);
            }
            fits
        };
        self.request(remove).await
    }

    async fn summary(&self, name: &str) -> Result<Option<Summary>, Failure> {
        self.request(|state| state.said.get(name).cloned()).await
    }

    async fn say(
        &self,
        name: &str,
        summary: Option<&Summary>,
        was: Option<&Summary>,
    ) -> Result<bool, Failure> {
        let say = |state: &mut State| {
            if state.said.get(name) != was {
                return false;
            }
            state.writes += 1;
            match summary {
                Some(summary) => state.said.insert(name.to_owned(), summary.clone()),
                None => state.said.remove(name),
            };
            true
        };
        self.request(say).await
    }

    async fn newest(&self, name: &str, except: &str) -> Result<Option<Summary>, Failure> {
        // A little less than the lag, whose end is its limit.
        let ago = self.lag.saturating_sub(Duration::from_millis(1));
        let newest = |state: &mut State| {
            let seen = state.seen(ago);
            let others = seen
                .values()
                .filter(|item| item.name == name && item.file != except);
            others.map(Package::as_summary).max()
        };
        self.request(newest).await
    }

    async fn marks(&self, files: &[String]) -> Result<BTreeMap<String, Mark>, Failure> {
        let marks = |state: &mut State| {
            let mark = |file: &String| {
                let item = state.items.get(file)?;
                let mark = Mark {
                    key: item.path().to_owned(),
                    modified: item.modified,
                };
                Some((file.clone(), mark))
            };
            files.iter().filter_map(mark).collect()
        };
        self.request(marks).await
    }

    async fn ids(&self, from: Option<&str>) -> Result<Page, Failure> {
        self.request(|state| page(state.items.keys(), from)).await
    }

    async fn groups(&self, from: Option<&str>) -> Result<Page, Failure> {
        self.request(|state| page(state.said.keys(), from)).await
    }
}
