//! The construct and its settings.

use std::rc::Rc;
use std::time::Duration;

use cloudwright_contract::{Deletion, Mode, Skip};
use cloudwright_synth::{Construct, Regions, RemovalPolicy, Scope, Text};

use super::buckets::Buckets;
use super::check;
use super::copier::{Copier, Settings, let_read, let_write};
use super::handle::{ReplicaRef, ReplicatedBucketRef};
use super::native::{Native, Rule};
use super::paco::PacoName;
use super::places::{Site, settle};
use super::reconcile::{self, Reconciler, Schedule};
use super::replica::{Place, Replica};
use super::two_way::{self, Changes};
use crate::MiB;
use crate::iam::Statement;
use crate::lambda::Function;
use crate::s3::{Bucket, BucketRef, Filter};

/// A bucket with copies of its objects in other regions and accounts.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Artifacts", Environment::new("111111111111", "eu-central-1"));
/// let artifacts = ReplicatedBucket::to(["us-west-2", "ca-central-1"])
///     .only(s3::Filter::prefix("releases/"))
///     .replicas_with(|bucket, _region| bucket.lifecycle(
///         s3::LifecycleRule::new().expire_noncurrent_after(days(30)),
///     ));
/// let artifacts = stack.add("Artifacts", artifacts);
/// assert_eq!(artifacts.replicas().len(), 2);
/// # app.synth().unwrap();
/// ```
///
/// All buckets are made with the defaults of [`s3::Bucket`](crate::s3::Bucket): private, versioned,
/// encrypted and kept. A removed object is removed from the replicas too: in a versioned bucket by a
/// delete marker, so that its versions stay.
///
/// See the [module](super) for what is made where.
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct ReplicatedBucket {
    to: To,
    source: Option<BucketRef>,
    buckets: Buckets,
    kind: Kind,
    /// Settings that were said of another kind of replication.
    misplaced: Vec<&'static str>,
    settings: Settings,
    reconciling: Option<Schedule>,
}

/// Where copies go.
#[derive(Clone)]
enum To {
    Replicas(Vec<Replica>),
    ActiveRegions,
}

/// How objects come to the replicas.
#[derive(Clone)]
pub(super) enum Kind {
    OneWay,
    TwoWay,
    Native(Native),
}

/// What brings objects to the replicas.
#[derive(Default)]
struct Connection {
    copiers: Vec<Copier>,
    rules: Vec<Rule>,
    changes: Option<Changes>,
}

impl ReplicatedBucket {
    /// A bucket with a replica in each of these regions, or in each of these [`Replica`]s.
    pub fn to<R: Into<Replica>>(replicas: impl IntoIterator<Item = R>) -> Self {
        let replicas = replicas.into_iter().map(Into::into).collect();
        Self::with(To::Replicas(replicas))
    }

    /// A bucket with a replica in each of the [app's regions](cloudwright_synth::App::active_regions) but its own.
    pub fn to_active_regions() -> Self {
        Self::with(To::ActiveRegions)
    }

    fn with(to: To) -> Self {
        Self {
            to,
            source: None,
            buckets: Buckets::default(),
            kind: Kind::OneWay,
            misplaced: Vec::new(),
            settings: Settings::default(),
            reconciling: None,
        }
    }

    /// Copies the objects of this bucket, in place of one that is made. It is in the region of the
    /// stack. What is in it already is not copied before it changes.
    pub fn source(mut self, bucket: &BucketRef) -> Self {
        self.source = Some(bucket.clone());
        self
    }

    /// Lets every bucket be written to: the newest write decides. Replicas are in the same account,
    /// without prefixes.
    pub fn two_way(mut self) -> Self {
        self.kind = Kind::TwoWay;
        self
    }

