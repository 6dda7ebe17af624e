//! What was given up: found, shown, and put back to work without a loss.

use std::fs;
use std::rc::Rc;

use cloudwright_deploy::assembly::Assembly;
use cloudwright_deploy::fault::Class;
use cloudwright_deploy::problem::Problem;
use cloudwright_deploy::running::letters::{Record, What, look, queues};
use cloudwright_deploy::running::redrive::{Callees, Redriven, calls, dead_letters};
use cloudwright_deploy::running::services::Move;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fake::{Fast, World, soon};

/// A record as Lambda writes it.
fn record(function: &str, event: &Value) -> String {
    json!({
        "version": "1.0", "timestamp": "2026-01-01T00:00:00.000Z",
        "requestContext": { "requestId": "1", "functionArn": function, "condition": "RetriesExhausted",
            "approximateInvokeCount": 3 },
        "requestPayload": event,
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": { "errorMessage": "no such bucket", "errorType": "Missing" },
    })
    .to_string()
}

/// The ARN of a function beside the queue.
fn arn(name: &str) -> String {
    format!("arn:aws:lambda:eu-central-1:1:function:{name}:$LATEST")
}

fn redrive_to(world: &Rc<World>, more: &Callees<'_>) -> Result<Redriven, Problem> {
    let records = ["f", "g", "gone"].map(str::to_owned);
    let callees = Callees {
        queue: "arn:aws:sqs:eu-central-1:1:q",
        records: &records,
        ..*more
    };
    let tell = |_: &str, _: Result<&str, &str>| {};
    soon(calls(
        &world.services(),
        &Fast::default(),
        ("q", &callees),
        &tell,
    ))
}

fn redrive(world: &Rc<World>) -> Result<Redriven, Problem> {
    redrive_to(world, &Callees::default())
}

#[test]
fn a_record_is_told_from_everything_else() {
    let found = Record::read(&record("arn:f", &json!({ "n": 1 }))).unwrap();
    assert_eq!(
        (&*found.function, &*found.condition, found.calls),
        ("arn:f", "RetriesExhausted", 3)
    );
    assert_eq!(
        found.error,
        Some(("Missing".to_owned(), "no such bucket".to_owned()))
    );
    assert_eq!(found.event, json!({ "n": 1 }));
    for other in ["", "[]", "{}", "{\"requestContext\":{}}", "plain text"] {
        assert_eq!(Record::read(other), None, "{other}");
    }
}

#[test]
fn each_record_is_handed_to_its_function_and_then_deleted() {
    let bodies = [
        record(&arn("f"), &json!(1)),
        record(&arn("g"), &json!(2)),
        record(&arn("f"), &json!(3)),
    ];
    let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
    let world = World::with(&bodies);
    world.fail("later", &[None, Some(Class::Throttled)]);
    world.fail("receive", &[Some(Class::Unreachable)]);
    let done = redrive(&world).unwrap();
    assert_eq!(
        done,
        Redriven {
            moved: 3,
            kept: Vec::new()
        }
    );
    let acts = [
        "later arn:aws:lambda:eu-central-1:1:function:f:$LATEST 1",
        "delete r0",
        "later arn:aws:lambda:eu-central-1:1:function:g:$LATEST 2",
        "delete r1",
        "later arn:aws:lambda:eu-central-1:1:function:f:$LATEST 3",
        "delete r2",
    ];
    assert_eq!(world.acts(), acts);
    assert!(world.left().is_empty());
}

#[test]
fn what_a_function_refuses_stays_and_the_rest_goes_on() {
    let world = World::with(&[
        &record(&arn("gone"), &json!(1)),
        "no record",
        &record(&arn("f"), &json!(2)),
    ]);
    world.fail("later", &[Some(Class::Missing)]);
    let done = redrive(&world).unwrap();
    assert_eq!(done.moved, 1);
    let ids: Vec<_> = done.kept.iter().map(|(id, _)| &**id).collect();
    assert_eq!(ids, ["m0", "m1"]);
    assert_eq!(done.kept[1].1, "it is no call that was given up");
    assert_eq!(
        world.left(),
        [("m0".to_owned(), true), ("m1".to_owned(), true)]
    );
}

#[test]
fn expired_credentials_end_it_with_every_message_in_the_queue() {
    let bodies = [
        record(&arn("f"), &json!(1)),
        record(&arn("f"), &json!(2)),
        record(&arn("f"), &json!(3)),
    ];
    let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
    let world = World::with(&bodies);
    world.fail("later", &[None, Some(Class::Credentials)]);
    let problem = redrive(&world).unwrap_err();
    assert!(problem.help.contains("sign in again"), "{problem:?}");
    assert_eq!(
        world.left(),
        [("m1".to_owned(), true), ("m2".to_owned(), true)]
    );
    // A deletion that is refused loses nothing either: the call may be made twice.
    world.fail("later", &[]);
    world.fail("delete", &[Some(Class::Denied)]);
    assert!(redrive(&world).is_err());
    assert_eq!(world.left().len(), 2);
}

