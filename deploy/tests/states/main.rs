//! The life of a stack against a CloudFormation that does what an engine never does: every status, pages, lost
//! answers, throttling, hours that pass at once.

mod fake;
mod hotswap;
mod imports;
mod losses;
mod operations;
mod reviews;
mod run;
mod service;
mod several;

use cloudwright_deploy::event::Outcome;
use cloudwright_deploy::problem::Kind;
use cloudwright_deploy::status::Status;
use serde_json::json;

use fake::{Run, Verb, World, topic};

/// What a deployment does first with a stack of each status, and how it ends.
const DEPLOY: [(&str, &str, Option<Kind>); 23] = [
    ("CREATE_IN_PROGRESS", "", Some(Kind::Busy)),
    ("CREATE_FAILED", "delete_stack", None),
    ("CREATE_COMPLETE", "create_change_set UPDATE", None),
    ("ROLLBACK_IN_PROGRESS", "", Some(Kind::Busy)),
    ("ROLLBACK_FAILED", "delete_stack", None),
    ("ROLLBACK_COMPLETE", "delete_stack", None),
    ("DELETE_IN_PROGRESS", "", Some(Kind::Busy)),
    ("DELETE_FAILED", "delete_stack", None),
    ("DELETE_COMPLETE", "create_change_set CREATE", None),
    ("UPDATE_IN_PROGRESS", "", Some(Kind::Busy)),
    ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "", Some(Kind::Busy)),
    ("UPDATE_COMPLETE", "create_change_set UPDATE", None),
    ("UPDATE_FAILED", "", Some(Kind::Refused)),
    ("UPDATE_ROLLBACK_IN_PROGRESS", "", Some(Kind::Busy)),
    ("UPDATE_ROLLBACK_FAILED", "", Some(Kind::Failed)),
    (
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "",
        Some(Kind::Busy),
    ),
    ("UPDATE_ROLLBACK_COMPLETE", "create_change_set UPDATE", None),
    ("REVIEW_IN_PROGRESS", "create_change_set CREATE", None),
    ("IMPORT_IN_PROGRESS", "", Some(Kind::Busy)),
    ("IMPORT_COMPLETE", "create_change_set UPDATE", None),
    ("IMPORT_ROLLBACK_IN_PROGRESS", "", Some(Kind::Busy)),
    ("IMPORT_ROLLBACK_FAILED", "", Some(Kind::Failed)),
    ("IMPORT_ROLLBACK_COMPLETE", "create_change_set UPDATE", None),
];

#[test]
fn from_every_status_a_deployment_takes_a_legal_step_or_explains() {
    for status in Status::ALL {
        let row = DEPLOY.iter().find(|(name, ..)| *name == status.name());
        let (name, first, stop) = row.unwrap_or_else(|| panic!("{status} is not in the table"));
        let world = World::with(name, &topic("old"));
        let run = Run::of(&world, &topic("new"));
        let result = run.deploy();
        assert_eq!(
            world.acts().first().map_or("", String::as_str),
            *first,
            "{name}"
        );
        assert_eq!(
            result.as_ref().err().map(|problem| problem.kind),
            *stop,
            "{name}: {result:?}"
        );
        if let Err(problem) = &result {
            let is_named = problem.message.contains(name) || problem.kind == Kind::Refused;
            assert!(is_named && !problem.help.is_empty(), "{name}: {problem:?}");
            assert_eq!(world.status().as_deref(), Some(*name));
        } else {
            assert!(
                ["CREATE_COMPLETE", "UPDATE_COMPLETE"].contains(&world.status().unwrap().as_str()),
                "{name}"
            );
        }
    }
}

#[test]
fn a_status_of_the_future_is_left_alone() {
    let world = World::with("HALF_MELTED", &topic("old"));
    let problem = Run::of(&world, &topic("new")).deploy().unwrap_err();
    assert!(problem.message.contains("HALF_MELTED"), "{problem:?}");
    assert!(world.acts().is_empty());
}

#[test]
fn from_every_status_with_patience_an_operation_under_way_is_waited_for() {
    for (status, ..) in DEPLOY
        .iter()
        .filter(|(status, ..)| Status::named(status).is_moving())
    {
        let world = World::with(status, &topic("old"));
        world.move_to(status, "somebody-else");
        let mut run = Run::of(&world, &topic("new"));
        run.options.wait = true;
        let done = run.deploy();
        assert!(done.is_ok(), "{status}: {done:?}");
        assert_eq!(world.calls("execute_change_set"), 1, "{status}");
    }
}

