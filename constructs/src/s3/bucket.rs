//! Buckets with secure defaults.

use cloudwright_synth::{
    Arn, Construct, Id, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text, Value, Verb,
};

use super::cors::Pages;
use super::{LifecycleRule, name};
use crate::acknowledge::{Finding, residuals};
use crate::cfn::s3::bucket;
use crate::iam::{ResourcePolicy, Statement, tls_only};
use crate::units::days;
use crate::{cfn, defaults, kms};

/// The construct that keeps the access logs of a strict stack's buckets.
const ACCESS_LOGS: &str = "AccessLogs";
/// How long an upload may stay incomplete.
const ABANDONED_UPLOAD_DAYS: u64 = 7;
/// How long a replaced or deleted version is kept.
const NONCURRENT_DAYS: u64 = 90;
/// The oldest TLS version that a request may use.
const OLDEST_TLS: f64 = 1.2;

/// What every bucket leaves open.
const RESIDUALS: [Finding; 3] = [
    Finding::NoAccessControlList,
    Finding::NoObjectLock,
    Finding::NoReplication,
];

/// How objects are encrypted at rest.
#[derive(Clone)]
pub enum Encryption {
    /// With keys of S3 (SSE-S3), at no cost.
    S3Managed,
    /// With a key of your own; a bucket key keeps the number of KMS requests low.
    Kms(kms::KeyRef),
}

/// How the bucket is called.
#[derive(Clone)]
enum Naming {
    /// In the account-regional namespace, with a prefix of its own or made of the path.
    AccountRegional(Option<Text>),
    /// In the global namespace.
    Global(Text),
}

/// A bucket ([AWS](https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html)).
///
/// Private, owner-enforced, encrypted, versioned, TLS 1.2 or newer, kept when it leaves the
/// template; abandoned uploads are given up after 7 days and old versions removed after 90.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Uploads", Environment::agnostic());
/// let uploads = stack.add("Uploads", s3::Bucket::new());
/// let jobs = stack.add("Jobs", sqs::Queue::new());
/// uploads.notify(s3::Event::ObjectCreated, s3::Filter::prefix("incoming/"), &jobs);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Bucket {
    cfn: cfn::s3::Bucket,
    naming: Naming,
    versioned: bool,
    encryption: Option<Encryption>,
    rules: Vec<LifecycleRule>,
    pages: Vec<Pages>,
    default_rule: bool,
    access_logs: Option<(BucketRef, Text)>,
    log_target: bool,
    removal: Option<RemovalPolicy>,
}

