//! `cargo-cloudwright` deploys for real, to the local AWS: what a user sees, the exit codes, and what is there
//! afterwards.

mod completions;
mod data;
mod diff;
mod doctor;
mod held;
mod hotswap;
mod images;
mod imports;
mod local;
mod logs;
mod measured;
mod mistakes;
mod nested;
mod review;
mod running;
mod screens;
mod script;
mod scripted;
mod secrets;
mod several;
mod terminal;
mod trust;
mod watch;
mod wire;

use serde_json::{Value, json};
use tests::deploys::{Deployer, TestStack};
use tests::engine::Engine;
use tests::tools::{isolated, quickstart};

pub(crate) const REGION: &str = "eu-central-1";

/// A queue with these properties, which is not kept.
pub(crate) fn queue(properties: &Value) -> Value {
    json!({ "Type": "AWS::SQS::Queue", "Properties": properties })
}

/// A template with a queue and its address as output.
pub(crate) fn with_queue(properties: &Value) -> Value {
    json!({ "Resources": { "Jobs": queue(properties) },
        "Outputs": { "Url": { "Value": { "Ref": "Jobs" } } } })
}

/// The status of a stack, if there is one.
pub(crate) fn status(stack: &str) -> Option<String> {
    status_in(REGION, stack)
}

/// The status of a stack of a region, if there is one.
pub(crate) fn status_in(region: &str, stack: &str) -> Option<String> {
    let aws = Engine::shared().client(region);
    let answer = aws
        .try_call(
            "cloudformation",
            "DescribeStacks",
            &json!({ "StackName": stack }),
        )
        .ok()?;
    answer["Stacks"][0]["StackStatus"]
        .as_str()
        .map(str::to_owned)
}

fn stack(name: &str, template: Value) -> TestStack {
    TestStack::new(name, REGION, template)
}

#[test]
fn a_stack_is_created_left_alone_updated_and_deleted() {
    let name = "Life";
    let life = |delay: u32| stack(name, with_queue(&json!({ "DelaySeconds": delay })));
    let deployer = Deployer::new(Engine::shared(), &[life(1)]);
    let created = deployer.run(&["deploy", "--json"]).ended(0);
    assert_eq!(created.stack(name)["outcome"], "created");
    let url = created.stack(name)["outputs"]["Url"].clone();
    assert!(
        url.as_str().is_some_and(|url| url.contains("Life-Jobs")),
        "{url}"
    );
    assert_eq!(
        deployer.run(&["deploy", "--json"]).ended(0).stack(name)["outcome"],
        "unchanged"
    );

    deployer.write(&[life(2)]);
    let updated = deployer
        .run(&["deploy", "--json", "--outputs-file", "outputs.json"])
        .ended(0);
    assert!(updated.err.contains("DelaySeconds"), "{}", updated.err);
    assert_eq!(updated.stack(name)["outcome"], "updated");
    let outputs = std::fs::read(deployer.folder().join("outputs.json")).unwrap();
    let outputs: Value = serde_json::from_slice(&outputs).unwrap();
    assert_eq!(outputs, json!({ "Life": { "Url": url } }));
    tests::documents::require("deploy --outputs-file", &outputs);
    let aws = Engine::shared().client(REGION);
    let delay = json!({ "QueueUrl": url, "AttributeNames": ["DelaySeconds"] });
    assert_eq!(
        aws.call("sqs", "GetQueueAttributes", &delay)["Attributes"]["DelaySeconds"],
        "2"
    );

    // The queue holds data, so its deletion has to name it.
    let refused = deployer.run(&["destroy", "--yes"]).ended(4);
    assert!(
        refused.err.contains("--allow-data-loss Jobs"),
        "{}",
        refused.err
    );
    assert_eq!(status(name).as_deref(), Some("UPDATE_COMPLETE"));
    let deleted = deployer
        .run(&["destroy", "--yes", "--allow-data-loss", "Jobs", "--json"])
        .ended(0);
    assert_eq!(deleted.stack(name)["outcome"], "deleted");
    assert_eq!(
        deployer
            .run(&["destroy", "--yes", "--json"])
            .ended(0)
            .stack(name)["outcome"],
        "absent"
    );
}

#[test]
fn what_nobody_approves_is_shown_and_leaves_nothing_behind() {
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" } }] });
    let role =
        json!({ "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": trust } });
    let deployer = Deployer::new(
        Engine::shared(),
        &[stack(
            "Unapproved",
            json!({ "Resources": { "Worker": role } }),
        )],
    );
    let refused = deployer.run(&["deploy"]).ended(4);
    assert!(
        refused
            .err
            .contains("\n  IAM statements\n      Effect  Actions         Resources  Principals\n    + Allow   sts:AssumeRole  Worker     Service:lambda.amazonaws.com\n"),
        "{}",
        refused.err
    );
    assert!(
        refused.err.contains("Capabilities: CAPABILITY_IAM"),
        "{}",
        refused.err
    );
    assert_eq!(status("Unapproved"), None);
    let _ = deployer
        .run(&["deploy", "--require-approval", "destructive"])
        .ended(0);
    assert_eq!(status("Unapproved").as_deref(), Some("CREATE_COMPLETE"));
}