    /// Lets S3 replicate by itself, without a function: versions of objects, within about 15 minutes.
    ///
    /// | | function | S3's own |
    /// |---|---|---|
    /// | usually after | seconds | minutes |
    /// | what is there already | copied when it changes, or by [a run over all](Self::reconcile_every) | an S3 Batch Replication job |
    /// | keys | may get a prefix | stay |
    /// | versions, their ids and times | the newest state only | kept |
    /// | a version removed for good | the state before it is copied | not replicated |
    /// | buckets without versions | yes | no |
    /// | both ways | `.two_way()` | no |
    ///
    /// To move from the function to S3's own replication, deploy with `.native()`, then let an S3 Batch
    /// Replication job copy what was not replicated yet. To move back, deploy without it, with
    /// [`reconcile_on_demand`](Self::reconcile_on_demand), and start a run. Nothing is lost on the way: until
    /// then the source has what a replica lacks. No local AWS replicates by itself, so what S3 does with these rules was
    /// never seen in a test; the rules themselves are.
    pub fn native(mut self) -> Self {
        self.kind = Kind::Native(Native::default());
        self
    }

    /// Has S3 replicate 99.9 % of the objects within 15 minutes and tell of those that are late, at a
    /// price. For [`native`](Self::native), after it.
    pub fn time_control(mut self) -> Self {
        match &mut self.kind {
            Kind::Native(native) => native.time_control = true,
            Kind::OneWay | Kind::TwoWay => self.misplaced.push("time_control"),
        }
        self
    }

    /// What becomes of the copies of an object that is removed from the source, in all replicas that do not
    /// say [otherwise](Replica::deletion): they are removed unless said. S3's own replication removes by delete markers
    /// or keeps; both ways a removal is one everywhere.
    pub const fn deletion(mut self, deletion: Deletion) -> Self {
        self.settings.deletion = deletion;
        self
    }

    /// Leaves in the replicas what is removed from the source: [`Deletion::Keep`].
    pub const fn keep_deleted(self) -> Self {
        self.deletion(Deletion::Keep)
    }

    /// Copies these objects only; said again, those as well. S3 refuses filters that overlap.
    pub fn only(mut self, filter: Filter) -> Self {
        self.settings.filters.push(filter);
        self
    }

    /// Copies no objects whose keys begin and end like this; said again, those neither.
    pub fn skip(mut self, prefix: impl Into<String>, suffix: impl Into<String>) -> Self {
        let (prefix, suffix) = (prefix.into(), suffix.into());
        self.settings.skip.push(Skip { prefix, suffix });
        self
    }

    /// Keeps no old versions, in all buckets that are made: what is replaced or removed is gone.
    pub const fn unversioned(mut self) -> Self {
        self.buckets.versioned = false;
        self
    }