#[test]
fn from_every_status_a_deletion_takes_a_legal_step_or_explains() {
    for status in Status::ALL {
        let world = World::with(status.name(), &topic("old"));
        let mut run = Run::of(&world, &topic("old"));
        run.options.yes = true;
        let result = run.end(Verb::Destroy);
        let acts = world.acts();
        match status.name() {
            "DELETE_IN_PROGRESS" => {
                assert_eq!((result.unwrap().outcome, acts.len()), (Outcome::Deleted, 0));
            }
            "DELETE_COMPLETE" => {
                assert_eq!((result.unwrap().outcome, acts.len()), (Outcome::Absent, 0));
            }
            name if status.is_moving() => {
                assert_eq!(
                    (result.unwrap_err().kind, acts.len()),
                    (Kind::Busy, 0),
                    "{name}"
                );
            }
            name => {
                assert_eq!(result.unwrap().outcome, Outcome::Deleted, "{name}");
                assert_eq!(acts, ["delete_stack"], "{name}");
                assert_eq!(world.status(), None, "{name}");
            }
        }
    }
}

#[test]
fn a_rollback_goes_on_without_what_hinders_it() {
    let world = World::with("UPDATE_ROLLBACK_FAILED", &topic("old"));
    let mut run = Run::of(&world, &topic("old"));
    run.options.skip = vec!["Stuck".to_owned(), "Other".to_owned()];
    assert!(run.end(Verb::Rollback).is_ok());
    assert_eq!(world.acts(), ["continue_rollback Stuck,Other"]);
    assert_eq!(world.status().as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    let again = run.end(Verb::Rollback).unwrap_err();
    assert_eq!(again.kind, Kind::Usage);
}

#[test]
fn only_an_update_can_be_cancelled() {
    let world = World::with("UPDATE_IN_PROGRESS", &topic("old"));
    world.move_to("UPDATE_IN_PROGRESS", "somebody-else");
    assert!(Run::of(&world, &topic("old")).end(Verb::Cancel).is_ok());
    assert_eq!(
        (world.acts(), world.status().as_deref()),
        (
            vec!["cancel_update".to_owned()],
            Some("UPDATE_ROLLBACK_COMPLETE")
        )
    );
    for status in Status::ALL
        .iter()
        .filter(|status| status.name() != "UPDATE_IN_PROGRESS")
    {
        let world = World::with(status.name(), &topic("old"));
        let problem = Run::of(&world, &topic("old"))
            .end(Verb::Cancel)
            .unwrap_err();
        assert_eq!(
            (problem.kind, world.acts().len()),
            (Kind::Usage, 0),
            "{status}"
        );
    }
}

#[test]
fn what_is_as_it_should_be_costs_two_reads() {
    let world = World::with("UPDATE_COMPLETE", &topic("same"));
    let done = Run::of(&world, &topic("same")).deploy().unwrap();
    assert_eq!(done.outcome, Outcome::Unchanged);
    assert_eq!(*world.log.borrow(), ["stack", "template"]);
}

#[test]
fn a_template_that_reads_elsewhere_is_never_taken_for_unchanged() {
    let mut template = topic("same");
    template["Resources"]["News"]["Properties"]["DisplayName"] =
        json!({ "Fn::GetStackOutput": { "StackName": "Other" } });
    let world = World::with("UPDATE_COMPLETE", &template);
    *world.refusal.borrow_mut() = "The submitted information didn't contain changes.".to_owned();
    let done = Run::of(&world, &template).deploy().unwrap();
    assert_eq!(done.outcome, Outcome::Unchanged);
    // The change set is gone again, the stack is not.
    assert_eq!(
        world.acts(),
        ["create_change_set UPDATE", "delete_change_set"]
    );
}

#[test]
fn a_failed_update_is_rolled_back_first_when_that_is_approved() {
    let world = World::with("UPDATE_FAILED", &topic("old"));
    let mut run = Run::of(&world, &topic("new"));
    run.options.yes = true;
    assert_eq!(run.deploy().unwrap().outcome, Outcome::Updated);
    assert_eq!(
        world.acts(),
        ["rollback", "create_change_set UPDATE", "execute_change_set"]
    );
}