impl Bucket {
    /// A bucket with all defaults.
    pub fn new() -> Self {
        let private = bucket::PublicAccessBlockConfiguration::new()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true);
        let ownership =
            bucket::OwnershipControlsRule::new().object_ownership("BucketOwnerEnforced");
        Self {
            cfn: cfn::s3::Bucket::new()
                .public_access_block_configuration(private)
                .ownership_controls(bucket::OwnershipControls::new([ownership])),
            naming: Naming::AccountRegional(None),
            versioned: true,
            encryption: None,
            rules: Vec::new(),
            pages: Vec::new(),
            default_rule: true,
            access_logs: None,
            log_target: false,
            removal: None,
        }
    }

    /// The first part of the name, before `-<account>-<region>-an`; made of the construct's path
    /// unless said. A change replaces the bucket. For a name without these, see [`bucket_name`](Self::bucket_name).
    pub fn prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.naming = Naming::AccountRegional(Some(prefix.into()));
        self
    }

    /// Exactly this name, in the namespace that all AWS customers share: 3 to 63 lower-case letters, digits, dots and
    /// dashes. A change replaces the bucket, and whoever has the name first keeps it; most buckets need no name, or a
    /// [`prefix`](Self::prefix).
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Site", Environment::agnostic());
    /// stack.add("Assets", s3::Bucket::new().bucket_name("assets.shop.example"));
    /// # app.synth().unwrap();
    /// ```
    #[doc(alias = "name")]
    #[doc(alias = "global_name")]
    pub fn bucket_name(mut self, name: impl Into<Text>) -> Self {
        self.naming = Naming::Global(name.into());
        self
    }

    /// Keeps old versions of objects. That is the default; saying it makes it explicit.
    pub const fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }

    /// Keeps no old versions: a replaced or deleted object is gone.
    pub const fn unversioned(mut self) -> Self {
        self.versioned = false;
        self
    }

    /// Encrypts objects otherwise than with keys of S3.
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = Some(encryption);
        self
    }

    /// Encrypts objects with a key of your own.
    pub fn encrypted_with(self, key: &kms::KeyRef) -> Self {
        self.encryption(Encryption::Kms(key.clone()))
    }

    /// Adds a lifecycle rule.
    pub fn lifecycle(mut self, rule: LifecycleRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Leaves out the rule that clears abandoned uploads and old versions.
    pub const fn without_default_lifecycle(mut self) -> Self {
        self.default_rule = false;
        self
    }

    /// Logs every request to another bucket, under a prefix. Logs arrive within hours.
    pub fn access_logs(mut self, target: &BucketRef, prefix: impl Into<Text>) -> Self {
        self.access_logs = Some((target.clone(), prefix.into()));
        self
    }

    /// Takes the access logs of other buckets of the account.
    pub const fn log_target(mut self) -> Self {
        self.log_target = true;
        self
    }

    /// Lets web pages of these origins (`https://example.com`) use these methods (`GET`, `PUT`, ...). Said
    /// again, it adds to that.
    pub fn cors(mut self, origins: &[&str], methods: &[&str]) -> Self {
        self.pages.push(Pages::of(origins, methods));
        self
    }

    /// Sends all events to EventBridge as well.
    pub fn event_bridge(mut self) -> Self {
        let bridge = bucket::EventBridgeConfiguration::new(true);
        let notifications =
            bucket::NotificationConfiguration::new().event_bridge_configuration(bridge);
        self.cfn = self.cfn.notification_configuration(notifications);
        self
    }

    /// Speeds up uploads from far away, at a price.
    pub fn transfer_acceleration(mut self) -> Self {
        self.cfn = self
            .cfn
            .accelerate_configuration(bucket::AccelerateConfiguration::new("Enabled"));
        self
    }

    /// Lets objects be locked against deletion. It cannot be turned off.
    pub fn object_lock(mut self) -> Self {
        self.cfn = self.cfn.object_lock_enabled(true);
        self
    }

    /// What becomes of the bucket when it leaves the template or is replaced.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = Some(policy);
        self
    }

    /// A bucket that exists already, by name. Grants work, and notifications are added to those that it
    /// has; its policy is the owner's.
    #[track_caller]
    pub fn import(scope: &Scope, id: impl Into<Text>, name: impl IntoValue<String>) -> BucketRef {
        let scope = scope.place(id);
        let name = name.into_value();
        BucketRef {
            arn: bucket_arn(&scope, &name),
            policy: ResourcePolicy::of_owner(&scope, "bucket"),
            scope,
            cfn: None,
            name,
            key: None,
        }
    }

    /// How the bucket is called where the place names things by a scheme.
    fn settle(&mut self, scope: &Scope) {
        if matches!(self.naming, Naming::AccountRegional(None))
            && let Some(name) = defaults::name(scope, name::NAME_LIMIT)
        {
            self.naming = Naming::Global(name);
        }
    }

    fn made_name(&self, scope: &Scope) -> Value<String> {
        match &self.naming {
            Naming::AccountRegional(None) => {
                name::account_regional(scope, &name::default_prefix(scope))
            }
            Naming::AccountRegional(Some(prefix)) => {
                name::check_prefix(scope, prefix);
                name::account_regional(scope, prefix)
            }
            Naming::Global(name) => {
                name::check_global(scope, name);
                Value::from_json(Json::Text(name.clone()))
            }
        }
    }

    fn key(&self, scope: &Scope) -> Option<kms::KeyRef> {
        match &self.encryption {
            Some(Encryption::Kms(key)) => Some(key.clone()),
            // Log delivery cannot use a key of ours.
            None if !self.log_target => defaults::key(scope, None),
            Some(Encryption::S3Managed) | None => None,
        }
    }

    fn logging(&self, scope: &Scope) -> Option<(BucketRef, Text)> {
        match &self.access_logs {
            Some(logs) => Some(logs.clone()),
            None if scope.is_strict() && !self.log_target => Some((
                strict_logs(scope),
                Text::Owned(format!("{}/", scope.path())),
            )),
            None => None,
        }
    }

    fn lifecycle_rules(&self) -> Vec<LifecycleRule> {
        let mut rules = Vec::new();
        if self.default_rule {
            let rule = LifecycleRule::new()
                .id("Housekeeping")
                .abort_uploads_after(days(ABANDONED_UPLOAD_DAYS));
            rules.push(if self.versioned {
                rule.expire_noncurrent_after(days(NONCURRENT_DAYS))
            } else {
                rule
            });
        }
        rules.extend(self.rules.iter().cloned());
        rules
    }
}