#[test]
fn calls_that_fail_again_are_for_the_next_time() {
    let world = World::with(&[&record(&arn("f"), &json!(1)), &record(&arn("f"), &json!(2))]);
    world.fails_again.set(true);
    let done = redrive(&world).unwrap();
    assert_eq!(done.moved, 2);
    assert_eq!(world.left().len(), 2);
    assert!(world.left().iter().all(|(_, visible)| *visible));
}

/// Gives a message what Lambda puts beside an event.
fn by_lambda(world: &World, at: usize) {
    let attributes = &mut world.queue.borrow_mut()[at].0.attributes;
    for name in ["RequestID", "ErrorCode", "ErrorMessage"] {
        attributes.insert(name.to_owned(), "1".to_owned());
    }
}

#[test]
fn only_what_lambda_gave_up_is_an_event() {
    let world = World::with(&["{\"n\":1}", "not JSON", "{\"order\":1}", "{\"order\":2}"]);
    [0, 1, 3].into_iter().for_each(|at| by_lambda(&world, at));
    // One queue for the dead letters of another and for the calls of a function.
    world.queue.borrow_mut()[3].0.source = Some("arn:jobs".to_owned());
    let to_resize = Callees {
        events: Some("resize"),
        ..Callees::default()
    };
    let done = redrive_to(&world, &to_resize).unwrap();
    assert_eq!(world.acts()[..2], ["later resize {\"n\":1}", "delete r0"]);
    assert_eq!(done.moved, 1);
    let why: Vec<_> = done.kept.iter().map(|(_, why)| &**why).collect();
    assert_eq!(
        why,
        [
            "it is no JSON, which a function takes",
            "it is no call that was given up",
            "it is a dead letter of arn:jobs, not a call",
        ]
    );
    assert_eq!(world.left().len(), 3);
}

#[test]
fn a_function_that_gives_nothing_up_here_is_not_called() {
    let elsewhere = "arn:aws:lambda:us-east-1:1:function:f:$LATEST";
    let theirs = "arn:aws:lambda:eu-central-1:2:function:f:$LATEST";
    let success = record(&arn("f"), &json!(4)).replace("RetriesExhausted", "Success");
    let bodies = [
        record(&arn("other"), &json!(1)),
        record(elsewhere, &json!(2)),
        record(theirs, &json!(3)),
        success,
    ];
    let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
    let world = World::with(&bodies);
    let done = redrive(&world).unwrap();
    assert_eq!((done.moved, done.kept.len()), (0, 4));
    assert!(done.kept[1].1.contains("us-east-1"), "{:?}", done.kept);
    assert!(world.acts().iter().all(|act| act.starts_with("back")));
    assert_eq!(world.left().len(), 4);
}

#[test]
fn no_more_are_handed_over_than_are_asked_for() {
    let body = record(&arn("f"), &json!(1));
    let world = World::with(&[&body, &body, &body]);
    let one = Callees {
        most: Some(1),
        rate: Some(2),
        ..Callees::default()
    };
    assert_eq!(redrive_to(&world, &one).unwrap().moved, 1);
    let left = world.left();
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|(_, visible)| *visible), "{left:?}");
}

#[test]
fn looking_takes_nothing_away() {
    let world = World::with(&["a", "b", "c", "d", "e"]);
    let clock = Fast::default();
    let all = soon(look(&*world.services().queues, &clock, "q", 3)).unwrap();
    let ids: Vec<_> = all.iter().map(|message| &*message.id).collect();
    assert_eq!(ids, ["m0", "m1", "m2"]);
    assert!(
        world.left().iter().all(|(_, visible)| *visible),
        "{:?}",
        world.left()
    );
    world.fail("receive", &[None, Some(Class::Denied)]);
    assert!(soon(look(&*world.services().queues, &clock, "q", 9)).is_err());
    assert!(
        world.left().iter().all(|(_, visible)| *visible),
        "{:?}",
        world.left()
    );
    assert_eq!(
        soon(look(&*world.services().queues, &clock, "q", 99))
            .unwrap()
            .len(),
        5
    );
}

fn begun(status: &str, moved: usize, started: i64) -> Vec<Move> {
    vec![Move {
        status: status.to_owned(),
        moved,
        all: Some(4),
        reason: None,
        started,
    }]
}

fn at(status: &str, moved: usize) -> Vec<Move> {
    begun(status, moved, 2)
}

/// How many were moved, and of how many.
type Told = Vec<(usize, Option<usize>)>;

fn move_all(world: &Rc<World>) -> (Result<Redriven, Problem>, Told) {
    let told = std::cell::RefCell::new(Vec::new());
    let tell = |moved, all| told.borrow_mut().push((moved, all));
    let queues = world.services().queues;
    let done = soon(dead_letters(
        &*queues,
        &Fast::default(),
        ("arn:dlq", Some(50)),
        &tell,
    ));
    (done, told.into_inner())
}

