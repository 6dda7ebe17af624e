//! The differences as a reader and as a program see them.

mod support;

use cloudwright_diff::Style;
use serde_json::json;
use support::{diff, whole};

fn example() -> cloudwright_diff::Diff {
    let old = json!({
        "Parameters": { "Size": { "Type": "String" } },
        "Resources": {
            "Inbox": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "a", "DelaySeconds": 1 } },
            "Gone": { "Type": "AWS::SNS::Topic" },
            "Kept": { "Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain" },
        },
    });
    let new = json!({
        "Resources": {
            "Inbox": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "b", "DelaySeconds": 2 } },
            "Fresh": { "Type": "AWS::SNS::Topic" },
            "Reader": { "Type": "AWS::IAM::Policy", "Properties": { "Roles": ["r"], "PolicyDocument": { "Statement": [
                { "Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": { "Bool": { "k": true } } } ] } } },
        },
        "Outputs": { "Url": { "Value": "x" } },
    });
    // `Gone` and `Fresh` are alike: keep them apart, so that both marks show.
    let mut new = new;
    new["Resources"]["Fresh"]["Properties"] = json!({ "DisplayName": "x" });
    whole(&old, &new)
}

#[test]
fn what_hurts_comes_first() {
    assert_eq!(
        example().to_text(Style::Plain),
        "\
Data loss
  ! Inbox  AWS::SQS::Queue is replaced, and the old one is deleted with its data

Resources
  ± Inbox  AWS::SQS::Queue  (replaced)
      ~ DelaySeconds: 1 -> 2
      ~ QueueName: \"a\" -> \"b\"  (replaces)
  - Gone  AWS::SNS::Topic
  - Kept  AWS::S3::Bucket  (the old one is kept, no longer managed)
  + Fresh  AWS::SNS::Topic
  + Reader  AWS::IAM::Policy

IAM: newly allowed
  + r may sqs:* on * if Bool k true

Parameters
  - Size

Outputs
  + Url
"
    );
}

#[test]
fn colours_are_only_added() {
    let colored = example().to_text(Style::Colored);
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_ne!(colored, plain);
    assert_eq!(plain, example().to_text(Style::Plain));
}

#[test]
fn impossible_changes_are_explained() {
    let queue = |fifo: bool| json!({ "Q": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "a", "FifoQueue": fifo } } });
    let text = diff(queue(false), queue(true)).to_text(Style::Plain);
    assert!(
        text.starts_with(
            "Impossible changes\n  ! Q  AWS::SQS::Queue\n      FifoQueue\n      QueueName is fixed"
        ),
        "{text}"
    );
}

#[test]
fn the_document_has_the_documented_shape() {
    let document = example().to_json();
    assert_eq!(document["empty"], false);
    assert_eq!(document["destructive"], true);
    assert_eq!(document["broadening"], true);
    let inbox = &document["resources"][2];
    assert_eq!(
        inbox,
        &json!({
            "id": "Inbox", "oldId": null, "type": "AWS::SQS::Queue", "action": "modify",
            "replacement": "yes", "because": ["QueueName"], "dataLoss": "replaced", "kept": false,
            "properties": [
                { "path": "DelaySeconds", "old": 1, "new": 2, "replacement": "no" },
                { "path": "QueueName", "old": "a", "new": "b", "replacement": "yes" },
            ],
            "attributes": [],
        })
    );
    assert_eq!(
        document["permissions"][0],
        json!({
            "access": "opened", "holder": "r", "kind": "identity", "reason": "statement",
            "denies": false, "actions": ["sqs:*"], "resources": ["*"], "principals": [],
            "conditions": ["Bool k true"],
        })
    );
    assert_eq!(
        document["elements"][0],
        json!({
            "section": "Parameters", "name": "Size", "action": "remove",
            "changes": [{ "path": "", "old": { "Type": "String" }, "replacement": "no" }],
        })
    );
}

#[test]
fn a_denial_that_goes_is_not_told_as_one_that_comes() {
    let policy = |statements: serde_json::Value| {
        json!({ "Policy": { "Type": "AWS::IAM::Policy", "Properties": {
            "Roles": ["r"], "PolicyDocument": { "Statement": statements } } } })
    };
    let denial = || policy(json!([{ "Effect": "Deny", "Action": "sqs:*", "Resource": "*" }]));
    let without = || policy(json!([]));
    let gone = diff(denial(), without()).to_text(Style::Plain);
    let line = "IAM: newly allowed\n  + r is no longer denied sqs:* on *\n";
    assert!(gone.contains(line), "{gone}");
    let come = diff(without(), denial()).to_text(Style::Plain);
    let line = "IAM: no longer allowed\n  - r is denied sqs:* on *\n";
    assert!(come.contains(line), "{come}");
}
