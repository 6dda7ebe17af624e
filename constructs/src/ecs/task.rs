//! Tasks: what runs together.

use cloudwright_synth::Builder as _;
use cloudwright_synth::{Construct, Json, Scope, Text, Verb};

use super::{Container, TaskDefinitionRef, size};
use crate::cfn::ecs::task_definition as l1;
use crate::iam::{GrantRule, KeyUse, Principal, Role, RoleRef, Statement};
use crate::lambda::Architecture;
use crate::logs::{LogGroup, LogGroupRef};
use crate::units::MiB;
use crate::{cfn, rules};

/// Who acts as the roles of a task.
const TASKS: &str = "ecs-tasks.amazonaws.com";
/// How much room a task has, in GiB, at least and at most, when more is asked for than the 20 that every task has.
const ROOM: std::ops::RangeInclusive<u32> = 21..=200;

/// What Amazon ECS needs to put a secret into a container
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html)).
static INJECT: GrantRule = GrantRule {
    service: "secretsmanager",
    name: "read",
    verb: Verb::MayRead,
    on_itself: &["secretsmanager:GetSecretValue"],
    on_content: &[],
    key: KeyUse::Decrypt,
    on_everything: &[],
};

/// What runs together on Fargate
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definitions.html)): containers, their size,
/// their rights and where they log to.
///
/// The task has two roles. Its containers act as the task's role, which grants name; Amazon ECS acts as the
/// execution role, which may pull the images, read the secrets and write the logs, and nothing else.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::ecr::Repository;
/// use cloudwright::ecs::{Container, Image, TaskDefinition};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let images = stack.add("Images", Repository::new());
/// let key = stack.add("Key", secretsmanager::Secret::new());
/// let orders = stack.add("Orders", sqs::Queue::new());
/// let worker = Container::new("worker", Image::tagged(&images, "1.4.0"))
///     .env("QUEUE_URL", orders.url())
///     .secret("API_KEY", &key)
///     .scratch("/tmp");
/// let task = stack.add("Worker", TaskDefinition::new(256, MiB(512)).container(worker));
/// orders.grant_consume(&task);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct TaskDefinition {
    cpu: u32,
    memory: MiB,
    containers: Vec<Container>,
    architecture: Architecture,
    room: Option<u32>,
    role: Option<RoleRef>,
    logs: Option<LogGroupRef>,
    family: Option<Text>,
}

impl TaskDefinition {
    /// A task of a size that Fargate has
    /// ([table](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size)):
    /// 1,024 processor units are one vCPU.
    pub fn new(cpu: u32, memory: MiB) -> Self {
        Self {
            cpu,
            memory,
            containers: Vec::new(),
            architecture: Architecture::default(),
            room: None,
            role: None,
            logs: None,
            family: None,
        }
    }

    /// One more program; a task has 1 to 10.
    pub fn container(mut self, container: Container) -> Self {
        self.containers.push(container);
        self
    }

    /// The processor that the images are made for: Arm unless said.
    pub const fn architecture(mut self, architecture: Architecture) -> Self {
        self.architecture = architecture;
        self
    }

    /// More room for files than 20 GiB: 21 to 200.
    pub const fn ephemeral_storage(mut self, gib: u32) -> Self {
        self.room = Some(gib);
        self
    }

    /// Has the containers act as this role, in place of one of the task's own.
    pub fn role(mut self, role: &RoleRef) -> Self {
        self.role = Some(role.clone());
        self
    }

    /// Logs to this group, in place of one of the task's own.
    pub fn logs_to(mut self, group: &LogGroupRef) -> Self {
        self.logs = Some(group.clone());
        self
    }

    /// The name of all versions of the task: up to 255 letters, digits, hyphens and underscores. Without one
    /// CloudFormation makes a unique name.
    pub fn family(mut self, name: impl Into<Text>) -> Self {
        self.family = Some(name.into());
        self
    }