    /// What becomes of the buckets that are made, and of what they hold, when they leave the template.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.buckets.removal = Some(policy);
        self
    }

    /// Says more about the source that is made, such as its lifecycle.
    pub fn source_with(mut self, say: impl Fn(Bucket) -> Bucket + 'static) -> Self {
        self.buckets.source.push(Rc::new(say));
        self
    }

    /// Says more about every replica that is made, by its region.
    pub fn replicas_with(mut self, say: impl Fn(Bucket, &str) -> Bucket + 'static) -> Self {
        self.buckets.replicas.push(Rc::new(say));
        self
    }

    /// Names the buckets that are made by [Paco's rule](PacoName), for those that replace Paco's. Such a name
    /// has no account in it, so anybody may take one that is free, and nothing but its bucket keeps it: do not
    /// delete a replica that is still copied to.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// use cloudwright::patterns::PacoName;
    /// # let app = App::new();
    /// # let stack = app.stack("Artifacts", Environment::new("111111111111", "eu-central-1"));
    /// let name = PacoName::new("mynet", "prod").application("app").resource("s3bucket");
    /// let names = [name.clone().group("original"), name.group("replica")].map(|one| one.bucket("artifacts"));
    /// let artifacts = ReplicatedBucket::to(["us-west-2"]).paco_names(names);
    /// let artifacts = stack.add("Artifacts", artifacts);
    /// assert_eq!(
    ///     artifacts.source().name().literal(),
    ///     Some("ne-mynet-prod-app-app-original-s3bucket-artifacts-euc1"),
    /// );
    /// # app.synth().unwrap();
    /// ```
    pub fn paco_names(mut self, [source, replicas]: [PacoName; 2]) -> Self {
        self.buckets.paco = Some([source, replicas]);
        self
    }

    /// Adds a statement to the policy of every replica that is made.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Artifacts", Environment::new("111111111111", "eu-central-1"));
    /// let read = |replica: &s3::BucketRef| Statement::allow(["s3:GetObject"])
    ///     .by(Principal::account("222222222222"))
    ///     .on(replica.objects(""));
    /// let artifacts = ReplicatedBucket::to(["us-west-2", "ca-central-1"]).replica_statement(read);
    /// stack.add("Artifacts", artifacts);
    /// # app.synth().unwrap();
    /// ```
    pub fn replica_statement(
        mut self,
        statement: impl Fn(&BucketRef) -> Statement + 'static,
    ) -> Self {
        self.buckets.statements.push(Rc::new(statement));
        self
    }

    /// Looks at all objects every so often, whole minutes, and repairs replicas that are not as they
    /// should be: objects that were there before, or whose events were lost, copies that somebody
    /// changed. For replication by the function, one way or both ways.
    ///
    /// A run compares lists, a thousand objects of each bucket at a time, so it costs a request for as many
    /// objects; what differs is copied, or removed if it is a copy of what is gone. Both ways the newest
    /// change decides, removals among them for the month that the table remembers them; what may be newer than
    /// all that is known stays until its event comes.
    pub fn reconcile_every(mut self, period: Duration) -> Self {
        self.reconciling = Some(Schedule::Every(period));
        self
    }

    /// As [`reconcile_every`](Self::reconcile_every), by a
    /// [schedule](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html) in
    /// UTC, such as `cron(15 3 * * ? *)`.
    pub fn reconcile_at(mut self, schedule: impl Into<Text>) -> Self {
        self.reconciling = Some(Schedule::At(schedule.into()));
        self
    }

    /// As [`reconcile_every`](Self::reconcile_every), only when somebody starts the
    /// [state machine](ReplicatedBucketRef::reconciliation), by the [operation](crate::operation) `reconcile`.
    pub fn reconcile_on_demand(mut self) -> Self {
        self.reconciling = Some(Schedule::OnDemand);
        self
    }

    /// How long one call of the function may take, for all its copies: 1 second to 15 minutes, and 15
    /// minutes unless said. An event that failed is done again after six times as long.
    pub const fn timeout(mut self, duration: Duration) -> Self {
        self.settings.timeout = duration;
        self
    }

    /// The function's memory, 128 to 10,240 MiB, and 256 unless said.
    pub const fn memory(mut self, size: MiB) -> Self {
        self.settings.memory = size;
        self
    }

    /// How many calls of the function may run at once, taken from what the account shares.
    pub const fn reserved_concurrency(mut self, calls: u32) -> Self {
        self.settings.reserved = Some(calls);
        self
    }

    /// How many objects one call copies at once: 1 to 1,000, and 32 unless said.
    pub const fn objects_at_once(mut self, objects: u32) -> Self {
        self.settings.at_once = Some(objects);
        self
    }

    /// Copies objects above a size in parts of a size, each 5 MiB to 5 GiB; above 5 GiB in parts of
    /// 512 MiB unless said.
    pub fn multipart(mut self, above: MiB, part: MiB) -> Self {
        let bytes = |size: MiB| u64::from(size.0) << 20;
        self.settings.multipart.threshold_bytes = bytes(above);
        self.settings.multipart.part_bytes = bytes(part);
        self
    }

    /// Says more about the function, such as its log level.
    pub fn function_with(mut self, say: impl Fn(Function) -> Function + 'static) -> Self {
        self.settings.with.push(Rc::new(say));
        self
    }
}

impl Construct for ReplicatedBucket {
    type Handle = ReplicatedBucketRef;

