//! The whole index made equal to the whole bucket, page by page.
//!
//! | part | goes through | and looks at |
//! |---|---|---|
//! | `object` | the list of the bucket, page by page | ids of which the index does not say what the list says |
//! | `file` | the rows of the index | those that are of no object of the list: most are of none |
//! | `name` | what is said about groups | each of them: its rows may have gone |
//!
//! The list tells when an object was written, so most objects are compared without a request of their own, a
//! page of them at a time, while the next page is on its way. An object that has no row, as one that is no package, is looked at each time. Of a page
//! before only the hashes of its ids are kept, with a key that differs from run to run: a row that is taken for
//! another's is found by the next. They take 8 to 20 bytes of each id, a million about 20 MB.
//!
//! A run that has no time left names the place to go on from, and whoever goes on lists what came before that place
//! once more, a request for each thousand objects: without it, each of their rows would have to be looked at. Where
//! that takes more than half of the time, as with many millions of objects, the rest of them is.
//!
//! Whatever a rebuild does to an id is what an event would do, so it may run beside events, and from any place
//! again. A place is a part and what that part's pages are asked for.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::BuildHasher as _;

use cloudwright_contract::{Rebuild, Rebuilt};
use futures_util::future::join;
use futures_util::{StreamExt as _, stream};
use serde_json::json;

use super::command::Progress;
use super::index::{Index, List, Listed, Mark, Shelf};
use super::projection::{Moment, Projection};
use super::{AT_ONCE, About, CacheSync};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};

/// After how many pages a rebuild tells how far it is.
const TOLD_EVERY: usize = 50;

/// How many failures a rebuild goes on after: whatever is wrong then is wrong with more than single files.
const FAILURES: usize = 100;

/// Where a rebuild is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// After this key of the bucket; before the first if it is empty.
    Objects(String),
    /// At this page of the index's files.
    Files(Option<String>),
    /// At this page of the index's names.
    Names(Option<String>),
}

/// One run.
struct Run<'a> {
    deadline: &'a Deadline,
    thorough: bool,
    rebuilt: Rebuilt,
    failures: Vec<Failure>,
    /// How many of the failures are of groups.
    groups_failed: usize,
    /// What was counted, and how many failures there were, when the last page was through.
    whole: (Rebuilt, usize),
    /// The hashes of the ids that the bucket has.
    seen: HashSet<u64>,
    hasher: RandomState,
    /// The part of the bucket that was compared before this run; its ids are not among those that were seen.
    before: Before,
    pages: usize,
    /// The page of the bucket's list after this key.
    ahead: Option<(String, List)>,
}

/// What of the bucket was compared before a run.
enum Before {
    Nothing,
    /// All keys up to this one.
    UpTo(String),
    Everything,
}

impl<S: Shelf, P: Projection, I: Index<Row = P::Row>> CacheSync<S, P, I> {
    /// Compares the bucket with the index, and makes the one say what the other does, to the end or until the
    /// time is over. `so_far` is what runs before counted that this one goes on with.
    ///
    /// # Errors
    /// What ended it, if that was not the time, with the place to go on from; and every single thing that failed
    /// before. Single failures alone end nothing: they are logged and counted.
    pub async fn rebuild(
        &self,
        command: &Rebuild,
        so_far: Rebuilt,
        deadline: &Deadline,
    ) -> Result<Progress, Report> {
        let start = Place::read(command.from.as_deref().unwrap_or_default())?;
        let mut place = start.clone();
        let mut run = Run::new(command, so_far, &start, deadline);
        let end = loop {
            match Box::pin(self.page(&place, &mut run)).await {
                Ok(Some(next)) => {
                    let ends_part = place.part() != next.part();
                    place = next;
                    run.pages += 1;
                    run.whole = (run.rebuilt, run.failures.len());
                    if ends_part || run.pages.is_multiple_of(TOLD_EVERY) {
                        self.tell_progress(&run, &place);
                    }
                }
                Ok(None) => break None,
                Err(failure) => break Some(failure),
            }
        };
        match end {
            // A run that came to no page would come to none again and again.
            Some(failure) if failure.class == Class::DeadlineReached && place != start => {
                Ok(self.pause(&run, &place))
            }
            Some(failure) => {
                let end = unfinished(&failure, &place, run.thorough);
                run.failures.push(end);
                Err(run.report())
            }
            None => {
                self.tell_failures(&run.failures);
                Ok(Progress::Through(run.rebuilt))
            }
        }
    }

    /// Leaves the rest to the next run, with the page that was begun. What failed is told now, and counted.
    fn pause(&self, run: &Run<'_>, place: &Place) -> Progress {
        let (counted, failures) = run.whole;
        self.tell_failures(&run.failures[..failures]);
        self.tell_progress(run, place);
        let so_far = Rebuilt {
            changed: run.rebuilt.changed,
            ..counted
        };
        let (from, thorough) = (Some(place.to_string()), run.thorough);
        Progress::OnTheWay(Rebuild { from, thorough }, so_far)
    }

    fn tell_failures(&self, failures: &[Failure]) {
        for failure in failures {
            self.journal.failure("", failure);
        }
    }

