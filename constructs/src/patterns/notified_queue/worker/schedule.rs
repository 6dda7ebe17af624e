//! A task that is started again and again, works to the end of the queue, and ends.

use std::time::Duration;

use cloudwright_synth::{Json, Scope, Value};

use crate::cfn;
use crate::cfn::events::rule;
use crate::ec2::{SecurityGroup, SubnetRef, VpcRef};
use crate::ecs::{ClusterRef, TaskDefinitionRef};
use crate::events::rate;
use crate::iam::{Principal, Role, RoleRef, Statement};

/// Starts a task each time that so long has passed.
pub(super) fn run(
    scope: &Scope,
    period: Duration,
    cluster: &ClusterRef,
    task: &TaskDefinitionRef,
    network: &VpcRef,
) {
    let what = format!("the tasks of {}", scope.path());
    let group = scope.add("SecurityGroup", SecurityGroup::new(network, what));
    let role = starter(scope, cluster, task);
    let subnets = network.private_subnets().iter().map(SubnetRef::id);
    let place = rule::AwsVpcConfiguration::new(
        subnets
            .map(|id| Value::<String>::from_json(id.as_json().clone()))
            .collect::<Vec<_>>(),
    )
    .assign_public_ip("DISABLED")
    .security_groups([Value::<String>::from_json(group.id().as_json().clone())]);
    let parameters = rule::EcsParameters::new(task.arn().cast::<String>())
        .launch_type("FARGATE")
        .task_count(1)
        .network_configuration(rule::NetworkConfiguration::new().aws_vpc_configuration(place));
    let target = rule::Target::new(cluster.arn().cast::<String>(), "Task")
        .role_arn(role.arn())
        .ecs_parameters(parameters);
    let help = "such as `.every(minutes(15))`";
    let rule = cfn::events::Rule::new()
        .schedule_expression(rate(scope, period, help))
        .targets([target]);
    let rule = scope.add("Schedule", rule);
    network.is_awaited_by(&rule);
}

/// Who starts the task: it may start this one in this cluster, and hand its roles over.
fn starter(scope: &Scope, cluster: &ClusterRef, task: &TaskDefinitionRef) -> RoleRef {
    let events = Principal::service("events.amazonaws.com");
    let trust = Statement::allow(["sts:AssumeRole"]).by(events).when(
        "StringEquals",
        "aws:SourceAccount",
        scope.account(),
    );
    let role = scope.add("Starter", Role::trusting(trust));
    let start = Statement::allow(["ecs:RunTask"]).on(task.arn());
    let start = start.when("ArnEquals", "ecs:cluster", cluster.arn());
    role.add_statement(start);
    for passed in [task.role(), task.execution_role()] {
        let pass = Statement::allow(["iam:PassRole"]).on(passed.arn());
        let service = Json::Text("ecs-tasks.amazonaws.com".into());
        role.add_statement(pass.when("StringEquals", "iam:PassedToService", service));
    }
    role
}