    fn check(&self, scope: &Scope) {
        size::check(scope, self.cpu, self.memory);
        let count = self.containers.len();
        if !(1..=10).contains(&count) {
            let message = format!("a task has 1 to 10 containers, got {count}");
            let help = "`.container(Container::new(\"worker\", Image::uri(\"..\")))`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        } else if !self.containers.iter().any(Container::is_essential) {
            let message = "a task ends with its essential containers, and this one has none";
            let help = "leave `.not_essential()` out at one of them";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        if let Some(room) = self.room.filter(|room| !ROOM.contains(room)) {
            let message = format!("a task has 21 to 200 GiB for files, got {room}");
            scope.error(&rules::OUT_OF_RANGE, message, "leave it out for 20 GiB");
        }
        for (at, container) in self.containers.iter().enumerate() {
            container.check(scope, &self.containers);
            if self.containers[..at]
                .iter()
                .any(|other| other.name == container.name)
            {
                let message = format!("two containers are called `{}`", container.name);
                scope.error(&rules::CONTRADICTION, message, "give one another name");
            }
        }
    }

    /// What Amazon ECS may do to start the task.
    fn execution_role(&self, scope: &Scope, logs: &LogGroupRef) -> RoleRef {
        let role = scope.add("ExecutionRole", role_of_tasks(scope));
        logs.grant_write(&role);
        for container in &self.containers {
            match &container.image.repository {
                Some(repository) if container.image.is_made => repository.let_pull(&role),
                Some(repository) => {
                    repository.grant_pull(&role);
                }
                None => {}
            }
            for (_, secret, _) in &container.secrets {
                secret.grant_by(&INJECT, &role);
            }
        }
        role
    }

    fn l1(
        &self,
        scope: &Scope,
        roles: (&RoleRef, &RoleRef),
        logs: &LogGroupRef,
    ) -> cfn::ecs::TaskDefinition {
        let (own, execution) = roles;
        let containers = self.containers.iter();
        let containers = containers.map(|one| one.l1(scope, log_to(scope, logs, &one.name)));
        let platform = l1::RuntimePlatform::new()
            .cpu_architecture(processor(self.architecture))
            .operating_system_family(l1::OperatingSystemFamily::Linux);
        let mut task = cfn::ecs::TaskDefinition::new()
            .cpu(self.cpu.to_string())
            .memory(self.memory.0.to_string())
            .network_mode(l1::NetworkMode::Awsvpc)
            .raw(
                "RequiresCompatibilities",
                Json::List(vec![Json::Text("FARGATE".into())]),
            )
            .runtime_platform(platform)
            .task_role_arn(own.arn())
            .execution_role_arn(execution.arn())
            .container_definitions(containers.collect::<Vec<_>>());
        let volumes = self.containers.iter().flat_map(Container::volumes);
        let volumes: Vec<_> = volumes.map(|name| l1::Volume::new().name(name)).collect();
        if !volumes.is_empty() {
            task = task.volumes(volumes);
        }
        if let Some(room) = self.room {
            let room = l1::EphemeralStorage::new().size_in_gib(i64::from(room));
            task = task.ephemeral_storage(room);
        }
        match &self.family {
            Some(family) => task.family(family.clone()),
            None => task,
        }
    }
}

/// A role that tasks of this account may act as
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html)).
fn role_of_tasks(scope: &Scope) -> Role {
    let text = |text: &'static str| Json::Text(text.into());
    let tasks = Json::concat(vec![
        text("arn:"),
        scope.partition().as_json().clone(),
        text(":ecs:"),
        scope.region().as_json().clone(),
        text(":"),
        scope.account().as_json().clone(),
        text(":*"),
    ]);
    let trust = Statement::allow(["sts:AssumeRole"])
        .by(Principal::service(TASKS))
        .when("StringEquals", "aws:SourceAccount", scope.account())
        .when("ArnLike", "aws:SourceArn", tasks);
    Role::trusting(trust)
}

const fn processor(architecture: Architecture) -> l1::CpuArchitecture {
    match architecture {
        Architecture::Arm64 => l1::CpuArchitecture::Arm64,
        Architecture::X86_64 => l1::CpuArchitecture::X86_64,
    }
}

fn log_to(scope: &Scope, logs: &LogGroupRef, container: &Text) -> l1::LogConfiguration {
    let options = Json::map([
        ("awslogs-group", logs.name().as_json().clone()),
        ("awslogs-region", scope.region().as_json().clone()),
        ("awslogs-stream-prefix", Json::Text(container.clone())),
    ]);
    l1::LogConfiguration::new("awslogs").raw("Options", options)
}

impl Construct for TaskDefinition {
    type Handle = TaskDefinitionRef;

    fn construct(self, scope: &Scope) -> TaskDefinitionRef {
        self.check(scope);
        let logs = (self.logs.clone()).unwrap_or_else(|| scope.add("Logs", LogGroup::new()));
        let role = (self.role.clone()).unwrap_or_else(|| scope.add("Role", role_of_tasks(scope)));
        let execution = self.execution_role(scope, &logs);
        let cfn = scope.add("Resource", self.l1(scope, (&role, &execution), &logs));
        TaskDefinitionRef {
            scope: scope.clone(),
            is_writable: self.containers.iter().any(Container::is_writable),
            cfn,
            role,
            execution,
            logs,
        }
    }
}
