//! What the tests of the comparison share.
#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::needless_pass_by_value)] // templates are written in place, with `json!`

use cloudwright_diff::{Diff, ResourceChange, compare};
use serde_json::{Value, json};

/// The facts that the tests need, in the notation of the spec files.
const FACTS: &str = "resource AWS::IAM::Role\n  id RoleName\n  AssumeRolePolicyDocument! json\n  RoleName string replace\nresource AWS::Lambda::Function\n  id FunctionName\n  FunctionName string replace\n  Role! string\nresource AWS::RDS::DBInstance\n  id DBInstanceIdentifier\n  stateful\n  DBClusterIdentifier string replace\n  Engine string maybe-replace\nresource AWS::S3::Bucket\n  id BucketName\n  stateful\n  BucketName string replace\n  Tags [json\nresource AWS::SNS::Subscription\n  id Arn\n  Protocol! string replace\n  TopicArn! string replace\nresource AWS::SNS::Topic\n  id TopicArn\n  DisplayName string\n  FifoTopic bool replace\n  TopicName string replace\nresource AWS::SQS::Queue\n  id QueueUrl\n  stateful\n  DelaySeconds int\n  FifoQueue bool replace\n  QueueName string replace\n  Rules [Rule\n  Tags [json\n  struct Rule\n    Fixed string replace\n    Free string\n";

/// Compares two templates given as their resources.
pub(crate) fn diff(old: Value, new: Value) -> Diff {
    whole(&json!({ "Resources": old }), &json!({ "Resources": new }))
}

/// Compares two templates.
pub(crate) fn whole(old: &Value, new: &Value) -> Diff {
    compare(old, new, &|kind| {
        cloudwright_spec::find_resource(FACTS, kind)
    })
}

/// Compares two versions of one resource, `It`.
pub(crate) fn resource(kind: &str, old: Value, new: Value) -> Diff {
    let body = |properties: Value| json!({ "It": { "Type": kind, "Properties": properties } });
    diff(body(old), body(new))
}

/// The change of one resource.
#[track_caller]
pub(crate) fn change<'d>(diff: &'d Diff, id: &str) -> &'d ResourceChange {
    let found = diff.resources.iter().find(|change| change.id == id);
    found.unwrap_or_else(|| panic!("{id} is not in {diff:#?}"))
}

/// Path, old and new value of every property change of `It`, as text.
pub(crate) fn paths(diff: &Diff) -> Vec<String> {
    let text = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
    let changes = diff.resources.iter().flat_map(|change| &change.properties);
    changes
        .map(|one| format!("{} {} {}", one.path, text(&one.old), text(&one.new)))
        .collect()
}
