//! Customer-managed keys and who may use them.

use std::time::Duration;

use cloudwright_synth::{
    Arn, Construct, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text, Value,
};

use crate::iam::{Grantee, OwnName, Principal, ResourcePolicy, Statement, Subject, grant, table};
use crate::units::whole_days;
use crate::{cfn, defaults};

/// The construct that a strict stack encrypts everything with.
const STRICT_KEY: &str = "StrictKey";
/// What AWS's own policies let a service call that hands over what the key encrypts
/// ([AWS](https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services)). Which of the
/// calls for data keys a service makes is its own affair; who may decrypt learns nothing more by the others.
const BY_SERVICES: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey*"];

/// A symmetric customer-managed key ([AWS](https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html)).
///
/// It rotates every year, may be administered by its own account, and stays when it leaves the
/// template: without its key, data is lost.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Jobs", Environment::agnostic());
/// let key = stack.add("Key", kms::Key::new().alias("alias/jobs"));
/// stack.add("Jobs", sqs::Queue::new().encrypted_with(&key));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Key {
    cfn: cfn::kms::Key,
    alias: Option<Json>,
    waiting: Option<Duration>,
    removal: Option<RemovalPolicy>,
}

impl Key {
    /// A key with yearly rotation.
    pub fn new() -> Self {
        Self {
            cfn: cfn::kms::Key::new().enable_key_rotation(true),
            alias: None,
            waiting: None,
            removal: None,
        }
    }

    /// Says what the key is for.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.cfn = self.cfn.description(text.into());
        self
    }

    /// A second name for the key, such as `alias/uploads`.
    pub fn alias(mut self, name: impl IntoValue<String>) -> Self {
        self.alias = Some(name.into_json());
        self
    }

    /// How long a deleted key can still be brought back: 7 to 30 days, 30 unless said.
    pub const fn deletion_window(mut self, duration: Duration) -> Self {
        self.waiting = Some(duration);
        self
    }

    /// Usable in other regions too, by replica keys.
    pub fn multi_region(mut self) -> Self {
        self.cfn = self.cfn.multi_region(true);
        self
    }

    /// What becomes of the key when it leaves the template.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = Some(policy);
        self
    }

    /// A key that exists already, by ARN. Its policy is not this app's to change: grants become
    /// statements of the grantee alone.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::kms::Key>>,
    ) -> KeyRef {
        let scope = scope.place(id);
        KeyRef {
            policy: ResourcePolicy::of_owner(&scope, "key"),
            scope,
            cfn: None,
            arn: arn.into_value(),
        }
    }
}

impl Default for Key {
    fn default() -> Self {
        Self::new()
    }
}

impl Construct for Key {
    type Handle = KeyRef;

    fn construct(self, scope: &Scope) -> KeyRef {
        let mut key = self.cfn;
        if let Some(window) = self.waiting {
            key = key.pending_window_in_days(whole_days(scope, "a deletion window", window));
        }
        let cfn = scope.add("Resource", key);
        cfn.removal_policy(defaults::removal_policy(scope, self.removal));
        if let Some(alias) = self.alias {
            let alias = Value::<String>::from_json(alias);
            scope.add("Alias", cfn::kms::Alias::new(alias, &cfn));
        }
        let key = KeyRef::owned(scope, cfn);
        // Without this statement the account could lock itself out of its own key.
        key.hold(
            Statement::allow(["kms:*"])
                .by(Principal::account(scope.account()))
                .on("*"),
        );
        key
    }
}

/// The handle of a [`Key`], or of one that exists already.
#[derive(Clone)]
pub struct KeyRef {
    scope: Scope,
    cfn: Option<cfn::kms::KeyRef>,
    arn: Value<Arn<cfn::kms::Key>>,
    policy: ResourcePolicy,
}

impl KeyRef {
    fn owned(scope: &Scope, cfn: cfn::kms::KeyRef) -> Self {
        let written = cfn.clone();
        // A key's policy is a property of the key, not a resource beside it.
        let policy = ResourcePolicy::within(scope, "key", move |_, document| {
            written.raw("KeyPolicy", document);
        });
        Self {
            scope: scope.clone(),
            arn: cfn.arn(),
            cfn: Some(cfn),
            policy,
        }
    }

