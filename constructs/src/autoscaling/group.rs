//! Groups with secure defaults.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{
    Construct, Id, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text, Value, Verb,
};

use super::capacity::capacity;
use super::handle::GroupRef;
use super::rolling::{RollingUpdate, period};
use crate::acknowledge::{Finding, residuals};
use crate::cfn::autoscaling::auto_scaling_group as l1;
use crate::ec2::{LaunchTemplateRef, SubnetRef, VpcRef};
use crate::iam::{Principal, Statement};
use crate::units::{check_seconds, minutes};
use crate::{cfn, defaults, kms, rules};

/// How long a server may live before it is replaced, in seconds: a day to a year.
const LIVES: RangeInclusive<i64> = 86_400..=31_536_000;
/// Who starts the servers of all groups of an account.
const LAUNCHER: &str =
    ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*";

/// A group of servers ([AWS](https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-groups.html)) over the
/// private subnets of a network.
///
/// A server that fails is replaced, a new version of the template exchanges all, one at a time, and the
/// group measures itself every minute. What tags the group, tags its servers.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::autoscaling::{Group, RollingUpdate};
/// use cloudwright::ec2::{Image, LaunchTemplate, SecurityGroup, Vpc};
/// use cloudwright::lambda::Architecture;
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let network = stack.add("Network", Vpc::new("10.0.0.0/16"));
/// let group = stack.add("Firewall", SecurityGroup::new(&network, "the servers of the shop"));
/// let servers = LaunchTemplate::new(Image::amazon_linux_2023(Architecture::Arm64), "t4g.small")
///     .security_group(&group);
/// let servers = stack.add("Servers", servers);
/// let shop = Group::new(&network, &servers, 2..=6)
///     .tag("role", "shop")
///     .rolling_update(RollingUpdate::new().at_once(2));
/// let shop = stack.add("Shop", shop);
/// shop.scale_on_cpu(60.0);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Group {
    network: VpcRef,
    template: LaunchTemplateRef,
    servers: RangeInclusive<u32>,
    desired: Option<u32>,
    public: bool,
    tags: Vec<(Text, Text)>,
    health: Health,
    rolling: RollingUpdate,
    lifetime: Option<Duration>,
    warmup: Option<Duration>,
    name: Option<Text>,
    protected: bool,
    removal: RemovalPolicy,
}

/// What tells that a server failed.
#[derive(Clone, Copy)]
struct Health {
    kinds: &'static str,
    grace: Duration,
}

impl Group {
    /// So many servers of a template at least and at most, such as `2..=6`.
    pub fn new(
        network: &VpcRef,
        template: &LaunchTemplateRef,
        servers: RangeInclusive<u32>,
    ) -> Self {
        Self {
            network: network.clone(),
            template: template.clone(),
            servers,
            desired: None,
            public: false,
            tags: Vec::new(),
            health: Health {
                kinds: "EC2",
                grace: minutes(5),
            },
            rolling: RollingUpdate::new(),
            lifetime: None,
            warmup: None,
            name: None,
            protected: false,
            removal: RemovalPolicy::Destroy,
        }
    }

    /// How many servers it starts with: the fewest unless said. Each deployment sets it again, so leave it
    /// out where the group scales by itself.
    pub const fn desired(mut self, servers: u32) -> Self {
        self.desired = Some(servers);
        self
    }

    /// In the subnets that the internet reaches, in place of the private ones.
    pub const fn in_public_subnets(mut self) -> Self {
        self.public = true;
        self
    }

    /// A tag of the group and of all its servers.
    pub fn tag(mut self, key: impl Into<Text>, value: impl Into<Text>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// How long a new server has before it is looked at: 5 minutes unless said.
    pub const fn health_grace(mut self, duration: Duration) -> Self {
        self.health.grace = duration;
        self
    }

    /// Also replaces a server whose load balancer finds it ill.
    pub const fn health_by_load_balancer(mut self) -> Self {
        self.health.kinds = "ELB";
        self
    }

    /// How servers are exchanged for those of a new version.
    pub const fn rolling_update(mut self, update: RollingUpdate) -> Self {
        self.rolling = update;
        self
    }

    /// Replaces each server after so long: 1 day to 1 year.
    pub const fn maximum_lifetime(mut self, duration: Duration) -> Self {
        self.lifetime = Some(duration);
        self
    }

    /// How long a new server takes until what is measured of it counts.
    pub const fn warmup(mut self, duration: Duration) -> Self {
        self.warmup = Some(duration);
        self
    }

    /// Keeps the group from taking servers away by itself.
    pub const fn protected_from_scale_in(mut self) -> Self {
        self.protected = true;
        self
    }

    /// A fixed name, up to 255 characters. Without one CloudFormation makes a unique name. A change
    /// replaces the group.
    pub fn group_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What becomes of the group when it leaves the template: deleted unless said.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = policy;
        self
    }

