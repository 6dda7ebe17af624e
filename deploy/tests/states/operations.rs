//! Operations that take long, get lost, are interrupted, or belong to somebody else.

use std::collections::BTreeSet;
use std::time::Duration;

use cloudwright_deploy::event::{Event, Outcome};
use cloudwright_deploy::fault::Class;
use cloudwright_deploy::problem::Kind;
use cloudwright_deploy::status::Status;
use serde_json::{Value, json};

use crate::fake::{Fate, Run, Verb, World, topic};

/// An update from one template to another.
fn update() -> (std::rc::Rc<World>, Run) {
    let world = World::with("CREATE_COMPLETE", &topic("old"));
    let run = Run::of(&world, &topic("new"));
    (world, run)
}

#[test]
fn hours_are_waited_for_at_a_slow_pace() {
    let (world, run) = update();
    world.fate.borrow_mut().looks = 3_000;
    assert_eq!(run.deploy().unwrap().outcome, Outcome::Updated);
    let hours = run.clock.passed.get().as_secs_f64() / 3600.0;
    assert!((4.0..4.3).contains(&hours), "{hours}");
    // Two requests for each look.
    assert!(
        world.log.borrow().len() < 6_100,
        "{}",
        world.log.borrow().len()
    );
}

#[test]
fn throttling_never_fails_a_deployment() {
    for operation in [
        "stack",
        "template",
        "create_change_set",
        "change_set",
        "execute_change_set",
        "events",
    ] {
        let (world, run) = update();
        world.fail(operation, Class::Throttled, 9);
        assert_eq!(
            run.deploy().unwrap().outcome,
            Outcome::Updated,
            "{operation}"
        );
        assert!(
            run.clock.passed.get() > Duration::from_secs(40),
            "{operation}"
        );
        assert_eq!(
            world.status().as_deref(),
            Some("UPDATE_COMPLETE"),
            "{operation}"
        );
    }
}

#[test]
fn a_lost_answer_makes_no_second_operation() {
    for operation in ["create_change_set", "execute_change_set"] {
        let (world, run) = update();
        world.lose(operation);
        let done = run.deploy().unwrap();
        assert_eq!(done.outcome, Outcome::Updated, "{operation}");
        let begun = world
            .events
            .borrow()
            .iter()
            .filter(|event| event.status == "UPDATE_IN_PROGRESS")
            .count();
        assert_eq!(begun, 1, "{operation}");
    }
}

#[test]
fn an_interrupted_run_is_followed_by_the_next_one() {
    let (world, mut run) = update();
    world.fate.borrow_mut().looks = 50;
    run.clock.stops_after = 10;
    assert!(run.until_interrupted(crate::fake::Verb::Deploy).is_none());
    assert_eq!(world.status().as_deref(), Some("UPDATE_IN_PROGRESS"));

    let again = Run::of(&world, &topic("new"));
    assert_eq!(again.deploy().unwrap().outcome, Outcome::Updated);
    assert_eq!(world.calls("execute_change_set"), 1);
    let attached = |event: &Event| matches!(event, Event::Attached { ours: true, .. });
    assert!(again.person.events.borrow().iter().any(attached));
    // Everything that happened is told, also what happened before.
    let told = |event: &Event| matches!(event, Event::Resource { event, .. } if event.status == "UPDATE_IN_PROGRESS");
    assert!(again.person.events.borrow().iter().any(told));
}

#[test]
fn an_operation_for_another_content_is_left_alone_and_named() {
    let (world, mut run) = update();
    world.fate.borrow_mut().looks = 50;
    run.clock.stops_after = 5;
    assert!(run.until_interrupted(crate::fake::Verb::Deploy).is_none());
    let acts = world.acts().len();
    let problem = Run::of(&world, &topic("newest")).deploy().unwrap_err();
    assert_eq!((problem.kind, world.acts().len()), (Kind::Busy, acts));
    let token = world
        .events
        .borrow()
        .last()
        .and_then(|event| event.token.clone())
        .unwrap();
    assert!(problem.message.contains(&token), "{problem:?}");
    assert!(
        problem.message.contains("2026-01-01T00:00:00Z"),
        "{problem:?}"
    );
}

