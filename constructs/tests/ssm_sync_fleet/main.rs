//! Servers that follow a bucket: what is made, what each may do, and what cannot be.

#[path = "../support/mod.rs"]
mod support;

mod notices;
mod refusals;
mod rights;

use cloudwright::ec2::{Image, Nat, Vpc};
use cloudwright::lambda::Architecture;
use cloudwright::patterns::ssm_sync_fleet::{Directory, Fleet, object_parameters};
use cloudwright::prelude::*;
use cloudwright::ssm::{Document, Servers, Step};
use serde_json::{Value, json as expected};
use support::{Template, strict_template, template};

const ASSOCIATION: &str = "AWS::SSM::Association";
const DOCUMENT: &str = "AWS::SSM::Document";
const FUNCTION: &str = "AWS::Lambda::Function";
const QUEUE: &str = "AWS::SQS::Queue";
const IDENTITY: &str = "AWS::IAM::Policy";

fn web() -> Servers {
    Servers::tagged("role", "web")
}

fn content() -> SsmSyncFleet {
    SsmSyncFleet::new("/srv/content").servers(web())
}

fn with(fleet: SsmSyncFleet) -> Template {
    template(|stack| {
        stack.add("Content", fleet);
    })
}

fn variables(template: &Template) -> &Value {
    let functions = template.all(FUNCTION).into_iter();
    let mut sync = functions.filter(|one| one["Properties"]["Handler"] == "ssm-sync");
    &sync.next().unwrap()["Properties"]["Environment"]["Variables"]
}

