//! A model of S3 and of the time its requests take.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use tokio::task::{LocalSet, spawn_local};

use super::super::entries::{Entry, Service};
use super::*;

/// Buckets, and what befalls requests to them.
#[derive(Clone, Default)]
pub(super) struct World(Rc<State>);

#[derive(Default)]
pub(super) struct State {
    buckets: RefCell<BTreeMap<String, Configuration>>,
    pub(super) tries: Cell<u32>,
    pub(super) writes: Cell<u32>,
    /// How many of the next writings somebody undoes at once.
    pub(super) undo_writes: Cell<u32>,
    pub(super) hang: Cell<bool>,
    /// How many of the next answers are not taken.
    pub(super) refuse_answers: Cell<u32>,
    pub(super) answers: RefCell<Vec<String>>,
    failure: Cell<Option<Class>>,
    /// Where chance takes its numbers from; zero for a world without chance.
    pub(super) chance: Cell<u64>,
    clients: Cell<usize>,
    /// Until when a client may begin to write what it has read.
    windows: RefCell<BTreeMap<usize, Instant>>,
    /// How many writings are on their way.
    on_their_way: Cell<u32>,
}

impl std::ops::Deref for World {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

/// One function in front of the world.
pub(super) struct Client {
    world: World,
    number: usize,
}

pub(super) fn entry(id: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        service: Service::Sns,
        arn: format!("topic of {id}"),
        events: vec!["s3:ObjectCreated:*".to_owned()],
        rules: Vec::new(),
    }
}

pub(super) fn journal() -> Journal {
    Journal::new("bucket-notifications", "function", std::io::sink())
}

/// Runs work whose pauses take no time.
pub(super) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    LocalSet::new().block_on(&runtime, work)
}

impl World {
    pub(super) fn with(bucket: &str, entries: Vec<Entry>) -> Self {
        let world = Self::default();
        world.add_bucket(bucket);
        world.edit(bucket, |found| found.entries = entries);
        world
    }

    pub(super) fn add_bucket(&self, bucket: &str) {
        let mut buckets = self.buckets.borrow_mut();
        buckets.insert(bucket.to_owned(), Configuration::default());
    }

    pub(super) fn client(&self) -> Client {
        self.clients.set(self.clients.get() + 1);
        Client {
            world: self.clone(),
            number: self.clients.get(),
        }
    }

    pub(super) fn found(&self, bucket: &str) -> Configuration {
        self.buckets.borrow()[bucket].clone()
    }

    pub(super) fn entries(&self, bucket: &str) -> Vec<Entry> {
        self.found(bucket).entries
    }

    /// A change by somebody else, all at once.
    pub(super) fn edit(&self, bucket: &str, change: impl FnOnce(&mut Configuration)) {
        change(self.buckets.borrow_mut().get_mut(bucket).unwrap());
    }

    pub(super) fn fail_always(&self, class: Class) {
        self.failure.set(Some(class));
    }

    /// Whether a change of now can be overwritten by who has not seen it.
    pub(super) fn is_between_reading_and_writing(&self) -> bool {
        let now = Instant::now();
        let may_write = self.windows.borrow().values().any(|end| *end >= now);
        may_write || self.on_their_way.get() > 0
    }

    /// A number below `end`; always zero in a world without chance.
    pub(super) fn chance(&self, end: u64) -> u64 {
        let state = self.chance.get();
        if state == 0 {
            return 0;
        }
        // xorshift64, which never comes to zero.
        let state = state ^ (state << 13);
        let state = state ^ (state >> 7);
        let state = state ^ (state << 17);
        self.chance.set(state);
        (state >> 16) % end
    }

    pub(super) async fn pause(&self, most: Duration) {
        let most = u64::try_from(most.as_millis()).unwrap();
        sleep(Duration::from_millis(self.chance(most))).await;
    }

    async fn begin(&self) -> Result<(), Failure> {
        self.tries.set(self.tries.get() + 1);
        if self.hang.get() {
            std::future::pending::<()>().await;
        }
        match self.failure.get() {
            Some(class) => Err(Failure::new(class, "no")),
            None => Ok(()),
        }
    }

    fn apply(&self, bucket: &str, configuration: &Configuration) {
        self.writes.set(self.writes.get() + 1);
        if self.undo_writes.get() > 0 {
            self.undo_writes.set(self.undo_writes.get() - 1);
            return;
        }
        self.edit(bucket, |found| *found = configuration.clone());
    }

    /// Applies a writing after some time, whether its sender still waits or not.
    async fn apply_later(self, bucket: String, configuration: Configuration, after: Duration) {
        sleep(after).await;
        self.apply(&bucket, &configuration);
        self.on_their_way.set(self.on_their_way.get() - 1);
    }
}

impl Buckets for Client {
    async fn read(&self, bucket: &str) -> Result<Configuration, Failure> {
        let world = &self.world;
        world.begin().await?;
        world.pause(WINDOW).await;
        if world.chance(10) == 9 {
            return Err(Failure::new(Class::Throttled, "SlowDown"));
        }
        let found = world.buckets.borrow().get(bucket).cloned();
        let end = Instant::now() + WINDOW;
        world.windows.borrow_mut().insert(self.number, end);
        // An answer that is long on its way is old when it comes.
        let is_slow = world.chance(5) == 4;
        world
            .pause(if is_slow { REQUEST_TIME } else { WINDOW / 2 })
            .await;
        found.ok_or_else(|| Failure::new(Class::NotFound, "NoSuchBucket"))
    }

    async fn write(
        &self,
        bucket: &str,
        configuration: &Configuration,
        _: bool,
    ) -> Result<(), Failure> {
        let world = &self.world;
        world.begin().await?;
        world.windows.borrow_mut().remove(&self.number);
        let lost = || Err(Failure::new(Class::Unreachable, "no answer"));
        let fate = world.chance(10);
        if fate == 9 {
            world.pause(REQUEST_TIME).await;
            return lost();
        }
        let after = Duration::from_millis(world.chance(3_000));
        let (to, what) = (bucket.to_owned(), configuration.clone());
        world.on_their_way.set(world.on_their_way.get() + 1);
        let applied = spawn_local(world.clone().apply_later(to, what, after));
        if fate == 8 {
            world.pause(REQUEST_TIME).await;
            return lost();
        }
        applied.await.unwrap();
        Ok(())
    }
}

impl Addressee for World {
    async fn put(&self, url: &str, body: &str) -> Result<(), Failure> {
        assert_eq!(url, "https://answers");
        if self.refuse_answers.get() > 0 {
            self.refuse_answers.set(self.refuse_answers.get() - 1);
            return Err(Failure::new(Class::ServiceFailed, "HTTP status 503"));
        }
        self.answers.borrow_mut().push(body.to_owned());
        Ok(())
    }
}