#[test]
fn dead_letters_are_moved_by_sqs_and_followed() {
    let world = World::with(&[]);
    *world.moves.borrow_mut() = [
        Vec::new(),
        Vec::new(),
        at("RUNNING", 1),
        at("RUNNING", 1),
        at("COMPLETED", 4),
    ]
    .into();
    let (done, told) = move_all(&world);
    assert_eq!(done.unwrap().moved, 4);
    assert_eq!(told, [(1, Some(4)), (4, Some(4))]);
    assert_eq!(world.acts(), ["move arn:dlq Some(50)"]);
}

#[test]
fn a_move_under_way_is_followed_and_one_that_failed_is_told() {
    let world = World::with(&[]);
    *world.moves.borrow_mut() = [at("RUNNING", 2), at("RUNNING", 3), at("COMPLETED", 4)].into();
    assert_eq!(move_all(&world).0.unwrap().moved, 4);
    assert!(world.acts().is_empty());
    let failed = Move {
        reason: Some("AccessDenied".to_owned()),
        ..at("FAILED", 3).remove(0)
    };
    *world.moves.borrow_mut() = [begun("COMPLETED", 4, 1), vec![failed]].into();
    let problem = move_all(&world).0.unwrap_err();
    assert_eq!(
        problem.message,
        "3 messages were moved, then it ended: AccessDenied"
    );
}

#[test]
fn the_move_of_an_earlier_day_is_not_taken_for_this_one() {
    let world = World::with(&[]);
    let earlier = || begun("COMPLETED", 4, 1);
    *world.moves.borrow_mut() = [
        earlier(),
        earlier(),
        begun("RUNNING", 1, 2),
        begun("COMPLETED", 3, 2),
    ]
    .into();
    let (done, told) = move_all(&world);
    assert_eq!(done.unwrap().moved, 3);
    assert_eq!(told, [(1, Some(4)), (3, Some(4))]);
    // One that is never listed is no success.
    *world.moves.borrow_mut() = [earlier()].into();
    let problem = move_all(&world).0.unwrap_err();
    assert!(problem.message.contains("does not list"), "{problem}");
}

/// An assembly of one stack with this template.
fn assembly(template: &Value) -> Assembly {
    let folder = TempDir::new().unwrap();
    let write =
        |name: &str, value: &Value| fs::write(folder.path().join(name), value.to_string()).unwrap();
    write(
        "manifest.json",
        &json!({ "version": "36.0.0", "artifacts": { "S": {
        "type": "aws:cloudformation:stack", "environment": "aws://111111111111/eu-central-1",
        "properties": { "templateFile": "S.json" } } } }),
    );
    write("S.json", template);
    Assembly::read(folder.path()).unwrap()
}

#[test]
fn the_queues_of_an_app_are_found_with_what_they_get() {
    let redrive = |to: Value| json!({ "RedrivePolicy": { "deadLetterTargetArn": to } });
    let named =
        json!({ "Fn::Join": ["", ["arn:aws:sqs:", { "Ref": "AWS::Region" }, ":1:failures"]] });
    let assembly = assembly(&json!({ "Resources": {
        "Jobs": { "Type": "AWS::SQS::Queue", "Properties": redrive(json!({ "Fn::GetAtt": ["Dead", "Arn"] })) },
        "Mail": { "Type": "AWS::SQS::Queue", "Properties": redrive(json!({ "Fn::GetAtt": "Dead.Arn" })) },
        "Dead": { "Type": "AWS::SQS::Queue" },
        "Failures": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "failures" } },
        "Resize": { "Type": "AWS::Lambda::Function", "Properties": { "DeadLetterConfig": {
            "TargetArn": { "Fn::GetAtt": ["Events", "Arn"] } } } },
        "Events": { "Type": "AWS::SQS::Queue" },
        "Config": { "Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
            "FunctionName": { "Ref": "Resize" }, "DestinationConfig": { "OnFailure": { "Destination": named } } } },
        "Hourly": { "Type": "AWS::Events::Rule", "Properties": { "Targets": [
            { "Id": "a", "Arn": "a", "DeadLetterConfig": { "Arn": { "Fn::GetAtt": ["Late", "Arn"] } } },
            { "Id": "b", "Arn": "b", "DeadLetterConfig": { "Arn": { "Fn::GetAtt": ["Late", "Arn"] } } },
            { "Id": "c", "Arn": "c" } ] } },
        "Late": { "Type": "AWS::SQS::Queue" },
        "Elsewhere": { "Type": "AWS::SQS::Queue", "Properties": redrive(json!({ "Fn::ImportValue": "x" })) },
    } }));
    let all = queues(&assembly);
    let told: Vec<_> = all
        .iter()
        .map(|one| {
            (
                one.named.id,
                one.feeds
                    .iter()
                    .map(|feed| (feed.what, feed.id))
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "Dead",
                vec![(What::Messages, "Jobs"), (What::Messages, "Mail")]
            ),
            ("Events", vec![(What::Events, "Resize")]),
            ("Failures", vec![(What::Records, "Resize")]),
            ("Late", vec![(What::Deliveries, "Hourly")]),
        ]
    );
}