    fn tell_progress(&self, run: &Run<'_>, place: &Place) {
        let Rebuilt { files, changed, .. } = run.rebuilt;
        let place = place.to_string();
        let fields = json!({"files": files, "changed": changed, "from": place});
        self.journal.info("", "rebuilding", fields);
    }

    /// Compares one page, and gives the place of the next. What fails once for a page, such as the list of the
    /// bucket, ends the run.
    async fn page(&self, place: &Place, run: &mut Run<'_>) -> Result<Option<Place>, Failure> {
        match place {
            Place::Objects(after) => self.objects(after, run).await.map(Some),
            Place::Files(from) => self.rows(from.as_deref(), run).await.map(Some),
            Place::Names(from) => {
                let next = self.said(from.as_deref(), run).await?;
                Ok(next.map(|next| Place::Names(Some(next))))
            }
        }
    }

    async fn objects(&self, after: &str, run: &mut Run<'_>) -> Result<Place, Failure> {
        let deadline = run.deadline;
        let list = async |after: &str| deadline.limit(self.shelf.list(&self.prefix, after)).await;
        let page = match run.ahead.take() {
            Some((place, page)) if place == after => page,
            _ => list(after).await?,
        };
        let Some(last) = page.objects.last().filter(|_| !page.is_last) else {
            self.compare(&page, run).await?;
            return Ok(Place::Files(None));
        };
        // The next page comes meanwhile. If it does not, it is asked for again when its turn comes.
        let next = last.key.clone();
        let (ahead, compared) = join(list(&next), self.compare(&page, run)).await;
        compared?;
        run.ahead = ahead.ok().map(|page| (next.clone(), page));
        Ok(Place::Objects(next))
    }

    /// Makes the index say what this page of the bucket's list does.
    async fn compare(&self, page: &List, run: &mut Run<'_>) -> Result<(), Failure> {
        let deadline = run.deadline;
        let mut files: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
        for object in &page.objects {
            if let Some(file) = self.id(&object.key) {
                files.entry(file).or_default().push(object);
            }
        }
        let asks_all = run.thorough || run.goes_on_with_page();
        let known = match asks_all {
            true => BTreeMap::new(),
            false => {
                let names: Vec<_> = files.keys().map(|file| (*file).to_owned()).collect();
                deadline.limit(self.index.marks(&names)).await?
            }
        };
        run.rebuilt.files += files.len();
        run.see(files.keys().copied());
        let differs = |(file, objects): &(&str, Vec<&Listed>)| !matches!(**objects, [object] if known.get(*file).is_some_and(|mark| is_of(mark, object)));
        let about = |(file, objects): (&str, Vec<&Listed>)| {
            let keys = objects.into_iter().map(|object| object.key.clone());
            let about = About {
                places: keys.collect(),
                is_new: !asks_all && !known.contains_key(file),
            };
            (file.to_owned(), about)
        };
        let work: Vec<_> = files.into_iter().filter(differs).map(about).collect();
        self.repair(work, run).await
    }

    async fn rows(&self, from: Option<&str>, run: &mut Run<'_>) -> Result<Place, Failure> {
        self.list_before(run).await?;
        let page = run.deadline.limit(self.index.ids(from)).await?;
        let is_new = |file: &String| !run.seen.contains(&run.hasher.hash_one(&**file));
        let left: Vec<_> = page.entries.into_iter().filter(is_new).collect();
        run.rebuilt.files += left.len();
        let about = |file| (file, About::default());
        self.repair(left.into_iter().map(about).collect(), run)
            .await?;
        Ok(match page.next {
            Some(next) => Place::Files(Some(next)),
            None => Place::Names(None),
        })
    }

    /// Lists what of the bucket was compared before this run, to know its ids; as far as half of the time goes,
    /// so that every run comes further.
    async fn list_before(&self, run: &mut Run<'_>) -> Result<(), Failure> {
        let before = std::mem::replace(&mut run.before, Before::Nothing);
        let deadline = run.deadline.earlier(run.deadline.remaining() / 2);
        let is_before = |key: &str| match &before {
            Before::Nothing => false,
            Before::UpTo(last) => key <= &**last,
            Before::Everything => true,
        };
        let mut after = String::new();
        while is_before(&after) {
            let page = match deadline.limit(self.shelf.list(&self.prefix, &after)).await {
                Ok(page) => page,
                Err(late) if late.class == Class::DeadlineReached => break,
                Err(failure) => return Err(failure),
            };
            let keys = page.objects.iter().map(|object| &*object.key);
            let keys = keys.take_while(|key| is_before(key));
            run.see(keys.filter_map(|key| self.id(key)));
            match page.objects.last().filter(|_| !page.is_last) {
                Some(last) => last.key.clone_into(&mut after),
                None => break,
            }
        }
        Ok(())
    }

