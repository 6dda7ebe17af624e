//! Operations: which is meant, what it is handed, and what comes of it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use cloudwright_deploy::cloud::Clock;
use cloudwright_deploy::fault::Class;
use cloudwright_deploy::operation::Operation;
use cloudwright_deploy::problem::Problem;
use cloudwright_deploy::running::operation::{Outcome, event, find, of_construct, run, with_word};
use cloudwright_deploy::running::services::{Answer, Execution};
use serde_json::{Value, json};

use crate::fake::{Fast, World, soon};

const FUNCTION: (&str, &str) = ("AWS::Lambda::Function", "rebuild");
const MACHINE: (&str, &str) = ("AWS::StepFunctions::StateMachine", "arn:machine");

fn operation(construct: &str, name: &str) -> Operation {
    Operation {
        construct: construct.to_owned(),
        name: name.to_owned(),
        summary: String::new(),
        read_only: false,
        stack: "Prod".to_owned(),
        ids: vec!["F".to_owned()],
        kind: FUNCTION.0.to_owned(),
        member: None,
        argument: None,
        payload: None,
    }
}

fn all() -> Vec<Operation> {
    vec![
        operation("Prod/Files", "reconcile"),
        operation("Prod/PyPI", "reload"),
        operation("Prod/PyPI/Index", "reload"),
        operation("Prod/Old/A", "reload"),
        operation("Prod/Old/B", "reload"),
    ]
}

#[test]
fn an_operation_is_found_at_its_construct_or_the_only_one_below() {
    let all = all();
    let found =
        |construct: &str, name: &str| find(&all, construct, name).map(|one| one.construct.clone());
    assert_eq!(found("Prod/Files", "reconcile").unwrap(), "Prod/Files");
    assert_eq!(found("Prod/PyPI", "reload").unwrap(), "Prod/PyPI");
    assert_eq!(found("Prod", "reconcile").unwrap(), "Prod/Files");
    assert_eq!(of_construct(&all, "Prod/PyPI").len(), 2);
    assert_eq!(of_construct(&all, "").len(), 5);
    let said = |construct: &str, name: &str| {
        let Problem { message, help, .. } = found(construct, name).unwrap_err();
        format!("{message}; {help}")
    };
    let table = [
        (
            "Prod/Old",
            "reload",
            "\"Prod/Old\" has more than one operation \"reload\"; name one of Prod/Old/A, Prod/Old/B",
        ),
        (
            "Prod/Files",
            "reconile",
            "\"Prod/Files\" has no operation \"reconile\"; did you mean \"reconcile\"?",
        ),
        (
            "Prod/Files",
            "status",
            "\"Prod/Files\" has no operation \"status\"; it has reconcile",
        ),
        (
            "Prod/Fils",
            "reload",
            "\"Prod/Fils\" has no operations; did you mean \"Prod/Files\"? `run` alone lists all",
        ),
        (
            "Index",
            "reload",
            "\"Index\" has no operations; did you mean \"Prod/PyPI/Index\"? `run` alone lists all",
        ),
    ];
    for (construct, name, expected) in table {
        assert_eq!(said(construct, name), expected);
    }
    let none = find(&[], "Prod", "reload").unwrap_err();
    assert_eq!(none.help, "no construct of this app declares any");
}

#[test]
fn a_payload_is_checked_and_put_into_its_member() {
    let mut reload = operation("Prod/PyPI", "reload");
    assert_eq!(event(&reload, None).unwrap(), json!({}));
    let refused = event(&reload, Some(json!({}))).unwrap_err();
    assert_eq!(refused.message, "reload takes no payload");
    reload.member = Some("rebuild".to_owned());
    reload.payload = Some(
        json!({ "type": "object", "properties": { "from": { "type": "string" } },
        "additionalProperties": false }),
    );
    assert_eq!(event(&reload, None).unwrap(), json!({ "rebuild": {} }));
    let handed = event(&reload, Some(json!({ "from": "six" }))).unwrap();
    assert_eq!(handed, json!({ "rebuild": { "from": "six" } }));
    let refused = event(&reload, Some(json!({ "form": "six" }))).unwrap_err();
    assert_eq!(
        (&*refused.message, &*refused.help),
        (
            "reload cannot take this payload: `form` is not a known member, did you mean \"from\"?",
            "it takes {\"from\": a text, optional}"
        )
    );
}

