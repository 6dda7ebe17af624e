//! Tasks, services, images and what scales them.

mod support;

use cloudwright::applicationautoscaling::StepPolicy;
use cloudwright::cloudwatch::{Alarm, Comparison};
use cloudwright::ec2::{GatewayService, Nat, Vpc};
use cloudwright::ecr::{LifecycleRule, Repository};
use cloudwright::ecs::{
    Cluster, Container, FargateService, HealthCheck, Image, Needs, ServiceRef, TaskDefinition,
};
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, findings, strict_template, template};

const TASK: &str = "AWS::ECS::TaskDefinition";
const SERVICE: &str = "AWS::ECS::Service";

fn shop() -> Container {
    Container::new(
        "shop",
        Image::uri("public.ecr.aws/docker/library/httpd:2.4"),
    )
}

fn service(stack: &Stack) -> ServiceRef {
    let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
    let cluster = stack.add("Cluster", Cluster::new());
    let task = stack.add("Task", TaskDefinition::new(256, MiB(512)).container(shop()));
    let service = FargateService::new(&cluster, &task, &network);
    stack.add("Service", service)
}

#[test]
fn a_task_can_read_its_files_log_and_do_nothing_else() {
    let template = template(|stack| {
        let task = TaskDefinition::new(256, MiB(512)).container(shop().scratch("/tmp"));
        stack.add("Task", task);
    });
    let task = template.properties(TASK);
    assert_eq!(task["NetworkMode"], "awsvpc");
    assert_eq!(task["RequiresCompatibilities"], expected!(["FARGATE"]));
    assert_eq!(task["RuntimePlatform"]["CpuArchitecture"], "ARM64");
    let container = &task["ContainerDefinitions"][0];
    assert_eq!(container["ReadonlyRootFilesystem"], true);
    assert_eq!(container["MountPoints"][0]["ContainerPath"], "/tmp");
    assert_eq!(
        container["MountPoints"][0]["SourceVolume"],
        task["Volumes"][0]["Name"]
    );
    assert_eq!(container["LogConfiguration"]["LogDriver"], "awslogs");
    // One policy, the execution role's: the task's own role may nothing.
    let policy = template.properties("AWS::IAM::Policy");
    let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(
        statements[0]["Action"],
        expected!(["logs:CreateLogStream", "logs:PutLogEvents"])
    );
}

#[test]
fn only_what_starts_the_task_may_pull_and_read_secrets() {
    let template = template(|stack| {
        let images = stack.add("Images", Repository::new());
        let token = stack.add("Token", secretsmanager::Secret::new());
        let orders = stack.add("Orders", sqs::Queue::new());
        let worker = Container::new("worker", Image::tagged(&images, "1.4.0"))
            .secret("TOKEN", &token)
            .secret_key("API_KEY", &token, "key");
        let task = stack.add("Task", TaskDefinition::new(256, MiB(512)).container(worker));
        orders.grant_consume(&task);
    });
    let container = &template.properties(TASK)["ContainerDefinitions"][0];
    let token = template.id("AWS::SecretsManager::Secret", "Token");
    assert_eq!(
        container["Secrets"],
        expected!([
            { "Name": "TOKEN", "ValueFrom": { "Fn::GetAtt": [token, "Id"] } },
            { "Name": "API_KEY", "ValueFrom": { "Fn::Sub": format!("${{{token}.Id}}:key::") } }
        ])
    );
    let images = template.id("AWS::ECR::Repository", "Images");
    assert_eq!(
        container["Image"],
        expected!({ "Fn::Sub": format!("${{{images}.RepositoryUri}}:1.4.0") })
    );
    let may = |role: &str| {
        let policy = template.named("AWS::IAM::Policy", role)["Properties"].to_string();
        let actions = [
            "ecr:BatchGetImage",
            "ecr:GetAuthorizationToken",
            "secretsmanager:GetSecretValue",
            "sqs:ReceiveMessage",
        ];
        actions.map(|action| policy.contains(action))
    };
    assert_eq!(may("TaskExecutionRole"), [true, true, true, false]);
    assert_eq!(may("TaskRole"), [false, false, false, true]);
}