/// The lines of the script of the document.
fn script(template: &Template) -> String {
    let content = &template.properties(DOCUMENT)["Content"];
    let lines = content["mainSteps"][0]["inputs"]["runCommand"]
        .as_array()
        .unwrap();
    let lines = lines.iter().map(|line| line.as_str().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_change_reaches_the_function_by_a_queue_that_hides_for_longer_than_a_window() {
    let template = with(content().window(minutes(15)));
    let variables = variables(&template);
    assert_eq!(variables["WINDOW_SECONDS"], "900");
    assert_eq!(variables["COMMAND_1_TARGET_1_TAG"], "role");
    assert_eq!(variables["COMMAND_1_TARGET_1_VALUE_1"], "web");
    assert_eq!(variables["COMMAND_1_MAX_ERRORS"], "100%");
    let document = template.id(DOCUMENT, "Content");
    assert_eq!(
        variables["COMMAND_1_DOCUMENT"],
        expected!({ "Ref": document })
    );
    let queues = template.all(QUEUE).into_iter();
    let mut hidden = queues.filter_map(|queue| queue["Properties"]["VisibilityTimeout"].as_i64());
    assert_eq!(hidden.next(), Some(930));
    let bucket = template.properties("AWS::S3::Bucket");
    let rules = &bucket["NotificationConfiguration"]["QueueConfigurations"];
    assert_eq!(rules.as_array().unwrap().len(), 1);
    assert_eq!(rules[0]["Event"], "s3:ObjectCreated:*");
}

#[test]
fn a_mirror_also_hears_of_what_is_removed() {
    let mirror = Directory::new("/srv/content").prefix("site/").mirror();
    let template = with(SsmSyncFleet::new(mirror).servers(web()));
    let bucket = template.properties("AWS::S3::Bucket").to_string();
    for event in [
        "s3:ObjectCreated:*",
        "s3:ObjectRemoved:*",
        "s3:LifecycleExpiration:*",
    ] {
        assert!(bucket.contains(event), "{event}");
    }
    assert!(bucket.contains("\"site/\""), "{bucket}");
    assert!(script(&template).ends_with(
        "sync_directory '/srv/content' 'site/' '' 0644 0755 --delete\nexit \"$failed\""
    ));
}

#[test]
fn each_directory_is_a_line_in_which_nothing_is_a_command() {
    let shop = Directory::new("/etc/shop")
        .owner("shop:www")
        .mode(0o640)
        .exclude("it's; $(x)");
    let template = with(content().directory(shop));
    let script = script(&template);
    let line = "sync_directory '/etc/shop' '' 'shop:www' 0640 0750 --exclude 'it'\\''s; $(x)'";
    assert!(script.contains(line), "{script}");
    assert!(
        script.starts_with("#!/bin/bash\nif [ -z \"${SSM_S3Bucket+x}\" ]"),
        "{script}"
    );
    let parameters = &template.properties(DOCUMENT)["Content"]["parameters"];
    for name in ["S3Bucket", "Region"] {
        assert_eq!(parameters[name]["interpolationType"], "ENV_VAR");
        assert!(parameters[name]["allowedPattern"].is_string());
    }
}

fn fleet(stack: &Stack) -> Fleet {
    let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(Nat::One));
    let image = Image::amazon_linux_2023(Architecture::Arm64);
    Fleet::new(&network, image, "t4g.small", 2..=4).start_with(["systemctl start nginx"])
}

#[test]
fn servers_that_are_made_have_the_tag_and_are_complete_before_they_serve() {
    let template = template(|stack| {
        let fleet = fleet(stack);
        stack.add("Content", SsmSyncFleet::new("/srv/content").fleet(fleet));
    });
    let variables = variables(&template);
    assert_eq!(variables["COMMAND_1_TARGET_1_TAG"], "cloudwright:follows");
    assert_eq!(variables["COMMAND_1_TARGET_1_VALUE_1"], "S/Content");
    let group = template.properties("AWS::AutoScaling::AutoScalingGroup");
    assert_eq!(
        group["Tags"],
        expected!([{ "Key": "cloudwright:follows", "Value": "S/Content", "PropagateAtLaunch": true }])
    );
    let data = &template.properties("AWS::EC2::LaunchTemplate")["LaunchTemplateData"];
    let boot = data["UserData"].to_string();
    let sync = boot.find("aws s3 sync").unwrap();
    assert!(boot.find("systemctl start nginx").unwrap() > sync, "{boot}");
    let roles = template.all("AWS::IAM::Role");
    let of_servers = roles
        .iter()
        .find(|role| role.to_string().contains("ec2.amazonaws.com"));
    let managed = of_servers.unwrap()["Properties"]["ManagedPolicyArns"].to_string();
    assert!(
        managed.contains("AmazonSSMManagedInstanceCore"),
        "{managed}"
    );
    assert_eq!(template.allowing(IDENTITY, "s3:GetObject").len(), 1);
}

fn import(stack: &Stack) -> ssm::DocumentRef {
    let import = Document::command("Imports a batch");
    let import = object_parameters()
        .into_iter()
        .fold(import, Document::parameter);
    let step = Step::shell("Import", ["/opt/import \"$SSM_S3Key\""]);
    stack.add("Import", import.step(step))
}

#[test]
fn a_marker_starts_a_document_of_ones_own() {
    let template = template(|stack| {
        let batches = SsmSyncFleet::run_document(&import(stack))
            .on_marker("done.txt")
            .prefix("orders/")
            .servers(web());
        stack.add("Batches", batches);
    });
    let variables = variables(&template);
    assert_eq!(variables["COMMAND_1_MARKER"], "done.txt");
    assert_eq!(variables["COMMAND_1_MARKER_PREFIX"], "orders/");
    assert_eq!(variables["WINDOW_SECONDS"], Value::Null);
    assert!(variables["LEDGER_TABLE"].is_object());
    let bucket = template.properties("AWS::S3::Bucket").to_string();
    assert!(
        bucket.contains("\"done.txt\"") && bucket.contains("\"orders/\""),
        "{bucket}"
    );
    // A key may hold anything, so no agent is given it as text.
    assert!(!script(&template).contains("{{S3Key}}"));
}

#[test]
fn what_fails_is_told_and_wakes_somebody_up() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let content = stack.add("Content", content().status_events_to(&operators));
        content.alarms(&operators);
    });
    let rules = template.all("AWS::Events::Rule");
    assert_eq!(rules.len(), 3);
    let document = template.id(DOCUMENT, "Content");
    for rule in rules {
        let pattern = &rule["Properties"]["EventPattern"];
        assert_eq!(
            pattern["detail"]["document-name"],
            expected!([{ "Ref": document }])
        );
        assert_eq!(rule["Properties"]["Targets"].as_array().unwrap().len(), 1);
    }
    assert_eq!(template.all("AWS::CloudWatch::Alarm").len(), 9);
}

