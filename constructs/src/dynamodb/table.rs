//! Tables with secure defaults.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::Builder as _;
use cloudwright_synth::{
    Arn, Construct, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text, Value, Verb,
};

use super::handle::TableRef;
use super::keys::{Attribute, Capacity, Index, Keys, definitions};
use super::{StreamView, TableClass};
use crate::acknowledge::{Finding, residuals};
use crate::cfn::dynamodb::table as l1;
use crate::units::{days, whole_days};
use crate::{cfn, defaults, kms, rules};

/// The longest name of a table.
const NAME_LIMIT: usize = 255;
/// For how many days a table can be restored to any second.
const RECOVERY_DAYS: RangeInclusive<i64> = 1..=35;
/// How many local indexes a table can have.
const LOCAL_INDEXES: usize = 5;
/// How many global indexes a table can have unless AWS raised the limit.
const GLOBAL_INDEXES: usize = 20;

/// A table ([AWS](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Introduction.html)).
///
/// It is paid by request, can be restored to any second of the last 35 days, is encrypted with a key of
/// DynamoDB, and stays when it leaves the template; a strict stack encrypts it with its own key.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::dynamodb::{Attribute, Index, Table};
/// # let app = App::new();
/// # let stack = app.stack("Packages", Environment::agnostic());
/// let worker = stack.add("Worker", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
/// let packages = Table::new(Attribute::string("filename"))
///     .index(Index::new("name-index", Attribute::string("name")))
///     .time_to_live("expires");
/// let packages = stack.add("Packages", packages);
/// packages.grant_read_write(&worker);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Table {
    cfn: cfn::dynamodb::Table,
    keys: Keys,
    capacity: Option<Capacity>,
    indexes: Vec<Index>,
    name: Option<Json>,
    recovery: Option<Duration>,
    stream: Option<StreamView>,
    key: Option<kms::KeyRef>,
    removal: Option<RemovalPolicy>,
}

impl Table {
    /// A table whose items are found by this attribute. A change replaces the table.
    pub fn new(partition: Attribute) -> Self {
        Self {
            cfn: cfn::dynamodb::Table::new(Vec::<l1::KeySchema>::new())
                .billing_mode(l1::BillingMode::PayPerRequest),
            keys: Keys::new(partition),
            capacity: None,
            indexes: Vec::new(),
            name: None,
            recovery: Some(days(35)),
            stream: None,
            key: None,
            removal: None,
        }
    }

    /// Sorts the items of each partition by this attribute. A change replaces the table.
    pub fn sort_by(mut self, attribute: Attribute) -> Self {
        self.keys.sort_by(attribute);
        self
    }

    /// Another way to find items: at most 20 global and 5 local indexes.
    pub fn index(mut self, index: Index) -> Self {
        self.indexes.push(index);
        self
    }

    /// A fixed name: 3 to 255 letters, digits, `_`, `-` and `.`. Without one CloudFormation makes a
    /// unique name. A change replaces the table.
    ///
    /// A table with a known name can be referred to from any account and region.
    pub fn table_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// Deletes items after the time that this attribute holds, in seconds since 1970.
    pub fn time_to_live(mut self, attribute: impl IntoValue<String>) -> Self {
        let setting = l1::TimeToLiveSpecification::new(true).attribute_name(attribute);
        self.cfn = self.cfn.time_to_live_specification(setting);
        self
    }

    /// Tells of every change in a stream that functions can read.
    pub fn stream(mut self, view: StreamView) -> Self {
        self.stream = Some(view);
        self
    }

    /// Capacity that is paid whether it is used or not: how many reads of 4 KiB and how many writes of
    /// 1 KiB a second. Each global index has as much of its own, or what [`Index::provisioned`] says.
    pub fn provisioned(mut self, reads: u32, writes: u32) -> Self {
        self.cfn = self.cfn.billing_mode(l1::BillingMode::Provisioned);
        self.capacity = Some(Capacity { reads, writes });
        self
    }

    /// What storage and requests cost: `STANDARD` unless said.
    pub fn class(mut self, class: TableClass) -> Self {
        self.cfn = self.cfn.table_class(class);
        self
    }

    /// For how long the table can be restored to any second: 1 to 35 days, and 35 unless said.
    pub const fn recovery_period(mut self, period: Duration) -> Self {
        self.recovery = Some(period);
        self
    }

    /// Cannot be restored: for data that can be made again.
    pub const fn without_recovery(mut self) -> Self {
        self.recovery = None;
        self
    }

    /// Encrypts items with a key of your own, which whoever is granted to read or write may then use.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Lets nobody delete the table until this is taken away again.
    pub fn deletion_protection(mut self) -> Self {
        self.cfn = self.cfn.deletion_protection_enabled(true);
        self
    }

