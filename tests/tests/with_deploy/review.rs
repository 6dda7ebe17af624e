//! `review --baseline deployed`: what a deployment would change, as a person reviews it; nothing is asked of CloudFormation
//! but what is there.

use std::fs;

use serde_json::{Value, json};
use tests::deploys::{Deployer, Run, TestStack};
use tests::engine::Engine;

use crate::nested::synth;
use crate::{REGION, queue, status};

const NAME: &str = "Reviewed";

/// A queue of this name, and a bucket that outlives its stack: its name is written out when it is deployed.
fn stack(queue_name: &str) -> TestStack {
    let bucket = json!({ "Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
        "Properties": { "BucketName": { "Fn::Sub": "reviewed-${AWS::AccountId}-${AWS::Region}" } } });
    let queue = queue(&json!({ "QueueName": queue_name }));
    let template = json!({ "Resources": { "Uploads": bucket, "Jobs": queue } });
    TestStack::new(NAME, REGION, template)
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|why| panic!("{why}: {run:?}"))
}

/// Reviews what would be deployed.
fn review(deployer: &Deployer, more: &[&str]) -> Run {
    deployer.run(&[&["review", "--baseline", "deployed"], more].concat())
}

#[test]
fn a_review_compares_with_what_is_deployed_and_leaves_it_alone() {
    let deployer = Deployer::new(Engine::shared(), &[stack("reviewed-1")]);
    let new = review(&deployer, &["--json"]).ended(0);
    assert_eq!(document(&new)["stacks"][0]["status"], "added");
    assert_eq!(
        new.err.trim_end(),
        "Reviewed is not deployed in 000000000000 eu-central-1, so everything in it is new"
    );
    assert_eq!(status(NAME), None);

    let _ = deployer.run(&["deploy"]).ended(0);
    let same = review(&deployer, &["--json", "--fail-on", "any-change"]).ended(0);
    let same = document(&same);
    assert_eq!(same["stacks"][0]["status"], "unchanged", "{same:#}");
    assert_eq!(same["baseline"], "deployed");

    deployer.write(&[stack("reviewed-2")]);
    let changed = review(&deployer, &["--json", "--fail-on", "destructive"]).ended(1);
    let changed = document(&changed);
    assert_eq!(
        changed["stacks"][0]["changes"],
        json!([{ "id": "Jobs", "path": "Reviewed/Jobs", "line": "src/Reviewed.rs:7",
            "fate": "is replaced, and the old one is deleted with its data" }])
    );
    let page = review(&deployer, &[]).ended(0);
    assert!(page.err.starts_with("Wrote review.html."), "{}", page.err);
    let aws = Engine::shared().client(REGION);
    let asked = json!({ "StackName": NAME });
    let sets = aws.call("cloudformation", "ListChangeSets", &asked);
    let executed = sets["Summaries"].as_array().into_iter().flatten();
    let left = executed.filter(|set| set["ExecutionStatus"] == "AVAILABLE");
    assert_eq!(left.count(), 0, "{sets}");
    assert_eq!(status(NAME).as_deref(), Some("CREATE_COMPLETE"));
}

#[test]
fn what_is_nested_is_compared_too() {
    const REGION: [&str; 2] = ["--region", "eu-south-2"];
    let deployer = Deployer::new(Engine::shared(), &[]);
    synth(&deployer, "10");
    let review = |more: &[&str]| review(&deployer, &[&REGION, more].concat());
    let new = review(&["--json"]).ended(0);
    for stack in document(&new)["stacks"].as_array().unwrap() {
        assert_eq!(stack["status"], "added", "{stack}");
    }
    let _ = deployer
        .run(&[&["deploy", "--yes"][..], &REGION].concat())
        .ended(0);
    let _ = review(&["--fail-on", "any-change"]).ended(0);
    synth(&deployer, "20");
    let changed = document(&review(&["--json"]).ended(0));
    let inner = &changed["stacks"][1];
    assert_eq!(inner["path"], "Outer/Inner", "{changed:#}");
    let property = &inner["difference"]["resources"][0]["properties"][0];
    let value = |name: &str| property[name]["Fn::Select"][1][0].clone();
    assert_eq!([value("old"), value("new")], ["10", "20"], "{property}");
}

#[test]
fn what_cannot_be_asked_is_told_and_no_page_is_written() {
    let deployer = Deployer::new(Engine::shared(), &[stack("reviewed-3")]);
    let says = |arguments: &[&str], code: i32, said: &[&str]| {
        let run = deployer.run(arguments).ended(code);
        for text in said {
            assert!(run.err.contains(text), "{arguments:?}: {}", run.err);
        }
        assert!(!deployer.folder().join("review.html").exists());
    };
    let deployed = |more: &[&'static str]| [&["review", "--baseline", "deployed"], more].concat();
    let nobody = deployed(&["--endpoint-url", "http://127.0.0.1:9"]);
    says(&nobody, 1, &["no connection", "= help: check the network"]);
    let scheme = deployed(&["--endpoint-url", "localhost"]);
    says(&scheme, 2, &["begins with http:// or https://", "= help: "]);
    let unknown = deployed(&["Reviwed"]);
    says(&unknown, 2, &["did you mean \"Reviewed\"?"]);
    for arguments in [
        &["review", "--region", REGION][..],
        &["review", "--baseline", ".", "--region", REGION],
    ] {
        says(
            arguments,
            2,
            &[
                "`--region` says where deployed stacks are",
                "--baseline deployed",
            ],
        );
    }
    // A folder of that name is something else.
    says(
        &["review", "--baseline", "./deployed"],
        3,
        &["cannot read the baseline"],
    );
}

/// The same words may mean something else in facts of another version.
#[test]
fn a_baseline_whose_facts_are_of_another_version_or_none_is_refused() {
    let before = Deployer::at("http://127.0.0.1:1", &[stack("reviewed-4")]);
    let now = Deployer::at("http://127.0.0.1:1", &[stack("reviewed-5")]);
    let (file, folder) = (before.app().join("facts.json"), before.app());
    let folder = folder.to_str().unwrap();
    let review = || now.run(&["review", "--baseline", folder, "--json"]);
    let _ = review().ended(0);
    let mut facts: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let mut refused = |version: Option<Value>, found: &str| {
        let facts = facts.as_object_mut().unwrap();
        match version {
            Some(version) => facts.insert("version".to_owned(), version),
            None => facts.remove("version"),
        };
        fs::write(&file, serde_json::to_vec(facts).unwrap()).unwrap();
        let run = review().ended(3);
        let said = format!(
            "error: the baseline \"{folder}\": the file facts.json of the assembly {found}, expected 1\n   = help: write it by `synth`"
        );
        assert!(run.err.contains(&said), "{}", run.err);
        assert!(run.out.is_empty(), "{}", run.out);
    };
    refused(Some(json!(2)), "is of version 2");
    refused(None, "says no version");
}

#[test]
fn the_users_own_program_reviews_what_is_deployed_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tests::tools::isolated(&tests::tools::quickstart());
    command
        .current_dir(folder.path())
        .args(["review", "--baseline", "deployed", "--json"])
        .env("HOME", folder.path())
        .env("AWS_ENDPOINT_URL", Engine::shared().endpoint())
        .env("AWS_REGION", "ap-northeast-2")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let run = tests::deploys::run(&mut command).ended(0);
    assert_eq!(document(&run)["stacks"][0]["status"], "added");
    assert!(run.err.contains("is not deployed in"), "{}", run.err);
    let refused =
        tests::deploys::run(command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")).ended(1);
    assert!(refused.err.contains("= help: "), "{}", refused.err);
}
