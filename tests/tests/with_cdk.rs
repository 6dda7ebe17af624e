//! The helper around the official CDK command line.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::cdk::Cdk;
use tests::tools::support;

fn assembly() -> PathBuf {
    support("fixtures/assembly")
}

#[test]
fn ls_gives_the_stacks_with_their_environments() {
    let environment = json!({
        "account": "123456789012", "region": "eu-central-1",
        "name": "aws://123456789012/eu-central-1",
    });
    let expected = json!([{ "id": "Uploads", "name": "Uploads", "environment": environment }]);
    assert_eq!(Cdk::on(&assembly()).ls(), expected);
}

#[test]
fn synth_gives_the_template_as_it_is() {
    let written = fs::read_to_string(assembly().join("Uploads.template.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(Cdk::on(&assembly()).synth("Uploads"), written);
}

#[test]
fn diff_names_what_changes() {
    let said = Cdk::on(&assembly()).diff("Uploads", &support("fixtures/faulty.template.json"));
    assert!(said.contains("[+] AWS::S3::Bucket Uploads"), "{said}");
    assert!(said.contains("[-] DelaySecond"), "{said}");
}

#[test]
fn a_program_is_started_and_told_its_context() {
    let cdk = Cdk::starting(Path::new(env!("CARGO_BIN_EXE_uploads")));
    assert_eq!(cdk.ls()[0]["id"], "Uploads");
    let template = cdk.synth_with("Uploads", "timeout=77");
    let queue = &template["Resources"]["Incoming"]["Properties"];
    assert_eq!(queue["VisibilityTimeout"], 77);
}

#[test]
#[should_panic(expected = "timeout is a number of seconds")]
fn an_error_of_a_program_is_shown() {
    let cdk = Cdk::starting(Path::new(env!("CARGO_BIN_EXE_uploads")));
    let _ = cdk.synth_with("Uploads", "timeout=soon");
}

#[test]
#[should_panic(expected = "cdk ls --long --json failed")]
fn a_folder_without_a_manifest_is_refused() {
    let _ = Cdk::on(&support("fixtures")).ls();
}