    /// Counts which keys are used and throttled most, at a price
    /// ([AWS](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights.html)).
    pub fn contributor_insights(mut self) -> Self {
        let setting = l1::ContributorInsightsSpecification::new(true);
        self.cfn = self.cfn.contributor_insights_specification(setting);
        self
    }

    /// What becomes of the table and its items when it leaves the template or is replaced.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = Some(policy);
        self
    }

    /// A table that exists already, by ARN. Grants become statements of the grantee alone, because the
    /// table's policy belongs to its owner; they hold for its indexes, too.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::dynamodb::Table>>,
    ) -> TableRef {
        TableRef::imported(scope.place(id), arn.into_value())
    }
}

impl Construct for Table {
    type Handle = TableRef;

    fn construct(mut self, scope: &Scope) -> TableRef {
        self.name = self
            .name
            .or_else(|| defaults::name(scope, NAME_LIMIT).map(Json::Text));
        self.check(scope);
        let key = defaults::key(scope, self.key.clone());
        let indexed = !self.indexes.is_empty();
        let (name, removal) = (self.name.clone(), self.removal);
        let streams = self.stream.is_some();
        let cfn = scope.add("Resource", self.l1(scope, key.as_ref()));
        cfn.removal_policy(defaults::removal_policy(scope, removal));
        residuals(scope, &[Finding::NoTableBackupPlan]);
        TableRef::owned(scope, cfn, name, key).with(indexed, streams)
    }
}

impl Table {
    fn l1(self, scope: &Scope, key: Option<&kms::KeyRef>) -> cfn::dynamodb::Table {
        let definitions = definitions(scope, &self.keys, &self.indexes);
        let mut l1 = self
            .cfn
            .raw("KeySchema", self.keys.json())
            .attribute_definitions(definitions);
        if let Some(Capacity { reads, writes }) = self.capacity {
            l1 = l1.provisioned_throughput(l1::ProvisionedThroughput::new(reads, writes));
        }
        let (local, global): (Vec<_>, Vec<_>) =
            self.indexes.iter().partition(|index| index.is_local());
        if !local.is_empty() {
            let indexes = local.into_iter().map(|index| index.local_l1(&self.keys));
            l1 = l1.local_secondary_indexes(indexes.collect::<Vec<_>>());
        }
        if !global.is_empty() {
            let indexes = global
                .into_iter()
                .map(|index| index.global(&self.keys, self.capacity));
            l1 = l1.global_secondary_indexes(indexes.collect::<Vec<_>>());
        }
        if let Some(period) = self.recovery {
            l1 = l1.point_in_time_recovery_specification(recovery(scope, period));
        }
        if let Some(view) = self.stream {
            l1 = l1.stream_specification(l1::StreamSpecification::new(view));
        }
        if let Some(key) = key {
            scope.edge(Verb::EncryptsWith, key.scope(), "");
            let encryption = l1::SseSpecification::new(true)
                .sse_type("KMS")
                .kms_master_key_id(key.arn());
            l1 = l1.sse_specification(encryption);
        }
        match self.name {
            Some(name) => l1.table_name(Value::<String>::from_json(name)),
            None => l1,
        }
    }

    /// Reports what DynamoDB refuses.
    fn check(&self, scope: &Scope) {
        if let Some(capacity) = self.capacity {
            capacity.check(scope, "a table");
        }
        for index in &self.indexes {
            index.check(scope, self.capacity);
        }
        let local = self.indexes.iter().filter(|index| index.is_local()).count();
        let global = self.indexes.len() - local;
        check_count(scope, "local", local, LOCAL_INDEXES);
        check_count(scope, "global", global, GLOBAL_INDEXES);
        if local > 0 && !self.keys.is_sorted() {
            let message = "a local index sorts the items of a partition otherwise, but the table sorts them by nothing";
            let help =
                "give the table `.sort_by(..)`, or make the index a global one: `Index::new`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }
}

#[track_caller]
fn check_count(scope: &Scope, kind: &str, count: usize, most: usize) {
    if count > most {
        let message = format!("a table has {most} {kind} indexes at most, got {count}");
        let help = "one index can serve several questions: name its attributes by their use";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
}

fn recovery(scope: &Scope, period: Duration) -> l1::PointInTimeRecoverySpecification {
    let days = whole_days(scope, "a recovery period", period);
    if !RECOVERY_DAYS.contains(&days) {
        let message = format!("a table can be restored for 1 to 35 days, got {days}");
        let help = "choose a number in this range, or say `.without_recovery()`";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
    l1::PointInTimeRecoverySpecification::new()
        .point_in_time_recovery_enabled(true)
        .recovery_period_in_days(days)
}
