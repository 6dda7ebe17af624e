//! The construct and its settings.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_synth::{Construct, Scope, Text};

use super::config::Problem;
use super::handle::CacheSyncRef;
use super::own::OwnIndex;
use super::redis::RedisServer;
use super::rights::{Work, let_keep, let_look};
use super::tables::{PackageTables, Settled};
use super::worker::{Program, Schedule, Settings, watch};
use super::{bridge, check, config, reload};
use crate::MiB;
use crate::dynamodb::TableRef;
use crate::iam::RoleRef;
use crate::lambda::{Code, Function, FunctionRef};
use crate::s3::{Bucket, BucketRef};

/// Keeps the package index of a pypicloud server equal to the bucket of its packages.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Packages", Environment::new("111111111111", "eu-central-1"));
/// let index = CacheSync::dynamodb().prefix("packages/").rebuild_every(days(1));
/// let index = stack.add("Index", index);
/// stack.output("Bucket", index.bucket().name());
/// # app.synth().unwrap();
/// ```
///
/// See the [module](super) for how data flows.
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct CacheSync {
    index: Index,
    bucket: Option<BucketRef>,
    /// The bucket that a configuration file names, and its region.
    named: (Option<Text>, Option<Text>),
    problems: Vec<Problem>,
    bucket_with: Vec<Rc<dyn Fn(Bucket) -> Bucket>>,
    prefix: Text,
    bridge: bool,
    settings: Settings,
}

/// Where the index is.
#[derive(Clone)]
pub(super) enum Index {
    Tables(PackageTables),
    Redis(RedisServer),
    Own(OwnIndex),
}

/// The index with all that is known of it.
enum Place {
    Tables(Box<Settled>),
    Redis(Box<RedisServer>),
    Own(Box<OwnIndex>),
}

impl CacheSync {
    /// An index in two new tables of DynamoDB, called as pypicloud calls them unless it is told
    /// otherwise.
    pub fn dynamodb() -> Self {
        Self::tables(PackageTables::new())
    }

    /// An index in these tables of DynamoDB.
    pub fn tables(tables: PackageTables) -> Self {
        Self::with(Index::Tables(tables))
    }

    /// An index in a Redis server.
    pub fn redis(server: RedisServer) -> Self {
        Self::with(Index::Redis(server))
    }

    /// An index of one's own: what it holds of an object, a program says
    /// ([the module](super#an-index-of-ones-own)). Its rows are in this table, whose whole key is the partition key
    /// `key`, a text, and which is in the stack's account.
    ///
    /// ```
    /// use cloudwright::dynamodb::{Attribute, Table};
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Files", Environment::new("111111111111", "eu-central-1"));
    /// # let code = lambda::Code::s3("releases", "catalog.zip");
    /// let rows = stack.add("Rows", Table::new(Attribute::string("key")));
    /// let catalog = CacheSync::of(code, &rows).tags().rebuild_every(days(1));
    /// stack.add("Catalog", catalog);
    /// # app.synth().unwrap();
    /// ```
    pub fn of(code: impl Into<Code>, table: &TableRef) -> Self {
        Self::with(Index::Own(OwnIndex::new(code.into(), table)))
    }

    /// What the configuration file of a pypicloud server says: its bucket (`storage.bucket`, in the
    /// region of the stack), the prefix, and its index in tables (`pypi.db = dynamo`) or a Redis server
    /// (`pypi.db = redis`), all of which exist already. The path is that from where the program is
    /// started. A SQL index is refused, and so is an address of Redis with a password, which belongs into a
    /// secret ([`RedisServer::of_secret`]); what the server needs to log in is not looked at.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let folder = std::env::temp_dir().join(format!("cloudwright-config-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let path = folder.join("config.ini");
    /// # std::fs::write(&path, "[app:main]\npypi.storage = s3\nstorage.bucket = wheels\n\
    /// #     pypi.db = dynamo\ndb.region_name = eu-central-1\n").unwrap();
    /// # let app = App::new();
    /// # let stack = app.stack("Packages", Environment::new("111111111111", "eu-central-1"));
    /// let index = CacheSync::from_config_ini(path).rebuild_every(days(1));
    /// stack.add("Index", index);
    /// # app.synth().unwrap();
    /// # std::fs::remove_dir_all(folder).unwrap();
    /// ```
    pub fn from_config_ini(path: impl AsRef<Path>) -> Self {
        let config = config::read(path.as_ref());
        Self {
            named: (config.bucket, config.bucket_region),
            problems: config.problems,
            prefix: config.prefix,
            ..Self::with(config.index)
        }
    }

