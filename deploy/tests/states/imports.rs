//! Resources that exist become part of a stack, and nothing else happens.

use std::rc::Rc;

use cloudwright_deploy::cloud::ChangeSetOrder;
use cloudwright_deploy::event::{Consent, Outcome};
use cloudwright_deploy::problem::Kind;
use cloudwright_deploy::stack::import::Existing;
use serde_json::{Value, json};

use crate::fake::{Fate, Run, Verb, World, topic};

/// The deployed topic under another name, a queue, and an output.
fn with_queue() -> Value {
    let mut template = topic("new");
    template["Resources"]["Jobs"] =
        json!({ "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": 5 } });
    template["Outputs"] = json!({ "Url": { "Value": { "Ref": "Jobs" } } });
    template
}

fn importing(world: &Rc<World>, resource: &str, identifier: &str) -> Run {
    let mut run = Run::of(world, &with_queue());
    run.existing = vec![Existing {
        resource: resource.to_owned(),
        identifier: identifier.to_owned(),
    }];
    run.person.answer = Consent::Yes;
    run
}

/// The template that was sent.
fn sent(world: &World) -> Value {
    serde_json::from_str(&world.template.borrow()).unwrap()
}

#[test]
fn only_what_is_named_is_added_to_what_is_deployed() {
    let world = World::with("UPDATE_COMPLETE", &topic("old"));
    let run = importing(&world, "Jobs", "https://jobs");
    assert_eq!(run.end(Verb::Import).unwrap().outcome, Outcome::Imported);
    assert_eq!(
        world.acts(),
        ["create_change_set IMPORT", "execute_change_set"]
    );
    let mut wanted = topic("old");
    wanted["Resources"]["Jobs"] = json!({ "Type": "AWS::SQS::Queue",
        "Properties": { "DelaySeconds": 5 }, "DeletionPolicy": "Retain" });
    assert_eq!(sent(&world), wanted);
    assert_eq!(world.status().as_deref(), Some("IMPORT_COMPLETE"));
    // What else the program changes comes with a deployment.
    let mut run = run;
    run.options.yes = true;
    assert_eq!(run.deploy().unwrap().outcome, Outcome::Updated);
}

#[test]
fn a_stack_that_is_not_there_is_made_of_what_exists() {
    let world = Rc::new(World::default());
    let run = importing(&world, "Jobs", "https://jobs");
    assert_eq!(run.end(Verb::Import).unwrap().outcome, Outcome::Imported);
    let sent = sent(&world);
    assert_eq!(
        sent["Resources"].as_object().map(serde_json::Map::len),
        Some(1)
    );
    assert!(sent.get("Outputs").is_none(), "{sent}");
}

#[test]
fn what_nobody_approves_leaves_nothing_behind() {
    let world = World::with("UPDATE_COMPLETE", &topic("old"));
    let mut run = importing(&world, "Jobs", "https://jobs");
    run.person.answer = Consent::No;
    let problem = run.end(Verb::Import).unwrap_err();
    assert_eq!(problem.kind, Kind::Refused);
    assert_eq!(
        world.acts(),
        ["create_change_set IMPORT", "delete_change_set"]
    );

    run.person.answer = Consent::Yes;
    *world.refusal.borrow_mut() = "the queue was not found".to_owned();
    let problem = run.end(Verb::Import).unwrap_err();
    assert!(
        problem.message.contains("the queue was not found"),
        "{problem:?}"
    );
    assert_eq!(world.calls("execute_change_set"), 0);
}

#[test]
fn an_import_that_fails_tells_its_cause() {
    let world = World::with("UPDATE_COMPLETE", &topic("old"));
    *world.fate.borrow_mut() = Fate {
        end: "IMPORT_ROLLBACK_COMPLETE",
        told: vec![("Jobs", "IMPORT_FAILED", "it is part of another stack")],
        ..Fate::default()
    };
    let problem = importing(&world, "Jobs", "https://jobs")
        .end(Verb::Import)
        .unwrap_err();
    assert_eq!(problem.kind, Kind::Failed);
    assert_eq!(problem.causes[0].reason, "it is part of another stack");
}

#[test]
fn a_mistaken_name_says_what_could_be_meant() {
    let table = [
        (
            "News",
            "arn",
            "nothing called \"News\"",
            "the deployed stack lacks is Jobs",
        ),
        ("Jobs", "", "known by QueueUrl", "--resource Jobs=QueueUrl"),
        (
            "Jobs",
            "a|b",
            "known by QueueUrl, got \"a|b\"",
            "--resource Jobs=QueueUrl",
        ),
    ];
    for (resource, identifier, said, helped) in table {
        let world = World::with("UPDATE_COMPLETE", &topic("old"));
        let problem = importing(&world, resource, identifier)
            .end(Verb::Import)
            .unwrap_err();
        assert_eq!(problem.kind, Kind::Usage);
        assert!(
            problem.message.contains(said) && problem.help.contains(helped),
            "{problem:?}"
        );
        assert!(world.acts().is_empty());
    }
    let world = World::with("ROLLBACK_COMPLETE", &topic("old"));
    let problem = importing(&world, "Jobs", "https://jobs")
        .end(Verb::Import)
        .unwrap_err();
    assert!(problem.message.contains("ROLLBACK_COMPLETE"), "{problem:?}");
}

#[test]
fn what_is_known_by_two_values_is_named_by_both() {
    let world = World::with("UPDATE_COMPLETE", &topic("old"));
    let mut run = importing(&world, "Rows", "shop|rows");
    run.template["Resources"]["Rows"] = json!({ "Type": "AWS::Cassandra::Table" });
    run.person.answer = Consent::No;
    let _ = run.end(Verb::Import).unwrap_err();
    let names = |set: &ChangeSetOrder| set.imports[0].identifier.clone();
    let known = world.ordered.borrow().iter().map(names).next().unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        known,
        [pair("KeyspaceName", "shop"), pair("TableName", "rows")].into()
    );
}

#[test]
fn an_import_changes_neither_protection_nor_parameters() {
    let mut deployed = topic("old");
    deployed["Parameters"] = json!({ "Size": { "Type": "Number" } });
    let world = World::with("UPDATE_COMPLETE", &deployed);
    if let Some(state) = &mut *world.stack.borrow_mut() {
        state.protected = true;
        state.parameters = [("Size".to_owned(), "7".to_owned())].into();
    }
    let mut run = importing(&world, "Jobs", "https://jobs");
    run.options.yes = true;
    assert_eq!(run.end(Verb::Import).unwrap().outcome, Outcome::Imported);
    assert_eq!(world.calls("protect"), 0);
    let kept = [("Size".to_owned(), None)].into();
    assert_eq!(world.ordered.borrow()[0].parameters, kept);
}
