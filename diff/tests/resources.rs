//! Resources and their properties: what changes, what is replaced, what is lost.

#![allow(clippy::needless_pass_by_value)] // templates are written in place, with `json!`

mod support;

use cloudwright_diff::{Action, DataLoss, Replacement, Section};
use serde_json::{Value, json};
use support::{change, diff, paths, resource, whole};

const QUEUE: &str = "AWS::SQS::Queue";

fn queue(properties: Value) -> Value {
    json!({ "Type": QUEUE, "Properties": properties })
}

#[test]
fn nothing_differs_from_itself() {
    let template = json!({ "Resources": { "A": queue(json!({ "X": [1, { "y": null }] })) } });
    let same = whole(&template, &template);
    assert!(same.is_empty() && !same.is_destructive() && !same.is_broadening());
    assert_eq!(same.to_text(cloudwright_diff::Style::Plain), "");
}

#[test]
fn a_new_stack_is_all_additions() {
    let template =
        json!({ "Description": "d", "Resources": { "A": queue(json!({ "DelaySeconds": 1 })) } });
    let made = whole(&Value::Null, &template);
    assert_eq!(change(&made, "A").action, Action::Add);
    assert_eq!(made.elements[0].section, Section::Description);
    assert!(!made.is_destructive());
    let gone = whole(&template, &Value::Null);
    assert_eq!(change(&gone, "A").action, Action::Remove);
}

#[test]
fn nested_properties_are_told_by_their_path() {
    let old = json!({ "A": { "B": [{ "C": 1 }, { "C": 2 }], "D": "x" } });
    let new = json!({ "A": { "B": [{ "C": 1 }, { "C": 3 }], "E": "y" } });
    assert_eq!(
        paths(&resource(QUEUE, old, new)),
        ["A.B[1].C 2 3", "A.D \"x\" -", "A.E - \"y\""]
    );
}

#[test]
fn an_item_in_the_middle_of_a_list_is_one_change() {
    let list = |items: &[i64]| json!({ "L": items });
    assert_eq!(
        paths(&resource(QUEUE, list(&[1, 2, 3]), list(&[1, 9, 2, 3]))),
        ["L[1] - 9"]
    );
    assert_eq!(
        paths(&resource(QUEUE, list(&[1, 2, 3]), list(&[1, 3]))),
        ["L[1] 2 -"]
    );
    assert_eq!(
        paths(&resource(QUEUE, list(&[1, 2]), list(&[2, 1]))).len(),
        2
    );
}

#[test]
fn sets_and_named_items_have_no_order() {
    let tags = |items: Value| json!({ "Tags": items });
    let (a, b) = (
        json!({ "Key": "a", "Value": "1" }),
        json!({ "Key": "b", "Value": "2" }),
    );
    assert!(resource(QUEUE, tags(json!([a, b])), tags(json!([b, a]))).is_empty());
    let changed = resource(
        QUEUE,
        tags(json!([a, b])),
        tags(json!([{ "Key": "b", "Value": "3" }, a])),
    );
    assert_eq!(paths(&changed), ["Tags[Key=b].Value \"2\" \"3\""]);
    let gone = resource(QUEUE, tags(json!([a, b])), tags(json!([b])));
    assert_eq!(
        paths(&gone),
        ["Tags[Key=a] {\"Key\":\"a\",\"Value\":\"1\"} -"]
    );
    let ids = |items: Value| json!({ "SecurityGroupIds": items });
    assert!(resource(QUEUE, ids(json!(["x", "y"])), ids(json!(["y", "x"]))).is_empty());
    assert_eq!(
        paths(&resource(
            QUEUE,
            ids(json!(["x", "y"])),
            ids(json!(["z", "x"]))
        ))
        .len(),
        1
    );
}

#[test]
fn a_scalar_and_its_text_are_the_same() {
    let of = |value: Value| json!({ "DelaySeconds": value });
    assert!(resource(QUEUE, of(json!(5)), of(json!("5"))).is_empty());
    assert!(resource(QUEUE, of(json!(true)), of(json!("true"))).is_empty());
    assert!(!resource(QUEUE, of(json!(5)), of(json!("05"))).is_empty());
}

#[test]
fn a_function_changes_as_a_whole() {
    let old = json!({ "Name": { "Ref": "A" } });
    let new = json!({ "Name": { "Fn::GetAtt": ["A", "Arn"] } });
    assert_eq!(
        paths(&resource(QUEUE, old, new)),
        ["Name {\"Ref\":\"A\"} {\"Fn::GetAtt\":[\"A\",\"Arn\"]}"]
    );
}