#[test]
fn a_service_goes_back_when_it_does_not_start_and_lets_nobody_in() {
    let template = template(|stack| {
        service(stack);
    });
    let service = template.one(SERVICE);
    let properties = &service["Properties"];
    assert_eq!(
        properties["DeploymentConfiguration"],
        expected!({
            "DeploymentCircuitBreaker": { "Enable": true, "Rollback": true },
            "MinimumHealthyPercent": 100,
            "MaximumPercent": 200
        })
    );
    assert_eq!(properties["DesiredCount"], serde_json::Value::Null);
    let network = &properties["NetworkConfiguration"]["AwsvpcConfiguration"];
    assert_eq!(network["AssignPublicIp"], "DISABLED");
    assert_eq!(network["Subnets"].as_array().unwrap().len(), 2);
    let group = template.properties("AWS::EC2::SecurityGroup");
    assert_eq!(group["SecurityGroupIngress"], serde_json::Value::Null);
    // Not before the roles may what they have to.
    let policy = template.id("AWS::IAM::Policy", "TaskExecutionRole");
    let waits = service["DependsOn"].as_array().unwrap();
    assert!(waits.contains(&expected!(policy)), "{waits:?}");
}

#[test]
fn steps_go_on_from_the_threshold_in_both_directions() {
    let template = template(|stack| {
        let tasks = service(stack).scale(0..=5);
        let out = StepPolicy::to_exactly(&tasks).step(0.0, 1).step(99.0, 5);
        let out = stack.add("Out", out);
        let back = StepPolicy::by_change(&tasks)
            .below_threshold()
            .step(0.0, -1)
            .step(10.0, -2);
        stack.add("Back", back);
        let orders = stack.add("Orders", sqs::Queue::new());
        let waiting = Alarm::new(orders.metric_visible(), Comparison::AtLeast(1.0));
        stack.add("Waiting", waiting.on_alarm(&out));
    });
    let target = template.properties("AWS::ApplicationAutoScaling::ScalableTarget");
    assert_eq!(
        (&target["MinCapacity"], &target["MaxCapacity"]),
        (&expected!(0), &expected!(5))
    );
    let steps = |id: &str| {
        let policy =
            &template.named("AWS::ApplicationAutoScaling::ScalingPolicy", id)["Properties"];
        policy["StepScalingPolicyConfiguration"]["StepAdjustments"].clone()
    };
    assert_eq!(
        steps("Out"),
        expected!([
            { "MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 99, "ScalingAdjustment": 1 },
            { "MetricIntervalLowerBound": 99, "ScalingAdjustment": 5 }
        ])
    );
    assert_eq!(
        steps("Back"),
        expected!([
            { "MetricIntervalLowerBound": -10, "MetricIntervalUpperBound": 0, "ScalingAdjustment": -1 },
            { "MetricIntervalUpperBound": -10, "ScalingAdjustment": -2 }
        ])
    );
    let policy = template.id("AWS::ApplicationAutoScaling::ScalingPolicy", "Out");
    let alarm = template.properties("AWS::CloudWatch::Alarm");
    assert_eq!(alarm["AlarmActions"][0]["Fn::GetAtt"][0], policy);
}

#[test]
fn a_repository_takes_a_tag_once_and_forgets_by_rules() {
    let template = template(|stack| {
        let images = Repository::new()
            .lifecycle(LifecycleRule::expire_after(days(14)).tagged(["preview-*"]))
            .lifecycle(LifecycleRule::keep_newest(30));
        stack
            .add("Images", images)
            .grant_pull(&Principal::account("210987654321"));
    });
    let images = template.one("AWS::ECR::Repository");
    assert_eq!(images["DeletionPolicy"], "RetainExceptOnCreate");
    let images = &images["Properties"];
    assert_eq!(images["ImageTagMutability"], "IMMUTABLE");
    assert_eq!(images["ImageScanningConfiguration"]["ScanOnPush"], true);
    let rules = images["LifecyclePolicy"]["LifecyclePolicyText"]
        .as_str()
        .unwrap();
    let rules: serde_json::Value = serde_json::from_str(rules).unwrap();
    assert_eq!(
        rules["rules"][0]["selection"],
        expected!({
            "tagStatus": "tagged", "tagPatternList": ["preview-*"],
            "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14
        })
    );
    assert_eq!(
        rules["rules"][1]["selection"],
        expected!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30 })
    );
    let statement = &images["RepositoryPolicyText"]["Statement"][0];
    // ECR refuses a policy that names a resource.
    assert_eq!(statement["Resource"], serde_json::Value::Null);
    assert_eq!(statement["Effect"], "Allow");
}