/// Another run of the same content executes the change set at every moment at which it can.
#[test]
fn a_run_of_the_same_content_that_was_quicker_is_followed() {
    for moment in ["create_change_set", "change_set", "execute_change_set"] {
        for shell in [None, Some("REVIEW_IN_PROGRESS")] {
            let world = shell.map_or_else(World::empty, |status| World::with(status, &topic("")));
            let run = Run::of(&world, &topic("new"));
            *world.others.borrow_mut() = Some((moment, 1, |world| {
                let other = Run::of(&World::empty(), &topic("new"));
                assert!(other.deploy().is_ok());
                let name = other.world.ordered.borrow()[0].name.clone();
                // Every change set of the stack goes with the one that is executed.
                world.sets.borrow_mut().clear();
                let shell = World::with("REVIEW_IN_PROGRESS", &topic("new"));
                world.stack.swap(&shell.stack);
                world.template.swap(&shell.template);
                world.move_to("CREATE_IN_PROGRESS", &name);
            }));
            let done = run.deploy().unwrap();
            assert_eq!(done.outcome, Outcome::Created, "{moment}, {shell:?}");
            let begun = |event: &&cloudwright_deploy::cloud::StackEvent| {
                event.status == "CREATE_IN_PROGRESS"
            };
            let events = world.events.borrow();
            assert_eq!(events.iter().filter(begun).count(), 1, "{moment}");
        }
    }
}

/// Somebody who deploys something else is named, and is not taken for an end of one's own.
#[test]
fn a_run_of_another_content_that_was_quicker_is_named() {
    for moment in ["create_change_set", "change_set", "execute_change_set"] {
        let (world, run) = update();
        *world.others.borrow_mut() = Some((moment, 1, |world| {
            world.sets.borrow_mut().clear();
            world.fate.borrow_mut().looks = 50;
            world.move_to("UPDATE_IN_PROGRESS", "somebody-else");
        }));
        let problem = run.deploy().unwrap_err();
        assert_eq!(problem.kind, Kind::Busy, "{moment}: {problem:?}");
        assert!(problem.message.contains("somebody-else"), "{problem:?}");
    }
}

/// The next operation of the stack begins before this run has looked again, and fails.
#[test]
fn an_end_counts_though_somebody_else_has_gone_on_since() {
    let (world, run) = update();
    *world.others.borrow_mut() = Some(("events", 2, |world| {
        *world.fate.borrow_mut() = Fate {
            looks: 50,
            end: "UPDATE_ROLLBACK_COMPLETE",
            told: Vec::new(),
        };
        world.move_to("UPDATE_IN_PROGRESS", "somebody-else");
    }));
    assert_eq!(run.deploy().unwrap().outcome, Outcome::Updated);
    assert!(run.clock.sleeps.get() < 5, "{}", run.clock.sleeps.get());
}

/// The events of a rollback that somebody asked for have that request's token.
#[test]
fn an_update_that_somebody_cancels_ends_with_its_rollback() {
    let (world, run) = update();
    *world.others.borrow_mut() = Some(("events", 1, |world| {
        world.move_to("UPDATE_ROLLBACK_IN_PROGRESS", "somebody-else");
    }));
    let problem = run.deploy().unwrap_err();
    assert_eq!(problem.status, Some(Status::UpdateRollbackComplete));
    assert!(run.clock.sleeps.get() < 5, "{}", run.clock.sleeps.get());
}

