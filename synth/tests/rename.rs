//! Moving constructs without replacing their resources.

use cloudwright_synth::{App, Environment, RawResource, ResourceRef};

const QUEUE: &str = "AWS::SQS::Queue";

#[test]
fn a_renamed_id_is_used_everywhere_it_is_referred_to() {
    let app = App::new();
    let stack = app
        .stack("Mail", Environment::agnostic())
        .rename_logical_id("Inbox", "OldInbox");
    let inbox = stack.add("Inbox", RawResource::new(QUEUE));
    let outbox = stack.add("Outbox", RawResource::new(QUEUE));
    outbox.depends_on(&inbox);
    let assembly = app.synth().unwrap();
    let template = assembly.stacks()[0].template();
    assert!(template.resource("Inbox").is_none());
    assert!(template.resource("OldInbox").is_some());
    assert_eq!(
        template.resource("Outbox").unwrap().depends_on(),
        ["OldInbox"]
    );
}

#[test]
fn a_rename_of_nothing_is_an_error() {
    let app = App::new();
    let stack = app
        .stack("Mail", Environment::agnostic())
        .rename_logical_id("Inbx", "Old");
    stack.add("Inbox", RawResource::new(QUEUE));
    let found = app.synth().err().unwrap().to_string();
    assert!(
        found.contains("CW0011") && found.contains("Inbx"),
        "{found}"
    );
}
