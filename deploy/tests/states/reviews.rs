//! What is shown before it happens, and what is refused.

use cloudwright_deploy::cloud::{Finding, PlannedChange, StackResource};
use cloudwright_deploy::event::{Consent, Event};
use cloudwright_deploy::fault::Class;
use cloudwright_deploy::problem::Kind;
use cloudwright_deploy::review::{Approval, Review};
use serde_json::{Value, json};

use crate::fake::{Run, World, names, topic};

/// A queue, which holds data, next to something else that changes.
fn queue(policy: &str, delay: u32) -> Value {
    json!({ "Resources": { "Jobs": { "Type": "AWS::SQS::Queue", "UpdateReplacePolicy": policy, "DeletionPolicy": policy,
        "Properties": { "DelaySeconds": delay } } } })
}

fn change(id: &str, action: &str, policy: &str, replacement: &str) -> PlannedChange {
    PlannedChange {
        id: id.to_owned(),
        kind: "AWS::SQS::Queue".to_owned(),
        action: action.to_owned(),
        policy: policy.to_owned(),
        replacement: replacement.to_owned(),
        ..PlannedChange::default()
    }
}

fn review(run: &Run) -> Review {
    let events = run.person.events.borrow();
    let planned = events.iter().find_map(|event| match event {
        Event::Planned(review) => Some((**review).clone()),
        _ => None,
    });
    planned.expect("the changes are shown")
}

#[test]
fn the_changes_of_all_pages_are_shown() {
    let world = World::with("CREATE_COMPLETE", &topic("old"));
    let changes = (0..7).map(|n| change(&format!("Jobs{n}"), "Modify", "", "False"));
    *world.changes.borrow_mut() = changes.collect();
    let run = Run::of(&world, &topic("new"));
    let _ = run.deploy().unwrap();
    assert_eq!(review(&run).changes.len(), 7);
}

#[test]
fn data_that_cloudformation_would_lose_has_to_be_named() {
    // Policy of the template, action, policy action, replacement: whether data may be lost.
    let table = [
        ("Delete", "Modify", "ReplaceAndDelete", "True", true),
        ("Delete", "Modify", "ReplaceAndDelete", "Conditional", true),
        ("Retain", "Modify", "ReplaceAndDelete", "True", true),
        ("Delete", "Modify", "", "True", true),
        ("Delete", "Modify", "", "Conditional", true),
        ("Delete", "Remove", "Delete", "", true),
        ("Delete", "Modify", "ReplaceAndRetain", "True", false),
        ("Delete", "Modify", "ReplaceAndSnapshot", "True", false),
        ("Retain", "Modify", "", "Conditional", false),
        ("Delete", "Modify", "", "False", false),
        ("Delete", "Add", "", "", false),
    ];
    for (kept, action, policy, replacement, lost) in table {
        let row = format!("{kept} {action} {policy} {replacement}");
        let world = World::with("CREATE_COMPLETE", &queue(kept, 1));
        *world.changes.borrow_mut() = vec![change("Jobs", action, policy, replacement)];
        let mut run = Run::of(&world, &queue(kept, 2));
        (run.options.yes, run.options.approval) = (true, Approval::Never);
        let result = run.deploy();
        assert_eq!(result.is_err(), lost, "{row}: {result:?}");
        if let Err(problem) = result {
            assert_eq!(
                (problem.kind, world.calls("execute_change_set")),
                (Kind::Refused, 0),
                "{row}"
            );
            assert!(
                problem.help.contains("--allow-data-loss Jobs"),
                "{row}: {problem:?}"
            );
            assert_eq!(
                world.acts().last().map(String::as_str),
                Some("delete_change_set"),
                "{row}"
            );
            run.options.allow_data_loss = names(&["Jobs"]);
            assert!(run.deploy().is_ok(), "{row}");
        }
    }
}