    /// The key's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported key.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::kms::KeyRef> {
        self.cfn.as_ref()
    }

    /// The key's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::kms::Key>> {
        self.arn.clone()
    }

    /// Lets a grantee hand over what a service encrypts with the key, such as objects, messages and secrets: the service
    /// makes a data key in its name, and opens it again for the next part or message.
    #[track_caller]
    pub fn grant_data_keys(&self, grantee: &dyn Grantee) {
        grant(&table::KMS_DATA_KEYS, &self.subject(), grantee);
    }

    /// Lets a grantee decrypt with the key.
    #[track_caller]
    pub fn grant_decrypt(&self, grantee: &dyn Grantee) {
        grant(&table::KMS_DECRYPT, &self.subject(), grantee);
    }

    /// Lets a grantee encrypt with the key.
    #[track_caller]
    pub fn grant_encrypt(&self, grantee: &dyn Grantee) {
        grant(&table::KMS_ENCRYPT, &self.subject(), grantee);
    }

    /// Lets a grantee encrypt and decrypt with the key.
    #[track_caller]
    pub fn grant_encrypt_decrypt(&self, grantee: &dyn Grantee) {
        grant(&table::KMS_ENCRYPT_DECRYPT, &self.subject(), grantee);
    }

    /// Lets an AWS service use the key for resources of this account, as a publisher to an
    /// encrypted queue or topic has to.
    #[track_caller]
    pub fn allow_service(&self, service: &'static str) {
        self.allow_service_of(service, self.scope.account());
    }

    /// Lets an AWS service use the key for resources of an account.
    #[track_caller]
    pub(crate) fn allow_service_of(&self, service: &'static str, account: Value<String>) {
        let statement = Statement::allow(BY_SERVICES)
            .by(Principal::service(service))
            .on("*")
            .when("StringEquals", "aws:SourceAccount", account);
        self.hold(statement);
    }

    /// Lets an AWS service use the key for the topics of an account, whoever it publishes for: EventBridge tells KMS
    /// neither the account nor the rule
    /// ([AWS](https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services)). By all
    /// topics, since one that has this key would wait for it while it waits for the topic.
    #[cfg(feature = "events")]
    #[track_caller]
    pub(crate) fn allow_service_for_topics(&self, service: &'static str, topics: Value<String>) {
        let statement = Statement::allow(BY_SERVICES)
            .by(Principal::service(service))
            .on("*")
            .when("ArnLike", "kms:EncryptionContext:aws:sns:topicArn", topics);
        self.hold(statement);
    }

    #[track_caller]
    pub(crate) fn hold(&self, statement: Statement) {
        self.policy.hold(statement);
    }

    fn subject(&self) -> Subject<'_> {
        let arn = IntoValue::<Json>::into_json(self.arn());
        Subject {
            scope: &self.scope,
            arn,
            content: "",
            key: None,
            policy: Some(&self.policy),
            own_name: OwnName::Star,
            known_arn: None,
        }
    }
}

impl IntoValue<Arn<cfn::kms::Key>> for &KeyRef {
    fn into_json(self) -> Json {
        IntoValue::<Arn<cfn::kms::Key>>::into_json(self.arn())
    }
}

/// The one key of a strict stack, made on first use.
pub(crate) fn strict_key(scope: &Scope) -> KeyRef {
    let stack = scope.stack();
    match stack
        .find(STRICT_KEY)
        .and_then(|found| strict_key_at(&found))
    {
        Some(key) => key,
        None => stack.add(
            STRICT_KEY,
            Key::new().description("encrypts everything in this stack"),
        ),
    }
}

fn strict_key_at(scope: &Scope) -> Option<KeyRef> {
    Some(KeyRef::owned(
        scope,
        scope.find("Resource")?.resource()?.into(),
    ))
}