#[test]
fn an_interruption_before_the_execution_leaves_a_change_set_that_is_taken_up() {
    let (world, run) = update();
    world.fail("execute_change_set", Class::Credentials, 1);
    let problem = run.deploy().unwrap_err();
    assert!(
        problem.help.contains("goes on where it stopped"),
        "{problem:?}"
    );
    assert_eq!(world.status().as_deref(), Some("CREATE_COMPLETE"));
    assert_eq!(
        Run::of(&world, &topic("new")).deploy().unwrap().outcome,
        Outcome::Updated
    );
    assert_eq!(
        world
            .events
            .borrow()
            .iter()
            .filter(|event| event.status == "UPDATE_IN_PROGRESS")
            .count(),
        1
    );
}

#[test]
fn the_first_failure_is_the_cause_and_what_was_cancelled_is_not() {
    let (world, run) = update();
    *world.fate.borrow_mut() = Fate {
        looks: 2,
        end: "UPDATE_ROLLBACK_COMPLETE",
        told: vec![
            ("News", "UPDATE_FAILED", "Resource update cancelled"),
            ("Jobs", "CREATE_FAILED", "the first"),
            ("Late", "CREATE_FAILED", "the second"),
            ("Fine", "CREATE_COMPLETE", ""),
        ],
    };
    let problem = run.deploy().unwrap_err();
    let causes: Vec<_> = problem.causes.iter().map(|cause| &*cause.id).collect();
    assert_eq!(causes, ["Jobs", "Late"]);
    assert_eq!(
        problem.message,
        "the update of Mail (000000000000, eu-central-1) failed: Jobs: the first"
    );
    assert_eq!(
        problem.status.map(|status| status.to_string()).as_deref(),
        Some("UPDATE_ROLLBACK_COMPLETE")
    );
}

/// A custom resource that a function of the stack makes, and a queue.
fn index() -> Value {
    json!({ "Resources": {
        "Jobs": { "Type": "AWS::SQS::Queue" },
        "Maker": { "Type": "AWS::Lambda::Function" },
        "Index": { "Type": "Custom::Index", "Properties": { "ServiceToken": { "Fn::GetAtt": ["Maker", "Arn"] } } },
    } })
}

#[test]
fn what_a_custom_resource_logged_last_is_told_with_its_failure() {
    let (world, mut run) = update();
    run.template = index();
    let said = |last: &str| {
        let lines = (0..12).map(|n| format!("line {n}\n"));
        let frame = [
            "START RequestId: 1\n",
            last,
            "END RequestId: 1\n",
            "REPORT RequestId: 1\tDuration: 2 ms\n",
        ];
        lines.chain(frame.map(str::to_owned)).collect::<Vec<_>>()
    };
    let lines = [(
        "/aws/lambda/Mail-Maker-1".to_owned(),
        said("KeyError: 'pages'\n  of none\n"),
    )];
    world.lines.borrow_mut().extend(lines);
    world.fate.borrow_mut().end = "UPDATE_ROLLBACK_COMPLETE";
    world.fate.borrow_mut().told = vec![
        ("Maker", "CREATE_COMPLETE", ""),
        ("Index", "CREATE_IN_PROGRESS", ""),
        (
            "Index",
            "CREATE_FAILED",
            "See the details in CloudWatch Log Stream: 1",
        ),
        ("Jobs", "UPDATE_FAILED", "Resource update cancelled"),
    ];
    let problem = run.deploy().unwrap_err();
    let [cause] = &problem.causes[..] else {
        panic!("{problem:?}")
    };
    let mut told: Vec<_> = (4..12).map(|n| format!("line {n}")).collect();
    told.extend(["KeyError: 'pages'".to_owned(), "  of none".to_owned()]);
    assert_eq!((&*cause.id, &cause.log), ("Index", &told));
    // It is asked for since a little before the resource was begun with, and once.
    let asked: BTreeSet<_> = world
        .log
        .borrow()
        .iter()
        .filter(|call| call.starts_with("log "))
        .cloned()
        .collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
}