    fn with(index: Index) -> Self {
        Self {
            index,
            bucket: None,
            named: (None, None),
            problems: Vec::new(),
            bucket_with: Vec::new(),
            prefix: "".into(),
            bridge: false,
            settings: Settings::default(),
        }
    }

    /// The packages are in this bucket, in place of one that is made. It is in the region of the stack.
    /// What is in it already comes into the index by a rebuild.
    pub fn bucket(mut self, bucket: &BucketRef) -> Self {
        self.bucket = Some(bucket.clone());
        self
    }

    /// Says more about the bucket that is made.
    pub fn bucket_with(mut self, say: impl Fn(Bucket) -> Bucket + 'static) -> Self {
        self.bucket_with.push(Rc::new(say));
        self
    }

    /// What the keys of packages begin with, as `storage.prefix` of pypicloud: plain text, to which no
    /// `/` is added. Nothing unless said.
    pub fn prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The rows are made of the objects' tags, too: the functions may read these, and are told when they change.
    /// For [an index of one's own](Self::of) whose program says the same by `Projection::TAGS`.
    pub const fn tags(mut self) -> Self {
        self.settings.tags = true;
        self
    }

    /// Takes events from EventBridge, for a bucket whose notifications somebody else has already: S3
    /// tells an event of a key to one queue, function or topic only. A bucket that exists already has
    /// to send its events there ([`Bucket::event_bridge`](crate::s3::Bucket::event_bridge)).
    pub const fn event_bridge(mut self) -> Self {
        self.bridge = true;
        self
    }

    /// Rebuilds the index so often: a minute or more, in whole minutes. One that takes longer than that has the next
    /// one beside it, which costs requests and harms nothing.
    pub fn rebuild_every(mut self, period: Duration) -> Self {
        self.settings.schedule = Some(Schedule::Every(period));
        self
    }

    /// Rebuilds the index by a
    /// [schedule](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html) in
    /// UTC, such as `cron(15 3 * * ? *)`.
    pub fn rebuild_at(mut self, schedule: impl Into<Text>) -> Self {
        self.settings.schedule = Some(Schedule::At(schedule.into()));
        self
    }

    /// How long one call for a batch of events may take: 1 second to 15 minutes, and 1 minute unless
    /// said. An event that failed is done again after six times as long.
    pub const fn timeout(mut self, duration: Duration) -> Self {
        self.settings.timeout = duration;
        self
    }

    /// The memory of each function, 128 to 10,240 MiB, and 256 unless said. A rebuild takes 50 MB and 20 more
    /// for each million objects: above five millions give it more.
    pub const fn memory(mut self, size: MiB) -> Self {
        self.settings.memory = size;
        self
    }

    /// Collects up to so many events for one call, 1 to 10,000, for up to so long, at most 5 minutes.
    /// Unless said, a call gets up to 10 events that are there already.
    pub const fn batch(mut self, events: u32, window: Duration) -> Self {
        self.settings.batch = Some((events, window));
        self
    }

    /// How many batches of events are worked on at once: 2 to 1,000, and as many as there are unless
    /// said.
    pub const fn maximum_concurrency(mut self, batches: u32) -> Self {
        self.settings.concurrency = Some(batches);
        self
    }

    /// Both functions act as this role, in place of one of its own each. What it needs is added to its
    /// policy, unless it is said to be left as it is
    /// ([`RoleRef::without_policy_updates`](crate::iam::RoleRef::without_policy_updates)).
    pub fn role(mut self, role: &RoleRef) -> Self {
        self.settings.role = Some(role.clone());
        self
    }

