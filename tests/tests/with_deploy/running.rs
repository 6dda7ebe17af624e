//! Work with what is deployed: operations, calls, logs, what was given up, alarms and numbers.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::aws::wait_for;
use tests::deploys::{Deployer, TestStack};
use tests::engine::Engine;

use crate::{REGION, queue};

/// What the local AWS calls every error of a program in Python.
const ERROR: &str = "Runtime.HandlerError";

/// Returns what it is handed, or fails with the text that this says.
const ECHO: &str = "
def handler(event, context):
    print('handed', sorted(event))
    if event.get('fail'):
        raise RuntimeError(event['fail'])
    return {'echo': event}
";

pub(crate) fn function(role: &str) -> Value {
    json!({ "Type": "AWS::Lambda::Function", "Properties": { "Runtime": "python3.11", "Handler": "index.handler",
        "Role": { "Fn::GetAtt": [role, "Arn"] }, "Code": { "ZipFile": ECHO } } })
}

pub(crate) fn role(service: &str, allowed: &[&str]) -> Value {
    let statement = |more: Value| json!({ "Version": "2012-10-17", "Statement": [more] });
    let allow = json!({ "Effect": "Allow", "Action": allowed, "Resource": "*" });
    json!({ "Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": statement(json!({ "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": service } })),
        "Policies": [{ "PolicyName": "work", "PolicyDocument": statement(allow) }] } })
}

/// A machine that ends with what the function answers.
fn machine() -> Value {
    let states = json!({ "StartAt": "Ask", "States": { "Ask": { "Type": "Task", "End": true,
        "Resource": { "Fn::GetAtt": ["Echo", "Arn"] } } } });
    json!({ "Type": "AWS::StepFunctions::StateMachine", "Properties": {
        "RoleArn": { "Fn::GetAtt": ["Runner", "Arn"] }, "Definition": states } })
}

fn operation(stack: &str, name: &str, (id, kind): (&str, &str), more: &Value) -> Value {
    let mut operation = json!({ "construct": format!("{stack}/Shop"), "name": name, "summary": "tries things",
        "readOnly": false, "target": { "stack": stack, "logicalIds": [id], "type": kind } });
    for (member, value) in more.as_object().unwrap() {
        operation[member] = value.clone();
    }
    operation
}

