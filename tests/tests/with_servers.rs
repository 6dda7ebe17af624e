//! `ssm-sync` and the servers that it is for: the real program behind a Runtime API, in front of
//! moto, which finds servers by their tags as Systems Manager does.

use std::collections::{BTreeMap, BTreeSet};

use cloudwright_runtime::harness::{Function, Instance};
use serde_json::{Value as Document, json as expected};
use tests::aws::Aws;
use tests::engine::Engine;
use tests::tools::bootstrap;

const REGION: &str = "eu-central-1";

fn aws() -> Aws {
    Engine::moto().client(REGION)
}

/// Starts a server with these tags and gives its id.
fn server(aws: &Aws, tags: &[(&str, &str)]) -> String {
    let tags: Vec<_> = tags
        .iter()
        .map(|(key, value)| expected!({ "Key": key, "Value": value }))
        .collect();
    let images = aws.call("ec2", "DescribeImages", &expected!({ "MaxResults": 5 }));
    let request = expected!({
        "ImageId": images["Images"][0]["ImageId"], "MinCount": 1, "MaxCount": 1,
        "TagSpecifications": [{ "ResourceType": "instance", "Tags": tags }],
    });
    let started = aws.call("ec2", "RunInstances", &request);
    let id = started["Instances"][0]["InstanceId"].as_str();
    id.expect("an instance has an id").to_owned()
}

fn function(variables: &[(&str, &str)]) -> Instance {
    let function = Function::new(bootstrap(), "ssm-sync")
        .variable("AWS_REGION", REGION)
        .variable("AWS_ENDPOINT_URL", &Engine::moto().endpoint());
    let set = |function: Function, (name, value): &(&str, &str)| function.variable(name, value);
    let function = variables.iter().fold(function, set);
    function.start().unwrap_or_else(|error| panic!("{error}"))
}

fn record(name: &str, bucket: &str, key: &str) -> Document {
    expected!({ "eventSource": "aws:s3", "eventName": name, "awsRegion": REGION,
        "s3": { "bucket": { "name": bucket }, "object": { "key": key } } })
}

/// The commands that were taken for a document, by the bucket that they are for.
fn commands(aws: &Aws, document: &str) -> BTreeMap<String, Document> {
    let answer = aws.call("ssm", "ListCommands", &expected!({}));
    let all = answer["Commands"].as_array().expect("a list of commands");
    let of_document = all
        .iter()
        .filter(|command| command["DocumentName"] == document);
    let mut found = BTreeMap::new();
    for command in of_document {
        let bucket = command["Parameters"]["S3Bucket"][0].as_str();
        let bucket = bucket.unwrap_or_default().to_owned();
        let earlier = found.insert(bucket, command.clone());
        assert_eq!(earlier, None, "a second command for the same burst");
    }
    found
}

#[test]
fn a_burst_of_changes_runs_each_document_once_for_each_bucket_on_the_tagged_servers() {
    let aws = aws();
    let mine = [("s3sync", "true"), ("stage", "prod")];
    let chosen = BTreeSet::from([server(&aws, &mine), server(&aws, &mine)]);
    server(&aws, &[("s3sync", "true"), ("stage", "test")]);
    server(&aws, &[("s3sync", "false"), ("stage", "prod")]);
    let mut instance = function(&[
        ("COMMAND_1_DOCUMENT", "s3sync"),
        ("COMMAND_1_TARGET_1_TAG", "s3sync"),
        ("COMMAND_1_TARGET_1_VALUE_1", "true"),
        ("COMMAND_1_TARGET_2_TAG", "stage"),
        ("COMMAND_1_TARGET_2_VALUE_1", "prod"),
        ("COMMAND_1_PARAMETER_1_NAME", "Directory"),
        ("COMMAND_1_PARAMETER_1_VALUE_1", "/srv/s3sync"),
        ("COMMAND_1_MAX_CONCURRENCY", "25%"),
        ("COMMAND_1_MAX_ERRORS", "3"),
        ("COMMAND_1_DELIVERY_SECONDS", "60"),
        ("COMMAND_1_OUTPUT_BUCKET", "s3synclogs"),
        ("COMMAND_1_OUTPUT_PREFIX", "sync"),
        ("COMMAND_2_DOCUMENT", "batch"),
        ("COMMAND_2_BUCKET", "orders"),
        ("COMMAND_2_TARGET_1_TAG", "stage"),
        ("COMMAND_2_TARGET_1_VALUE_1", "test"),
    ]);
    let event = expected!({ "Records": [
        record("ObjectCreated:Put", "uploads", "a+b"), record("ObjectCreated:Put", "orders", "1"),
        record("ObjectRemoved:Delete", "uploads", "c"), record("ObjectCreated:Copy", "uploads", "d"),
    ] });
    assert_eq!(instance.invoke(&event), Ok(Document::Null));

    let syncs = commands(&aws, "s3sync");
    let buckets: Vec<_> = syncs.keys().collect();
    assert_eq!(buckets, ["orders", "uploads"]);
    let sync = &syncs["uploads"];
    for (setting, value) in [
        ("MaxConcurrency", expected!("25%")),
        ("MaxErrors", expected!("3")),
        ("TimeoutSeconds", expected!(60)),
        ("OutputS3BucketName", expected!("s3synclogs")),
        ("OutputS3KeyPrefix", expected!("sync")),
        ("Comment", expected!("uploads: 3 changed")),
    ] {
        assert_eq!(sync[setting], value, "{setting}");
    }
    assert_eq!(
        sync["Parameters"],
        expected!({ "S3Bucket": ["uploads"], "Directory": ["/srv/s3sync"] })
    );
    let reached: BTreeSet<_> = sync["InstanceIds"]
        .as_array()
        .expect("a list of servers")
        .iter()
        .map(|id| id.as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(reached, chosen);
    let batches = commands(&aws, "batch");
    let buckets: Vec<_> = batches.keys().collect();
    assert_eq!(buckets, ["orders"]);
    assert_eq!(batches["orders"]["TargetCount"], 1);
    let line = instance.record(|line| line["document"] == "batch").unwrap();
    assert_eq!(line["commandId"], batches["orders"]["CommandId"]);
}
