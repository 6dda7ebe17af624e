//! Log groups that forget, and keep what they hold encrypted.

use std::time::Duration;

use cloudwright_synth::{
    Construct, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text, Value, Verb,
};

use super::retention::Retention;
use super::{LogGroupClass, LogGroupRef};
use crate::iam::{Principal, Statement};
use crate::{cfn, defaults, kms};

/// The longest name of a log group.
const NAME_LIMIT: usize = 512;
/// What CloudWatch Logs does with a key
/// ([AWS](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html)).
const KEY_ACTIONS: [&str; 5] = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
];
/// What the service says it encrypts: the ARN of the log group.
const ENCRYPTED_GROUP: &str = "kms:EncryptionContext:aws:logs:arn";

/// A log group ([AWS](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html)).
///
/// It keeps events for 30 days and stays when it leaves the template; in a strict stack it keeps
/// them for a year, encrypted with the stack's key.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Jobs", Environment::agnostic());
/// let audit = stack.add("Audit", logs::LogGroup::new().retention(days(365)));
/// let worker = stack.add("Worker", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
/// audit.grant_write(&worker);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct LogGroup {
    cfn: cfn::logs::LogGroup,
    retention: Retention,
    name: Option<Json>,
    class: Option<LogGroupClass>,
    key: Option<kms::KeyRef>,
    removal: Option<RemovalPolicy>,
}

impl LogGroup {
    /// A log group with all defaults.
    pub fn new() -> Self {
        Self {
            cfn: cfn::logs::LogGroup::new(),
            retention: Retention::Default,
            name: None,
            class: None,
            key: None,
            removal: None,
        }
    }

    /// How long events are kept: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    /// 1,096, 1,827, 2,192, 2,557, 2,922, 3,288 or 3,653 days.
    pub const fn retention(mut self, span: Duration) -> Self {
        self.retention = Retention::Span(span);
        self
    }

    /// Keeps every event for ever.
    pub const fn forever(mut self) -> Self {
        self.retention = Retention::Forever;
        self
    }

    /// A fixed name such as `/jobs/audit`: at most 512 letters, digits and `_-/.#`. Without one
    /// CloudFormation makes a unique name. A change replaces the log group.
    pub fn log_group_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// What events cost and can be used for; `STANDARD` unless said. `INFREQUENT_ACCESS` is cheaper
    /// and knows no metric filters.
    pub fn class(mut self, class: LogGroupClass) -> Self {
        self.class = Some(class);
        self
    }

    /// Encrypts events with a key of your own, whose policy learns that the service may use it.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Lets nobody delete the log group until this is taken away again.
    pub fn deletion_protection(mut self) -> Self {
        self.cfn = self.cfn.deletion_protection_enabled(true);
        self
    }

    /// What becomes of the log group when it leaves the template or is replaced.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = Some(policy);
        self
    }

    /// A log group that exists already, by name.
    #[track_caller]
    pub fn import(scope: &Scope, id: impl Into<Text>, name: impl IntoValue<String>) -> LogGroupRef {
        LogGroupRef::imported(scope.place(id), name.into_value())
    }
}

impl Default for LogGroup {
    fn default() -> Self {
        Self::new()
    }
}

impl Construct for LogGroup {
    type Handle = LogGroupRef;

    fn construct(mut self, scope: &Scope) -> LogGroupRef {
        self.name = self
            .name
            .or_else(|| defaults::name(scope, NAME_LIMIT).map(Json::Text));
        let mut l1 = self.cfn;
        if let Some(days) = self.retention.days(scope) {
            l1 = l1.retention_in_days(days);
        }
        let literal = self.name.as_ref().and_then(Json::as_text);
        let key = defaults::key(scope, self.key);
        if let Some(key) = &key {
            key.hold(service_statement(scope, literal));
            l1 = l1.kms_key_id(key.arn());
            scope.edge(Verb::EncryptsWith, key.scope(), "");
        }
        if let Some(name) = self.name {
            l1 = l1.log_group_name(Value::<String>::from_json(name));
        }
        let standard = matches!(self.class, None | Some(LogGroupClass::Standard));
        if let Some(class) = self.class {
            l1 = l1.log_group_class(class);
        }
        let cfn = scope.add("Resource", l1);
        cfn.removal_policy(defaults::removal_policy(scope, self.removal));
        LogGroupRef::owned(scope, cfn, key, standard)
    }
}

/// Lets CloudWatch Logs use the key of a log group. The log group refers to its key, so the key can
/// name it by a known name only, and else any log group of the account and region.
fn service_statement(scope: &Scope, name: Option<&str>) -> Statement {
    let group = format!("log-group:{}", name.unwrap_or("*"));
    let operator = if name.is_some() {
        "ArnEquals"
    } else {
        "ArnLike"
    };
    Statement::allow(KEY_ACTIONS)
        .by(Principal::regional_service(scope, "logs"))
        .on("*")
        .when(operator, ENCRYPTED_GROUP, scope.arn("logs", group))
}