pub(crate) fn system(name: &str, resources: &Value) -> TestStack {
    TestStack::new(name, REGION, json!({ "Resources": resources }))
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// A stack with a construct that has four operations.
fn asked() -> TestStack {
    let name = "Asked";
    let mut stack = system(
        name,
        &json!({
            "Worker": role("lambda.amazonaws.com", &["logs:*"]),
            "Runner": role("states.amazonaws.com", &["lambda:InvokeFunction"]),
            "Echo": function("Worker"),
            "Jobs": queue(&json!({})),
            "Machine": machine(),
        }),
    );
    let schema = json!({ "type": "object", "properties": { "article": { "type": "string" },
        "fail": { "type": "string" } }, "additionalProperties": false });
    let ask =
        json!({ "readOnly": true, "payload": schema, "member": "ask", "argument": "article" });
    let payload = json!({ "payload": schema });
    let function = ("Echo", "AWS::Lambda::Function");
    let machine = ("Machine", "AWS::StepFunctions::StateMachine");
    stack.operations = vec![
        operation(name, "stock", function, &ask),
        operation(name, "spoil", function, &payload),
        operation(name, "order", ("Jobs", "AWS::SQS::Queue"), &payload),
        operation(name, "count", machine, &json!({})),
    ];
    stack
}

#[test]
fn operations_and_functions_are_called_and_their_errors_are_told() {
    let deployer = Deployer::new(Engine::shared(), &[asked()]);
    let run = |operation: &str, more: &[&str]| {
        deployer.run(&[&["run", "Asked/Shop", operation], more].concat())
    };
    let early = run("stock", &[]).ended(2).err;
    assert!(early.contains("Asked is not deployed"), "{early}");
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);

    let listed = deployer.run(&["run"]).ended(0).out;
    let first = "Asked/Shop  stock [ARTICLE]  read-only  tries things  {\"article\": a text";
    assert!(listed.starts_with(first), "{listed}");
    let payload = "{\"article\": \"77\"}";
    let stock = run("stock", &["--payload", payload]).ended(0).out;
    let answer = json!({ "echo": { "ask": { "article": "77" } } });
    assert_eq!(document(&stock), answer);
    let stock = run("stock", &["77"]).ended(0).out;
    assert_eq!(document(&stock), answer);
    let word = run("order", &["77", "--yes"]).ended(2).err;
    assert!(
        word.contains("order takes no argument, got \"77\""),
        "{word}"
    );
    let wrong = run("stock", &["--payload", "{\"artikle\": \"77\"}"]);
    let wrong = wrong.ended(2).err;
    assert!(wrong.contains("did you mean \"article\"?"), "{wrong}");
    let unasked = run("order", &[]).ended(4).err;
    assert!(unasked.contains("approve it: `--yes`"), "{unasked}");

    let sent = run("order", &["--payload", payload, "--yes", "--json"]).ended(0);
    let sent = document(&sent.out);
    assert_eq!(sent["outcome"], "sent");
    let url = sent["resource"]["physicalId"].as_str().unwrap();
    let messages = Engine::shared().client(REGION).await_messages(url);
    assert_eq!(messages[0]["Body"], "{\"article\":\"77\"}");
    let counted = run("count", &["--yes"]).ended(0);
    assert_eq!(document(&counted.out), json!({ "echo": {} }));
    let begun = "Asked/Shop count: arn:aws:states";
    assert!(counted.err.contains(begun), "{}", counted.err);

    let payload = "{\"fail\": \"no stock\"}";
    let spoilt = run("spoil", &["--payload", payload, "--yes", "--json"]).ended(1);
    let said = "Asked/Shop spoil failed: Runtime.HandlerError: no stock";
    assert!(spoilt.err.contains(said), "{}", spoilt.err);
    let error = json!({ "type": ERROR, "message": "no stock" });
    assert_eq!(document(&spoilt.out)["error"], error);

    called_by_name(&deployer);
}

/// `invoke` and `logs` of the same stack.
fn called_by_name(deployer: &Deployer) {
    std::fs::write(deployer.folder().join("event.json"), "{\"n\": 1}").unwrap();
    for named in ["Echo", "Asked/Echo"] {
        let called = deployer
            .run(&["invoke", named, "--event", "event.json"])
            .ended(0);
        assert_eq!(
            document(&called.out),
            json!({ "echo": { "n": 1 } }),
            "{named}"
        );
    }
    let called = deployer
        .run(&[
            "invoke",
            "Echo",
            "--json",
            "--event",
            "{\"fail\": \"twice\"}",
        ])
        .ended(1);
    assert!(
        called
            .err
            .contains("Asked/Echo failed: Runtime.HandlerError: twice"),
        "{}",
        called.err
    );
    let name = document(&called.out)["function"]
        .as_str()
        .unwrap()
        .to_owned();
    let _ = deployer.run(&["invoke", &name]).ended(0);
    let near = deployer.run(&["invoke", "Asked/Eko"]).ended(2);
    assert!(
        near.err.contains("did you mean \"Asked/Echo\"?"),
        "{}",
        near.err
    );

    let logged = wait_for("the log of the function", || {
        let logged = deployer.run(&["logs", "Asked"]).ended(0).out;
        logged.contains("handed ['n']").then_some(logged)
    });
    assert!(
        logged.lines().all(|line| line.starts_with("Asked/Echo  ")),
        "{logged}"
    );
    let filtered = wait_for("four lines of the log", || {
        let logs = ["logs", "Echo", "--filter", "handed", "--json"];
        let filtered = deployer.run(&logs).ended(0).out;
        (filtered.lines().count() >= 4).then_some(filtered)
    });
    let lines: Vec<Value> = filtered.lines().map(document).collect();
    assert!(
        lines
            .iter()
            .all(|line| line["message"].as_str().unwrap().contains("handed")),
        "{filtered}"
    );
    let _ = deployer.run(&["logs", "Echo", "--since", "soon"]).ended(2);
}

