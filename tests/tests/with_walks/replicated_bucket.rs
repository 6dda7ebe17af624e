//! `replicated-bucket`: deployed, uploaded to, broken, repaired, changed and taken away.

use std::fs;

use serde_json::Value;
use tests::aws::wait_for;

use crate::Walk;

const PROGRAM: &str = "cargo run --features replicated-bucket --bin replicated-bucket --";
/// Nobody is there to be asked.
const DEPLOY: (&str, &str) = ("deploy", "deploy --yes");

fn output(walk: &Walk, stack: &str, name: &str) -> String {
    let outputs = walk.document(&format!("builds outputs '{stack}'"));
    let found = outputs["stacks"][stack][name].as_str();
    found.unwrap_or_else(|| panic!("{outputs}")).to_owned()
}

/// The bucket of a stack that has one.
fn bucket_of(walk: &Walk, stack: &str) -> String {
    let all = walk.document(&format!("builds resources '{stack}'"));
    let mut resources = all["stacks"][stack].as_array().unwrap().iter();
    let bucket = resources.find(|one| one["type"] == "AWS::S3::Bucket");
    let name = bucket.and_then(|one| one["physicalId"].as_str());
    name.unwrap_or_else(|| panic!("{all}")).to_owned()
}

#[test]
fn what_the_readme_says_is_what_happens() {
    let walk = Walk::new("replicated-bucket");
    let listed = walk.types(&format!("{PROGRAM} ls"), &[]).ended(0).out;
    let waits = |line: &str| {
        line.starts_with("Prod/Artifacts ")
            && line.ends_with("Prod/Regional-us-east-1, Prod/Regional-us-west-2")
    };
    assert!(listed.lines().any(waits), "{listed}");

    deploys(&walk);
    let west = bucket_of(&walk, "Prod/Regional-us-west-2");
    copies(&walk, &west);
    breaks(&walk);
    repairs(&walk, &west);
    changes(&walk);
    takes_away(&walk);
    walk.is_through(&[
        (
            &format!("{PROGRAM} synth"),
            "the test of all examples runs it",
        ),
        (
            "alias builds=\"cargo run --quiet --features replicated-bucket,operate --bin replicated-bucket --\"",
            "a word of the shell here",
        ),
    ]);
}

fn deploys(walk: &Walk) {
    let dev = walk.types("builds deploy \"Dev/*\"", &[DEPLOY]).ended(0);
    let told = dev.err;
    let at = |text: &str| told.find(text).unwrap_or_else(|| panic!("{text}: {told}"));
    assert!(at("Dev/Regional-us-west-2") < at("Dev/Artifacts"), "{told}");
    let prod = walk.types("builds deploy \"Prod/*\"", &[DEPLOY]);
    let _ = prod.ended(0);
    // It is there already, whoever asks for it.
    let _ = walk.types("builds local deploy", &[DEPLOY]).ended(0);
    let outputs = walk.types("builds outputs Prod/Artifacts", &[]).ended(0);
    assert!(outputs.out.contains("Bucket"), "{}", outputs.out);
    let env = walk.types("eval \"$(builds local env Prod/Artifacts)\"", &[]);
    let _ = env.ended(0);
}

fn copies(walk: &Walk, west: &str) {
    fs::write(walk.folder().join("build.zip"), "a build").unwrap();
    let bucket = output(walk, "Prod/Artifacts", "Bucket");
    let upload = "aws s3 cp build.zip s3://BUCKET/releases/build.zip --region ca-central-1";
    let _ = walk.types(upload, &[("BUCKET", &bucket)]).ended(0);
    wait_for("the copy", || {
        let look = "aws s3 ls s3://REPLICA/releases/ --region us-west-2";
        let listed = walk.types(look, &[("REPLICA", west)]);
        listed.out.contains("build.zip").then_some(())
    });
}