#[test]
fn the_facts_say_what_is_replaced() {
    for (kind, old, new, expected) in [
        (
            QUEUE,
            json!({ "DelaySeconds": 1 }),
            json!({ "DelaySeconds": 2 }),
            Replacement::No,
        ),
        (
            QUEUE,
            json!({ "QueueName": "a" }),
            json!({ "QueueName": "b" }),
            Replacement::Yes,
        ),
        (
            QUEUE,
            json!({}),
            json!({ "FifoQueue": true }),
            Replacement::Yes,
        ),
        (
            QUEUE,
            json!({ "Rules": [{ "Free": "a" }] }),
            json!({ "Rules": [{ "Free": "b" }] }),
            Replacement::No,
        ),
        (
            QUEUE,
            json!({ "Rules": [{ "Fixed": "a" }] }),
            json!({ "Rules": [{ "Fixed": "b" }] }),
            Replacement::Yes,
        ),
        (
            QUEUE,
            json!({}),
            json!({ "Rules": [{ "Free": "b" }] }),
            Replacement::Maybe,
        ),
        (
            "AWS::RDS::DBInstance",
            json!({ "Engine": "a" }),
            json!({ "Engine": "b" }),
            Replacement::Maybe,
        ),
        (
            "AWS::No::Facts",
            json!({ "Name": "a" }),
            json!({ "Name": "b" }),
            Replacement::No,
        ),
    ] {
        let found = resource(kind, old.clone(), new.clone());
        assert_eq!(change(&found, "It").replacement, expected, "{old} {new}");
    }
}

#[test]
fn a_fixed_name_makes_replacement_impossible() {
    let old = json!({ "QueueName": "a", "FifoQueue": false });
    let new = json!({ "QueueName": "a", "FifoQueue": true });
    let found = resource(QUEUE, old.clone(), new);
    let it = change(&found, "It");
    assert_eq!(it.replacement, Replacement::Impossible);
    assert_eq!(it.because[0], "FifoQueue");
    assert!(it.because[1].contains("QueueName is fixed"), "{it:?}");
    assert!(!found.is_destructive());
    let renamed = resource(QUEUE, old, json!({ "QueueName": "b", "FifoQueue": true }));
    assert_eq!(change(&renamed, "It").replacement, Replacement::Yes);
}

#[test]
fn a_type_cannot_change() {
    let found = diff(
        json!({ "It": { "Type": "AWS::SQS::Queue" } }),
        json!({ "It": { "Type": "AWS::SNS::Topic" } }),
    );
    assert_eq!(change(&found, "It").replacement, Replacement::Impossible);
}

#[test]
fn replacement_spreads_to_readers_that_cannot_change_in_place() {
    let template = |name: &str| {
        json!({
            "Topic": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": name } },
            "Subscription": { "Type": "AWS::SNS::Subscription", "Properties": {
                "Protocol": "sqs", "TopicArn": { "Ref": "Topic" } } },
            "Chained": { "Type": "AWS::SNS::Subscription", "Properties": {
                "Protocol": "sqs", "TopicArn": { "Fn::Sub": "${Subscription.Arn}/x" } } },
            "Loose": { "Type": "AWS::SNS::Topic", "Properties": { "DisplayName": { "Ref": "Topic" } } },
        })
    };
    let found = diff(template("a"), template("b"));
    assert_eq!(change(&found, "Topic").replacement, Replacement::Yes);
    let reader = change(&found, "Subscription");
    assert_eq!(reader.replacement, Replacement::Maybe);
    assert_eq!(reader.because, ["TopicArn reads Topic, which is replaced"]);
    assert_eq!(change(&found, "Chained").replacement, Replacement::Maybe);
    assert_eq!(found.resources.len(), 3);
}

#[test]
fn data_is_lost_unless_a_policy_keeps_it() {
    let with = |policy: Option<(&str, &str)>, name: &str| {
        let mut body = queue(json!({ "QueueName": name }));
        if let Some((attribute, value)) = policy {
            body[attribute] = json!(value);
        }
        json!({ "It": body })
    };
    let removed = |policy| diff(with(policy, "a"), json!({}));
    let replaced = |policy| diff(with(policy, "a"), with(policy, "b"));
    assert_eq!(
        change(&removed(None), "It").data_loss,
        Some(DataLoss::Deleted)
    );
    assert_eq!(
        change(&replaced(None), "It").data_loss,
        Some(DataLoss::Replaced)
    );
    for kept in ["Retain", "RetainExceptOnCreate", "Snapshot"] {
        let found = removed(Some(("DeletionPolicy", kept)));
        assert_eq!(change(&found, "It").data_loss, None, "{kept}");
        assert_eq!(change(&found, "It").is_kept, kept != "Snapshot");
        assert!(!found.is_destructive());
    }
    assert!(removed(Some(("DeletionPolicy", "Delete"))).is_destructive());
    assert!(removed(Some(("UpdateReplacePolicy", "Retain"))).is_destructive());
    assert!(replaced(Some(("DeletionPolicy", "Retain"))).is_destructive());
    assert!(!replaced(Some(("UpdateReplacePolicy", "Retain"))).is_destructive());
}

#[test]
fn what_holds_no_data_is_lost_without_a_mark() {
    let topic = json!({ "It": { "Type": "AWS::SNS::Topic" } });
    let found = diff(topic, json!({}));
    assert_eq!(change(&found, "It").action, Action::Remove);
    assert!(!found.is_destructive());
}