#[test]
fn calls_that_were_given_up_are_shown_and_made_again() {
    let name = "GivenUp";
    let config = json!({ "Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
        "FunctionName": { "Ref": "Echo" }, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0,
        "DestinationConfig": { "OnFailure": { "Destination": { "Fn::GetAtt": ["Failures", "Arn"] } } } } });
    let stack = system(
        name,
        &json!({
            "Worker": role("lambda.amazonaws.com", &["logs:*", "sqs:SendMessage"]),
            "Echo": function("Worker"),
            "Failures": queue(&json!({})),
            "Config": config,
        }),
    );
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);
    let waiting = || {
        let listed = document(
            &deployer
                .run(&["dead-letters", "list", "--json"])
                .ended(0)
                .out,
        );
        assert_eq!(
            listed["queues"][0]["feeds"],
            json!([{ "what": "records", "path": "GivenUp/Echo" }])
        );
        listed["queues"][0]["waiting"].as_u64().unwrap()
    };
    assert_eq!(waiting(), 0);
    let event = [
        "invoke",
        "Echo",
        "--async",
        "--event",
        "{\"fail\": \"always\"}",
    ];
    assert_eq!(deployer.run(&event).ended(0).out, "");
    wait_for("the record of the call", || (waiting() == 1).then_some(()));

    for _ in 0..2 {
        let shown = deployer
            .run(&["dead-letters", "show", "Failures", "--json"])
            .ended(0);
        let record = &document(&shown.out)["messages"][0]["record"];
        assert_eq!(
            record["error"],
            json!({ "type": ERROR, "message": "always" })
        );
        assert_eq!(record["event"], json!({ "fail": "always" }));
    }
    let shown = deployer
        .run(&["dead-letters", "show", "Failures"])
        .ended(0)
        .out;
    assert!(
        shown.contains("  Runtime.HandlerError: always\n  event: {\"fail\":\"always\"}\n"),
        "{shown}"
    );

    let unasked = deployer
        .run(&["dead-letters", "redrive", "Failures"])
        .ended(4);
    assert!(
        unasked.err.contains("about 1 messages of GivenUp/Failures"),
        "{}",
        unasked.err
    );
    let again = deployer
        .run(&["dead-letters", "redrive", "Failures", "--yes", "--json"])
        .ended(0);
    let again = document(&again.out);
    assert_eq!((&again["moved"], &again["kept"]), (&json!(1), &json!([])));
    // The call fails again, and its record is back.
    wait_for("the record of the second call", || {
        (waiting() == 1).then_some(())
    });
}