fn breaks(walk: &Walk) {
    let broken = "builds invoke Prod/Artifacts/Builds/Function --event '{}'";
    let broken = walk.types(broken, &[]).ended(1);
    let said = "UnreadableEvent: 1 of 1 failed; event: got an empty object";
    assert!(broken.err.contains(said), "{}", broken.err);
    wait_for("the alarm", || {
        let alarms = walk.types("builds alarms Prod/Artifacts", &[]).ended(0);
        let is_it = |line: &str| {
            line.starts_with("ALARM ")
                && line.contains("Prod/Artifacts/Builds/Function/ErrorsAlarm")
        };
        alarms.out.lines().any(is_it).then_some(())
    });
    let queues = walk.types("builds dead-letters list", &[]).ended(0).out;
    for queue in [
        "Prod/Artifacts/Builds/Failures",
        "Dev/Artifacts/Builds/Failures",
    ] {
        assert!(queues.contains(queue), "{queues}");
    }
}

/// A copy of production by `aws`, from or to a file.
fn copy(walk: &Walk, from: &str, to: &str) {
    let line = format!("aws s3 cp {from} {to} --region us-west-2");
    let there = "eval \"$(builds env Prod/Artifacts)\"";
    let _ = walk.shell(&format!("{there}; {line}")).ended(0);
}

fn repairs(walk: &Walk, west: &str) {
    let object = format!("s3://{west}/releases/build.zip");
    fs::write(walk.folder().join("broken"), "tampered with").unwrap();
    copy(walk, "broken", &object);
    let run = "builds run Prod/Artifacts/Builds reconcile";
    let run = walk.types(run, &[("reconcile", "reconcile --yes")]);
    let run = run.ended(0).out;
    let counted: Value = serde_json::from_str(&run).unwrap();
    let counted = &counted[0]["reconciled"];
    assert_eq!(
        (&counted["repaired"], &counted["failed"]),
        (&1.into(), &0.into()),
        "{run}"
    );
    copy(walk, &object, "read");
    let read = fs::read_to_string(walk.folder().join("read")).unwrap();
    assert_eq!(read, "a build");
}

/// That one deployment changes the policies of all replicas is a test of the construct.
fn changes(walk: &Walk) {
    let diff = walk.types(&format!("{PROGRAM} diff"), &[]);
    assert!([0, 1].contains(&diff.code), "{diff:?}");
}

fn takes_away(walk: &Walk) {
    let bucket = output(walk, "Dev/Artifacts", "Bucket");
    let there = "eval \"$(builds env Dev/Artifacts)\"";
    let upload = format!("{there}; aws s3 cp build.zip s3://{bucket}/ --region ca-central-1");
    let _ = walk.shell(&upload).ended(0);
    let refused = walk.shell("builds destroy 'Dev/*' --yes").ended(4);
    assert!(refused.err.contains("--allow-data-loss"), "{}", refused.err);

    let stateful = walk.types("builds ls --stateful", &[]).ended(0).out;
    let buckets = stateful
        .lines()
        .filter_map(|line| line.strip_suffix(" AWS::S3::Bucket"));
    let buckets = buckets.filter(|line| line.starts_with("Dev/"));
    let named = |line: &str| line.replace('/', "-").replace(' ', ":");
    let words = |id: String| format!("--allow-data-loss {id} --empty-bucket {id}");
    let all: Vec<_> = buckets.map(named).map(words).collect();
    assert_eq!(all.len(), 2, "{stateful}");
    let words = "--allow-data-loss STACK:ID --empty-bucket STACK:ID";
    let all = format!("--yes {}", all.join(" "));
    let destroy = format!("builds destroy \"Dev/*\" {words}");
    let _ = walk.types(&destroy, &[(words, &all)]).ended(0);
    let gone = format!("{there}; aws s3 ls s3://{bucket} --region ca-central-1");
    let gone = walk.shell(&gone);
    assert!(gone.err.contains("NoSuchBucket"), "{gone:?}");
}