#[test]
fn a_strict_stack_encrypts_images_with_its_own_key() {
    let template = strict_template(|stack| {
        stack.add("Images", Repository::new());
    });
    let images = template.properties("AWS::ECR::Repository");
    assert_eq!(images["EncryptionConfiguration"]["EncryptionType"], "KMS");
}

#[test]
fn two_containers_do_not_wait_for_each_other() {
    let circle = findings(|stack| {
        let first = Container::new("first", Image::uri("first")).after("shop", Needs::Start);
        let task = TaskDefinition::new(256, MiB(512)).container(first);
        stack.add("Task", task.container(shop().after("first", Needs::Start)));
    });
    assert!(
        circle.to_string().contains("wait for each other"),
        "{circle}"
    );
}

#[test]
fn what_would_not_start_or_not_last_is_warned_of() {
    let app = App::new();
    let stack = app.stack("Shop", Environment::agnostic());
    let network = stack.add("Network", Vpc::new("10.0.0.0/16"));
    let cluster = stack.add("Cluster", Cluster::new());
    let task = TaskDefinition::new(256, MiB(512));
    let task = task.container(shop().user("65532").scratch("/tmp"));
    let task = stack.add("Task", task);
    let service = FargateService::new(&cluster, &task, &network).desired(2);
    stack.add("Service", service).scale(2..=10);
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let warnings = assembly.warnings().to_string();
    for part in ["has no way out", "runs as 65532", "sets it to 2 again"] {
        assert!(warnings.contains(part), "{part:?} is not in:\n{warnings}");
    }
}

/// Its code, what is told of it, and the mistake.
type Mistake = (&'static str, &'static str, fn(&Stack));