#[test]
fn a_failed_creation_names_its_cause_and_its_line_and_the_next_one_starts_anew() {
    let name = "Broken";
    let broken = stack(name, with_queue(&json!({ "DelaySeconds": 100_000 })));
    let deployer = Deployer::new(Engine::shared(), &[broken]);
    let failed = deployer.run(&["deploy", "--json"]).ended(1);
    let problem = &failed.stack(name)["problem"];
    assert_eq!(problem["status"], "ROLLBACK_COMPLETE");
    let cause = &problem["causes"][0];
    assert_eq!(
        (&cause["id"], &cause["path"]),
        (&json!("Jobs"), &json!("Broken/Jobs"))
    );
    assert_eq!(cause["line"], "src/Broken.rs:7");
    assert!(
        cause["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("DelaySeconds")),
        "{cause}"
    );
    assert!(failed.err.contains("--> src/Broken.rs:7"), "{}", failed.err);

    deployer.write(&[stack(name, with_queue(&json!({ "DelaySeconds": 10 })))]);
    let mended = deployer.run(&["deploy", "--json"]).ended(0);
    assert!(
        mended.err.contains("is in ROLLBACK_COMPLETE"),
        "{}",
        mended.err
    );
    assert_eq!(mended.stack(name)["outcome"], "created");
}

#[test]
fn a_failed_update_is_rolled_back_and_names_its_cause() {
    let name = "Relapse";
    let deployer = Deployer::new(
        Engine::shared(),
        &[stack(name, with_queue(&json!({ "DelaySeconds": 1 })))],
    );
    let _ = deployer.run(&["deploy"]).ended(0);
    deployer.write(&[stack(name, with_queue(&json!({ "DelaySeconds": 100_000 })))]);
    let failed = deployer.run(&["deploy", "--json"]).ended(1);
    let problem = &failed.stack(name)["problem"];
    assert_eq!(
        (&problem["status"], &problem["causes"][0]["path"]),
        (&json!("UPDATE_ROLLBACK_COMPLETE"), &json!("Relapse/Jobs"))
    );
    deployer.write(&[stack(name, with_queue(&json!({ "DelaySeconds": 1 })))]);
    let _ = deployer.run(&["deploy"]).ended(0);
}

#[test]
fn a_stack_can_be_looked_at() {
    let name = "Looked";
    let deployer = Deployer::new(Engine::shared(), &[stack(name, with_queue(&json!({})))]);
    assert_eq!(
        deployer.run(&["status", "--json"]).ended(0).stack(name)["status"],
        Value::Null
    );
    let _ = deployer.run(&["deploy", "--quiet"]).ended(0);
    assert_eq!(
        deployer.run(&["status", "--json"]).ended(0).stack(name)["status"],
        "CREATE_COMPLETE"
    );
    let shown = |verb: &str| deployer.run(&[verb]).ended(0).out;
    assert!(
        shown("outputs").starts_with("Looked  Url  http"),
        "{}",
        shown("outputs")
    );
    assert!(shown("resources").starts_with("Looked/Jobs  AWS::SQS::Queue  CREATE_COMPLETE"));
    assert!(shown("events").contains("CREATE_COMPLETE      Looked/Jobs  AWS::SQS::Queue"));
}

#[test]
fn a_mistaken_command_line_says_what_to_do() {
    let sized = json!({ "Parameters": { "Delay": { "Type": "Number", "MaxValue": 900 } },
        "Resources": { "Jobs": queue(&json!({ "DelaySeconds": { "Ref": "Delay" } })) } });
    let deployer = Deployer::new(Engine::shared(), &[stack("Sized", sized)]);
    let table: [(&[&str], i32, &str); 6] = [
        (&["deploy", "Sizes"], 2, "no stack matches \"Sizes\""),
        (&["deploy"], 2, "add `--parameter Sized:Delay=VALUE`"),
        (
            &["deploy", "--parameter", "Delay=901"],
            2,
            "at most 900, got \"901\"",
        ),
        (
            &["deploy", "--parameter", "Dely=1"],
            2,
            "there is no parameter Dely",
        ),
        (&["rollback"], 2, "there is no stack Sized"),
        (
            &["deploy", "--app", "elsewhere"],
            3,
            "neither a folder nor a program",
        ),
    ];
    for (arguments, code, said) in table {
        let run = deployer.run(arguments).ended(code);
        assert!(run.err.contains(said), "{arguments:?}: {}", run.err);
    }
    let _ = deployer.run(&["deploy", "--parameter", "Delay=3"]).ended(0);
    // The value of before is kept.
    assert_eq!(
        deployer.run(&["deploy", "--json"]).ended(0).stack("Sized")["outcome"],
        "unchanged"
    );
}

/// `NoEcho`: neither a mistake in the value nor a change of it shows it.
#[test]
fn the_value_of_a_parameter_that_is_not_to_be_shown_is_never_printed() {
    let tags = json!([{ "Key": "key", "Value": { "Ref": "Key" } }]);
    let secret = json!({ "Parameters": { "Key": { "Type": "String", "NoEcho": true, "MinLength": 8 } },
        "Resources": { "Jobs": queue(&json!({ "Tags": tags })) } });
    let deployer = Deployer::new(Engine::shared(), &[stack("Masked", secret)]);
    let table = [
        ("Key=hunter", 2),
        ("Key=hunter-one", 0),
        ("Key=hunter-two", 0),
    ];
    for (parameter, code) in table {
        for verb in ["diff", "deploy"] {
            let run = deployer.run(&[verb, "--json", "--parameter", parameter]);
            let run = run.ended(code);
            let shown = format!("{}{}", run.out, run.err);
            assert!(!shown.contains("hunter"), "{parameter}: {shown}");
        }
    }
    let aws = Engine::shared().client(REGION);
    let resource = json!({ "StackName": "Masked", "LogicalResourceId": "Jobs" });
    let jobs = aws.call("cloudformation", "DescribeStackResource", &resource);
    let url = &jobs["StackResourceDetail"]["PhysicalResourceId"];
    let tags = aws.call("sqs", "ListQueueTags", &json!({ "QueueUrl": url }));
    assert_eq!(tags["Tags"]["key"], "hunter-two");
}

#[test]
fn without_credentials_or_with_those_of_another_account_nothing_is_sent() {
    let deployer = Deployer::new(
        Engine::shared(),
        &[stack("Nowhere", with_queue(&json!({})))],
    );
    let mut command = deployer.command(&["deploy"]);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    let run = tests::deploys::run(&mut command).ended(1);
    assert!(run.err.contains("sign in (`aws sso"), "{}", run.err);
    let mut command = deployer.command(&["deploy"]);
    let run = tests::deploys::run(command.env("AWS_ACCESS_KEY_ID", "111111111111")).ended(2);
    assert!(
        run.err
            .contains("those of account 111111111111, expected 000000000000"),
        "{}",
        run.err
    );
    assert_eq!(status("Nowhere"), None);
}

#[test]
fn the_users_own_program_deploys_itself() {
    let folder = tempfile::tempdir().unwrap();
    let program = |arguments: &[&str]| {
        let mut command = isolated(&quickstart());
        command
            .current_dir(folder.path())
            .args(arguments)
            .env("HOME", folder.path());
        command
            .env("AWS_ENDPOINT_URL", Engine::shared().endpoint())
            .env("AWS_REGION", "ap-south-1");
        command
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
        command
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(std::process::Stdio::null());
        tests::deploys::run(&mut command)
    };
    let refused = program(&["deploy"]).ended(4);
    assert!(
        refused.err.contains("\n  IAM statements\n"),
        "{}",
        refused.err
    );
    let created = program(&["deploy", "--yes", "--json"]).ended(0);
    assert_eq!(created.stack("Uploads")["outcome"], "created");
    assert_eq!(
        program(&["deploy", "--json"]).ended(0).stack("Uploads")["outcome"],
        "unchanged"
    );
    let _ = program(&["destroy", "--yes"]).ended(0);
    assert_eq!(
        program(&["status", "--json"]).ended(0).stack("Uploads")["status"],
        Value::Null
    );
}

#[test]
fn what_was_changed_by_hand_is_found() {
    let name = "Drifted";
    let deployer = Deployer::new(
        Engine::shared(),
        &[stack(name, with_queue(&json!({ "DelaySeconds": 5 })))],
    );
    let created = deployer.run(&["deploy", "--json"]).ended(0);
    let url = created.stack(name)["outputs"]["Url"].clone();
    assert_eq!(
        deployer.run(&["drift", "--fail"]).ended(0).out,
        "Drifted: as it was deployed\n"
    );
    let aws = Engine::shared().client(REGION);
    aws.call(
        "sqs",
        "SetQueueAttributes",
        &json!({ "QueueUrl": url, "Attributes": { "DelaySeconds": "9" } }),
    );
    let drifted = deployer.run(&["drift", "--json"]).ended(0);
    let document: Value = serde_json::from_str(&drifted.out).unwrap();
    let found = &document["stacks"][name][0];
    assert_eq!(
        (&found["path"], &found["status"]),
        (&json!("Drifted/Jobs"), &json!("MODIFIED"))
    );
    let difference =
        json!({ "path": "/DelaySeconds", "kind": "NOT_EQUAL", "expected": "5", "actual": "9" });
    assert_eq!(found["differences"], json!([difference]));
    let _ = deployer.run(&["drift", "--fail"]).ended(1);
}
