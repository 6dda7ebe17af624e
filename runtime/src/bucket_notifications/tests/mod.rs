//! The life of one resource, step by step; `convergence` is about several at the same time.

mod convergence;
mod model;

use serde_json::json;

use super::entries::MOST_ENTRIES;
use super::*;
use model::{World, entry, journal, run};

const STACK: &str = "arn:aws:cloudformation:eu-central-1:123456789012:stack/shop/6b5f8a40";

fn request(kind: &str, physical_id: &str, bucket: &str, topics: &[&str]) -> Value {
    let topics = topics.iter().map(|topic| {
        json!({"TopicArn": topic, "Events": ["s3:ObjectCreated:*"],
               "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": topic}]}}})
    });
    let topics: Vec<_> = topics.collect();
    json!({
        "RequestType": kind, "ResponseURL": "https://answers", "StackId": STACK, "RequestId": "r1",
        "LogicalResourceId": "Uploads", "ResourceType": "Custom::BucketNotifications",
        "PhysicalResourceId": physical_id,
        "ResourceProperties": {
            "ServiceToken": "arn:aws:lambda:eu-central-1:123456789012:function:f",
            "BucketName": bucket, "NotificationConfiguration": {"TopicConfigurations": topics},
        },
    })
}

fn owner() -> Owner {
    Owner::new(STACK, "Uploads")
}

/// What becomes of a request: the answer.
fn answered(world: &World, request: &Value) -> Value {
    answered_within(world, request, Duration::from_secs(120))
}

fn answered_within(world: &World, request: &Value, time: Duration) -> Value {
    run(async {
        let notifier = Notifier::new(world.client(), journal());
        let served = notifier.serve(request, world, time).await;
        assert_eq!(served, Ok(Value::Null));
    });
    let answers = world.answers.take();
    assert_eq!(answers.len(), 1, "{answers:?}");
    serde_json::from_str(&answers[0]).unwrap()
}

fn succeeded(world: &World, request: &Value) -> String {
    let answer = answered(world, request);
    let id = answer["PhysicalResourceId"].as_str().unwrap().to_owned();
    let expected = json!({
        "Status": "SUCCESS", "PhysicalResourceId": id, "StackId": STACK, "RequestId": "r1",
        "LogicalResourceId": "Uploads",
    });
    assert_eq!(answer, expected);
    id
}

/// The topics that this resource's entries of a bucket go to.
fn own(world: &World, bucket: &str) -> Vec<String> {
    let owner = owner();
    let entries = world.entries(bucket).into_iter();
    let mut topics: Vec<_> = entries
        .filter(|entry| owner.owns(entry))
        .map(|entry| entry.arn)
        .collect();
    topics.sort();
    topics
}

#[test]
fn create_update_rollback_and_delete_touch_own_entries_only() {
    let world = World::with("b", vec![entry("theirs"), entry("")]);
    let others = world.entries("b");
    let id = succeeded(&world, &request("Create", "", "b", &["one", "two"]));
    assert_eq!(id, owner().physical_id("b"));
    assert_eq!(own(&world, "b"), ["one", "two"]);
    assert_eq!(world.entries("b")[..2], others);
    for topics in [&["two", "three"][..], &["one", "two"], &[], &["one"]] {
        assert_eq!(succeeded(&world, &request("Update", &id, "b", topics)), id);
        let mut topics = topics.to_vec();
        topics.sort_unstable();
        assert_eq!(own(&world, "b"), topics);
    }
    succeeded(&world, &request("Delete", &id, "b", &["one"]));
    assert_eq!(world.entries("b"), others);
}

#[test]
fn eventbridge_is_turned_on_and_never_off() {
    let world = World::with("b", Vec::new());
    let mut with = request("Create", "", "b", &[]);
    with["ResourceProperties"]["NotificationConfiguration"]["EventBridgeConfiguration"] = json!({});
    let id = succeeded(&world, &with);
    assert!(world.found("b").event_bridge);
    succeeded(&world, &request("Update", &id, "b", &["one"]));
    succeeded(&world, &request("Delete", &id, "b", &["one"]));
    assert!(world.found("b").event_bridge && world.entries("b").is_empty());
}

#[test]
fn another_bucket_is_another_resource_and_the_old_one_is_deleted_after_it() {
    let world = World::with("old", Vec::new());
    world.add_bucket("new");
    let first = succeeded(&world, &request("Create", "", "old", &["one"]));
    let mut moved = request("Update", &first, "new", &["one"]);
    moved["OldResourceProperties"] = json!({"BucketName": "old"});
    let second = succeeded(&world, &moved);
    assert_ne!(first, second);
    assert_eq!((own(&world, "old").len(), own(&world, "new").len()), (1, 1));
    // As CloudFormation cleans up; also when the properties are those of the new one.
    succeeded(&world, &request("Delete", &first, "new", &["one"]));
    assert_eq!((own(&world, "old").len(), own(&world, "new").len()), (0, 1));
}

