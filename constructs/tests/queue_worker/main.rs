//! Tasks that work on the messages of a queue: rights, networks, schedules, and what is refused.

#[path = "../support/mod.rs"]
mod support;

mod refusals;

use std::fs;

use cloudwright::ec2::{Nat, Vpc};
use cloudwright::ecr::{Repository, RepositoryRef};
use cloudwright::ecs::Image;
use cloudwright::lambda::Architecture;
use cloudwright::patterns::notified_queue::{WayOut, Worker};
use cloudwright::prelude::*;
use cloudwright::secretsmanager::{Password, Secret, SecretRef};
use serde_json::{Value, json as expected};
use support::{Template, strict_template, template};

const TASK: &str = "AWS::ECS::TaskDefinition";
const POLICY: &str = "AWS::IAM::Policy";

fn images(stack: &Stack) -> RepositoryRef {
    stack.add("Images", Repository::new())
}

fn image(stack: &Stack) -> Image {
    Image::tagged(&images(stack), "1.0.0")
}

fn login(stack: &Stack) -> SecretRef {
    stack.add("Login", Secret::generated(Password::new()))
}

fn netstorage(stack: &Stack) -> Worker {
    Worker::netstorage("123456", &login(stack))
}

fn variables(template: &Template) -> Vec<(&str, &Value)> {
    let container = &template.properties(TASK)["ContainerDefinitions"][0];
    let variables = container["Environment"].as_array().unwrap().iter();
    variables
        .map(|one| (one["Name"].as_str().unwrap(), &one["Value"]))
        .collect()
}

