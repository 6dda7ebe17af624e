//! State machines: flows that go somewhere, rights for what tasks do, and defaults that show what happened.

mod support;

use cloudwright::lambda::{Code, Function, FunctionRef};
use cloudwright::prelude::*;
use cloudwright::stepfunctions::{
    Choice, Each, Fail, Flow, Parallel, Pass, StateMachine, Succeed, Task, Wait, When,
};
use serde_json::json as expected;
use support::{assert_error, findings, template};

const MACHINE: &str = "AWS::StepFunctions::StateMachine";
const POLICY: &str = "AWS::IAM::Policy";
const ROLE: &str = "AWS::IAM::Role";

fn charge(stack: &Stack) -> FunctionRef {
    stack.add("Charge", Function::new(Code::s3("releases", "charge.zip")))
}

fn adding(flow: Flow) -> cloudwright::Diagnostics {
    findings(|stack| {
        stack.add("It", StateMachine::new(flow));
    })
}

#[test]
fn a_flow_is_written_as_it_is_said() {
    let template = template(|stack| {
        let charge = charge(stack);
        let flow = Flow::new()
            .state(
                "Charge",
                Task::call(&charge).without_retries().next("IsPaid"),
            )
            .state(
                "IsPaid",
                Choice::new()
                    .when(When::boolean_is("$.paid", true), "Done")
                    .when(When::not(When::above("$.tries", 5.5)), "Wait")
                    .otherwise("Refused"),
            )
            .state("Wait", Wait::time(minutes(5)).next("Charge"))
            .state("Refused", Fail::new("Refused", "by the bank"))
            .state("Done", Succeed::new());
        stack.add("Payment", StateMachine::new(flow).timeout(hours(1)));
    });
    let function = template.id("AWS::Lambda::Function", "Charge");
    let machine = template.properties(MACHINE);
    let states = expected!({
        "Charge": { "Type": "Task", "Resource": { "Fn::GetAtt": [function, "Arn"] }, "Next": "IsPaid" },
        "IsPaid": { "Type": "Choice", "Default": "Refused", "Choices": [
            { "Variable": "$.paid", "BooleanEquals": true, "Next": "Done" },
            { "Not": { "Variable": "$.tries", "NumericGreaterThan": 5.5 }, "Next": "Wait" },
        ] },
        "Wait": { "Type": "Wait", "Seconds": 300, "Next": "Charge" },
        "Refused": { "Type": "Fail", "Error": "Refused", "Cause": "by the bank" },
        "Done": { "Type": "Succeed" },
    });
    let definition = expected!({ "StartAt": "Charge", "States": states, "TimeoutSeconds": 3600 });
    assert_eq!(machine["Definition"], definition);
}

#[test]
fn a_machine_shows_what_it_did_and_may_do_what_its_tasks_do() {
    let template = template(|stack| {
        let call = Flow::new().state("Call", Task::call(&charge(stack)));
        stack.add("Payment", StateMachine::new(call));
    });
    let machine = template.properties(MACHINE);
    assert_eq!(
        machine["TracingConfiguration"],
        expected!({ "Enabled": true })
    );
    let logging = &machine["LoggingConfiguration"];
    assert_eq!(
        (&logging["Level"], &logging["IncludeExecutionData"]),
        (&expected!("ALL"), &expected!(false))
    );
    let retry = &machine["Definition"]["States"]["Call"]["Retry"][0];
    assert_eq!(
        (&retry["MaxAttempts"], &retry["IntervalSeconds"]),
        (&expected!(6), &expected!(2))
    );
    let function = template.id("AWS::Lambda::Function", "Charge");
    let statements = template.statements(POLICY).into_iter();
    let calls: Vec<_> = statements
        .filter(|one| one["Action"] == "lambda:InvokeFunction")
        .collect();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        calls[0]["Resource"],
        expected!({ "Fn::GetAtt": [function, "Arn"] })
    );
    let trusts = template.all(ROLE).into_iter();
    let trusts: Vec<_> = trusts
        .map(|role| &role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0])
        .collect();
    let states = trusts
        .iter()
        .find(|one| one["Principal"]["Service"] == "states.amazonaws.com");
    let own = expected!({ "StringEquals": { "aws:SourceAccount": "123456789012" } });
    assert_eq!(states.expect("the machine has a role")["Condition"], own);
}

#[test]
fn a_way_to_nowhere_is_told_with_what_was_meant() {
    let wrong = Flow::new()
        .state("Look", Pass::new().next("Dome"))
        .state("Done", Succeed::new());
    let found = adding(wrong);
    assert_error(
        &found,
        "CW1641",
        &[
            "\"Look\" leads to \"Dome\"",
            "did you mean \"Done\"?",
            "S/It",
        ],
    );
    let lost = Flow::new().state("Look", Pass::new());
    let found = adding(lost.state("Done", Succeed::new()));
    assert_error(&found, "CW1641", &["no way leads to the state \"Done\""]);
    // What only lost states lead to is not lost by itself; states in a circle are told by the first.
    let chain = Flow::new()
        .state("Look", Pass::new())
        .state("Done", Succeed::new())
        .state("Wait", Pass::new().next("Done"))
        .state("Sort", Pass::new().next("Wait"));
    let parts = ["the state \"Sort\"", ".next(\"Sort\")"];
    assert_error(&adding(chain), "CW1641", &parts);
    let circle = Flow::new()
        .state("Look", Pass::new())
        .state("Wait", Pass::new().next("Sort"))
        .state("Sort", Pass::new().next("Wait"));
    assert_error(&adding(circle), "CW1641", &["the state \"Wait\""]);
}

#[test]
fn flows_that_step_functions_would_refuse_are_reported() {
    let twice = || Flow::new().state("A", Pass::new());
    for (flow, said) in [
        (Flow::new(), "at least one state, got none"),
        (
            Flow::new()
                .state("A", Pass::new().next("B"))
                .state("B", Wait::time(seconds(1)).next("A")),
            "has no end",
        ),
        (
            Flow::new()
                .state("A", Choice::new().otherwise("B"))
                .state("B", Succeed::new()),
            "has no condition",
        ),
        (Flow::new().state("", Pass::new()), "1 to 80 characters"),
        (
            Flow::new().state("P", Parallel::new([twice(), twice()])),
            "two states of one machine are called \"A\"",
        ),
        (
            Flow::new().state("P", Parallel::new([])),
            "\"P\" runs flows side by side, and has none",
        ),
        (
            Flow::new().state("M", Each::new(Flow::new())),
            "at least one state, got none",
        ),
    ] {
        assert_error(&adding(flow), "CW1641", &[said]);
    }
}

#[test]
fn a_name_that_is_refused_and_a_wrong_arn_are_reported() {
    let found = findings(|stack| {
        let flow = Flow::new().state("A", Pass::new());
        stack.add("It", StateMachine::new(flow).state_machine_name("a b"));
        StateMachine::import(
            stack,
            "Old",
            "arn:aws:lambda:eu-central-1:123456789012:function:f",
        );
    });
    assert_error(&found, "CW1004", &["got \"a b\""]);
    assert_error(&found, "CW1003", &["stateMachine:name"]);
}