const MISTAKES: &[Mistake] = &[
    ("CW1002", "1 to 10 containers, got 0", |stack| {
        stack.add("Task", TaskDefinition::new(256, MiB(512)));
    }),
    ("CW1002", "512, 1024 or 2048 MiB, got 4096", |stack| {
        stack.add(
            "Task",
            TaskDefinition::new(256, MiB(4096)).container(shop()),
        );
    }),
    ("CW1103", "two containers are called `shop`", |stack| {
        let task = TaskDefinition::new(256, MiB(512));
        stack.add("Task", task.container(shop()).container(shop()));
    }),
    ("CW1103", "this one has none", |stack| {
        let task = TaskDefinition::new(256, MiB(512));
        stack.add("Task", task.container(shop().not_essential()));
    }),
    (
        "CW1103",
        "waits for `proxy`, which is no other of the task",
        |stack| {
            let task = TaskDefinition::new(256, MiB(512));
            stack.add("Task", task.container(shop().after("proxy", Needs::Start)));
        },
    ),
    ("CW1103", "waits for the end of `first`", |stack| {
        let first = Container::new("first", Image::uri("first"));
        let task = TaskDefinition::new(256, MiB(512)).container(first);
        let task = task.container(shop().after("first", Needs::Success));
        stack.add("Task", task);
    }),
    ("CW1103", "waits for the health of `first`", |stack| {
        let first = Container::new("first", Image::uri("first"));
        let task = TaskDefinition::new(256, MiB(512)).container(first);
        let task = task.container(shop().after("first", Needs::Healthy));
        stack.add("Task", task);
    }),
    ("CW1103", "counts no tasks", |stack| {
        let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
        let cluster = stack.add("Cluster", Cluster::new().without_insights());
        let task = stack.add("Task", TaskDefinition::new(256, MiB(512)).container(shop()));
        let service = FargateService::new(&cluster, &task, &network);
        let operators = stack.add("Operators", sns::Topic::new());
        stack
            .add("Service", service)
            .alarm_when_fewer_than(1, &operators);
    }),
    ("CW1103", "nobody can open a shell", |stack| {
        let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
        let cluster = stack.add("Cluster", Cluster::new());
        let task = stack.add("Task", TaskDefinition::new(256, MiB(512)).container(shop()));
        stack.add(
            "Service",
            FargateService::new(&cluster, &task, &network).execute_command(),
        );
    }),
    (
        "CW1002",
        "the time to end is 0 to 120 seconds, got 121",
        |stack| {
            let task = TaskDefinition::new(256, MiB(512));
            stack.add("Task", task.container(shop().stop_timeout(seconds(121))));
        },
    ),
    ("CW1002", "1 to 10 failures, got 0", |stack| {
        let check = HealthCheck::program(["/check"]).retries(0);
        let task = TaskDefinition::new(256, MiB(512));
        stack.add("Task", task.container(shop().health_check(check)));
    }),
    (
        "CW1202",
        "API_KEY holds what its name calls a secret",
        |stack| {
            let task = TaskDefinition::new(256, MiB(512));
            stack.add("Task", task.container(shop().env("API_KEY", "hunter2")));
        },
    ),
    ("CW1103", "is set twice", |stack| {
        let task = TaskDefinition::new(256, MiB(512));
        stack.add("Task", task.container(shop().env("A1", "1").env("A1", "2")));
    }),
    ("CW1002", "21 to 200 GiB for files, got 20", |stack| {
        let task = TaskDefinition::new(256, MiB(512)).ephemeral_storage(20);
        stack.add("Task", task.container(shop()));
    }),
    ("CW1002", "at least 5 and at most 1 tasks", |stack| {
        #[allow(clippy::reversed_empty_ranges, reason = "the mistake")]
        service(stack).scale(5..=1);
    }),
    (
        "CW1002",
        "more than 0 and up to 100 percent of what they have, got 0",
        |stack| {
            service(stack).scale(1..=5).track_cpu(0.0);
        },
    ),
    ("CW1002", "a policy has 1 to 20 steps", |stack| {
        let tasks = service(stack).scale(1..=5);
        stack.add("Out", StepPolicy::by_change(&tasks).step(5.0, 1));
    }),
    ("CW1002", "a number that is set is 0 or more", |stack| {
        let tasks = service(stack).scale(1..=5);
        stack.add("Out", StepPolicy::to_exactly(&tasks).step(0.0, -1));
    }),
    ("CW1103", "comes after the others", |stack| {
        let images = Repository::new()
            .lifecycle(LifecycleRule::keep_newest(3))
            .lifecycle(LifecycleRule::expire_after(days(1)).untagged());
        stack.add("Images", images);
    }),
    ("CW1002", "at least one image or day, got 0", |stack| {
        let images = Repository::new().lifecycle(LifecycleRule::keep_newest(0));
        stack.add("Images", images);
    }),
    ("CW1003", "a cluster's ARN looks like", |stack| {
        Cluster::import(
            stack,
            "Old",
            "arn:aws:ecs:eu-central-1:123456789012:service/a/b",
        );
    }),
];

#[test]
fn mistakes_are_found() {
    for (code, what, mistake) in MISTAKES {
        assert_error(&findings(mistake), code, &[what]);
    }
}

#[test]
fn tasks_start_when_they_reach_what_they_start_with() {
    let of = |is_last: bool| {
        template(|stack| {
            let network = stack.add("Network", Vpc::new("10.0.0.0/16"));
            network.gateway_endpoint(GatewayService::S3);
            let endpoints = || {
                network
                    .interface_endpoint("ecr.api")
                    .interface_endpoint("logs");
            };
            if !is_last {
                endpoints();
            }
            let cluster = stack.add("Cluster", Cluster::new());
            let task = stack.add("Task", TaskDefinition::new(256, MiB(512)).container(shop()));
            stack.add("Service", FargateService::new(&cluster, &task, &network));
            if is_last {
                endpoints();
            }
        })
    };
    let template = of(false);
    // Whichever is said first.
    assert_eq!(template.0, of(true).0);
    let waits = template.one(SERVICE)["DependsOn"].to_string();
    let is_endpoint = |resource: &serde_json::Value| resource["Type"] == "AWS::EC2::VPCEndpoint";
    let mut endpoints = template.resources().filter(|(_, one)| is_endpoint(one));
    assert_eq!(template.all("AWS::EC2::VPCEndpoint").len(), 3);
    assert!(endpoints.all(|(id, _)| waits.contains(id)), "{waits}");
}
