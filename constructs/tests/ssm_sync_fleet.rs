//! Servers that follow a bucket: what is made, what each may do, and what cannot be.

mod support;

use cloudwright::ec2::{Image, Nat, Vpc};
use cloudwright::lambda::Architecture;
use cloudwright::patterns::ssm_sync_fleet::{Directory, Fleet, object_parameters};
use cloudwright::prelude::*;
use cloudwright::ssm::{Document, Servers, Step};
use serde_json::{Value, json as expected};
use support::{Template, assert_error, findings, strict_template, template, worker};

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

#[test]
fn the_function_may_run_this_document_on_these_servers_alone() {
    let template = with(content());
    let statements = template.allowing(IDENTITY, "ssm:SendCommand");
    assert_eq!(statements.len(), 2);
    let on_servers = statements.iter().find(|one| one.get("Condition").is_some());
    assert_eq!(
        on_servers.unwrap()["Condition"],
        expected!({ "StringEquals": { "aws:ResourceTag/role": "web" } })
    );
    let mut actions: Vec<_> = template
        .statements(IDENTITY)
        .iter()
        .flat_map(|one| match &one["Action"] {
            Value::Array(actions) => actions.clone(),
            action => vec![action.clone()],
        })
        .map(|action| action.as_str().unwrap().to_owned())
        .filter(|action| {
            !["logs:", "xray:"]
                .iter()
                .any(|other| action.starts_with(other))
        })
        .collect();
    actions.sort();
    actions.dedup();
    assert_eq!(
        actions,
        [
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
            "ssm:SendCommand",
        ]
    );
}