    /// What rebuilds acts as this role, in place of one that is made: the state machine, and the schedule that starts
    /// it. `states.amazonaws.com` and `events.amazonaws.com` may assume it. With this and [`role`](Self::role), a program
    /// whose people may make no roles makes none.
    pub fn reload_role(mut self, role: &RoleRef) -> Self {
        self.settings.reload_role = Some(role.clone());
        self
    }

    /// Says more about both functions, such as their log level.
    pub fn function_with(mut self, say: impl Fn(Function) -> Function + 'static) -> Self {
        self.settings.with.push(Rc::new(say));
        self
    }

    fn made_bucket(&self, scope: &Scope) -> BucketRef {
        let said = self.bucket_with.iter();
        let mut bucket = said.fold(Bucket::new(), |bucket, say| say(bucket));
        if self.bridge {
            bucket = bucket.event_bridge();
        }
        scope.add("Bucket", bucket)
    }
}

impl Construct for CacheSync {
    type Handle = CacheSyncRef;

    fn construct(self, scope: &Scope) -> CacheSyncRef {
        check::prefix(scope, &self.prefix);
        let there = self.named.1.as_deref();
        check::config(
            scope,
            &self.problems,
            there.filter(|_| self.bucket.is_none()),
        );
        let bucket = match (&self.bucket, &self.named.0) {
            (Some(bucket), _) => bucket.clone(),
            (None, Some(name)) => Bucket::import(scope, "Bucket", name.clone()),
            (None, None) => self.made_bucket(scope),
        };
        let is_made = self.bucket.is_none() && self.named.0.is_none();
        check::made(scope, &bucket, is_made, &self.bucket_with);
        check::tags(scope, &self.index, self.settings.tags);
        let place = self.index.settle(scope);
        let program = place.program(&bucket, &self.prefix);
        let mut settings = self.settings.clone();
        if let Index::Redis(server) = self.index {
            // First, so that what the program says of the functions comes after it.
            let reach: Rc<dyn Fn(Function) -> Function> =
                Rc::new(move |function| server.reached_by(function));
            settings.with.insert(0, reach);
        }
        let events = settings.queue(scope);
        let function = settings.updater(scope, &program);
        let rebuild = settings.rebuilder(scope, &program);
        for (function, work) in [(&function, Work::Events), (&rebuild, Work::Rebuild)] {
            let_look(&bucket, &self.prefix, settings.tags, function);
            place.let_keep(function, work);
        }
        settings.consume(&events, &function);
        let reload = reload::add(scope, &rebuild, &settings);
        if self.bridge {
            bridge::listen(scope, &bucket, &self.prefix, settings.tags, &events);
        } else {
            watch(&bucket, &self.prefix, settings.tags, &events);
        }
        CacheSyncRef {
            scope: scope.clone(),
            bucket,
            tables: place.tables(),
            events,
            function,
            rebuild,
            reload,
        }
    }
}

impl Index {
    fn settle(&self, scope: &Scope) -> Place {
        match self {
            Self::Tables(tables) => Place::Tables(Box::new(tables.settle(scope))),
            Self::Redis(server) => {
                server.check(scope);
                Place::Redis(Box::new(server.clone()))
            }
            Self::Own(own) => {
                own.check(scope);
                Place::Own(Box::new(own.clone()))
            }
        }
    }
}

impl Place {
    /// What the functions run, and what they are told.
    fn program(&self, bucket: &BucketRef, prefix: &Text) -> Program {
        let bucket = bucket.name().as_json().clone();
        let index = match self {
            Self::Tables(tables) => contract::PackageIndex::Tables(tables.plan()),
            Self::Redis(server) => server.plan(),
            Self::Own(own) => return own.program(bucket, prefix),
        };
        let mut plan = contract::CacheSync::new(bucket, index);
        plan.prefix = prefix.clone().into_owned();
        Program::bundled(plan)
    }

    fn tables(&self) -> Option<[TableRef; 2]> {
        match self {
            Self::Tables(tables) => Some(tables.tables.clone()),
            Self::Redis(_) | Self::Own(_) => None,
        }
    }

    fn let_keep(&self, function: &FunctionRef, work: Work) {
        match self {
            Self::Tables(tables) => let_keep(tables, function, work),
            Self::Redis(server) => server.let_keep(function),
            Self::Own(own) => own.let_keep(function, work),
        }
    }
}