#[test]
fn the_worker_is_told_all_that_it_needs_and_the_secret_by_its_keys() {
    let template = template(|stack| {
        let worker = netstorage(stack).prefix("media/films").concurrency(8);
        stack.add("Changes", NotifiedQueue::new().worker(worker));
    });
    let container = &template.properties(TASK)["ContainerDefinitions"][0];
    let texts: Vec<_> = variables(&template)
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_str()?)))
        .collect();
    let expected_texts = [
        ("AWS_REGION", "eu-central-1"),
        ("SINK", "netstorage"),
        ("VISIBILITY_SECONDS", "300"),
        ("MAX_RECEIVES", "5"),
        ("CONCURRENCY", "8"),
        ("SINK_ATTEMPTS", "3"),
        ("RETRY_SECONDS", "30"),
        ("GRACE_SECONDS", "110"),
        ("WAIT_SECONDS", "20"),
        ("HEALTH_PORT", "8080"),
        ("NS_CPCODE", "123456"),
        ("NS_PREFIX", "media/films"),
    ];
    assert_eq!(texts, expected_texts);
    let secrets: Vec<_> = container["Secrets"].as_array().unwrap().iter().collect();
    let names: Vec<_> = secrets
        .iter()
        .map(|one| one["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["NS_HOSTNAME", "NS_USER", "NS_KEY"]);
    assert!(
        secrets[2]["ValueFrom"].to_string().contains(":NS_KEY::"),
        "{}",
        secrets[2]
    );
    assert_eq!(
        container["HealthCheck"]["Command"],
        expected!(["CMD", "/worker", "health"])
    );
    assert_eq!(
        (
            &container["StopTimeout"],
            &container["ReadonlyRootFilesystem"]
        ),
        (&expected!(120), &expected!(true))
    );
}

#[test]
fn the_image_is_made_with_the_stack_and_pulled_from_the_repository_of_the_bootstrap() {
    let app = App::new();
    let stack = app.stack("S", Environment::new("123456789012", "eu-central-1"));
    stack.add("Changes", NotifiedQueue::new().worker(netstorage(&stack)));
    let intel = Worker::http("https://cdn.example/a").architecture(Architecture::X86_64);
    stack.add("Others", NotifiedQueue::new().worker(intel));
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let folder = tempfile::tempdir().unwrap();
    assembly.write(folder.path()).unwrap();
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap()
    };
    let images = read("S.assets.json")["dockerImages"].take();
    let images = images.as_object().unwrap();
    assert_eq!(images.len(), 2);
    let name = "cdk-hnb659fds-container-assets-123456789012-eu-central-1";
    let template = read("S.template.json");
    for (key, image) in images {
        let destination =
            expected!({ "repositoryName": name, "imageTag": key, "region": "eu-central-1" });
        assert_eq!(image["destinations"]["current"], destination);
        let command = image["source"]["executable"].to_string();
        assert!(command.contains(r#""--image","worker""#), "{command}");
        let uri = format!("/{name}:{key}");
        assert_eq!(template.to_string().matches(&uri).count(), 1, "{template}");
    }
    let roles = template.to_string();
    assert!(roles.contains(&format!(":repository/{name}")), "{roles}");
}

/// All actions of the policies of the role whose logical id begins so.
fn actions(template: &Template, role: &str) -> Vec<String> {
    let of_role = |policy: &&Value| policy["Properties"]["Roles"].to_string().contains(role);
    let policies = template.all(POLICY).into_iter().filter(of_role);
    let mut actions = Vec::new();
    for policy in policies {
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            .as_array()
            .unwrap()
        {
            match &statement["Action"] {
                Value::Array(some) => {
                    actions.extend(some.iter().map(|one| one.as_str().unwrap().to_owned()));
                }
                one => actions.push(one.as_str().unwrap().to_owned()),
            }
            let is_token = statement["Action"] == "ecr:GetAuthorizationToken";
            assert!(is_token || statement["Resource"] != "*", "{statement}");
        }
    }
    actions.sort();
    actions
}

#[test]
fn the_roles_may_what_is_needed_and_nothing_else() {
    let template = template(|stack| {
        let worker = netstorage(stack);
        let changes = NotifiedQueue::new().filter(s3::Filter::prefix("media/"));
        stack.add("Changes", changes.worker(worker));
    });
    let reads = template.allowing(POLICY, "s3:GetObject");
    assert!(
        reads[0]["Resource"].to_string().contains("/media/*"),
        "{reads:?}"
    );
    let redrive =
        &template.named("AWS::SQS::Queue", "ChangesQueueD8")["Properties"]["RedrivePolicy"];
    assert_eq!(redrive["maxReceiveCount"], 1_000);
    let task = [
        "s3:GetObject",
        "s3:ListBucket",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ];
    assert_eq!(actions(&template, "ChangesWorkerTaskRole"), task);
    let execution = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
    ];
    assert_eq!(
        actions(&template, "ChangesWorkerTaskExecutionRole"),
        execution
    );
    // Messages are given up to the dead letters alone.
    let sends = template.allowing(POLICY, "sqs:SendMessage").into_iter();
    let sends = sends.map(|one| one["Resource"].to_string());
    let to_dead = sends.filter(|resource| resource.contains("ChangesQueueDeadLetter"));
    assert_eq!(to_dead.count(), 1);
}

#[test]
fn an_image_of_ones_own_may_look_at_tags_and_queues_too() {
    let template = template(|stack| {
        let worker = Worker::image(image(stack)).longest(minutes(4));
        stack.add("Changes", NotifiedQueue::new().worker(worker));
    });
    let task = [
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:ListBucket",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ];
    assert_eq!(actions(&template, "ChangesWorkerTaskRole"), task);
}

#[test]
fn nobody_comes_in_and_a_gateway_leads_out() {
    let template = template(|stack| {
        let worker = netstorage(stack);
        stack.add("Changes", NotifiedQueue::new().worker(worker));
    });
    let group = template.named(
        "AWS::EC2::SecurityGroup",
        "ChangesWorkerServiceSecurityGroup",
    );
    assert_eq!(group["Properties"].get("SecurityGroupIngress"), None);
    assert!(template.all("AWS::EC2::SecurityGroupIngress").is_empty());
    assert_eq!(template.all("AWS::EC2::NatGateway").len(), 1);
    let service = template.properties("AWS::ECS::Service");
    let network = &service["NetworkConfiguration"]["AwsvpcConfiguration"];
    assert_eq!(network["AssignPublicIp"], "DISABLED");
    assert_eq!(network["Subnets"].as_array().unwrap().len(), 2);
    assert_eq!(service.get("DesiredCount"), None);
}

#[test]
fn endpoints_take_the_place_of_the_gateway_for_a_sink_nearby() {
    let template = template(|stack| {
        let worker = Worker::http("https://cdn.example/media").way_out(WayOut::Endpoints);
        stack.add("Changes", NotifiedQueue::new().worker(worker));
    });
    assert!(template.all("AWS::EC2::NatGateway").is_empty());
    let endpoints = template.all("AWS::EC2::VPCEndpoint").into_iter();
    let mut names: Vec<_> = endpoints
        .map(|one| {
            one["Properties"]["ServiceName"]
                .as_str()
                .unwrap()
                .rsplit("eu-central-1.")
                .next()
                .unwrap()
        })
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager", "sqs"]
    );
}

#[test]
fn two_subnets_of_a_network_that_exists_take_its_table_of_routes() {
    let template = template(|stack| {
        let ranges = ["172.31.30.0/24", "172.31.50.0/24"];
        let worker = netstorage(stack).subnets_in("vpc-0a1b2c3d", ranges, "rtb-0a1b2c3d");
        stack.add("Changes", NotifiedQueue::new().worker(worker));
    });
    assert!(template.all("AWS::EC2::VPC").is_empty());
    let subnets = template.all("AWS::EC2::Subnet").into_iter();
    let ranges: Vec<_> = subnets.map(|one| &one["Properties"]["CidrBlock"]).collect();
    assert_eq!(ranges, ["172.31.30.0/24", "172.31.50.0/24"]);
    let links = template.all("AWS::EC2::SubnetRouteTableAssociation");
    assert_eq!(links.len(), 2);
    assert!(
        links
            .iter()
            .all(|one| one["Properties"]["RouteTableId"] == "rtb-0a1b2c3d")
    );
    let service = &template.properties("AWS::ECS::Service")["NetworkConfiguration"];
    let used = service["AwsvpcConfiguration"]["Subnets"].to_string();
    assert_eq!(used.matches("ChangesWorkerPrivate").count(), 2, "{used}");
}

#[test]
fn a_schedule_starts_tasks_which_end_with_the_queue() {
    let template = template(|stack| {
        let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
        let worker = netstorage(stack).every(minutes(15)).network(&network);
        let changes = stack.add("Changes", NotifiedQueue::new().worker(worker));
        assert!(changes.worker().unwrap().service().is_none());
    });
    assert!(template.all("AWS::ECS::Service").is_empty());
    assert!(
        template
            .all("AWS::ApplicationAutoScaling::ScalableTarget")
            .is_empty()
    );
    assert!(variables(&template).contains(&("UNTIL_EMPTY", &expected!("true"))));
    let rule = template.properties("AWS::Events::Rule");
    assert_eq!(rule["ScheduleExpression"], "rate(15 minutes)");
    let parameters = &rule["Targets"][0]["EcsParameters"];
    assert_eq!(
        (&parameters["LaunchType"], &parameters["TaskCount"]),
        (&expected!("FARGATE"), &expected!(1))
    );
    let place = &parameters["NetworkConfiguration"]["AwsVpcConfiguration"];
    assert_eq!(place["AssignPublicIp"], "DISABLED");
    assert_eq!(
        actions(&template, "ChangesWorkerStarter"),
        ["ecs:RunTask", "iam:PassRole"]
    );
}

#[test]
fn an_own_image_is_told_the_queues_and_what_the_program_says() {
    let template = template(|stack| {
        let worker = Worker::image(image(stack))
            .longest(minutes(4))
            .container_with(|container| container.env("TARGET", "cdn"));
        stack.add("Changes", NotifiedQueue::new().standard().worker(worker));
    });
    let names: Vec<_> = variables(&template)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        ["AWS_REGION", "QUEUE_URL", "DEAD_LETTER_URL", "TARGET"]
    );
}

