//! What a program holds of a secret.

use cloudwright_synth::intrinsic::SecretReference;
use cloudwright_synth::{Arn, Scope, Text, Value};

use crate::iam::{ResourcePolicy, Statement};
use crate::{arn, cfn, kms, rules};

/// What an imported secret is known by.
const KIND: arn::Kind = arn::Kind {
    service: "secretsmanager",
    prefix: "secret:",
    what: "a secret",
};

/// The handle of a [`Secret`](super::Secret), or of one that exists already.
#[derive(Clone)]
pub struct SecretRef {
    scope: Scope,
    cfn: Option<cfn::secretsmanager::SecretRef>,
    arn: Value<Arn<cfn::secretsmanager::Secret>>,
    key: Option<kms::KeyRef>,
    policy: ResourcePolicy,
}

impl SecretRef {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::secretsmanager::SecretRef,
        key: Option<kms::KeyRef>,
    ) -> Self {
        let secret = cfn.clone();
        let policy = ResourcePolicy::beside(scope, "secret", move |place, document| {
            let policy = cfn::secretsmanager::ResourcePolicy::new(document, &secret);
            place.add("Resource", policy.block_public_policy(true));
        });
        Self {
            scope: scope.clone(),
            // What CloudFormation calls the id of a secret is its ARN.
            arn: cfn.id().cast(),
            cfn: Some(cfn),
            key,
            policy,
        }
    }

    #[track_caller]
    pub(super) fn imported(scope: Scope, arn: Value<Arn<cfn::secretsmanager::Secret>>) -> Self {
        arn::parts(&scope, &arn, &KIND);
        Self {
            policy: ResourcePolicy::of_owner(&scope, "secret"),
            scope,
            cfn: None,
            arn,
            key: None,
        }
    }

    /// The secret's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported secret.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::secretsmanager::SecretRef> {
        self.cfn.as_ref()
    }

    /// The secret's ARN: what a program is given to read it by.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::secretsmanager::Secret>> {
        self.arn.clone()
    }

    /// The key that the secret is encrypted with, when it is one of your own.
    #[must_use]
    pub const fn key(&self) -> Option<&kms::KeyRef> {
        self.key.as_ref()
    }

    /// The whole text, for a property that CloudFormation fills at deployment, such as the password of a
    /// database. The template shows a reference, never the value; outputs refuse it.
    #[must_use]
    pub fn value(&self) -> Value<String> {
        SecretReference::new(self.arn().cast::<String>()).value()
    }

    /// As [`value`](Self::value), for one key of a secret that holds a JSON object.
    #[must_use]
    #[track_caller]
    pub fn value_of(&self, key: impl Into<Text>) -> Value<String> {
        let key = key.into();
        self.expect_key(&self.scope, key.clone());
        SecretReference::new(self.arn().cast::<String>())
            .key(key)
            .value()
    }

    /// Says that a construct finds this key in the JSON object that the secret is filled with. Nothing of the
    /// template changes: `secret put` refuses a value without it, and names who needs it.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Shop", Environment::agnostic());
    /// let payments = stack.add("Payments", secretsmanager::Secret::new());
    /// payments.expect_key(&stack, "token");
    /// assert_eq!(app.synth().unwrap().needs()[0].key, "token");
    /// ```
    #[track_caller]
    pub fn expect_key(&self, consumer: &Scope, key: impl Into<Text>) {
        use cloudwright_synth::ResourceRef;
        // What a secret of somebody else holds is theirs to check.
        if let Some(secret) = &self.cfn {
            consumer.declare_need(secret.handle(), key);
        }
    }

    /// Adds a statement to the secret's policy. The resource of a secret's own policy is `*`.
    #[track_caller]
    pub fn add_statement(&self, statement: Statement) {
        self.policy.add(statement.only_on("*"));
    }

    /// Says of an ARN without its end that policies match nothing by it. Reading takes it, as references in a template do.
    #[track_caller]
    pub(super) fn expect_whole(&self) {
        let name = self.arn.literal().and_then(|arn| arn.splitn(7, ':').nth(6));
        if let Some(name) = name.filter(|name| !name.is_empty() && !is_whole(name)) {
            let message = format!(
                "a policy names a secret by its whole ARN, which ends in a dash and six characters that Secrets Manager made up, got \"{name}\""
            );
            let help =
                "copy the whole ARN from the console: a policy with less of it matches nothing";
            self.scope.error(&rules::BAD_ARN, message, help);
        }
    }

    pub(super) const fn policy(&self) -> &ResourcePolicy {
        &self.policy
    }
}

/// Whether the name within an ARN has what Secrets Manager adds to it, or a pattern for that.
fn is_whole(name: &str) -> bool {
    let added = name.rsplit_once('-').map_or("", |(_, added)| added);
    let is_added = |one: u8| one.is_ascii_alphanumeric() || one == b'?';
    name.ends_with('*') || (added.len() == 6 && added.bytes().all(is_added))
}