#[test]
fn servers_read_this_bucket_and_write_their_output_and_no_more() {
    let template = template(|stack| {
        let output = stack.add("Output", s3::Bucket::new());
        let content = stack.add("Content", content().output_bucket(&output));
        content.grant_servers(&worker(stack));
    });
    let policy = template.named(IDENTITY, "Worker");
    let statements = policy["Properties"]["PolicyDocument"]["Statement"]
        .as_array()
        .unwrap();
    let mut actions: Vec<_> = statements
        .iter()
        .map(|one| one["Action"].to_string())
        .collect();
    actions.sort();
    assert_eq!(
        actions,
        [
            "\"logs:DescribeLogGroups\"",
            "\"s3:GetObject\"",
            "\"s3:ListBucket\"",
            "\"s3:PutObject\"",
            "[\"logs:CreateLogStream\",\"logs:PutLogEvents\"]",
            "\"logs:DescribeLogStreams\"",
        ]
        .into_iter()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
    assert_eq!(
        variables(&template)["COMMAND_1_OUTPUT_LOG_GROUP"]["Ref"],
        template.id("AWS::Logs::LogGroup", "ContentLogs")
    );
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
    assert_eq!(template.all("AWS::CloudWatch::Alarm").len(), 8);
}

#[test]
fn a_strict_stack_encrypts_what_is_made() {
    let template = strict_template(|stack| {
        let fleet = fleet(stack);
        stack.add("Content", SsmSyncFleet::new("/srv/content").fleet(fleet));
    });
    let table = template.properties("AWS::DynamoDB::Table");
    assert_eq!(table["SSESpecification"]["SSEEnabled"], true);
    let data = &template.properties("AWS::EC2::LaunchTemplate")["LaunchTemplateData"];
    assert!(data["BlockDeviceMappings"][0]["Ebs"]["KmsKeyId"].is_object());
}

fn refused(code: &str, parts: &[&str], fleet: SsmSyncFleet) {
    let found = findings(|stack| {
        stack.add("Content", fleet);
    });
    assert_error(&found, code, parts);
}

#[test]
fn directories_that_cannot_be_are_told() {
    for path in [
        "srv/content",
        "/",
        "/srv/../etc",
        "/srv/a b",
        "/srv/$(x)",
        "/srv/",
        "",
        "//srv",
    ] {
        let fleet = SsmSyncFleet::new(Directory::new(path)).servers(web());
        refused(
            "CW1621",
            &["absolute path", &format!("got \"{path}\"")],
            fleet,
        );
    }
    refused(
        "CW1621",
        &["within the other"],
        content().directory("/srv/content/sub"),
    );
    let of = |directory| SsmSyncFleet::new(directory).servers(web());
    let directory = || Directory::new("/srv/content");
    refused("CW1621", &["\"site\""], of(directory().prefix("site")));
    refused(
        "CW1621",
        &["got \"www data\""],
        of(directory().owner("www data")),
    );
    refused("CW1621", &["0o1777"], of(directory().mode(0o1777)));
    refused("CW1621", &["\"\\n\""], of(directory().exclude("\n")));
    refused(
        "CW1601",
        &["double braces"],
        of(directory().exclude("{{x}}")),
    );
}

#[test]
fn servers_and_limits_that_cannot_be_are_told() {
    let bare = || SsmSyncFleet::new("/srv/content");
    refused("CW1621", &["no servers are named"], bare());
    refused(
        "CW1621",
        &["values of 1 to 256"],
        bare().servers(Servers::tagged("role", "")),
    );
    refused(
        "CW1621",
        &["1 to 50 values, got 0"],
        bare().servers(Servers::tagged_one_of("role", Vec::<String>::new())),
    );
    refused(
        "CW1621",
        &["a key of 1 to 128"],
        bare().servers(Servers::tagged("", "web")),
    );
    let many = (0..6).fold(bare(), |fleet, _| fleet.servers(web()));
    refused("CW1621", &["at most 5 tags, got 6"], many);
    for limit in ["0", "120%", "0%", "many", ""] {
        let part = format!("got \"{limit}\"");
        refused(
            "CW1621",
            &["the concurrency", &part],
            content().max_concurrency(limit),
        );
    }
    refused(
        "CW1621",
        &["the limit of errors"],
        content().max_errors("-1"),
    );
    refused(
        "CW1002",
        &["1 to 900 seconds, got 901"],
        content().window(seconds(901)),
    );
    refused(
        "CW1002",
        &["30 to 2592000"],
        content().delivery_timeout(seconds(29)),
    );
    refused("CW1002", &["172800"], content().run_timeout(days(3)));
}

#[test]
fn markers_and_documents_that_cannot_be_are_told() {
    for marker in ["*.txt", "orders/done.txt", "", "done?.txt"] {
        let found = findings(|stack| {
            let batches = SsmSyncFleet::run_document(&import(stack)).on_marker(marker);
            stack.add("Batches", batches.servers(web()));
        });
        assert_error(
            &found,
            "CW1621",
            &["exact name", &format!("got \"{marker}\"")],
        );
    }
    let found = findings(|stack| {
        let deaf = Document::command("Deaf").step(Step::shell("Run", ["true"]));
        let deaf = stack.add("Deaf", deaf);
        let batches = SsmSyncFleet::run_document(&deaf).on_marker("done.txt");
        stack.add("Batches", batches.servers(web()));
    });
    assert_error(
        &found,
        "CW1621",
        &["S3Bucket, S3Key, S3Version", "object_parameters()"],
    );
    let patterns = (0..1_000).fold(Directory::new("/srv/content"), |directory, number| {
        directory.exclude(format!("{number:0>70}"))
    });
    refused(
        "CW1601",
        &["64 KB"],
        SsmSyncFleet::new(patterns).servers(web()),
    );
}

#[test]
fn what_belongs_elsewhere_is_told() {
    refused(
        "CW1103",
        &["`.prefix(..)`", "Directory::new(..)"],
        content().prefix("site/"),
    );
    refused(
        "CW1103",
        &["`.on_marker(..)`"],
        content().on_marker("done.txt"),
    );
    let found = findings(|stack| {
        let batches = SsmSyncFleet::run_document(&import(stack)).on_marker("done.txt");
        stack.add("Batches", batches.servers(web()).directory("/srv/content"));
    });
    assert_error(&found, "CW1103", &["`.directory(..)`"]);
    let absolute = Directory::new("/srv/content").exclude("/drafts/*");
    refused(
        "CW1621",
        &["\"/drafts/*\""],
        SsmSyncFleet::new(absolute).servers(web()),
    );
}