/// A template with the alarms of a worker's queue.
fn watched(worker: impl Fn(&Stack) -> Worker) -> Template {
    template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let worker = worker(stack);
        let changes = stack.add("Changes", NotifiedQueue::new().worker(worker));
        let _ = changes.alarms(hours(1), &operators);
    })
}

/// The alarm of a worker that is not let in.
fn refused(template: &Template) -> &Value {
    let alarms = template.all("AWS::CloudWatch::Alarm").into_iter();
    let refused: Vec<_> = alarms
        .map(|alarm| &alarm["Properties"])
        .filter(|alarm| alarm["MetricName"] == "NotLetIn")
        .collect();
    let [alarm] = refused[..] else {
        panic!("{refused:#?}");
    };
    alarm
}

/// How many periods, how long each, and how many of them have to be alarming.
fn periods(alarm: &Value) -> [Option<u64>; 3] {
    ["EvaluationPeriods", "Period", "DatapointsToAlarm"].map(|name| alarm[name].as_u64())
}

/// With a wrong login messages only wait: the metric tells it, by the name that the container is given. It is the queue's, as a
/// path may be that of another deployment in the same account and region.
#[test]
fn an_alarm_tells_of_a_worker_that_is_not_let_in() {
    let template = watched(netstorage);
    let told = variables(&template)
        .into_iter()
        .find(|(name, _)| *name == "WORKER_NAME");
    let name = told.unwrap().1;
    let queue = &name["Fn::GetAtt"];
    assert_eq!(queue[1], "QueueName", "{name}");
    let named = template.resources().find(|(id, _)| queue[0] == *id);
    assert_eq!(named.unwrap().1["Type"], "AWS::SQS::Queue");
    let alarm = refused(&template);
    let dimensions = expected!([{ "Name": "FunctionName", "Value": name }, { "Name": "Handler", "Value": "worker" }]);
    let mut said = alarm["Dimensions"].as_array().unwrap().clone();
    said.sort_by_key(|one| one["Name"].to_string());
    assert_eq!(Value::from(said), dimensions);
    assert_eq!(alarm["Namespace"], "Cloudwright");
    assert_eq!(alarm["TreatMissingData"], "notBreaching");
    assert_eq!(
        (&alarm["ComparisonOperator"], &alarm["Threshold"]),
        (&expected!("GreaterThanOrEqualToThreshold"), &expected!(1))
    );
    // One refusal that passes wakes nobody up.
    assert_eq!(periods(alarm), [Some(5), Some(300), Some(3)]);
}

/// It may be the only run of many periods.
#[test]
fn one_run_by_a_schedule_that_is_not_let_in_is_enough() {
    let template = watched(|stack| netstorage(stack).every(hours(6)));
    let [periods, _, said] = periods(refused(&template));
    assert_eq!((periods, said), (Some(1), Some(1)));
}

#[test]
fn a_strict_stack_is_content() {
    let template = strict_template(|stack| {
        let worker = netstorage(stack);
        stack.add("Changes", NotifiedQueue::new().worker(worker));
    });
    assert_eq!(template.all(TASK).len(), 1);
}