impl Default for Bucket {
    fn default() -> Self {
        Self::new()
    }
}

impl Construct for Bucket {
    type Handle = BucketRef;

    fn construct(mut self, scope: &Scope) -> BucketRef {
        self.settle(scope);
        let name = self.made_name(scope);
        let key = self.key(scope);
        let mut l1 = self
            .cfn
            .clone()
            .bucket_name(&name)
            .bucket_encryption(encryption(key.as_ref()));
        if matches!(self.naming, Naming::AccountRegional(_)) {
            l1 = l1.bucket_namespace("account-regional");
        }
        if self.versioned {
            l1 = l1.versioning_configuration(bucket::VersioningConfiguration::new("Enabled"));
        }
        let rules: Vec<_> = self
            .lifecycle_rules()
            .into_iter()
            .map(|rule| rule.render(scope))
            .collect();
        if !rules.is_empty() {
            l1 = l1.lifecycle_configuration(bucket::LifecycleConfiguration::new(rules));
        }
        if !self.pages.is_empty() {
            Pages::check_all(&self.pages, scope);
            let pages = self.pages.iter().map(|pages| pages.render(scope));
            let cors = bucket::CorsConfiguration::new(pages.collect::<Vec<_>>());
            l1 = l1.cors_configuration(cors);
        }
        if let Some((target, prefix)) = self.logging(scope) {
            let logging =
                bucket::LoggingConfiguration::new().destination_bucket_name(target.name());
            l1 = l1.logging_configuration(logging.log_file_prefix(prefix));
            scope.edge(Verb::LogsTo, target.scope(), "access logs");
        }
        if let Some(key) = &key {
            scope.edge(Verb::EncryptsWith, key.scope(), "");
        }
        let cfn = scope.add("Resource", l1);
        cfn.removal_policy(defaults::removal_policy(scope, self.removal));
        let policy = policy(scope, &cfn);
        let bucket = BucketRef {
            scope: scope.clone(),
            arn: bucket_arn(scope, &name),
            name,
            cfn: Some(cfn),
            key,
            policy: policy.clone(),
        };
        bucket
            .transport_statements()
            .into_iter()
            .for_each(|statement| policy.hold(statement));
        if self.log_target {
            policy.hold(bucket.log_delivery());
            residuals(scope, &[Finding::NoAccessLogs, Finding::S3ManagedKey]);
        }
        residuals(scope, &RESIDUALS);
        bucket
    }
}

fn encryption(key: Option<&kms::KeyRef>) -> bucket::BucketEncryption {
    let rule = match key {
        Some(key) => {
            let default =
                bucket::ServerSideEncryptionByDefault::new("aws:kms").kms_master_key_id(key.arn());
            bucket::ServerSideEncryptionRule::new()
                .server_side_encryption_by_default(default)
                .bucket_key_enabled(true)
        }
        None => bucket::ServerSideEncryptionRule::new().server_side_encryption_by_default(
            bucket::ServerSideEncryptionByDefault::new("AES256"),
        ),
    };
    bucket::BucketEncryption::new([rule])
}

fn policy(scope: &Scope, cfn: &cfn::s3::BucketRef) -> ResourcePolicy {
    let name = cfn.reference();
    ResourcePolicy::beside(scope, "bucket", move |place, document| {
        place.add("Resource", cfn::s3::BucketPolicy::new(&name, document));
    })
}

