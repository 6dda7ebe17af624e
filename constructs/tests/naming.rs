//! Names by a scheme: every service that takes a name, and the limits of each.

mod support;

use cloudwright::apigatewayv2::HttpApi;
use cloudwright::applicationautoscaling::StepPolicy;
use cloudwright::autoscaling::Group;
use cloudwright::cloudwatch::{Alarm, AlarmRule, Comparison, CompositeAlarm, Dashboard, Widget};
use cloudwright::ec2::{Image, LaunchTemplate, Nat, SecurityGroup, Vpc};
use cloudwright::ecs::{self, Cluster, Container, FargateService, TaskDefinition};
use cloudwright::events::Rule;
use cloudwright::lambda::{Architecture, Code, Function};
use cloudwright::prelude::*;
use cloudwright::scheduler::{Schedule, ScheduleGroup};
use cloudwright::ssm::{Document, Step};
use cloudwright::stepfunctions::{Flow, StateMachine, Succeed};
use support::{Template, assert_error, home, refusal_of, template_of, templates_of};

/// The property that holds the name of each type.
const NAMES: [(&str, &str, usize); 24] = [
    ("AWS::ApiGatewayV2::Api", "Name", 128),
    (
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "PolicyName",
        256,
    ),
    (
        "AWS::AutoScaling::AutoScalingGroup",
        "AutoScalingGroupName",
        255,
    ),
    ("AWS::CloudWatch::Alarm", "AlarmName", 255),
    ("AWS::CloudWatch::CompositeAlarm", "AlarmName", 255),
    ("AWS::CloudWatch::Dashboard", "DashboardName", 255),
    ("AWS::DynamoDB::Table", "TableName", 255),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateName", 128),
    ("AWS::EC2::SecurityGroup", "GroupName", 255),
    ("AWS::ECR::Repository", "RepositoryName", 256),
    ("AWS::ECS::Cluster", "ClusterName", 255),
    ("AWS::ECS::Service", "ServiceName", 255),
    ("AWS::Events::Rule", "Name", 64),
    ("AWS::IAM::Role", "RoleName", 64),
    ("AWS::Lambda::Function", "FunctionName", 64),
    ("AWS::Logs::LogGroup", "LogGroupName", 512),
    ("AWS::S3::Bucket", "BucketName", 63),
    ("AWS::SNS::Topic", "TopicName", 256),
    ("AWS::SQS::Queue", "QueueName", 80),
    ("AWS::SSM::Document", "Name", 128),
    ("AWS::SSM::Parameter", "Name", 1011),
    ("AWS::Scheduler::Schedule", "Name", 64),
    ("AWS::SecretsManager::Secret", "Name", 512),
    ("AWS::StepFunctions::StateMachine", "StateMachineName", 80),
];