#[test]
fn a_plain_word_is_the_member_that_the_operation_declares() {
    let mut status = operation("Prod/Files", "status");
    let said = |operation: &Operation, word: &str, payload: Option<Value>| {
        let payload = with_word(operation, word, payload);
        payload.map_err(|problem| format!("{}; {}", problem.message, problem.help))
    };
    let none = said(&status, "a.txt", None).unwrap_err();
    assert_eq!(
        none,
        "status takes no argument, got \"a.txt\"; leave it out"
    );
    let text = json!({ "type": ["string", "null"] });
    let number = json!({ "type": "integer" });
    status.payload =
        Some(json!({ "type": "object", "properties": { "key": text, "count": number } }));
    let none = said(&status, "a.txt", None).unwrap_err();
    assert_eq!(
        none,
        "status takes no argument, got \"a.txt\"; hand it over with `--payload`"
    );
    status.argument = Some("key".to_owned());
    // A text stays one, whatever it looks like.
    for word in ["a.txt", "7", "null", "{}", ""] {
        assert_eq!(said(&status, word, None), Ok(json!({ "key": word })));
    }
    let both = said(&status, "a", Some(json!({ "count": 1 })));
    assert_eq!(both, Ok(json!({ "key": "a", "count": 1 })));
    let twice = said(&status, "a", Some(json!({ "key": "b" }))).unwrap_err();
    assert_eq!(
        twice,
        "key was said twice: as \"a\" and in the payload; say it once"
    );
    assert!(said(&status, "a", Some(json!([]))).is_err());
    status.argument = Some("count".to_owned());
    assert_eq!(said(&status, "7", None), Ok(json!({ "count": 7 })));
    // What does not fit is told as of any payload.
    let wrong = said(&status, "many", None).unwrap();
    let refused = event(&status, Some(wrong)).unwrap_err().message;
    assert!(
        refused.contains("`count`") && refused.contains("many"),
        "{refused}"
    );
}

fn ask(
    world: &Rc<World>,
    clock: &Fast,
    target: (&str, &str),
) -> Result<(Outcome, Vec<String>), Problem> {
    let begun = RefCell::new(Vec::new());
    let tell = |execution: &str| begun.borrow_mut().push(execution.to_owned());
    let event = json!({ "a": 1 });
    let outcome = soon(run(
        &world.services(),
        clock,
        target,
        &event,
        ("token", &tell),
    ))?;
    Ok((outcome, begun.into_inner()))
}

fn answering(error: Option<&str>, payload: Value) -> Rc<World> {
    let world = World::with(&[]);
    let log = "START\nEND\n".to_owned();
    *world.answer.borrow_mut() = Answer {
        error: error.map(str::to_owned),
        payload,
        log,
    };
    world
}

#[test]
fn a_function_is_called_once_and_its_error_is_told_with_its_type() {
    let world = answering(None, json!({ "files": 3 }));
    let (outcome, _) = ask(&world, &Fast::default(), FUNCTION).unwrap();
    assert_eq!(outcome, Outcome::Done(json!({ "files": 3 })));
    assert_eq!(world.acts(), ["invoke rebuild {\"a\":1}"]);

    let answer = json!({ "errorType": "TimeOver", "errorMessage": "go on from six" });
    let world = answering(Some("Unhandled"), answer.clone());
    let (outcome, _) = ask(&world, &Fast::default(), FUNCTION).unwrap();
    let (error, message) = ("TimeOver".to_owned(), "go on from six".to_owned());
    let log = "START\nEND\n".to_owned();
    assert_eq!(
        outcome,
        Outcome::Failed {
            error,
            message,
            answer,
            log
        }
    );
    // A runtime that says nothing.
    let (outcome, _) = ask(
        &answering(Some("Unhandled"), Value::Null),
        &Fast::default(),
        FUNCTION,
    )
    .unwrap();
    assert!(matches!(outcome, Outcome::Failed { error, .. } if error == "Unhandled"));
}

