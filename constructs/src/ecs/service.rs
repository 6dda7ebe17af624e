//! Services: tasks that are kept running.

use cloudwright_synth::Builder as _;
use cloudwright_synth::{Construct, Json, RemovalPolicy, ResourceRef, Scope, Text, Verb};

use super::{ClusterRef, ServiceRef, TaskDefinitionRef};
use crate::cfn::ecs::service as l1;
use crate::ec2::{SecurityGroup, SecurityGroupRef, SubnetRef, VpcRef};
use crate::iam::Statement;
use crate::{cfn, defaults, rules};

/// What containers need so that somebody can open a shell in them.
const SHELL: [&str; 4] = [
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
];

/// So many tasks that are kept running on Fargate
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html)), in the private subnets of a
/// network.
///
/// A new version that does not start is given up, and the one before runs again. Tasks are in a security group of
/// their own that lets nobody in, unless one is given.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::ec2::{Nat, Vpc};
/// use cloudwright::ecs::{Cluster, Container, FargateService, Image, TaskDefinition};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
/// let cluster = stack.add("Cluster", Cluster::new());
/// let shop = Container::new("shop", Image::uri("public.ecr.aws/docker/library/httpd:2.4")).writable();
/// let task = stack.add("Task", TaskDefinition::new(256, MiB(512)).container(shop));
/// let service = stack.add("Shop", FargateService::new(&cluster, &task, &network));
/// service.scale(2..=10).track_cpu(60.0);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct FargateService {
    cluster: ClusterRef,
    task: TaskDefinitionRef,
    network: VpcRef,
    desired: Option<u32>,
    groups: Vec<SecurityGroupRef>,
    healthy: (u32, u32),
    name: Option<Text>,
    is_public: bool,
    is_spot: bool,
    has_shell: bool,
    goes_back: bool,
    removal: RemovalPolicy,
}

impl FargateService {
    /// One task, unless told more, in a network.
    pub fn new(cluster: &ClusterRef, task: &TaskDefinitionRef, network: &VpcRef) -> Self {
        Self {
            cluster: cluster.clone(),
            task: task.clone(),
            network: network.clone(),
            desired: None,
            groups: Vec::new(),
            healthy: (100, 200),
            name: None,
            is_public: false,
            is_spot: false,
            has_shell: false,
            goes_back: true,
            removal: RemovalPolicy::Destroy,
        }
    }

    /// How many tasks run: one at first unless said. Each deployment sets a number that is said again, so leave it
    /// out where the service [scales](ServiceRef::scale).
    pub const fn desired(mut self, tasks: u32) -> Self {
        self.desired = Some(tasks);
        self
    }

    /// Puts the tasks in a security group, in place of one of their own; call it again for more.
    pub fn security_group(mut self, group: &SecurityGroupRef) -> Self {
        self.groups.push(group.clone());
        self
    }

    /// How many of the tasks run during a deployment at least and at most, in percent: 100 and 200 unless said. With
    /// `(0, 100)` the old ones stop before the new ones start.
    pub const fn healthy_percent(mut self, least: u32, most: u32) -> Self {
        self.healthy = (least, most);
        self
    }

    /// In the subnets that the internet reaches, with public addresses, in place of the private ones.
    pub const fn in_public_subnets(mut self) -> Self {
        self.is_public = true;
        self
    }

    /// At spot prices: tasks may be stopped, two minutes after they were told. A cluster that exists already has to have
    /// the capacity provider `FARGATE_SPOT`.
    pub const fn spot(mut self) -> Self {
        self.is_spot = true;
        self
    }

    /// Lets people who may `ecs:ExecuteCommand` open a shell in a container, which needs
    /// [`writable`](super::Container::writable).
    pub const fn execute_command(mut self) -> Self {
        self.has_shell = true;
        self
    }

    /// Goes on trying a version that does not start, in place of going back to the one before.
    pub const fn without_rollback(mut self) -> Self {
        self.goes_back = false;
        self
    }