/// One of everything that takes a name, called `id` and more.
fn system(scope: &Scope, id: &'static str) {
    let network = scope.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
    let place = scope.place(id);
    let cluster = place.add("Cluster", Cluster::new());
    let image = ecs::Image::uri("public.ecr.aws/docker/library/httpd:2.4");
    let task =
        TaskDefinition::new(256, MiB(512)).container(Container::new("web", image).writable());
    let task = place.add("Task", task);
    let group = place.add("Firewall", SecurityGroup::new(&network, "the servers"));
    let service = FargateService::new(&cluster, &task, &network).security_group(&group);
    let service = place.add("Service", service);
    let tasks = service.scale(0..=5);
    let out = place.add("Out", StepPolicy::to_exactly(&tasks).step(0.0, 1));
    let servers = LaunchTemplate::new(Image::amazon_linux_2023(Architecture::Arm64), "t4g.small");
    let servers = place.add("Servers", servers.security_group(&group));
    place.add("Group", Group::new(&network, &servers, 1..=2));
    let function = place.add("Function", Function::new(Code::s3("releases", "app.zip")));
    let queue = place.add("Queue", sqs::Queue::new());
    place.add("Fifo", sqs::FifoQueue::new());
    place.add("News", sns::FifoTopic::new());
    let visible = Alarm::new(queue.metric_visible(), Comparison::AtLeast(1.0)).on_alarm(&out);
    let alarm = place.add("Alarm", visible);
    place.add("Both", CompositeAlarm::new(AlarmRule::alarm(&alarm)));
    place.add(
        "Page",
        Dashboard::new().row([Widget::alarms("State", [&alarm])]),
    );
    place.add("Bucket", s3::Bucket::new());
    place.add("Topic", sns::Topic::new());
    place.add(
        "Table",
        dynamodb::Table::new(dynamodb::Attribute::string("id")),
    );
    place.add("Images", cloudwright::ecr::Repository::new());
    place.add("Secret", secretsmanager::Secret::new());
    place.add("Api", HttpApi::new());
    place.add("Rule", Rule::every(hours(1)).target(&queue));
    let times = place.add("Times", ScheduleGroup::new());
    place.add(
        "Schedule",
        Schedule::every(hours(1), &function).group(&times),
    );
    place.add(
        "Flow",
        StateMachine::new(Flow::new().state("Done", Succeed::new())),
    );
    place.add(
        "Restart",
        Document::command("Restarts").step(Step::shell("Restart", ["true"])),
    );
    place.add("Limit", ssm::Parameter::string("250"));
}

fn acme() -> NamingScheme {
    NamingScheme::new().text("acme").stage().path().region()
}

/// The names of a type of resources.
fn names<'a>(template: &'a Template, kind: &str, property: &str) -> Vec<&'a str> {
    let all = template.all(kind).into_iter();
    all.map(|body| {
        body["Properties"][property]
            .as_str()
            .unwrap_or_else(|| panic!("{body:#}"))
    })
    .collect()
}

#[test]
fn everything_that_takes_a_name_gets_one() {
    let app = App::new();
    app.naming(acme());
    let stack = app.stage("Prod").stack("Shop", home());
    system(&stack, "App");
    let template = template_of(app, "Prod-Shop");
    for (kind, property, _) in NAMES {
        let names = names(&template, kind, property);
        assert!(!names.is_empty(), "no {kind}");
        for name in names {
            let rest = name
                .strip_prefix("acme-prod-shop-app-")
                .unwrap_or_else(|| panic!("{kind}: {name}"));
            let rest = rest.trim_end_matches(".fifo");
            assert!(rest.ends_with("-euc1"), "{kind}: {name}");
        }
    }
    assert_eq!(
        names(&template, "AWS::Scheduler::ScheduleGroup", "Name"),
        ["acme-prod-shop-app-times-euc1"]
    );
    let mut queues = names(&template, "AWS::SQS::Queue", "QueueName");
    queues.retain(|name| name.contains("-fifo-"));
    assert_eq!(
        queues,
        [
            "acme-prod-shop-app-fifo-euc1.fifo",
            "acme-prod-shop-app-fifo-deadletterqueue-euc1.fifo",
        ]
    );
}