#[test]
fn a_call_that_may_have_begun_is_not_made_again() {
    let world = answering(None, json!(1));
    world.fail("invoke", &[Some(Class::Throttled), Some(Class::Throttled)]);
    assert!(ask(&world, &Fast::default(), FUNCTION).is_ok());
    world.fail("invoke", &[Some(Class::Unreachable)]);
    let problem = ask(&world, &Fast::default(), FUNCTION).unwrap_err();
    assert!(problem.message.contains("invoke"), "{problem}");
    assert_eq!(world.acts().len(), 1);
}

#[test]
fn a_queue_gets_a_message_and_a_fifo_queue_its_group() {
    let world = World::with(&[]);
    for (queue, sent) in [
        ("https://sqs/1/jobs", "send https://sqs/1/jobs {\"a\":1}"),
        (
            "https://sqs/1/jobs.fifo",
            "send https://sqs/1/jobs.fifo {\"a\":1} cloudwright/token",
        ),
    ] {
        let (outcome, _) = ask(&world, &Fast::default(), ("AWS::SQS::Queue", queue)).unwrap();
        assert_eq!(outcome, Outcome::Sent);
        assert_eq!(world.acts().last().unwrap(), sent);
    }
}

fn execution(status: &str) -> Execution {
    Execution {
        status: status.to_owned(),
        ..Execution::default()
    }
}

#[test]
fn a_state_machine_is_followed_for_hours_through_lost_answers() {
    let (world, clock) = (World::with(&[]), Fast::default());
    let mut looks = vec![execution("RUNNING"); 5_000];
    looks.push(Execution {
        output: json!([{ "looked": 9 }]),
        ..execution("SUCCEEDED")
    });
    *world.executions.borrow_mut() = looks.into();
    world.fail(
        "execution",
        &[None, Some(Class::Unreachable), Some(Class::Throttled)],
    );
    let (outcome, begun) = ask(&world, &clock, MACHINE).unwrap();
    assert_eq!(outcome, Outcome::Done(json!([{ "looked": 9 }])));
    assert_eq!(begun, ["execution:1"]);
    assert_eq!(world.acts(), ["start arn:machine {\"a\":1}"]);
    assert!(clock.now() > Duration::from_secs(6 * 3600));
}

#[test]
fn an_execution_that_fails_tells_its_error_and_cause() {
    let world = World::with(&[]);
    let failed = Execution {
        error: Some("SomeFailed".to_owned()),
        cause: Some("the log says which".to_owned()),
        ..execution("FAILED")
    };
    *world.executions.borrow_mut() = [failed, execution("ABORTED")].into();
    let told = || match ask(&world, &Fast::default(), MACHINE).unwrap().0 {
        Outcome::Failed { error, message, .. } => (error, message),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        told(),
        ("SomeFailed".to_owned(), "the log says which".to_owned())
    );
    assert_eq!(told().0, "ABORTED");
}

#[test]
fn a_resource_that_nothing_is_known_about_is_told() {
    let problem = ask(
        &World::with(&[]),
        &Fast::default(),
        ("AWS::S3::Bucket", "b"),
    )
    .unwrap_err();
    assert!(
        problem.message.contains("AWS::S3::Bucket cannot be run"),
        "{problem}"
    );
}

#[test]
fn an_execution_of_an_express_machine_is_started_and_let_be() {
    let world = World::with(&[]);
    *world.started.borrow_mut() = "arn:aws:states:eu-central-1:1:express:m:1:2".to_owned();
    let (outcome, begun) = ask(&world, &Fast::default(), MACHINE).unwrap();
    assert_eq!(outcome, Outcome::Started(begun[0].clone()));
    assert_eq!(outcome.name(), "started");
}
