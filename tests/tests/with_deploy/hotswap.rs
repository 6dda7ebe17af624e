//! `deploy --hotswap`: new code answers within seconds, and the next deployment knows of it.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use tests::deploys::{Deployer, TestStack};
use tests::engine::Engine;

const REGION: &str = "eu-west-3";

/// An archive with a function that tells its version and a variable of its environment.
pub(crate) fn archive(version: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("index.py", options).unwrap();
    let code = format!(
        "import os\ndef handler(event, context):\n    return ['{version}', os.environ['MOOD']]\n"
    );
    archive.write_all(code.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

/// A stack of a function with this version of its code and this environment.
pub(crate) fn stack(name: &str, version: &str, mood: &str) -> TestStack {
    let key = format!("{name}-{version}.zip").to_lowercase();
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" } }] });
    let bucket = format!("cdk-hnb659fds-assets-${{AWS::AccountId}}-{REGION}");
    let function = json!({ "Type": "AWS::Lambda::Function", "Properties": {
        "Runtime": "python3.11", "Handler": "index.handler", "Role": { "Fn::GetAtt": ["Worker", "Arn"] },
        "Code": { "S3Bucket": { "Fn::Sub": bucket }, "S3Key": key },
        "Environment": { "Variables": { "MOOD": mood } } } });
    let template = json!({ "Resources": { "Teller": function,
        "Worker": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": trust } } } });
    let mut stack = TestStack::new(name, REGION, template);
    stack.files = vec![(key, archive(version))];
    stack
}

pub(crate) fn told(deployer: &Deployer) -> Value {
    serde_json::from_str(&deployer.run(&["invoke", "Teller"]).ended(0).out).unwrap()
}

#[test]
fn functions_are_swapped_and_the_next_deployment_brings_them_back() {
    let name = "Swapped";
    let deployer = Deployer::new(Engine::shared(), &[stack(name, "1", "calm")]);
    let _ = deployer.run(&["bootstrap", "--yes"]).ended(0);
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);
    assert_eq!(told(&deployer), json!(["1", "calm"]));

    deployer.write(&[stack(name, "2", "merry")]);
    let swapped = deployer.run(&["deploy", "--hotswap", "--json"]).ended(0);
    assert_eq!(swapped.stack(name)["outcome"], "swapped");
    let said = "Swapped/Teller differs from the stack's template now";
    assert!(swapped.err.contains(said), "{}", swapped.err);
    assert_eq!(told(&deployer), json!(["2", "merry"]));
    assert_eq!(
        crate::status_in(REGION, name).as_deref(),
        Some("CREATE_COMPLETE")
    );

    // CloudFormation sees no difference here.
    deployer.write(&[stack(name, "1", "calm")]);
    let back = deployer.run(&["deploy", "--json"]).ended(0);
    assert_eq!(back.stack(name)["outcome"], "updated");
    assert_eq!(told(&deployer), json!(["1", "calm"]));
    let still = deployer.run(&["deploy", "--json"]).ended(0);
    assert_eq!(still.stack(name)["outcome"], "unchanged");

    let mut more = stack(name, "3", "calm");
    more.template["Resources"]["Topic"] = json!({ "Type": "AWS::SNS::Topic" });
    deployer.write(&[more]);
    let updated = deployer.run(&["deploy", "--hotswap", "--json"]).ended(0);
    assert_eq!(updated.stack(name)["outcome"], "updated");
    assert!(
        updated.err.contains("Swapped/Topic (is new)"),
        "{}",
        updated.err
    );
    assert_eq!(told(&deployer), json!(["3", "calm"]));
}
