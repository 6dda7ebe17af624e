//! Operations: what the assembly tells of them, and the ones that nobody could call.

mod support;

use cloudwright_synth::{
    App, DeclaredOperation, Environment, Handle, Json, ResourceRef, Scope, json,
};
use serde_json::{Value as Plain, json as plain};
use support::{assembly_of, assert_error, files, findings_of, home, queue};

fn declared(target: &Handle) -> DeclaredOperation {
    DeclaredOperation {
        target: target.clone(),
        summary: "puts all again".into(),
        read_only: false,
        payload: None,
        member: None,
        argument: None,
    }
}

fn operations(app: App) -> Plain {
    let files = files(&assembly_of(app));
    let facts: Plain = serde_json::from_slice(&files["facts.json"]).unwrap();
    facts["operations"].clone()
}

#[test]
fn the_assembly_tells_operations_in_the_order_of_their_paths() {
    let app = App::new();
    let stack = app.stage("Prod").stack("S", home());
    let place = stack.place("Shop");
    let inbox = place.add("Inbox", queue());
    let payload = json!({ "type": "object", "properties": { "key": { "type": "string" } } });
    let status = DeclaredOperation {
        read_only: true,
        payload: Some(payload),
        member: Some("ask".into()),
        argument: Some("key".into()),
        ..declared(inbox.handle())
    };
    place.place("status").declare_operation(status);
    place
        .place("again")
        .declare_operation(declared(inbox.handle()));
    let target = plain!({ "stack": "Prod-S", "logicalIds": ["ShopInbox09CAB006"], "type": "AWS::SQS::Queue" });
    assert_eq!(
        operations(app),
        plain!([
            { "construct": "Prod/S/Shop", "name": "again", "summary": "puts all again",
                "readOnly": false, "target": target },
            { "construct": "Prod/S/Shop", "name": "status", "summary": "puts all again",
                "readOnly": true, "target": target, "member": "ask", "argument": "key",
                "payload": { "type": "object", "properties": { "key": { "type": "string" } } } },
        ])
    );
}

#[test]
fn a_resource_in_a_nested_stack_is_reached_through_it() {
    let app = App::new();
    let stack = app.stack("S", home());
    let inner = stack.nested_stack("Inner").nested_stack("Core");
    let inbox = inner.add("Inbox", queue());
    stack
        .place("again")
        .declare_operation(declared(inbox.handle()));
    let operations = operations(app);
    let target = &operations[0]["target"];
    assert_eq!(target["stack"], "S");
    let ids: Vec<&str> = (0..3)
        .map(|at| target["logicalIds"][at].as_str().unwrap())
        .collect();
    assert!(
        ids[0].starts_with("Inner") && ids[1].starts_with("Core") && ids[2] == "Inbox",
        "{ids:?}"
    );
}

fn refused(name: &'static str, change: impl Fn(&mut DeclaredOperation), expected: &str) {
    let app = App::new();
    let stack = app.stack("S", home());
    let inbox = stack.add("Inbox", queue());
    let mut operation = declared(inbox.handle());
    change(&mut operation);
    stack.place(name).declare_operation(operation);
    assert_error(&findings_of(app), "CW0015", &[expected]);
}

#[test]
fn names_are_what_people_type() {
    for name in ["Reload", "re load", "9lives", "-f", "nachfüllen"] {
        refused(
            name,
            |_| {},
            "an operation is called by small letters, digits and dashes",
        );
    }
}

#[test]
fn a_schema_is_an_object_without_tokens() {
    let app = App::new();
    let elsewhere: Scope = app.stack("T", Environment::agnostic()).place("Here");
    let token = elsewhere.region().as_json().clone();
    for schema in [
        Json::Text("object".into()),
        Json::map([("title", token)]),
        json!([1]),
    ] {
        refused(
            "again",
            |operation| operation.payload = Some(schema.clone()),
            "an object of literals",
        );
    }
}

#[test]
fn a_word_stands_for_a_member_of_the_payload() {
    let expected = "stands for the member \"key\", which the payload has not";
    refused("again", |one| one.argument = Some("key".into()), expected);
    let other = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    let change = |one: &mut DeclaredOperation| {
        one.payload = Some(other.clone());
        one.argument = Some("key".into());
    };
    refused("again", change, expected);
}

#[test]
fn a_resource_of_another_app_is_refused() {
    let (here, there) = (App::new(), App::new());
    let inbox = there.stack("T", home()).add("Inbox", queue());
    let stack = here.stack("S", home());
    stack
        .place("again")
        .declare_operation(declared(inbox.handle()));
    assert_error(&findings_of(here), "CW0101", &["belongs to another app"]);
}