/// From which changes on somebody is asked, by the levels of `--require-approval`.
#[test]
fn each_level_of_approval_asks_about_what_it_says() {
    let levels = ["never", "any-change", "broadening", "destructive"];
    let trust = json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" } }] });
    let role =
        json!({ "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": trust } });
    let mut wider = queue("Retain", 1);
    wider["Resources"]["Worker"] = role;
    let slower = queue("Retain", 2);
    let table = [
        (
            &slower,
            ("Modify", "", "False"),
            [false, true, false, false],
        ),
        (&wider, ("Add", "", ""), [false, true, true, false]),
        (
            &slower,
            ("Modify", "ReplaceAndRetain", "True"),
            [false, true, false, true],
        ),
        (
            &slower,
            ("Remove", "Retain", ""),
            [false, true, false, true],
        ),
    ];
    for (template, (action, policy, replacement), asks) in table {
        for (level, asks) in levels.into_iter().zip(asks) {
            let world = World::with("CREATE_COMPLETE", &queue("Retain", 1));
            *world.changes.borrow_mut() = vec![change("Jobs", action, policy, replacement)];
            let mut run = Run::of(&world, template);
            run.options.approval = Approval::named(level).unwrap();
            let kind = run.deploy().err().map(|problem| problem.kind);
            let expected = asks.then_some(Kind::Refused);
            assert_eq!(kind, expected, "{action} {policy} {replacement}: {level}");
        }
    }
}

#[test]
fn who_is_asked_and_declines_leaves_no_change_set_and_no_shell() {
    for (answer, said) in [
        (Consent::No, "was declined"),
        (Consent::Nobody, "there is nobody to ask"),
    ] {
        let world = std::rc::Rc::new(World::default());
        let mut run = Run::of(&world, &topic("new"));
        (run.options.approval, run.person.answer) = (Approval::AnyChange, answer);
        let problem = run.deploy().unwrap_err();
        assert_eq!(problem.kind, Kind::Refused);
        assert!(problem.message.contains(said), "{problem:?}");
        assert_eq!((world.status(), world.sets.borrow().len()), (None, 0));
    }
}

#[test]
fn early_findings_name_the_resource_and_without_the_right_to_read_them_the_reason_stays() {
    let finding = |id: &str, is_warning| Finding {
        resource: id.to_owned(),
        check: "NAME_CONFLICT_VALIDATION".to_owned(),
        reason: "is taken".to_owned(),
        path: "/Properties/TopicName".to_owned(),
        is_warning,
    };
    for denied in [false, true] {
        let world = World::with("CREATE_COMPLETE", &topic("old"));
        *world.refusal.borrow_mut() = "Validation failed".to_owned();
        *world.findings.borrow_mut() = vec![finding("Careful", true), finding("News", false)];
        if denied {
            world.fail("findings", Class::Denied, 1);
        }
        let problem = Run::of(&world, &topic("new")).deploy().unwrap_err();
        assert_eq!(problem.kind, Kind::Failed);
        let told = if denied {
            "Validation failed"
        } else {
            "News/Properties/TopicName: is taken"
        };
        assert!(problem.message.ends_with(told), "{problem:?}");
        let checks: Vec<_> = problem.causes.iter().map(|cause| &*cause.status).collect();
        let both = [
            "NAME_CONFLICT_VALIDATION",
            "NAME_CONFLICT_VALIDATION (warning)",
        ];
        assert_eq!(checks, if denied { &[][..] } else { &both });
        assert_eq!(
            world.acts().last().map(String::as_str),
            Some("delete_change_set")
        );
    }
}

#[test]
fn what_a_failed_attempt_keeps_is_told_and_asked_about() {
    let world = World::with("ROLLBACK_COMPLETE", &topic("old"));
    *world.retained.borrow_mut() = vec![StackResource {
        id: "Kept".to_owned(),
        physical_id: "kept-bucket".to_owned(),
        kind: "AWS::S3::Bucket".to_owned(),
        status: "DELETE_SKIPPED".to_owned(),
        reason: None,
    }];
    let run = Run::of(&world, &topic("new"));
    let problem = run.deploy().unwrap_err();
    assert_eq!((problem.kind, world.acts().len()), (Kind::Refused, 0));
    let mut run = Run::of(&world, &topic("new"));
    run.options.yes = true;
    assert!(run.deploy().is_ok());
    let said = |event: &Event| matches!(event, Event::Cleaning { kept, .. } if kept == &["Kept"]);
    assert!(run.person.events.borrow().iter().any(said));
}