#[test]
fn a_move_that_failed_leaves_nothing_in_the_other_bucket_after_its_rollback() {
    let world = World::with("old", Vec::new());
    world.add_bucket("new");
    let first = succeeded(&world, &request("Create", "", "old", &["one"]));
    let mut moved = request("Update", &first, "new", &["one"]);
    moved["OldResourceProperties"] = json!({"BucketName": "old"});
    // It writes, and has no time to look whether it stays so.
    let answer = answered_within(&world, &moved, Duration::from_secs(6));
    assert_eq!(
        (&answer["Status"], &answer["PhysicalResourceId"]),
        (&json!("FAILED"), &json!(first))
    );
    assert_eq!(own(&world, "new"), ["one"]);
    let mut back = request("Update", &first, "old", &["one"]);
    back["OldResourceProperties"] = json!({"BucketName": "new"});
    assert_eq!(succeeded(&world, &back), first);
    assert_eq!((own(&world, "old").len(), own(&world, "new").len()), (1, 0));
}

#[test]
fn what_was_never_created_is_deleted() {
    let world = World::with("b", vec![entry("theirs")]);
    let made_up = "shop-Uploads-1A2B3C";
    for bucket in ["b", "gone", ""] {
        succeeded(&world, &request("Delete", made_up, bucket, &["one"]));
        succeeded(
            &world,
            &request("Delete", &owner().physical_id(bucket), bucket, &[]),
        );
    }
    let mut wrong = request("Delete", made_up, "b", &[]);
    wrong["ResourceProperties"] = json!({"BucketName": ["b"], "NotificationConfiguration": 1});
    succeeded(&world, &wrong);
    assert_eq!((world.entries("b").len(), world.writes.get()), (1, 0));
}

#[test]
fn two_stacks_and_two_resources_of_a_stack_are_different_owners() {
    let mine = owner();
    let mut entry = entry("");
    for (stack, name) in [
        (STACK.replace("6b5f8a40", "7c6a9b51"), "Uploads"),
        (STACK.to_owned(), "Uploads2"),
        (STACK.replace("shop", "shop-Uploads"), ""),
    ] {
        let other = Owner::new(&stack, name);
        assert_ne!(other.physical_id("b"), mine.physical_id("b"));
        entry.id = other.physical_id("b").replace("b/", "") + "-0123456789abcdef";
        assert!(other.owns(&entry) && !mine.owns(&entry));
    }
    let long = Owner::new(&STACK.replace("shop", &"s".repeat(128)), &"L".repeat(255));
    assert!(long.physical_id("").len() + 17 < 255);
}

/// Entries of earlier releases have to be found: this text may never change.
#[test]
fn ids_are_the_same_in_every_release() {
    let properties = properties(&request("Create", "", "b", &["one"])["ResourceProperties"]);
    let wanted = owner().wanted(&properties.unwrap());
    assert_eq!(
        wanted.entries[0].id,
        "shop-Uploads-183a9a075d75788d-2b944a3cd26482e5"
    );
}

#[test]
fn an_entry_has_one_id_however_it_is_spelt() {
    let spelt = |events: Value, rules: Value| {
        let mut request = request("Create", "", "b", &["one"]);
        let list = &mut request["ResourceProperties"]["NotificationConfiguration"];
        list["TopicConfigurations"][0]["Events"] = events;
        list["TopicConfigurations"][0]["Filter"] = json!({"Key": {"FilterRules": rules}});
        let read = properties(&request["ResourceProperties"]).unwrap();
        owner().wanted(&read).entries[0].id.clone()
    };
    let prefix = json!({"Name": "prefix", "Value": "a"});
    let suffix = json!({"Name": "suffix", "Value": "b"});
    let first = spelt(json!(["x", "y"]), json!([prefix, suffix]));
    let same = json!({"Name": "Prefix", "Value": "a"});
    assert_eq!(spelt(json!(["y", "x"]), json!([suffix, same])), first);
    assert_ne!(spelt(json!(["x"]), json!([prefix, suffix])), first);
    assert_ne!(spelt(json!(["x", "y"]), json!([prefix])), first);
    assert_ne!(
        spelt(json!(["xy"]), json!([prefix, suffix])),
        spelt(json!(["x", "y"]), json!([]))
    );
}