    /// Brings files up to date; ends the run when the time is over or too much failed.
    async fn repair(&self, work: Vec<(String, About)>, run: &mut Run<'_>) -> Result<(), Failure> {
        let deadline = run.deadline;
        let work = work.iter().map(|(file, about)| async move {
            (file, Box::pin(self.sync(file, about, deadline)).await)
        });
        let mut done = stream::iter(work).buffered(AT_ONCE);
        while let Some((file, result)) = done.next().await {
            match result {
                Ok(has_changed) => run.rebuilt.changed += usize::from(has_changed),
                Err(failure) => {
                    run.take(failure, |failure| {
                        failure.about(&self.bucket, &format!("{}../{file}", self.prefix))
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Groups of which no row is left are in the index only.
    async fn said(&self, from: Option<&str>, run: &mut Run<'_>) -> Result<Option<String>, Failure> {
        let deadline = run.deadline;
        let page = deadline.limit(self.index.groups(from)).await?;
        let names: BTreeSet<_> = page.entries.into_iter().collect();
        let work = names
            .iter()
            .map(|name| self.settle(name, "", None, deadline));
        let mut done = stream::iter(work).buffered(AT_ONCE);
        while let Some(result) = done.next().await {
            if let Err(failure) = result {
                run.groups_failed += 1;
                run.take(failure, |failure| failure)?;
            }
        }
        Ok(page.next)
    }
}

/// Whether the index says of a file what the list of the bucket says of its only object.
fn is_of(mark: &Mark, object: &Listed) -> bool {
    mark.key == object.key && mark.modified == Moment::from_seconds(object.modified)
}

impl<'a> Run<'a> {
    fn new(command: &Rebuild, so_far: Rebuilt, start: &Place, deadline: &'a Deadline) -> Self {
        let before = match start {
            Place::Objects(key) if key.is_empty() => Before::Nothing,
            Place::Objects(key) => Before::UpTo(key.clone()),
            Place::Files(_) => Before::Everything,
            Place::Names(_) => Before::Nothing,
        };
        Self {
            deadline,
            thorough: command.thorough,
            rebuilt: so_far,
            failures: Vec::new(),
            groups_failed: 0,
            whole: (so_far, 0),
            seen: HashSet::new(),
            hasher: RandomState::new(),
            before,
            pages: 0,
            ahead: None,
        }
    }

    /// Whether this is the page that the time ended a run before this one in: its rows may be written, and nothing said yet
    /// of their groups.
    const fn goes_on_with_page(&self) -> bool {
        self.pages == 0 && !matches!(self.before, Before::Nothing)
    }

    fn see<'b>(&mut self, ids: impl Iterator<Item = &'b str>) {
        let hasher = &self.hasher;
        self.seen.extend(ids.map(|id| hasher.hash_one(id)));
    }

    /// Keeps a failure, unless the run cannot go on after it.
    fn take(
        &mut self,
        failure: Failure,
        about: impl FnOnce(Failure) -> Failure,
    ) -> Result<(), Failure> {
        if failure.class == Class::DeadlineReached {
            return Err(failure);
        }
        self.rebuilt.failed += 1;
        self.failures.push(about(failure));
        if self.failures.len() < FAILURES {
            return Ok(());
        }
        let message = format!("{FAILURES} files failed");
        Err(Failure::new(Class::ServiceFailed, message))
    }

    /// What failed, and how much did not.
    fn report(self) -> Report {
        let failed = self.rebuilt.failed - self.groups_failed;
        Report {
            done: self.rebuilt.files.saturating_sub(failed),
            failures: self.failures,
        }
    }
}

impl Place {
    const OBJECT: &str = "object";
    const FILE: &str = "file";
    const NAME: &str = "name";

    const fn part(&self) -> &'static str {
        match self {
            Self::Objects(_) => Self::OBJECT,
            Self::Files(_) => Self::FILE,
            Self::Names(_) => Self::NAME,
        }
    }

    fn read(text: &str) -> Result<Self, Failure> {
        if text.is_empty() {
            return Ok(Self::Objects(String::new()));
        }
        let page = |rest: &str| Some(rest.to_owned()).filter(|rest| !rest.is_empty());
        match text.split_once(':') {
            Some((Self::OBJECT, key)) => Ok(Self::Objects(key.to_owned())),
            Some((Self::FILE, rest)) => Ok(Self::Files(page(rest))),
            Some((Self::NAME, rest)) => Ok(Self::Names(page(rest))),
            _ => {
                let message = format!(
                    "rebuild: from: got {text:?}, expected what an earlier rebuild named, such as \
                     \"object:packages/six-1.0.zip\""
                );
                Err(Failure::new(Class::UnreadableEvent, message))
            }
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rest = match self {
            Self::Objects(key) => key,
            Self::Files(from) | Self::Names(from) => from.as_deref().unwrap_or_default(),
        };
        write!(f, "{}:{rest}", self.part())
    }
}

/// What ended a run, with the event that goes on from there.
fn unfinished(failure: &Failure, place: &Place, thorough: bool) -> Failure {
    let mut event = json!({"from": place.to_string()});
    if thorough {
        event["thorough"] = true.into();
    }
    let event = json!({Rebuild::MEMBER: event});
    let why = match failure.class {
        Class::DeadlineReached => "the time was over before the end".to_owned(),
        _ => failure.to_string(),
    };
    Failure::new(failure.class, format!("{why}; go on with {event}"))
}