#[test]
fn a_log_that_comes_late_is_read_at_the_end_and_one_that_may_not_be_read_is_no_failure_of_its_own()
{
    let (world, mut run) = update();
    run.template = index();
    run.template["Resources"]["Index"]["Properties"]["ServiceToken"] =
        json!("arn:aws:lambda:eu-central-1:000000000000:function:shared");
    let fate = || Fate {
        looks: 2,
        end: "UPDATE_ROLLBACK_COMPLETE",
        told: vec![
            ("Index", "CREATE_FAILED", "no answer"),
            ("Jobs", "UPDATE_FAILED", "no such delay"),
        ],
    };
    *world.fate.borrow_mut() = fate();
    *world.others.borrow_mut() = Some(("log", 2, |world| {
        let lines = vec!["Task timed out after 3.00 seconds\n".to_owned()];
        world
            .lines
            .borrow_mut()
            .insert("/aws/lambda/shared".to_owned(), lines);
    }));
    let problem = run.deploy().unwrap_err();
    let logs: Vec<_> = problem
        .causes
        .iter()
        .map(|cause| (&*cause.id, cause.log.len()))
        .collect();
    assert_eq!(logs, [("Index", 1), ("Jobs", 0)]);

    let (world, mut run) = update();
    run.template = index();
    *world.fate.borrow_mut() = fate();
    world.fail("log", Class::Denied, 9);
    let problem = run.deploy().unwrap_err();
    assert_eq!(problem.causes.len(), 2);
    assert!(
        problem.message.ends_with("failed: Index: no answer"),
        "{problem}"
    );
}

#[test]
fn events_of_many_pages_are_told_once_each_and_those_of_before_are_not() {
    let (world, run) = update();
    for _ in 0..7 {
        world.tell("News", "CREATE_COMPLETE", "", "long-ago");
    }
    world.fate.borrow_mut().told = vec![("A", "UPDATE_COMPLETE", ""); 9];
    let _ = run.deploy().unwrap();
    let events = run.person.events.borrow();
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Resource { event, .. } => Some(&*event.id),
            _ => None,
        })
        .collect();
    let all: Vec<String> = world.events.borrow()[7..]
        .iter()
        .map(|event| event.id.clone())
        .collect();
    assert_eq!(told, all);
}

/// A look may show what was before the operation, though its events have told the end.
#[test]
fn the_end_that_the_events_tell_is_not_overruled_by_an_old_look() {
    let (world, run) = update();
    world.stale.set(3);
    *world.fate.borrow_mut() = Fate {
        looks: 1,
        end: "UPDATE_ROLLBACK_COMPLETE",
        told: vec![("News", "UPDATE_FAILED", "no such display name")],
    };
    let problem = run.deploy().unwrap_err();
    assert_eq!(
        problem.status.as_ref().map(ToString::to_string).as_deref(),
        Some("UPDATE_ROLLBACK_COMPLETE")
    );
    assert_eq!(problem.causes[0].reason, "no such display name");
}

#[test]
fn a_token_that_was_used_for_something_else_is_refused() {
    let world = World::with("CREATE_COMPLETE", &topic("old"));
    assert!(world.claim("delete_stack", "", "t").is_ok());
    assert!(world.claim("delete_stack", "", "t").is_ok());
    let fault = world.claim("delete_stack", "Jobs", "t").unwrap_err();
    assert_eq!(fault.code, "TokenAlreadyExistsException");
}

/// The buckets would be empty, and the stack still there.
#[test]
fn a_stack_whose_export_is_used_is_not_begun_with() {
    let (world, mut run) = update();
    run.options.yes = true;
    if let Some(stack) = &mut *world.stack.borrow_mut() {
        stack.exports = vec!["Mail:News".to_owned()];
    }
    *world.importers.borrow_mut() = vec!["Reader".to_owned()];
    let problem = run.end(Verb::Destroy).unwrap_err();
    assert!(
        problem
            .message
            .ends_with("its export Mail:News is used by Reader"),
        "{problem}"
    );
    assert_eq!(world.acts(), ["importers Mail:News"]);
    world.importers.borrow_mut().clear();
    assert_eq!(run.end(Verb::Destroy).unwrap().outcome, Outcome::Deleted);
}