#[test]
fn the_hundred_and_first_entry_is_refused_with_what_to_do() {
    let many = |number: usize| (0..number).map(|id| entry(&id.to_string())).collect();
    let world = World::with("b", many(MOST_ENTRIES - 1));
    succeeded(&world, &request("Create", "", "b", &["one"]));
    let id = owner().physical_id("b");
    let answer = answered(&world, &request("Update", &id, "b", &["one", "two"]));
    let reason = "Refused: bucket b: the bucket has 99 notifications of others, and 2 are to be added; S3 \
                  keeps 100 for a bucket: remove some, or send its events to EventBridge, whose rules have \
                  no such limit";
    let expected = json!({
        "Status": "FAILED", "Reason": reason, "PhysicalResourceId": id, "StackId": STACK,
        "RequestId": "r1", "LogicalResourceId": "Uploads",
    });
    assert_eq!(answer, expected);
    assert_eq!(own(&world, "b"), ["one"]);
    // Rolling back and deleting need no room.
    succeeded(&world, &request("Update", &id, "b", &["one"]));
    let full = World::with("b", many(MOST_ENTRIES));
    succeeded(&full, &request("Delete", &id, "b", &["one"]));
    assert_eq!(full.entries("b").len(), MOST_ENTRIES);
}

#[test]
fn wrong_properties_fail_with_what_is_wrong() {
    let world = World::with("b", Vec::new());
    let mut wrong = request("Create", "", "b", &["one"]);
    let topics =
        &mut wrong["ResourceProperties"]["NotificationConfiguration"]["TopicConfigurations"];
    topics[0]["Filters"] = json!({});
    let answer = answered(&world, &wrong);
    let reason = answer["Reason"].as_str().unwrap();
    let start = "Refused: properties: unknown field `Filters`, expected one of `TopicArn`, ";
    assert!(reason.starts_with(start), "{reason}");
    // It has a name, which CloudFormation gives back when it deletes what it could not create.
    let id = answer["PhysicalResourceId"].as_str().unwrap();
    wrong["RequestType"] = json!("Delete");
    wrong["PhysicalResourceId"] = json!(id);
    succeeded(&world, &wrong);
    let answer = answered(&world, &request("Create", "", "", &[]));
    let reason = "Refused: properties: BucketName: got nothing, expected the name of a bucket";
    assert_eq!(answer["Reason"], reason);
    let answer = answered(&world, &request("Upsert", "", "b", &[]));
    let reason = "UnreadableEvent: RequestType: got \"Upsert\", expected Create, Update or Delete";
    assert_eq!(answer["Reason"], reason);
    assert_eq!(world.writes.get(), 0);
}

#[test]
fn each_kind_of_failure_of_s3_is_told_in_time() {
    let table = [
        (Class::AccessDenied, 3),
        (Class::Refused, 1),
        (Class::NotFound, 1),
        (Class::Throttled, 17),
    ];
    for (class, tries) in table {
        let world = World::with("b", Vec::new());
        world.fail_always(class);
        let answer = answered(&world, &request("Create", "", "b", &["one"]));
        let reason = format!("{}: bucket b: no", class.name());
        assert_eq!(answer["Reason"], reason);
        assert_eq!(answer["PhysicalResourceId"], owner().physical_id("b"));
        let tried = world.tries.get();
        let expected = if tries == 17 { 14..=20 } else { tries..=tries };
        assert!(expected.contains(&tried), "{class:?}: {tried}");
    }
}

#[test]
fn an_answer_is_given_before_the_time_is_over_and_told_again_until_it_is_taken() {
    let world = World::with("b", Vec::new());
    world.hang.set(true);
    let answer = answered_within(
        &world,
        &request("Create", "", "b", &["one"]),
        Duration::from_secs(9),
    );
    let reason = answer["Reason"].as_str().unwrap();
    assert!(
        reason.starts_with("DeadlineReached: bucket b: not finished"),
        "{reason}"
    );
    let world = World::with("b", Vec::new());
    world.refuse_answers.set(3);
    succeeded(&world, &request("Create", "", "b", &["one"]));
    world.refuse_answers.set(u32::MAX);
    run(async {
        let notifier = Notifier::new(world.client(), journal());
        let request = request("Create", "", "b", &["one"]);
        let time = Duration::from_secs(30);
        let error = notifier.serve(&request, &world, time).await.unwrap_err();
        assert_eq!(error.error_type(), "ServiceFailed");
    });
}

#[test]
fn own_entries_that_somebody_removed_are_written_again() {
    let world = World::with("b", vec![entry("theirs")]);
    world.undo_writes.set(2);
    succeeded(&world, &request("Create", "", "b", &["one"]));
    assert_eq!(
        (own(&world, "b"), world.writes.get()),
        (vec!["one".to_owned()], 3)
    );
    world.undo_writes.set(u32::MAX);
    let id = owner().physical_id("b");
    let answer = answered(&world, &request("Update", &id, "b", &["two"]));
    let reason = answer["Reason"].as_str().unwrap();
    assert!(
        reason.starts_with("KeepsChanging: bucket b: the notifications were changed"),
        "{reason}"
    );
}

#[test]
fn the_pause_is_longer_than_any_request_that_is_on_its_way() {
    assert!(SETTLE > WINDOW + REQUEST_TIME);
}
