//! Networks with subnets over several availability zones.

use cloudwright_synth::{Construct, Id, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text};

use super::range;
use super::subnets::{Layout, Made};
use super::{SubnetRef, VpcRef};
use crate::acknowledge::{Finding, residuals};
use crate::iam::{Principal, Role, Statement};
use crate::logs::LogGroup;
use crate::{cfn, rules};

/// How many availability zones a network can be spread over.
const ZONES: std::ops::RangeInclusive<u32> = 1..=6;
/// How large a network may be, in bits that its addresses share.
const SIZES: std::ops::RangeInclusive<u32> = 16..=22;

/// How private subnets reach the internet ([AWS](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nat {
    /// Not at all: AWS's services are reached by endpoints.
    #[default]
    None,
    /// By one gateway for all zones: cheaper, and gone with its zone.
    One,
    /// By a gateway in each zone.
    PerZone,
}

/// A network ([AWS](https://docs.aws.amazon.com/vpc/latest/userguide/what-is-amazon-vpc.html)) with a private
/// subnet in each of two availability zones, and no way out.
///
/// Of the addresses, each zone has an eighth for its private subnet, and a 64th for the public one that a
/// [`Nat`] or [`public_subnets`](Self::public_subnets) ask for: a zone more changes no other subnet.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::ec2::{GatewayService, Nat, Vpc};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let network = Vpc::new("10.0.0.0/16").availability_zones(3).nat(Nat::One);
/// let network = stack.add("Network", network);
/// network.gateway_endpoint(GatewayService::S3);
/// network.interface_endpoint("ssm");
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Vpc {
    range: Text,
    zones: u32,
    nat: Nat,
    public: bool,
    flow_logs: bool,
    removal: RemovalPolicy,
}

impl Vpc {
    /// A network with these addresses, between `/16` and `/22`, such as `10.0.0.0/16`. A change replaces the
    /// network.
    pub fn new(range: impl Into<Text>) -> Self {
        Self {
            range: range.into(),
            zones: 2,
            nat: Nat::None,
            public: false,
            flow_logs: false,
            removal: RemovalPolicy::Destroy,
        }
    }

    /// How many availability zones have subnets: 1 to 6, and 2 unless said. A region has to have as many.
    pub const fn availability_zones(mut self, count: u32) -> Self {
        self.zones = count;
        self
    }

    /// How private subnets reach the internet: not at all unless said.
    pub const fn nat(mut self, nat: Nat) -> Self {
        self.nat = nat;
        self
    }

    /// Also has subnets that the internet reaches, for load balancers. Servers in them get no public
    /// address unless they ask for it.
    pub const fn public_subnets(mut self) -> Self {
        self.public = true;
        self
    }

    /// Keeps who talked to whom in a log group, for 30 days; a strict stack always does.
    pub const fn flow_logs(mut self) -> Self {
        self.flow_logs = true;
        self
    }

    /// What becomes of the network when it leaves the template: deleted unless said.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = policy;
        self
    }

    /// A network that exists already, by id, with the ids of its private subnets, one for each zone.
    #[track_caller]
    pub fn import<S: IntoValue<Id<cfn::ec2::Subnet>>>(
        scope: &Scope,
        id: impl Into<Text>,
        vpc: impl IntoValue<Id<cfn::ec2::Vpc>>,
        private: impl IntoIterator<Item = S>,
    ) -> VpcRef {
        let place = scope.place(id);
        let private = private.into_iter().map(IntoValue::into_value);
        let private: Vec<SubnetRef> = private.map(SubnetRef::imported).collect();
        if private.is_empty() {
            let message =
                "a network that exists already is told with its private subnets, got none";
            let help =
                "such as `Vpc::import(&stack, \"Network\", \"vpc-0a1b..\", [\"subnet-0c2d..\"])`";
            place.error(&rules::BAD_NETWORK, message, help);
        }
        VpcRef::imported(place, vpc.into_value(), private)
    }

    /// The addresses, when they can be divided.
    fn check(&self, scope: &Scope) -> Option<range::Range> {
        if !ZONES.contains(&self.zones) {
            let message = format!("a network has subnets in 1 to 6 zones, got {}", self.zones);
            scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "2 or 3 survive the loss of one",
            );
        }
        let range = range::check(scope, &self.range)?;
        if !SIZES.contains(&range.prefix()) {
            let message = format!(
                "a network's addresses share 16 to 22 bits, got \"{}\"",
                self.range
            );
            let help = "such as \"10.0.0.0/16\": subnets are parts of it, of at least 16 addresses";
            scope.error(&rules::OUT_OF_RANGE, message, help);
            return None;
        }
        ZONES.contains(&self.zones).then_some(range)
    }
}

impl Construct for Vpc {
    type Handle = VpcRef;

    fn construct(self, scope: &Scope) -> VpcRef {
        let range = self.check(scope);
        let vpc = cfn::ec2::Vpc::new()
            .cidr_block(self.range.clone())
            .enable_dns_support(true)
            .enable_dns_hostnames(true);
        let cfn = scope.add("Resource", vpc);
        cfn.removal_policy(self.removal);
        residuals(scope, &[Finding::DefaultGroupOpen]);
        let layout = Layout {
            scope: scope.clone(),
            vpc: cfn.clone(),
            zones: self.zones,
            nat: self.nat,
            public: self.public,
        };
        let made = range.map_or_else(Made::default, |range| layout.make(range));
        if self.flow_logs || scope.is_strict() {
            keep_flow_logs(scope, &cfn);
        }
        VpcRef::owned(scope, cfn, &self.range, made)
    }
}

/// Keeps who talked to whom.
fn keep_flow_logs(scope: &Scope, vpc: &cfn::ec2::VpcRef) {
    let place = scope.place("FlowLogs");
    let group = place.add("Group", LogGroup::new());
    let service = Principal::service("vpc-flow-logs.amazonaws.com");
    let trust = Statement::allow(["sts:AssumeRole"]).by(service).when(
        "StringEquals",
        "aws:SourceAccount",
        scope.account(),
    );
    let role = place.add("Role", Role::trusting(trust));
    group.grant_write(&role);
    // The service looks for its streams.
    let look = Statement::allow(["logs:DescribeLogStreams"]).on(group.arn());
    role.add_statement(look);
    let id: Json = vpc.handle().reference();
    let log = cfn::ec2::FlowLog::new(
        cloudwright_synth::Value::<String>::from_json(id),
        cfn::ec2::flow_log::FlowLogResourceType::Vpc,
    );
    let log = log
        .traffic_type(cfn::ec2::flow_log::TrafficType::All)
        .log_destination_type(cfn::ec2::flow_log::LogDestinationType::CloudWatchLogs)
        .log_group_name(group.name())
        .deliver_logs_permission_arn(role.arn());
    place.add("Resource", log);
}
