//! The helper around the official CDK command line.

use std::fs;
use std::path::PathBuf;

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
#[should_panic(expected = "cdk ls --long --json failed")]
fn a_folder_without_a_manifest_is_refused() {
    let _ = Cdk::on(&support("fixtures")).ls();
}
