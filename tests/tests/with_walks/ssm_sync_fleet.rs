//! `ssm-sync-fleet`: as far as the command, which the local AWS writes down.

use std::fs;

use serde_json::Value;
use tests::aws::wait_for;

use crate::Walk;

/// Who may be one of the servers that exist already.
const TRUST: &str = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": { "Service": "ec2.amazonaws.com" } }] }"#;

fn outputs(walk: &Walk) -> [String; 2] {
    let outputs = walk.document("builds outputs Shop");
    ["ContentBucket", "OrdersBucket"].map(|name| {
        let found = outputs["stacks"]["Shop"][name].as_str();
        found.unwrap_or_else(|| panic!("{outputs}")).to_owned()
    })
}

/// The commands that Systems Manager has, the newest first.
fn sent(walk: &Walk) -> Vec<Value> {
    let ran = walk.types("aws ssm list-commands", &[]).ended(0);
    let listed: Value = serde_json::from_str(&ran.out).unwrap();
    listed["Commands"].as_array().unwrap().clone()
}

fn await_sent(walk: &Walk, count: usize) -> Vec<Value> {
    wait_for(&format!("{count} commands"), || {
        let commands = sent(walk);
        (commands.len() >= count).then_some(commands)
    })
}

#[test]
fn what_the_readme_says_is_what_happens() {
    let walk = Walk::new("ssm-sync-fleet");
    let _ = walk.types("cargo cloudwright local up", &[]).ended(0);
    let env = "eval \"$(cargo cloudwright local env --app cloudwright.out)\"";
    let _ = walk.types(env, &[]).ended(0);
    fs::write(walk.folder().join("trust.json"), TRUST).unwrap();
    let role = "aws iam create-role --role-name erp-servers --assume-role-policy-document file://trust.json";
    let _ = walk.types(role, &[]).ended(0);
    for deploy in [
        "cargo cloudwright local deploy --app cloudwright.out",
        // It is there already, whoever asks for it.
        "cargo cloudwright deploy --app cloudwright.out",
    ] {
        let _ = walk
            .types(deploy, &[("deploy --app", "deploy --yes --app")])
            .ended(0);
    }
    let [content, orders] = outputs(&walk);
    follows(&walk, &content);
    imports(&walk, &orders);
    operates(&walk);
    walk.is_through(&[
        ("cargo install --path deploy --features full", "installed already"),
        (
            "cargo run --features ssm-sync-fleet --bin ssm-sync-fleet -- synth",
            "the test of all examples runs it",
        ),
        (
            "cargo run --features ssm-sync-fleet --bin ssm-sync-fleet -- synth --context cloudwright:architecture=x86_64",
            "this walk begins with it, for the processor that is here",
        ),
        (
            "cargo cloudwright logs Shop --follow --app cloudwright.out",
            "it goes on until it is stopped; it is typed without",
        ),
    ]);
}

fn follows(walk: &Walk, content: &str) {
    fs::write(walk.folder().join("index.html"), "<p>hello</p>").unwrap();
    let upload = "aws s3 cp index.html s3://CONTENT_BUCKET/";
    let _ = walk.types(upload, &[("CONTENT_BUCKET", content)]).ended(0);
    let command = await_sent(walk, 1).remove(0);
    let id = command["CommandId"].as_str().unwrap();
    let logs = "cargo cloudwright logs Shop/Web --app cloudwright.out --since 5m";
    wait_for("the line of the command", || {
        let said = walk.types(logs, &[]).ended(0).out;
        let is_it = |line: &str| line.contains("command sent") && line.contains(id);
        said.lines().any(is_it).then_some(())
    });
    let alarms = "cargo cloudwright alarms Shop/Web --app cloudwright.out";
    let alarms = walk.types(alarms, &[]).ended(0).out;
    assert_eq!(alarms.lines().count(), 9, "{alarms}");
    assert!(
        alarms.lines().all(|line| !line.starts_with("ALARM")),
        "{alarms}"
    );
    // What servers did is for AWS to tell: the command line knows the question, and the local AWS has no servers.
    let look = "0b1f6b7c-8a5e-4a0e-9d2f-3c4b5a697887";
    for (question, words) in [
        (
            "aws ssm list-command-invocations --command-id COMMAND_ID --details",
            ("COMMAND_ID", id),
        ),
        (
            "aws ssm list-associations --association-filter-list key=AssociationStatusName,value=Failed",
            ("", ""),
        ),
        (
            "aws ssm describe-association-executions --association-id ASSOCIATION_ID",
            ("ASSOCIATION_ID", look),
        ),
    ] {
        let words: &[_] = if words.0.is_empty() { &[] } else { &[words] };
        let asked = walk.types(question, words).err;
        assert!(asked.contains("Unknown action"), "{asked}");
    }
}

fn imports(walk: &Walk, orders: &str) {
    let batch = walk.folder().join("batch-7");
    fs::create_dir(&batch).unwrap();
    fs::write(batch.join("1.csv"), "1").unwrap();
    let before = sent(walk).len();
    let words = [("ORDERS_BUCKET", orders)];
    let upload = "aws s3 cp --recursive batch-7 s3://ORDERS_BUCKET/orders/7/";
    let _ = walk.types(upload, &words).ended(0);
    let marker = "aws s3api put-object --bucket ORDERS_BUCKET --key orders/7/batch-complete.txt";
    let _ = walk.types(marker, &words).ended(0);
    let commands = await_sent(walk, before + 1);
    let key = |one: &&Value| one["Parameters"]["S3Key"][0] == "orders/7/batch-complete.txt";
    assert_eq!(commands.iter().filter(key).count(), 1, "{commands:?}");
}

fn operates(walk: &Walk) {
    let before = sent(walk).len();
    let run = "cargo cloudwright run Shop/Web sync --app cloudwright.out";
    let _ = walk.types(run, &[("sync", "sync --yes")]).ended(0);
    assert!(sent(walk).len() > before);
    let all = "cargo cloudwright alarms --app cloudwright.out";
    let _ = walk.types(all, &[]).ended(0);
    let list = "cargo cloudwright dead-letters list --app cloudwright.out";
    let queues = walk.types(list, &[]).ended(0).out;
    for queue in [
        "Shop/Web/Events/DeadLetterQueue",
        "Shop/Batches/Events/DeadLetterQueue",
        "Shop/Web/LostNotices",
    ] {
        assert!(queues.contains(queue), "{queues}");
    }
    let words = [("QUEUE", "Shop/Web/Events/DeadLetterQueue")];
    let show = "cargo cloudwright dead-letters show QUEUE --app cloudwright.out";
    let _ = walk.types(show, &words).ended(0);
    let redrive = "cargo cloudwright dead-letters redrive QUEUE --app cloudwright.out";
    let words = [words[0], ("redrive", "redrive --yes")];
    let _ = walk.types(redrive, &words).ended(0);
    fs::write(walk.folder().join("event.json"), "{\"sync\": {}}").unwrap();
    let call =
        "cargo cloudwright invoke Shop/Web/Function --event event.json --log --app cloudwright.out";
    let called = walk.types(call, &[]).ended(0);
    assert!(called.out.contains("commands"), "{}", called.out);
}