    fn construct(self, scope: &Scope) -> ReplicatedBucketRef {
        check::settings(scope, &self.settings);
        check::misplaced(scope, &self.misplaced);
        let replicas = check::distinct(scope, self.replicas(scope));
        let makes = |replica: &Replica| matches!(replica.place, Place::Made { .. });
        let said = self.buckets.said();
        check::made(
            scope,
            self.source.as_ref(),
            said,
            replicas.iter().any(makes),
        );
        let source = match &self.source {
            Some(bucket) => bucket.clone(),
            None => self.buckets.source(scope),
        };
        let deletion = self.settings.deletion;
        let settle = |replica| settle(scope, &source, replica, (&self.buckets, deletion));
        let sites: Vec<_> = replicas.iter().map(settle).collect();
        let home = Site::source(scope, &source);
        check::sites(scope, &self.kind, &home, &sites);
        let connection = if sites.is_empty() {
            Connection::default()
        } else {
            self.connect(scope, &home, &sites)
        };
        let Connection {
            copiers,
            rules,
            changes,
        } = connection;
        let reconciler = self.reconciler(scope, &home, &sites, changes.as_ref());
        let replicas = sites.into_iter().map(|site| ReplicaRef { site });
        ReplicatedBucketRef {
            scope: scope.clone(),
            source,
            replicas: replicas.collect(),
            copiers,
            rules,
            reconciler,
        }
    }
}

impl ReplicatedBucket {
    fn replicas(&self, scope: &Scope) -> Vec<Replica> {
        match &self.to {
            To::Replicas(replicas) => replicas.clone(),
            To::ActiveRegions => {
                let environment = scope.environment();
                let regions = scope.regions(&Regions::active()).into_iter();
                let others =
                    regions.filter(|region: &Text| environment.region_name() != Some(region));
                others.map(Replica::from).collect()
            }
        }
    }

    fn connect(&self, scope: &Scope, home: &Site, replicas: &[Site]) -> Connection {
        let mut connection = Connection::default();
        match &self.kind {
            Kind::OneWay => {
                wait_for(scope, replicas);
                connection.copiers.push(self.one_way(home, replicas));
            }
            Kind::TwoWay => {
                let sites = [std::slice::from_ref(home), replicas].concat();
                let changes = Changes::add(scope);
                connection.copiers = two_way::connect(&changes, &self.settings, &sites);
                connection.changes = Some(changes);
            }
            Kind::Native(native) => {
                wait_for(scope, replicas);
                connection.rules = native.connect(home, replicas, &self.settings);
            }
        }
        connection
    }

    fn one_way(&self, home: &Site, replicas: &[Site]) -> Copier {
        let copier = self.settings.copier(home, replicas, Mode::OneWay);
        let_read(&self.settings.chosen(), &home.bucket, &copier.function);
        for site in replicas {
            let_write(site, &copier.function);
        }
        copier
    }
}

impl ReplicatedBucket {
    /// What looks at all objects, if the program wants it.
    fn reconciler(
        &self,
        scope: &Scope,
        home: &Site,
        replicas: &[Site],
        changes: Option<&Changes>,
    ) -> Option<Reconciler> {
        let schedule = self.reconciling.as_ref().filter(|_| !replicas.is_empty())?;
        if matches!(self.kind, Kind::Native(_)) {
            check::no_native_runs(scope);
            return None;
        }
        let filters = self.settings.chosen();
        let mode = changes.map_or(Mode::OneWay, Changes::mode);
        let function = self.settings.reconciler(home, replicas, mode);
        if let Some(changes) = changes {
            let sites = [std::slice::from_ref(home), replicas].concat();
            changes.let_in(&self.settings, &sites, &function);
        } else {
            let_read(&filters, &home.bucket, &function);
            for site in replicas {
                let_write(site, &function);
            }
        }
        let source = &home.bucket;
        Some(reconcile::add(scope, schedule, source, &filters, function))
    }
}

/// The stack of the source is deployed after those of the replicas.
fn wait_for(scope: &Scope, replicas: &[Site]) {
    for site in replicas {
        let (here, there) = (scope.stack(), site.bucket.scope().stack());
        if site.bucket.cfn().is_some() && here.path() != there.path() {
            scope.depends_on(site.bucket.scope());
        }
    }
}