#[test]
fn a_strict_stack_encrypts_what_is_made_and_says_what_stays_open() {
    let template = strict_template(|stack| {
        let fleet = fleet(stack);
        stack.add("Content", SsmSyncFleet::new("/srv/content").fleet(fleet));
    });
    let table = template.properties("AWS::DynamoDB::Table");
    assert_eq!(table["SSESpecification"]["SSEEnabled"], true);
    let data = &template.properties("AWS::EC2::LaunchTemplate")["LaunchTemplateData"];
    assert!(data["BlockDeviceMappings"][0]["Ebs"]["KmsKeyId"].is_object());
    // What checkov and the packs of cdk-nag find in this template.
    let policy = "AWS::IAM::ManagedPolicy";
    for (kind, start, ids) in [
        (
            "AWS::DynamoDB::Table",
            "Content",
            &[
                "CKV_AWS_28",
                "AwsSolutions-DDB3",
                "HIPAA.Security-DynamoDBInBackupPlan",
            ][..],
        ),
        ("AWS::KMS::Key", "Strict", &["CKV_AWS_33"]),
        ("AWS::IAM::Role", "ContentServers", &["AwsSolutions-IAM4"]),
        (
            "AWS::AutoScaling::AutoScalingGroup",
            "Content",
            &["AwsSolutions-AS3"],
        ),
        (policy, "ContentServers", &["AwsSolutions-IAM5"]),
        (policy, "ContentFunction", &["AwsSolutions-IAM5"]),
        (
            "AWS::EC2::VPC",
            "Network",
            &["PCI.DSS.321-VPCDefaultSecurityGroupClosed"],
        ),
        (
            "AWS::EC2::Route",
            "NetworkPublic1",
            &["NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW"],
        ),
        (
            "AWS::Lambda::EventSourceMapping",
            "Content",
            &["Serverless-LambdaEventSourceMappingDestination"],
        ),
        (
            "AWS::Events::Rule",
            "ContentFailed",
            &["Serverless-EventBusDLQ"],
        ),
        (
            FUNCTION,
            "ContentFunction",
            &["CKV_AWS_117", "Serverless-LambdaDLQ"],
        ),
    ] {
        let said = template.named(kind, start)["Metadata"].to_string();
        for id in ids {
            assert!(said.contains(&format!("\"{id}\"")), "{kind} {id}: {said}");
        }
    }
    // The ways of the private subnets are none to the internet.
    for route in template.all("AWS::EC2::Route") {
        let is_private = route["Properties"]["NatGatewayId"].is_object();
        assert_eq!(route.get("Metadata").is_none(), is_private);
    }
}

#[test]
fn servers_that_missed_a_command_look_again_every_half_hour() {
    let template = template(|stack| {
        let output = stack.add("Output", s3::Bucket::new());
        let content = content().max_concurrency("25%").max_errors("3");
        stack.add("Content", content.output_bucket(&output));
    });
    let look = template.properties(ASSOCIATION);
    let document = template.id(DOCUMENT, "Content");
    assert_eq!(look["Name"], expected!({ "Ref": document }));
    assert_eq!(look["ScheduleExpression"], "rate(30 minutes)");
    let servers = expected!([{ "Key": "tag:role", "Values": ["web"] }]);
    assert_eq!(look["Targets"], servers);
    assert_eq!(
        (&look["MaxConcurrency"], &look["MaxErrors"]),
        (&expected!("25%"), &expected!("3"))
    );
    let place = &look["OutputLocation"]["S3Location"]["OutputS3BucketName"];
    assert_eq!(
        *place,
        variables(&template)["COMMAND_1_OUTPUT_BUCKET"],
        "where the output of commands is"
    );
    let seldom = with(content().reconcile_every(hours(6)));
    let look = seldom.properties(ASSOCIATION);
    assert_eq!(look["ScheduleExpression"], "rate(360 minutes)");
    // A server that failed keeps no other from looking.
    assert_eq!(look["MaxErrors"], "100%");
}

#[test]
fn servers_do_not_look_by_themselves_where_it_is_not_wanted_or_cannot_be() {
    let stage = Servers::tagged("stage", "prod");
    for fleet in [content().without_reconcile(), content().servers(stage)] {
        assert!(with(fleet).all(ASSOCIATION).is_empty());
    }
    let batches = template(|stack| {
        let batches = SsmSyncFleet::run_document(&import(stack)).on_marker("done.txt");
        stack.add("Batches", batches.servers(web()));
    });
    assert!(batches.all(ASSOCIATION).is_empty());
}

#[test]
fn servers_that_are_made_can_have_a_role_of_ones_own() {
    let template = template(|stack| {
        let managed = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
        let mine = iam::Role::assumed_by(Principal::service("ec2.amazonaws.com"));
        let mine = stack.add("Mine", mine.managed_policy(managed));
        let fleet = fleet(stack).template_with(move |template| template.role(&mine));
        stack.add("Content", SsmSyncFleet::new("/srv/content").fleet(fleet));
    });
    let servers = template.all("AWS::IAM::Role").into_iter();
    let servers = servers.filter(|role| role.to_string().contains("ec2.amazonaws.com"));
    assert_eq!(servers.count(), 1);
    let reads = template.named(IDENTITY, "Mine").to_string();
    assert!(reads.contains("s3:GetObject"), "{reads}");
}

#[test]
fn people_can_ask_for_a_run() {
    let app = App::new();
    let stack = app.stack("S", support::home());
    stack.add("Content", content());
    let batches = SsmSyncFleet::run_document(&import(&stack)).on_marker("done.txt");
    stack.add("Batches", batches.servers(web()));
    let assembly = app.synth().unwrap();
    let [sync] = assembly.operations() else {
        panic!("{:?}", assembly.operations())
    };
    assert_eq!((&*sync.construct, &*sync.name), ("S/Content", "sync"));
    assert_eq!(sync.member.as_deref(), Some("sync"));
    assert_eq!(sync.kind, FUNCTION);
}
