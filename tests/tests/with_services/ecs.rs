//! Tasks and services on Fargate.

use cloudwright::ec2::{Nat, SecurityGroup, Vpc, VpcRef};
use cloudwright::ecr::Repository;
use cloudwright::ecs::{
    Cluster, Container, FargateService, HealthCheck, Image, Needs, TaskDefinition,
    TaskDefinitionRef,
};
use cloudwright::lambda::Architecture;
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let network = Vpc::new("10.0.0.0/16").nat(Nat::One).public_subnets();
    let network = stack.add("Network", network);
    let task = task(stack);
    services(stack, &network, &task);
}

fn task(stack: &Stack) -> TaskDefinitionRef {
    let images = stack.add("Images", Repository::new());
    let token = stack.add("Token", secretsmanager::Secret::new());
    let orders = stack.add("Orders", sqs::Queue::new());
    let role = iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com"));
    let role = stack.add("Role", role);
    let logs = stack.add("Logs", logs::LogGroup::new());
    let check = HealthCheck::program(["/worker", "--healthy"])
        .interval(seconds(10))
        .timeout(seconds(3))
        .start_period(seconds(20))
        .retries(2);
    let digest = "sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b";
    let worker = Container::new("worker", Image::digest(&images, digest))
        .env("QUEUE_URL", orders.url())
        .secret("TOKEN", &token)
        .secret_key("API_KEY", &token, "key")
        .entry_point(["/worker"])
        .command(["--queue"])
        .working_directory("/srv")
        .port(8080)
        .health_check(check)
        .stop_timeout(seconds(110))
        .scratch("/tmp")
        .scratch("/var/cache");
    let proxy = Container::new("proxy", Image::tagged(&images, "proxy-1"))
        .user("65532")
        .after("worker", Needs::Healthy)
        .not_essential()
        .writable();
    let task = TaskDefinition::new(1024, MiB(2048))
        .container(worker)
        .container(proxy)
        .architecture(Architecture::X86_64)
        .ephemeral_storage(50)
        .role(&role)
        .logs_to(&logs)
        .family(format!("{}-worker", stack.id()));
    let task = stack.add("Worker", task);
    orders.grant_consume(&task);
    task
}

fn services(stack: &Stack, network: &VpcRef, task: &TaskDefinitionRef) {
    let cluster = Cluster::new()
        .cluster_name(format!("{}-cluster", stack.id()))
        .enhanced_insights();
    let cluster = stack.add("Cluster", cluster);
    let group = SecurityGroup::new(network, "the tasks of the shop");
    let group = stack.add("Group", group);
    let shop = FargateService::new(&cluster, task, network)
        .desired(2)
        .security_group(&group)
        .healthy_percent(50, 150)
        .in_public_subnets()
        .spot()
        .execute_command()
        .without_rollback()
        .service_name(format!("{}-shop", stack.id()))
        .removal_policy(RemovalPolicy::Destroy);
    let shop = stack.add("Shop", shop);
    let operators = stack.add("Operators", sns::Topic::new());
    shop.alarm_when_fewer_than(1, &operators);
    stack.add("Bare", Cluster::new().without_insights());
    let old = "arn:aws:ecs:us-east-1:123456789012:cluster/old";
    let old = Cluster::import(stack, "Old", old);
    let quiet = Container::new(
        "quiet",
        Image::uri("public.ecr.aws/docker/library/busybox:1.37"),
    );
    let quiet = TaskDefinition::new(256, MiB(512)).container(quiet);
    let quiet = stack.add("Quiet", quiet);
    let quiet = FargateService::new(&old, &quiet, network);
    stack.add("QuietService", quiet);
}
