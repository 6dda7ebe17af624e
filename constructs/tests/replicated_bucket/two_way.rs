//! Buckets that may all be written to.

use cloudwright::patterns::Replica;
use cloudwright::prelude::*;
use serde_json::json as expected;

use crate::support::{home, templates_of};
use crate::{ReplicatedBucket, Template, add, variables};

const IDENTITY: &str = "AWS::IAM::Policy";

fn both_ways() -> [Template; 3] {
    let app = App::new();
    add(&app, |_| {
        ReplicatedBucket::to(["us-west-2", "ca-central-1"]).two_way()
    });
    templates_of(app, ["S", "Regional-us-west-2", "Regional-ca-central-1"])
}

#[test]
fn each_region_has_a_function_that_knows_all_other_buckets() {
    let name = |region: &str| format!("s-artifacts-7ac805ef-123456789012-{region}-an");
    let source = "s-artifacts-source-be0816a9-123456789012-eu-central-1-an".to_owned();
    let sites = [
        ("eu-central-1", source),
        ("us-west-2", name("us-west-2")),
        ("ca-central-1", name("ca-central-1")),
    ];
    for (own, template) in both_ways().iter().enumerate() {
        let variables = variables(template);
        let mut others = sites.to_vec();
        others.remove(own);
        for (index, (region, bucket)) in others.iter().enumerate() {
            let variable = |field: &str| &variables[format!("DESTINATION_{}_{field}", index + 1)];
            assert_eq!(variable("BUCKET"), bucket);
            assert_eq!(variable("REGION"), region);
        }
        assert_eq!(variables["REPLICATION_MODE"], "two-way");
        assert_eq!(variables["TOMBSTONE_REGION"], "eu-central-1");
        let bucket = template.properties("AWS::S3::Bucket");
        assert_eq!(bucket["BucketName"], sites[own].1);
        assert!(bucket["NotificationConfiguration"].is_object());
    }
}

#[test]
fn all_functions_share_one_table_by_its_name() {
    let [home, west, _] = both_ways();
    let table = home.properties("AWS::DynamoDB::Table");
    let name = "s-artifacts-7ac805ef";
    assert_eq!(table["TableName"], name);
    assert_eq!(table["TimeToLiveSpecification"]["AttributeName"], "expires");
    assert!(west.all("AWS::DynamoDB::Table").is_empty());
    assert_eq!(variables(&west)["TOMBSTONE_TABLE"], name);
    let [statement] = west.allowing(IDENTITY, "dynamodb:UpdateItem")[..] else {
        panic!("one statement for the table")
    };
    assert_eq!(
        statement["Action"],
        expected!(["dynamodb:GetItem", "dynamodb:UpdateItem"])
    );
    let arn = format!("arn:${{AWS::Partition}}:dynamodb:eu-central-1:123456789012:table/{name}");
    assert_eq!(statement["Resource"], expected!({ "Fn::Sub": arn }));
}

#[test]
fn each_function_may_read_and_write_every_bucket() {
    for template in both_ways() {
        for action in ["s3:GetObjectVersion", "s3:DeleteObject", "s3:ListBucket"] {
            let statements = template.allowing(IDENTITY, action);
            let resources = statements
                .iter()
                .map(|one| one["Resource"].as_array().unwrap().len());
            assert_eq!(resources.sum::<usize>(), 3, "{action}");
        }
    }
}

#[test]
fn no_stack_waits_for_another() {
    let app = App::new();
    add(&app, |_| ReplicatedBucket::to(["us-west-2"]).two_way());
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    for stack in assembly.stacks() {
        assert!(
            stack.dependencies().is_empty(),
            "{}: {:?}",
            stack.name(),
            stack.dependencies()
        );
    }
}

#[test]
fn every_region_has_alarms_of_its_own() {
    let app = App::new();
    let west = app.stack("West", Environment::new("123456789012", "us-west-2"));
    let stack = app.stack("S", home());
    let topics = [&stack, &west].map(|stack| stack.add("Operators", sns::Topic::new()));
    let artifacts = stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]).two_way());
    assert_eq!(artifacts.functions().count(), 2);
    for topic in &topics {
        assert_eq!(artifacts.alarms(topic).len(), 7);
    }
    for template in templates_of(app, ["S", "Regional-us-west-2"]) {
        assert_eq!(template.all("AWS::CloudWatch::Alarm").len(), 7);
    }
}

#[test]
fn keys_of_two_way_replication_are_in_stacks_of_their_own() {
    let app = App::new();
    let keys = app.stack("Keys", Environment::new("123456789012", "us-west-2"));
    let key = keys.add("Key", kms::Key::new());
    let replica = Replica::in_region("us-west-2").encrypted_with(&key);
    add(&app, |_| ReplicatedBucket::to([replica]).two_way());
    for template in templates_of(app, ["S", "Regional-us-west-2"]) {
        assert_eq!(template.allowing(IDENTITY, "kms:GenerateDataKey").len(), 1);
    }
}
