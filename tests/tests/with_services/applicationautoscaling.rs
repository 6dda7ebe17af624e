//! Services that are scaled, down to none.

use cloudwright::applicationautoscaling::{ScalableTarget, StepPolicy};
use cloudwright::cloudwatch::{Alarm, Comparison};
use cloudwright::ec2::{Nat, Vpc};
use cloudwright::ecs::{Cluster, Container, FargateService, Image, TaskDefinition};
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
    let cluster = stack.add("Cluster", Cluster::new());
    let worker = Container::new(
        "worker",
        Image::uri("public.ecr.aws/docker/library/busybox:1.37"),
    );
    let task = stack.add("Task", TaskDefinition::new(256, MiB(512)).container(worker));
    let service = FargateService::new(&cluster, &task, &network);
    let service = stack.add("Service", service);
    let orders = stack.add("Orders", sqs::Queue::new());
    let tasks = service.scale(0..=10);
    let out = StepPolicy::to_exactly(&tasks)
        .step(0.0, 1)
        .step(100.0, 5)
        .step(1000.0, 10)
        .cooldown(minutes(1));
    let out = stack.add("Out", out);
    let waiting = Alarm::new(orders.metric_visible(), Comparison::AtLeast(1.0)).on_alarm(&out);
    stack.add("Waiting", waiting);
    let back = StepPolicy::by_change(&tasks)
        .below_threshold()
        .step(0.0, -1)
        .step(10.0, -2)
        .policy_name(format!("{}-back", stack.id()));
    let back = stack.add("Back", back);
    let idle = Alarm::new(orders.metric_visible(), Comparison::Below(20.0)).on_alarm(&back);
    stack.add("Idle", idle);
    let busy = FargateService::new(&cluster, &task, &network);
    let busy = stack.add("Busy", busy);
    busy.scale(1..=4).track_cpu(60.0).track_memory(80.5);
    let other = Value::from_json(Json::Text("service/old/shop".into()));
    stack.add("Other", ScalableTarget::of_service(other, 1..=2));
}