fn bucket_arn(scope: &Scope, name: &Value<String>) -> Value<Arn<cfn::s3::Bucket>> {
    Value::from_json(Json::concat(vec![
        Json::Text("arn:".into()),
        scope.partition().as_json().clone(),
        Json::Text(":s3:::".into()),
        name.as_json().clone(),
    ]))
}

/// The one bucket for the access logs of a strict stack, made on first use.
fn strict_logs(scope: &Scope) -> BucketRef {
    let stack = scope.stack();
    let Some(found) = stack.find(ACCESS_LOGS) else {
        return stack.add(
            ACCESS_LOGS,
            Bucket::new().log_target().encryption(Encryption::S3Managed),
        );
    };
    let mut made = Bucket::new();
    made.settle(&found);
    let name = made.made_name(&found);
    BucketRef {
        arn: bucket_arn(&found, &name),
        policy: ResourcePolicy::of_owner(&found, "bucket"),
        scope: found,
        cfn: None,
        name,
        key: None,
    }
}

/// The handle of a [`Bucket`], or of one that exists already.
#[derive(Clone)]
pub struct BucketRef {
    scope: Scope,
    cfn: Option<cfn::s3::BucketRef>,
    name: Value<String>,
    arn: Value<Arn<cfn::s3::Bucket>>,
    key: Option<kms::KeyRef>,
    policy: ResourcePolicy,
}

impl BucketRef {
    /// The bucket's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported bucket.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::s3::BucketRef> {
        self.cfn.as_ref()
    }

    /// The bucket's name. It is known without asking the bucket resource, so using it makes nothing
    /// wait for the bucket.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.name.clone()
    }

    /// The bucket's ARN; like the name it makes nothing wait.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::s3::Bucket>> {
        self.arn.clone()
    }

    /// The ARN of all objects whose keys begin with `prefix`; an empty one means all objects.
    #[must_use]
    pub fn objects(&self, prefix: &str) -> Value<String> {
        self.arn() + format!("/{prefix}*")
    }

    /// Whether two handles are of one bucket, as far as that is known here.
    #[cfg(any(feature = "processing-pipeline", feature = "replicated-bucket"))]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let same_name = self.name().as_json() == other.name().as_json();
        same_name || self.scope().path() == other.scope().path()
    }

    /// The key that objects are encrypted with, when it is one of your own.
    #[must_use]
    pub const fn key(&self) -> Option<&kms::KeyRef> {
        self.key.as_ref()
    }

    /// Adds a statement to the bucket's policy; an imported bucket has none to add to.
    #[track_caller]
    pub fn add_statement(&self, statement: Statement) {
        self.policy.add(statement);
    }

    pub(super) const fn policy(&self) -> &ResourcePolicy {
        &self.policy
    }

    /// By the resource and not by its name: the policy waits for its bucket anyhow, and checkers see whose policy it is.
    fn transport_statements(&self) -> Vec<Statement> {
        let own = self.cfn.as_ref().map(cfn::s3::BucketRef::arn);
        let arn = own.unwrap_or_else(|| self.arn());
        let resources = || {
            let objects = arn.clone() + "/*";
            vec![arn.as_json().clone(), objects.as_json().clone()]
        };
        let old_tls = Statement::deny(["s3:*"])
            .by(crate::iam::Principal::everyone())
            .on_all(resources())
            .when("NumericLessThan", "s3:TlsVersion", OLDEST_TLS);
        vec![tls_only("s3:*", resources()), old_tls]
    }

    fn log_delivery(&self) -> Statement {
        Statement::allow(["s3:PutObject"])
            .by(crate::iam::Principal::service("logging.s3.amazonaws.com"))
            .on(self.objects(""))
            .when("StringEquals", "aws:SourceAccount", self.scope.account())
    }
}

impl IntoValue<Arn<cfn::s3::Bucket>> for &BucketRef {
    fn into_json(self) -> Json {
        self.arn.as_json().clone()
    }
}

impl IntoValue<Id<cfn::s3::Bucket>> for &BucketRef {
    fn into_json(self) -> Json {
        self.name.as_json().clone()
    }
}
