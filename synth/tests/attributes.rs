//! What every resource has beside its properties.

mod support;

use cloudwright_synth::{Condition, RemovalPolicy, ResourceRef, Test, Value, json};
use serde_json::json as plain;
use support::{assert_error, findings, queue, template};

#[test]
fn removal_policies_set_both_policies() {
    for (policy, deletion, replacement) in [
        (RemovalPolicy::Destroy, "Delete", "Delete"),
        (RemovalPolicy::Retain, "Retain", "Retain"),
        (
            RemovalPolicy::RetainExceptOnCreate,
            "RetainExceptOnCreate",
            "Retain",
        ),
        (RemovalPolicy::Snapshot, "Snapshot", "Snapshot"),
    ] {
        let found = template(|stack| {
            stack.add("Inbox", queue()).removal_policy(policy);
        });
        let inbox = &found["Resources"]["Inbox"];
        assert_eq!(
            (&inbox["DeletionPolicy"], &inbox["UpdateReplacePolicy"]),
            (&plain!(deletion), &plain!(replacement))
        );
    }
    let found = template(|stack| drop(stack.add("Inbox", queue())));
    assert_eq!(
        found["Resources"]["Inbox"],
        plain!({ "Type": "AWS::SQS::Queue" })
    );
}

#[test]
fn all_attributes_stand_beside_the_properties() {
    let found = template(|stack| {
        let condition = stack.add("IsProd", Condition::new(Test::equals("a", "b")));
        stack
            .add("Inbox", queue().property("DelaySeconds", 1))
            .condition(&condition)
            .metadata("Why", json!({ "a": 1 }))
            .metadata("Why", json!({ "b": 2 }))
            .creation_policy(json!({ "ResourceSignal": { "Count": 1 } }))
            .update_policy(json!({ "AutoScalingReplacingUpdate": { "WillReplace": true } }));
    });
    assert_eq!(
        found["Resources"]["Inbox"],
        plain!({
            "Type": "AWS::SQS::Queue",
            "Properties": { "DelaySeconds": 1 },
            "Condition": "IsProd",
            "CreationPolicy": { "ResourceSignal": { "Count": 1 } },
            "UpdatePolicy": { "AutoScalingReplacingUpdate": { "WillReplace": true } },
            "Metadata": { "Why": { "a": 1, "b": 2 } },
        })
    );
}

#[test]
fn stated_dependencies_are_sorted_logical_ids_on_the_resource() {
    let found = template(|stack| {
        let (b, a) = (stack.add("B", queue()), stack.add("A", queue()));
        stack.add("One", queue()).depends_on(&a);
        stack
            .add("Two", queue())
            .depends_on(&b)
            .depends_on(&a)
            .depends_on(&b);
    });
    assert_eq!(found["Resources"]["One"]["DependsOn"], "A");
    assert_eq!(found["Resources"]["Two"]["DependsOn"], plain!(["A", "B"]));
}

#[test]
fn a_construct_waits_with_all_its_resources_for_all_of_another() {
    let found = template(|stack| {
        let first = stack.add("First", queue());
        first.scope().add("Inner", queue());
        let second = stack.add("Second", queue());
        second.scope().add("Inner", queue());
        second.scope().depends_on(first.scope());
    });
    for (id, resource) in found["Resources"].as_object().unwrap() {
        let waits = resource["DependsOn"].as_array().map_or(0, Vec::len);
        assert_eq!(waits, if id.starts_with("Second") { 2 } else { 0 }, "{id}");
    }
}

#[test]
fn a_dependency_that_a_reference_implies_is_left_out_unless_a_condition_may_drop_it() {
    let found = template(|stack| {
        let inbox = stack.add("Inbox", queue());
        let reading = queue().property("V", inbox.reference());
        stack.add("Sure", reading).depends_on(&inbox);
        let condition = stack.add("IsProd", Condition::new(Test::equals("a", "b")));
        let name: Value<String> = Value::from_json(inbox.reference());
        let maybe: Value<String> = condition.choose(name, "x");
        stack
            .add("Unsure", queue().property("V", json!(maybe)))
            .depends_on(&inbox);
    });
    assert!(found["Resources"]["Sure"].get("DependsOn").is_none());
    assert_eq!(found["Resources"]["Unsure"]["DependsOn"], "Inbox");
}

#[test]
fn waiting_for_oneself_or_for_what_is_inside_is_nothing() {
    let found = template(|stack| {
        let outer = stack.add("Outer", queue());
        outer.scope().add("Inner", queue());
        outer.depends_on(&outer);
        outer
            .scope()
            .depends_on(&outer.scope().find("Inner").unwrap());
    });
    assert!(
        found["Resources"]
            .as_object()
            .unwrap()
            .values()
            .all(|r| r.get("DependsOn").is_none()),
        "{found}"
    );
}

#[test]
fn a_logical_id_is_chosen_and_followed_by_every_reference() {
    let found = template(|stack| {
        let inbox = stack.add("Inbox", queue());
        let name: Value<String> = Value::from_json(inbox.reference());
        stack
            .add("Reader", queue().property("V", name.clone() + "-x"))
            .depends_on(&inbox);
        stack.output("Name", name);
        inbox.override_logical_id("Legacy1A2B");
    });
    assert!(found["Resources"].get("Inbox").is_none());
    assert!(found["Resources"].get("Legacy1A2B").is_some());
    assert_eq!(
        found["Resources"]["Reader"]["Properties"]["V"],
        plain!({ "Fn::Sub": "${Legacy1A2B}-x" })
    );
    assert_eq!(
        found["Outputs"]["Name"]["Value"],
        plain!({ "Ref": "Legacy1A2B" })
    );
}

#[test]
fn a_chosen_logical_id_is_unique() {
    let found = findings(|stack| {
        stack.add("A", queue());
        stack.add("B", queue()).override_logical_id("A");
    });
    let parts = ["`S/A`", "`S/B`", "one of them was given this id"];
    assert_error(&found, "CW0007", &parts);
}

#[test]
fn raw_properties_replace_and_go_away() {
    let found = template(|stack| {
        let inbox = stack.add("Inbox", queue().property("A", 1).property("B", 2));
        inbox
            .raw("A", 3)
            .remove_property("B")
            .raw("C", json!({ "z": 1, "a": 2 }));
    });
    let text = found["Resources"]["Inbox"]["Properties"].to_string();
    assert_eq!(text, r#"{"A":3,"C":{"a":2,"z":1}}"#);
}