/// What is moved goes back for real where a replicated bucket is healed (`with_handlers`); what somebody put among
/// dead letters by hand has no queue to go back to.
#[test]
fn dead_letters_are_counted_and_shown_where_they_are() {
    let redrive =
        json!({ "deadLetterTargetArn": { "Fn::GetAtt": ["Dead", "Arn"] }, "maxReceiveCount": 1 });
    let stack = system(
        "Counted",
        &json!({
            "Jobs": queue(&json!({ "RedrivePolicy": redrive })),
            "Dead": queue(&json!({})),
        }),
    );
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let none = deployer.run(&["dead-letters", "list"]).ended(0);
    assert!(none.err.contains("no deployed queue"), "{}", none.err);
    let _ = deployer.run(&["deploy"]).ended(0);
    let listed = || {
        document(
            &deployer
                .run(&["dead-letters", "list", "--json"])
                .ended(0)
                .out,
        )["queues"][0]
            .clone()
    };
    let aws = Engine::shared().client(REGION);
    let message = json!({ "QueueUrl": listed()["url"], "MessageBody": "a job\nof two lines" });
    aws.call("sqs", "SendMessage", &message);
    let one = listed();
    assert_eq!(
        (&one["waiting"], &one["path"]),
        (&json!(1), &json!("Counted/Dead"))
    );
    assert_eq!(
        one["feeds"],
        json!([{ "what": "messages", "path": "Counted/Jobs" }])
    );
    let shown = deployer
        .run(&["dead-letters", "show", "Counted/Dead", "--max", "5"])
        .ended(0)
        .out;
    assert!(shown.contains("\n  a job\n  of two lines\n"), "{shown}");
    assert_eq!(listed()["waiting"], 1);
    let redrive = ["dead-letters", "redrive", "Dead", "--yes"];
    let orphan = deployer.run(&redrive).ended(1).err;
    assert!(
        orphan.contains("CouldNotDetermineMessageSource"),
        "{orphan}"
    );
    assert_eq!(listed()["waiting"], 1);
    // From a queue that works nothing is taken.
    for verb in ["show", "redrive"] {
        let refused = deployer.run(&["dead-letters", verb, "Jobs"]).ended(2).err;
        let said = "nothing gives up messages to Counted/Jobs";
        assert!(refused.contains(said), "{refused}");
    }
    let most = ["dead-letters", "redrive", "Dead", "--max", "1", "--yes"];
    let most = deployer.run(&most).ended(2).err;
    assert!(most.contains("`--max` is not for it"), "{most}");
    let unknown = deployer.run(&["dead-letters", "show", "Deed"]).ended(2);
    assert!(
        unknown.err.contains("did you mean \"Dead\"?"),
        "{}",
        unknown.err
    );
    let unnamed = deployer.run(&["dead-letters", "show"]).ended(2);
    assert!(unnamed.err.contains("there is no QUEUE"), "{}", unnamed.err);
}

#[test]
fn alarms_and_numbers_tell_how_functions_did() {
    let name = "Watched";
    let alarm = json!({ "Type": "AWS::CloudWatch::Alarm", "Properties": { "Namespace": "AWS/Lambda",
        "MetricName": "Errors", "Dimensions": [{ "Name": "FunctionName", "Value": { "Ref": "Echo" } }],
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold" } });
    let stack = system(
        name,
        &json!({
            "Worker": role("lambda.amazonaws.com", &["logs:*"]),
            "Echo": function("Worker"),
            "Errors": alarm,
        }),
    );
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);
    let alarms =
        || document(&deployer.run(&["alarms", "--json"]).ended(0).out)["alarms"][0].clone();
    let physical = alarms()["name"].clone();
    let aws = Engine::shared().client(REGION);
    let state =
        json!({ "AlarmName": physical, "StateValue": "ALARM", "StateReason": "somebody said so" });
    aws.call("cloudwatch", "SetAlarmState", &state);
    let raised = alarms();
    assert_eq!(
        (&raised["state"], &raised["path"]),
        (&json!("ALARM"), &json!("Watched/Errors"))
    );
    assert!(
        raised["since"]
            .as_str()
            .is_some_and(|since| since.starts_with("20")),
        "{raised}"
    );
    let shown = deployer
        .run(&["alarms", "Watched/Errors", "--fail"])
        .ended(1)
        .out;
    assert!(
        shown.starts_with("ALARM  Watched/Errors  ") && shown.contains("somebody said so"),
        "{shown}"
    );

    let _ = deployer.run(&["invoke", "Echo"]).ended(0);
    let _ = deployer
        .run(&["invoke", "Echo", "--event", "{\"fail\": \"once\"}"])
        .ended(1);
    let measured = wait_for("the numbers of the function", || {
        let measured = document(&deployer.run(&["metrics", "Echo", "--json"]).ended(0).out);
        let one = measured["functions"][0].clone();
        let all = one["invocations"] == 2.0;
        if !all {
            thread::sleep(Duration::from_millis(500));
        }
        all.then_some(one)
    });
    assert_eq!(
        (&measured["errors"], &measured["path"]),
        (&json!(1.0), &json!("Watched/Echo"))
    );
    assert!(
        measured["durationP99"].as_f64() >= measured["durationP50"].as_f64(),
        "{measured}"
    );
    let shown = deployer.run(&["metrics"]).ended(0).out;
    assert!(
        shown.starts_with("function ") && shown.contains("\nWatched/Echo  2 "),
        "{shown}"
    );
}