    /// A fixed name: up to 255 letters, digits, hyphens and underscores. Without one CloudFormation makes a unique
    /// name. A change replaces the service.
    pub fn service_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What becomes of the service when it leaves the template: deleted unless said.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = policy;
        self
    }

    fn check(&self, scope: &Scope) {
        let (least, most) = self.healthy;
        if least > 100 || most < 100 || (least == 100 && most == 100) {
            let message = format!(
                "{least} to {most} percent of the tasks run during a deployment, which leaves no way to exchange one"
            );
            let help = "`.healthy_percent(100, 200)` starts new tasks first, `(0, 100)` stops the old ones first";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        if self.is_public && self.network.public_subnets().is_empty() {
            let message = format!("`{}` has no public subnets", self.network.scope().path());
            let help =
                "give it some with `.public_subnets()`, or leave the tasks in the private ones";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        if !self.is_public && self.network.is_closed() {
            let message = format!(
                "`{}` has no way out and no endpoints by which a task could pull its image and log",
                self.network.scope().path()
            );
            let help = "give it one with `.nat(Nat::One)`, or, before the service, endpoints: `ecr.api`, `ecr.dkr`, `logs` and the gateway of S3";
            scope.warn(&rules::CONTRADICTION, message, help);
        }
        if self.has_shell && !self.task.is_writable {
            let message = "nobody can open a shell in containers that write nothing";
            let help = "say `.writable()` of the one that it is wanted of";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }

    fn network(&self, groups: &[SecurityGroupRef]) -> l1::NetworkConfiguration {
        let (subnets, public) = if self.is_public {
            (self.network.public_subnets(), l1::AssignPublicIp::Enabled)
        } else {
            (self.network.private_subnets(), l1::AssignPublicIp::Disabled)
        };
        let network = l1::AwsVpcConfiguration::new()
            .assign_public_ip(public)
            .subnets(subnets.iter().map(SubnetRef::id).collect::<Vec<_>>())
            .security_groups(groups.iter().map(SecurityGroupRef::id).collect::<Vec<_>>());
        l1::NetworkConfiguration::new().awsvpc_configuration(network)
    }

    fn l1(&self, groups: &[SecurityGroupRef]) -> cfn::ecs::Service {
        let (least, most) = self.healthy;
        let breaker = l1::DeploymentCircuitBreaker::new(self.goes_back, self.goes_back);
        let deployment = l1::DeploymentConfiguration::new()
            .minimum_healthy_percent(i64::from(least))
            .maximum_percent(i64::from(most))
            .deployment_circuit_breaker(breaker);
        let provider = if self.is_spot {
            "FARGATE_SPOT"
        } else {
            "FARGATE"
        };
        let provider = l1::CapacityProviderStrategyItem::new()
            .raw("CapacityProvider", provider)
            .weight(1);
        // Which providers a cluster has that exists already is not known.
        let service = cfn::ecs::Service::new();
        let service = if self.is_spot || self.cluster.cfn().is_some() {
            service.capacity_provider_strategy([provider])
        } else {
            service.launch_type(l1::LaunchType::Fargate)
        };
        let mut service = service
            .cluster(self.cluster.name())
            .task_definition(&self.task)
            .deployment_configuration(deployment)
            .network_configuration(self.network(groups))
            .propagate_tags(l1::ServicePropagateTags::Service)
            .enable_ecs_managed_tags(true);
        if let Some(desired) = self.desired {
            service = service.desired_count(i64::from(desired));
        }
        if self.has_shell {
            service = service.enable_execute_command(true);
        }
        match &self.name {
            Some(name) => service.service_name(name.clone()),
            None => service,
        }
    }
}

impl Construct for FargateService {
    type Handle = ServiceRef;

    fn construct(mut self, scope: &Scope) -> ServiceRef {
        self.name = self.name.or_else(|| defaults::name(scope, 255));
        self.check(scope);
        let groups = if self.groups.is_empty() {
            let what = format!("the tasks of {}", scope.path());
            vec![scope.add("SecurityGroup", SecurityGroup::new(&self.network, what))]
        } else {
            self.groups.clone()
        };
        let cfn = scope.add("Resource", self.l1(&groups));
        cfn.removal_policy(self.removal);
        self.cluster.scope().edge(Verb::Runs, scope, "");
        scope.edge(Verb::Runs, self.task.scope(), "");
        // Tasks pull their images by the way out, and act by what they were granted.
        self.network.is_awaited_by(&cfn);
        for role in [self.task.role(), self.task.execution_role()] {
            cfn.handle().scope().depends_on(role.scope());
        }
        if self.has_shell {
            let shell = Statement::allow(SHELL).on("*");
            self.task.role().add_statement(shell);
        }
        let name = match &self.name {
            Some(name) => {
                let known = cloudwright_synth::Value::from_json(Json::Text(name.clone()));
                cfn.handle().known(&cfn.name(), &known)
            }
            None => cfn.name(),
        };
        ServiceRef {
            scope: scope.clone(),
            cluster: self.cluster,
            task: self.task,
            desired: self.desired,
            name,
            groups,
            cfn,
        }
    }
}