#[test]
fn databases_are_snapshot_by_themselves() {
    let database = |properties: Value| json!({ "It": { "Type": "AWS::RDS::DBInstance", "Properties": properties } });
    assert!(!diff(database(json!({})), json!({})).is_destructive());
    assert!(diff(database(json!({ "DBClusterIdentifier": "x" })), json!({})).is_destructive());
    let maybe = diff(
        database(json!({ "Engine": "a" })),
        database(json!({ "Engine": "b" })),
    );
    assert_eq!(
        change(&maybe, "It").data_loss,
        Some(DataLoss::MaybeReplaced)
    );
}

#[test]
fn the_same_resource_under_another_id_is_recognised() {
    let template = |id: &str| {
        json!({
            id: queue(json!({ "DelaySeconds": 5 })),
            "Reader": { "Type": "AWS::SNS::Topic", "Properties": { "DisplayName": { "Fn::Sub": format!("${{{id}.Arn}}-x") } } },
            "Waits": { "Type": "AWS::SNS::Topic", "DependsOn": [id] },
        })
    };
    let found = diff(template("Old"), template("New"));
    let renamed = change(&found, "New");
    assert_eq!(
        (renamed.action, renamed.old_id.as_deref()),
        (Action::Rename, Some("Old"))
    );
    assert_eq!(renamed.replacement, Replacement::Yes);
    assert_eq!(renamed.data_loss, Some(DataLoss::Deleted));
    assert_eq!(found.resources.len(), 1, "{found:#?}");
}

#[test]
fn a_whole_construct_that_moves_is_recognised() {
    let template = |prefix: &str| {
        let (queue_id, topic) = (format!("{prefix}Queue"), format!("{prefix}Topic"));
        json!({
            queue_id.clone(): queue(json!({ "Note": { "Ref": topic } })),
            topic: { "Type": "AWS::SNS::Topic", "DependsOn": queue_id },
        })
    };
    let found = diff(template("A"), template("B"));
    assert!(
        found
            .resources
            .iter()
            .all(|change| change.action == Action::Rename),
        "{found:#?}"
    );
    assert_eq!(found.resources.len(), 2);
}

#[test]
fn a_named_resource_cannot_be_renamed() {
    let named = |id: &str| json!({ id: queue(json!({ "QueueName": "fixed" })) });
    let found = diff(named("Old"), named("New"));
    assert_eq!(change(&found, "New").replacement, Replacement::Impossible);
}

#[test]
fn attributes_are_compared_too() {
    let body = |policy: &str, waits: Value| json!({ "It": { "Type": QUEUE, "DeletionPolicy": policy, "DependsOn": waits, "Metadata": { "v": policy } } });
    let found = diff(
        body("Retain", json!("A")),
        body("Delete", json!(["A", "B"])),
    );
    let paths: Vec<_> = change(&found, "It")
        .attributes
        .iter()
        .map(|one| one.path.as_str())
        .collect();
    assert_eq!(paths, ["DeletionPolicy", "DependsOn", "Metadata.v"]);
    assert!(diff(body("Retain", json!("A")), body("Retain", json!(["A"]))).is_empty());
}

#[test]
fn every_section_is_compared() {
    let old = json!({
        "Description": "a", "Transform": "X", "Metadata": { "m": 1 },
        "Parameters": { "P": { "Type": "String" } }, "Mappings": { "M": { "r": { "c": 1 } } },
        "Conditions": { "C": { "Fn::Equals": ["a", "b"] } }, "Rules": { "R": { "Assertions": [] } },
        "Outputs": { "O": { "Value": "x" }, "Gone": { "Value": "x" } },
        "Resources": { "Fn::ForEach::L": ["X", ["a"], {}] },
    });
    let new = json!({
        "Description": "b", "Transform": "Y", "Metadata": { "m": 2 },
        "Parameters": { "P": { "Type": "Number" } }, "Mappings": { "M": { "r": { "c": 2 } } },
        "Conditions": { "C": { "Fn::Equals": ["a", "c"] } }, "Rules": { "R": { "Assertions": [1] } },
        "Outputs": { "O": { "Value": "y" }, "Fresh": { "Value": "x" } },
        "Resources": { "Fn::ForEach::L": ["X", ["b"], {}] },
    });
    let found = whole(&old, &new);
    let told: Vec<_> = found
        .elements
        .iter()
        .map(|one| format!("{} {} {}", one.section.name(), one.name, one.action.name()))
        .collect();
    assert_eq!(
        told,
        [
            "Description  modify",
            "Transform  modify",
            "Metadata  modify",
            "Parameters P modify",
            "Rules R modify",
            "Mappings M modify",
            "Conditions C modify",
            "Outputs Fresh add",
            "Outputs Gone remove",
            "Outputs O modify",
            "Other Fn::ForEach::L modify",
        ]
    );
}
