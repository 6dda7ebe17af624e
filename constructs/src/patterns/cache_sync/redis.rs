//! A Redis server that holds an index.

use cloudwright_contract as contract;
use cloudwright_synth::{Id, IntoValue, Json, Scope, Value, Verb};

use super::check;
use crate::iam::Statement;
use crate::lambda::{Function, FunctionRef};
use crate::secretsmanager::SecretRef;
use crate::{cfn, kms};

/// The subnets and the security groups of functions.
type Network = (
    Value<Vec<Id<cfn::ec2::Subnet>>>,
    Value<Vec<Id<cfn::ec2::SecurityGroup>>>,
);

/// A Redis server that holds a package index, and how the functions reach it. It is no cluster, as
/// pypicloud has it with `db.clustered = false`.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::patterns::RedisServer;
/// # let app = App::new();
/// # let stack = app.stack("Packages", Environment::new("111111111111", "eu-central-1"));
/// let secret = stack.add("RedisUrl", secretsmanager::Secret::new());
/// let server = RedisServer::of_secret(&secret).vpc(["subnet-0a1b2c3d"], ["sg-0a1b2c3d"]);
/// stack.add("Index", CacheSync::redis(server));
/// # app.synth().unwrap();
/// ```
///
/// Inside a network, the functions need a way to S3 and Secrets Manager there: VPC endpoints or a NAT
/// gateway.
#[derive(Clone)]
#[must_use = "a server does nothing until an index is on it: `CacheSync::redis(..)`"]
pub struct RedisServer {
    address: Address,
    network: Option<Network>,
    key: Option<kms::KeyRef>,
}

#[derive(Clone)]
enum Address {
    Url(Json),
    Secret(Box<SecretRef>),
}

impl RedisServer {
    /// The server at this address, `redis://host:port` or `rediss://host:port`, without a password.
    pub fn at(url: impl IntoValue<String>) -> Self {
        Self::with(Address::Url(url.into_json()))
    }

    /// The server whose address, with user and password, is the text of this Secrets Manager secret:
    /// `rediss://user:password@host:port`. The secret is read when a function starts, and is in no
    /// template.
    pub fn of_secret(secret: &SecretRef) -> Self {
        Self::with(Address::Secret(Box::new(secret.clone())))
    }

    const fn with(address: Address) -> Self {
        Self {
            address,
            network: None,
            key: None,
        }
    }

    /// The functions run inside these subnets with these security groups.
    pub fn vpc(
        mut self,
        subnets: impl IntoValue<Vec<Id<cfn::ec2::Subnet>>>,
        security_groups: impl IntoValue<Vec<Id<cfn::ec2::SecurityGroup>>>,
    ) -> Self {
        self.network = Some((subnets.into_value(), security_groups.into_value()));
        self
    }

    /// The key that an imported secret is encrypted with, when it is one of your own.
    pub fn secret_key(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    pub(super) fn check(&self, scope: &Scope) {
        if let Address::Url(url) = &self.address {
            check::redis_url(scope, url.as_text());
        }
    }

    /// What the handler is told.
    pub(super) fn plan(&self) -> contract::PackageIndex<Json> {
        match &self.address {
            Address::Url(url) => contract::PackageIndex::Redis(url.clone()),
            Address::Secret(secret) => {
                contract::PackageIndex::RedisSecret(secret.arn().as_json().clone())
            }
        }
    }

    /// A function that reaches the server.
    pub(super) fn reached_by(&self, function: Function) -> Function {
        match self.network.clone() {
            Some((subnets, groups)) => function.vpc(subnets, groups),
            None => function,
        }
    }

    /// Lets a function read the address.
    pub(super) fn let_keep(&self, function: &FunctionRef) {
        let Address::Secret(secret) = &self.address else {
            return;
        };
        function
            .scope()
            .edge(Verb::MayRead, secret.scope(), "cache-sync");
        let read = Statement::allow(["secretsmanager:GetSecretValue"]);
        function.add_statement(read.on(secret.arn()));
        if let Some(key) = self.key.as_ref().or(secret.key()) {
            key.grant_decrypt(function);
        }
    }
}
