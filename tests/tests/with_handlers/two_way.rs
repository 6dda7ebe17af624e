//! `replicate` both ways: two buckets in two regions, a function beside each, one table.

use cloudwright::iam::Statement;
use cloudwright::lambda::{FunctionRef, Handler};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::wait_for;

use crate::{ACCOUNT, HERE, KEY, THERE, aws, deploy, handler, head, watch};

/// The table that remembers changes.
const TABLE: &str = "TwoWayChanges";

fn table(stack: &Stack) {
    let key = json!([{ "AttributeName": "key", "KeyType": "HASH" }]);
    let attribute = json!([{ "AttributeName": "key", "AttributeType": "S" }]);
    let expiry = json!({ "AttributeName": "expires", "Enabled": true });
    let table = RawResource::new("AWS::DynamoDB::Table")
        .property("TableName", TABLE)
        .property("BillingMode", "PAY_PER_REQUEST")
        .property("AttributeDefinitions", attribute)
        .property("KeySchema", key)
        .property("TimeToLiveSpecification", expiry);
    stack.add("Changes", table);
}

/// The function beside `own`, which copies to `other`, with all the rights that it needs.
fn function(
    stack: &Stack,
    own: &s3::BucketRef,
    other: (&s3::BucketRef, &'static str),
) -> FunctionRef {
    let (other, region) = other;
    let sync = stack.add(
        "Sync",
        handler(Handler::Replicate)
            .env("DESTINATION_1_BUCKET", other.name())
            .env("DESTINATION_1_REGION", region)
            .env("REPLICATION_MODE", "two-way")
            .env("TOMBSTONE_TABLE", TABLE)
            .env("TOMBSTONE_REGION", HERE),
    );
    for bucket in [own, other] {
        bucket.grant_read_write(&sync).grant_delete(&sync);
    }
    let statement = Statement::allow(["dynamodb:GetItem", "dynamodb:UpdateItem"]);
    let table = format!("arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/{TABLE}");
    sync.add_statement(statement.on(table));
    watch(own, &sync);
    sync
}

fn put(region: &str, bucket: &str, body: &str) {
    let object =
        expected!({ "Bucket": bucket, "Key": KEY, "Body": body, "ContentType": "text/x-test" });
    aws(region).call("s3", "PutObject", &object);
}

fn remove(region: &str, bucket: &str) {
    let named = expected!({ "Bucket": bucket, "Key": KEY });
    aws(region).call("s3", "DeleteObject", &named);
}

fn is_written(object: &Document, length: usize) -> bool {
    object["ContentLength"] == length && object["ContentType"] == "text/x-test"
}

#[test]
fn both_buckets_are_written_to_and_stay_equal() {
    let app = App::new();
    let here = app.stack("TwoWayHere", Environment::new(ACCOUNT, HERE));
    let there = app.stack("TwoWayThere", Environment::new(ACCOUNT, THERE));
    let east = here.add("East", s3::Bucket::new());
    let west = there.add("West", s3::Bucket::new());
    table(&here);
    function(&here, &east, (&west, THERE));
    function(&there, &west, (&east, HERE));
    here.output("EastName", east.name());
    there.output("WestName", west.name());
    let outputs = deploy(app, &[("TwoWayHere", HERE), ("TwoWayThere", THERE)]);
    let (east, west) = (&outputs["EastName"], &outputs["WestName"]);

    put(HERE, east, "1");
    let copy = wait_for("the copy in the west", || head(THERE, west, KEY));
    assert!(is_written(&copy, 1), "{copy}");
    put(THERE, west, "22");
    let arrived = || head(HERE, east, KEY).filter(|object| is_written(object, 2));
    wait_for("the newer object in the east", arrived);
    remove(HERE, east);
    wait_for("the removal in the west", || {
        head(THERE, west, KEY).is_none().then_some(())
    });
    // At once after a removal: the function's own removal in the other bucket must not take it.
    put(HERE, east, "333");
    let arrived = || head(THERE, west, KEY).filter(|object| is_written(object, 3));
    wait_for("the object that was written again", arrived);
    remove(THERE, west);
    wait_for("the removal in the east", || {
        head(HERE, east, KEY).is_none().then_some(())
    });
    let item = expected!({ "TableName": TABLE, "Key": { "key": { "S": KEY } } });
    let item = aws(HERE).call("dynamodb", "GetItem", &item);
    let writers = item["Item"]["writers"]["SS"].as_array().map(Vec::len);
    assert_eq!(writers, Some(2), "{item}");
}
