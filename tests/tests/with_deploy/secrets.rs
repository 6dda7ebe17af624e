//! `secret`: what a template only declares is filled, checked and never shown.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};
use tests::deploys::{Deployer, Run, TestStack};
use tests::engine::Engine;

use crate::REGION;

const NAME: &str = "Vault";

fn vault() -> TestStack {
    let secret = json!({ "Type": "AWS::SecretsManager::Secret" });
    let made = json!({ "Type": "AWS::SecretsManager::Secret",
        "Properties": { "GenerateSecretString": {} } });
    let resources = json!({ "Resources": { "Payments": secret, "Password": made } });
    let mut stack = TestStack::new(NAME, REGION, resources);
    let target =
        json!({ "stack": NAME, "logicalIds": ["Payments"], "type": "AWS::SecretsManager::Secret" });
    let key = |key: &str| json!({ "consumer": "Vault/Shop", "key": key, "target": target });
    stack.keys = vec![key("token"), key("user")];
    stack
}

/// `secret put` of the payments with a text on standard input.
fn put(deployer: &Deployer, value: &str) -> Run {
    let mut command = deployer.command(&["secret", "put", "Payments", "--json"]);
    let mut program = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A value that is refused early may find nobody who reads it.
    let _ = program.stdin.take().unwrap().write_all(value.as_bytes());
    let output = program.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run {
        code: output.status.code().unwrap_or(-1),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

/// Calls an operation of the service about the payments' secret.
fn asked(operation: &str, mut more: Value) -> Value {
    let aws = Engine::shared().client(REGION);
    let asked = json!({ "StackName": NAME, "LogicalResourceId": "Payments" });
    let answer = aws.call("cloudformation", "DescribeStackResource", &asked);
    more["SecretId"] = answer["StackResourceDetail"]["PhysicalResourceId"].clone();
    aws.call("secretsmanager", operation, &more)
}

fn held() -> Value {
    asked("GetSecretValue", json!({}))["SecretString"].clone()
}

#[test]
fn secrets_are_filled_with_what_their_readers_need_and_nothing_is_shown() {
    let deployer = Deployer::new(Engine::shared(), &[vault()]);
    let deployed = deployer.run(&["deploy", "--yes"]).ended(0);
    let said =
        "Vault/Payments holds nothing yet: fill it by `secret put Vault/Payments --from-file FILE`";
    assert!(deployed.err.trim_end().ends_with(said), "{}", deployed.err);
    assert!(
        !deployed.err.contains("Vault/Password holds"),
        "{}",
        deployed.err
    );

    let shown = deployer.run(&["secret", "show-keys", "Payments"]).ended(1);
    assert!(
        shown
            .out
            .starts_with("it holds nothing yet\ntoken  is missing  read by Vault/Shop\n")
    );
    let refused = put(&deployer, r#"{"usr":"s3cret","token":"s3cret"}"#).ended(2);
    assert!(
        refused.err.contains("the value lacks user"),
        "{}",
        refused.err
    );
    assert!(!refused.err.contains("s3cret"), "{}", refused.err);

    let value = r#"{"user":"me","token":"s3cret"}"#;
    let filled = put(&deployer, &format!("{value}\n")).ended(0);
    let outcome: Value = serde_json::from_str(&filled.out).unwrap();
    assert_eq!(
        (&outcome["outcome"], &outcome["secret"]),
        (&json!("filled"), &json!("Vault/Payments"))
    );
    assert!(!filled.err.contains("s3cret"), "{}", filled.err);
    assert_eq!(held(), value);

    let shown = deployer
        .run(&["secret", "show-keys", "Vault/Payments", "--json"])
        .ended(0);
    let keys: Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(
        (&keys["keys"], &keys["missing"]),
        (&json!(["token", "user"]), &json!([]))
    );
    assert!(!shown.out.contains("s3cret"), "{}", shown.out);

    fs::write(
        deployer.folder().join("next.json"),
        r#"{"user":"me","token":"2"}"#,
    )
    .unwrap();
    let next = ["secret", "put", "Payments", "--from-file", "next.json"];
    let _ = deployer.run(&next).ended(0);
    assert_eq!(held(), r#"{"user":"me","token":"2"}"#);
    let refused = deployer.run(&["secret", "rotate", "Payments"]).ended(2);
    assert!(
        refused.err.contains("no function rotates Vault/Payments"),
        "{}",
        refused.err
    );
    // Somebody gives it a rotation. The engine makes the new version by itself, and calls no function.
    let function = format!("arn:aws:lambda:{REGION}:000000000000:function:rotate");
    let _ = asked("RotateSecret", json!({ "RotationLambdaARN": function }));
    let version = || asked("GetSecretValue", json!({}))["VersionId"].clone();
    let before = version();
    let rotated = deployer
        .run(&["secret", "rotate", "Payments", "--json"])
        .ended(0);
    let rotated: Value = serde_json::from_str(&rotated.out).unwrap();
    assert_eq!(rotated["outcome"], "rotated");
    assert_ne!(version(), before);
    let unknown = deployer
        .run(&["secret", "put", "Paymets", "--from-file", "next.json"])
        .ended(2);
    assert!(
        unknown.err.contains("did you mean \"Payments\"?"),
        "{}",
        unknown.err
    );
}