    /// A group that exists already, by name, for metrics and scaling.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        name: impl IntoValue<Id<cfn::autoscaling::AutoScalingGroup>>,
    ) -> GroupRef {
        GroupRef::imported(scope.place(id), name.into_value())
    }

    fn subnets(&self, scope: &Scope) -> Vec<Value<Id<cfn::ec2::Subnet>>> {
        let subnets = if self.public {
            self.network.public_subnets()
        } else {
            self.network.private_subnets()
        };
        if self.public && subnets.is_empty() {
            let message = format!("`{}` has no public subnets", self.network.scope().path());
            let help =
                "give it some with `.public_subnets()`, or leave the servers in the private ones";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        subnets.iter().map(SubnetRef::id).collect()
    }
}

impl Construct for Group {
    type Handle = GroupRef;

    fn construct(mut self, scope: &Scope) -> GroupRef {
        self.name = self.name.or_else(|| defaults::name(scope, 255));
        let numbers = capacity(scope, &self.servers, self.desired);
        let update = self.rolling.json(scope, numbers.least, numbers.most);
        let first = self.desired.unwrap_or(numbers.least);
        let cfn = scope.add("Resource", self.l1(scope, numbers.least, numbers.most));
        cfn.removal_policy(self.removal);
        scope.edge(Verb::Runs, self.template.scope(), "");
        residuals(scope, &[Finding::NoScalingNotifications]);
        cfn.update_policy(update);
        // What servers do first may need the way out.
        self.network.is_awaited_by(&cfn);
        if let Some(timeout) = self.rolling.first_signals().filter(|_| first > 0) {
            let signal = Json::map([
                ("Count", Json::Int(first.into())),
                ("Timeout", period(Duration::from_secs(timeout))),
            ]);
            cfn.creation_policy(Json::map([("ResourceSignal", signal)]));
        }
        if let Some(key) = self.template.key() {
            let_launch(scope, key);
        }
        GroupRef::owned(scope, cfn, self.name)
    }
}

impl Group {
    fn l1(&self, scope: &Scope, least: u32, most: u32) -> cfn::autoscaling::AutoScalingGroup {
        let template = l1::LaunchTemplateSpecification::new(self.template.version())
            .launch_template_id(&self.template);
        let grace = check_seconds(
            scope,
            "the time before a server is looked at",
            self.health.grace,
            0..=7200,
        );
        let mut group =
            cfn::autoscaling::AutoScalingGroup::new(most.to_string(), least.to_string())
                .launch_template(template)
                .vpc_zone_identifier(self.subnets(scope))
                .health_check_type(self.health.kinds)
                .health_check_grace_period(grace)
                .metrics_collection([l1::MetricsCollection::new("1Minute")]);
        if !self.tags.is_empty() {
            let tag = |(key, value): &(Text, Text)| {
                l1::TagProperty::new(key.clone(), true, value.clone())
            };
            group = group.tags(self.tags.iter().map(tag).collect::<Vec<_>>());
        }
        if let Some(desired) = self.desired {
            group = group.desired_capacity(desired.to_string());
        }
        if let Some(lifetime) = self.lifetime {
            group = group.max_instance_lifetime(check_seconds(
                scope,
                "a server's lifetime",
                lifetime,
                LIVES,
            ));
        }
        if let Some(warmup) = self.warmup {
            group = group.default_instance_warmup(check_seconds(
                scope,
                "a server's warm-up",
                warmup,
                0..=3600,
            ));
        }
        if self.protected {
            group = group.new_instances_protected_from_scale_in(true);
        }
        match &self.name {
            Some(name) => group.auto_scaling_group_name(name.clone()),
            None => group,
        }
    }
}

/// Lets the service start servers whose disks a key of one's own encrypts
/// ([AWS](https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html)). By
/// conditions, since a policy that names the service's role is refused until that exists; and not by the
/// account, which would only let its own policies decide.
fn let_launch(scope: &Scope, key: &kms::KeyRef) {
    let launcher = Json::concat(vec![
        Json::Text("arn:".into()),
        scope.partition().as_json().clone(),
        Json::Text(":iam::".into()),
        scope.account().as_json().clone(),
        Json::Text(LAUNCHER.into()),
    ]);
    let statement = |actions: &[&'static str]| {
        Statement::allow(actions.iter().copied())
            .by(Principal::everyone())
            .on("*")
            .when("StringEquals", "aws:PrincipalAccount", scope.account())
            .when("ArnLike", "aws:PrincipalArn", launcher.clone())
    };
    key.hold(statement(&[
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ]));
    residuals(key.scope(), &[Finding::KeyByConditions]);
    let lend = statement(&["kms:CreateGrant"]);
    key.hold(lend.when("Bool", "kms:GrantIsForAWSResource", true));
}