#[test]
fn long_names_fit_and_stay_apart() {
    // 1,100 characters: more than the longest name, that of a parameter.
    let long: &'static str = "ThisIsALongNameOfAPlaceWithinAnotherOne".repeat(28).leak();
    let app = App::new();
    app.naming(acme());
    system(&app.stack("Shop", home()), long);
    let template = template_of(app, "Shop");
    for (kind, property, limit) in NAMES {
        let mut names = names(&template, kind, property);
        for name in &names {
            // Eight digits, and no second dash where the end begins with one.
            assert!(
                (limit - 1..=limit).contains(&name.len()) || kind.contains("Secret"),
                "{kind}: {name}"
            );
            assert!(name.len() <= limit, "{kind}: {name}");
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{kind}");
    }
}

#[test]
fn a_name_that_is_told_wins_and_so_does_a_nearer_scheme() {
    let app = App::new();
    app.naming(acme());
    let near = app.stack("Near", home());
    near.naming(NamingScheme::new().region().short("eu-central-1", "fra"));
    let far = app.stack("Far", home());
    for stack in [&near, &far] {
        stack.add("Jobs", sqs::Queue::new().without_dead_letter_queue());
        stack.add("Told", sns::Topic::new().topic_name("told"));
        stack.add("Objects", s3::Bucket::new().prefix("objects"));
    }
    let templates = templates_of(app, ["Near", "Far"]);
    for (template, queue) in templates
        .iter()
        .zip(["fra-near-jobs", "acme-far-jobs-euc1"])
    {
        assert_eq!(names(template, "AWS::SQS::Queue", "QueueName"), [queue]);
        assert_eq!(names(template, "AWS::SNS::Topic", "TopicName"), ["told"]);
        let bucket = "objects-123456789012-eu-central-1-an";
        assert_eq!(names(template, "AWS::S3::Bucket", "BucketName"), [bucket]);
    }
}

#[test]
fn stages_within_stages_and_nested_stacks_have_their_place_in_a_name() {
    let app = App::new();
    app.naming(acme());
    let stage = app.stage("Prod").stage("Blue");
    let stack = stage.stack("My_Shop", home()).stack_name("shop");
    stack.add("One", sns::Topic::new());
    stack.nested_stack("Inner").add("Two", sns::Topic::new());
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let written: String = assembly
        .all_stacks()
        .iter()
        .map(|stack| stack.template().to_json())
        .collect();
    assert!(
        written.contains("\"acme-prod-blue-my-shop-one-euc1\""),
        "{written}"
    );
    assert!(
        written.contains("\"acme-prod-blue-my-shop-inner-two-euc1\""),
        "{written}"
    );
}

#[test]
fn a_name_that_is_known_crosses_stacks_without_an_export() {
    let app = App::new();
    app.naming(acme());
    let there = app.stack("There", Environment::new("123456789012", "us-west-2"));
    let jobs = there.add("Jobs", sqs::Queue::new());
    let here = app.stack("Here", home());
    jobs.grant_send(&here.add("Worker", Function::new(Code::s3("releases", "app.zip"))));
    let [here] = templates_of(app, ["Here"]);
    let statement = here.allowing("AWS::IAM::Policy", "sqs:SendMessage");
    let arn = "arn:${AWS::Partition}:sqs:us-west-2:123456789012:acme-there-jobs-usw2";
    assert_eq!(
        statement[0]["Resource"],
        serde_json::json!({ "Fn::Sub": arn })
    );
}

#[test]
fn the_buckets_for_access_logs_of_a_strict_stack_are_one() {
    let app = App::new();
    app.naming(acme());
    let stack = app.stack("S", home()).strict();
    stack.add("A", s3::Bucket::new());
    stack.add("B", s3::Bucket::new());
    let template = template_of(app, "S");
    let logs = template.all("AWS::S3::Bucket").into_iter();
    let mut logs: Vec<_> = logs
        .map(|body| body["Properties"]["LoggingConfiguration"]["DestinationBucketName"].clone())
        .collect();
    logs.retain(|name| !name.is_null());
    assert_eq!(logs, ["acme-s-accesslogs-euc1"; 2]);
}

#[test]
fn a_secret_is_not_called_what_looks_like_an_arn() {
    let app = App::new();
    app.naming(NamingScheme::new());
    let stack = app.stack("S", home());
    for id in ["Orders", "Order", "Payments"] {
        stack.add(id, secretsmanager::Secret::new());
    }
    let template = template_of(app, "S");
    let mut found = names(&template, "AWS::SecretsManager::Secret", "Name");
    found.sort_unstable();
    assert_eq!(found, ["s-order", "s-orders-value", "s-payments"]);
}

#[test]
fn a_scheme_with_the_region_wants_to_know_it() {
    let app = App::new();
    app.naming(acme());
    let stack = app.stack("S", Environment::agnostic());
    stack.add("Topic", sns::Topic::new());
    let parts = [
        "this stack's region is not known",
        "Environment::new(",
        "tests/naming.rs",
    ];
    assert_error(&refusal_of(app), "CW1004", &parts);
}
