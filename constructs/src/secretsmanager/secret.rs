//! Secrets with secure defaults.

use cloudwright_synth::{
    Arn, Construct, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text, Value, Verb,
};

use super::{Password, SecretRef};
use crate::cfn::secretsmanager::secret::ReplicaRegion;
use crate::{cfn, defaults, kms};

/// The longest name of a secret.
const NAME_LIMIT: usize = 512;
/// What a name is ended with that would look like what Secrets Manager adds to it.
const LAST_WORD: &str = "-value";

/// A secret ([AWS](https://docs.aws.amazon.com/secretsmanager/latest/userguide/intro.html)).
///
/// It holds nothing until it is filled, is encrypted, cannot be opened to the public, and stays when it
/// leaves the template; a strict stack encrypts it with its own key.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let worker = stack.add("Worker", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
/// let payments = stack.add("Payments", secretsmanager::Secret::new().description("key of the payment service"));
/// payments.grant_read(&worker);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Secret {
    cfn: cfn::secretsmanager::Secret,
    name: Option<Json>,
    password: Option<Password>,
    key: Option<kms::KeyRef>,
    replicas: Vec<ReplicaRegion>,
    removal: Option<RemovalPolicy>,
}

impl Secret {
    /// A secret that holds nothing until somebody fills it, such as by `aws secretsmanager put-secret-value`.
    pub fn new() -> Self {
        Self {
            cfn: cfn::secretsmanager::Secret::new(),
            name: None,
            password: None,
            key: None,
            replicas: Vec::new(),
            removal: None,
        }
    }

    /// A secret with a password that Secrets Manager makes up.
    pub fn generated(password: Password) -> Self {
        Self {
            password: Some(password),
            ..Self::new()
        }
    }

    /// A fixed name: 1 to 512 letters, digits and `/_+=.@-`, and not a hyphen and six characters at its end, which
    /// looks like what Secrets Manager adds in ARNs. A change replaces the secret.
    pub fn secret_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// Says what the secret is for.
    pub fn description(mut self, text: impl IntoValue<String>) -> Self {
        self.cfn = self.cfn.description(text);
        self
    }

    /// Encrypts the secret with a key of your own, which whoever is granted to read or write may then use.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Keeps a copy in another region, encrypted with the key of Secrets Manager there.
    pub fn replicated_to(mut self, region: impl IntoValue<String>) -> Self {
        self.replicas.push(ReplicaRegion::new(region));
        self
    }

    /// What becomes of the secret when it leaves the template or is replaced.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = Some(policy);
        self
    }

    /// A secret that exists already, by its ARN. Grants become statements of the grantee alone, because the secret's policy
    /// belongs to its owner; they need the whole ARN, the six characters at its end included.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::secretsmanager::Secret>>,
    ) -> SecretRef {
        SecretRef::imported(scope.place(id), arn.into_value())
    }

    fn l1(self, scope: &Scope, key: Option<&kms::KeyRef>) -> cfn::secretsmanager::Secret {
        let mut l1 = self.cfn;
        if let Some(password) = self.password {
            l1 = l1.generate_secret_string(password.l1(scope));
        }
        if let Some(key) = key {
            l1 = l1.kms_key_id(key.arn());
            scope.edge(Verb::EncryptsWith, key.scope(), "");
        }
        if !self.replicas.is_empty() {
            l1 = l1.replica_regions(self.replicas);
        }
        l1
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self::new()
    }
}

impl Construct for Secret {
    type Handle = SecretRef;

    fn construct(mut self, scope: &Scope) -> SecretRef {
        let said = self.name.take();
        if let Some(name) = said.or_else(|| name_by_scheme(scope)) {
            self.cfn = self.cfn.name(Value::<String>::from_json(name));
        }
        let key = defaults::key(scope, self.key.clone());
        let removal = self.removal;
        let cfn = scope.add("Resource", self.l1(scope, key.as_ref()));
        cfn.removal_policy(defaults::removal_policy(scope, removal));
        SecretRef::owned(scope, cfn, key)
    }
}

/// The name that the place gives. One that ends like an ARN, in a hyphen and six characters, ends in another word.
fn name_by_scheme(scope: &Scope) -> Option<Json> {
    let name = defaults::name(scope, NAME_LIMIT - LAST_WORD.len())?;
    let looks_like_arn = name.rsplit('-').next().map(str::len) == Some(6) && name.contains('-');
    let last = if looks_like_arn { LAST_WORD } else { "" };
    Some(Json::Text(format!("{name}{last}").into()))
}

impl IntoValue<Arn<cfn::secretsmanager::Secret>> for &SecretRef {
    fn into_json(self) -> Json {
        self.arn().as_json().clone()
    }
}
