//! Runs over all objects.

use cloudwright::patterns::Replica;
use cloudwright::prelude::*;
use serde_json::{Value, json as expected};

use crate::support::{
    ABROAD, Template, assert_error, home, refusal_of, strict_template, template_of,
};
use crate::{ReplicatedBucket, add};

const FUNCTION: &str = "AWS::Lambda::Function";
const MACHINE: &str = "AWS::StepFunctions::StateMachine";
const RULE: &str = "AWS::Events::Rule";

fn template(artifacts: ReplicatedBucket) -> Template {
    let app = App::new();
    add(&app, |_| artifacts);
    template_of(app, "S")
}

#[test]
fn a_function_of_its_own_is_called_until_it_is_through() {
    let template = template(ReplicatedBucket::to(["us-west-2"]).reconcile_on_demand());
    let events = &template.named(FUNCTION, "ArtifactsFunction")["Properties"];
    let all = &template.named(FUNCTION, "ArtifactsReconcile")["Properties"];
    assert_eq!(events["Environment"], all["Environment"]);
    assert_eq!(
        (&all["Handler"], &all["Timeout"]),
        (&expected!("replicate"), &900.into())
    );
    let arn = expected!({ "Fn::GetAtt": [template.id(FUNCTION, "ArtifactsReconcile"), "Arn"] });
    let states = &template.properties(MACHINE)["Definition"]["States"]["EachFilter"];
    let states = &states["ItemProcessor"]["States"];
    let look = &states["Look"];
    assert_eq!(
        (&look["Resource"], &look["Next"]),
        (&arn, &expected!("IsThrough"))
    );
    assert_eq!(look["Retry"][0]["ErrorEquals"], expected!(["States.ALL"]));
    assert_eq!(
        states["IsThrough"]["Choices"],
        expected!([
            { "Variable": "$.reconcile", "IsPresent": true, "Next": "Look" },
            { "Variable": "$.reconciled.failed", "NumericGreaterThan": 0, "Next": "SomeFailed" },
        ])
    );
    assert!(template.all(RULE).is_empty());
}

#[test]
fn it_may_do_what_the_other_function_may_and_no_more() {
    let template = template(ReplicatedBucket::to(["us-west-2"]).reconcile_on_demand());
    let rights = |start: &str| -> Vec<Value> {
        let policy = &template.named("AWS::IAM::Policy", start)["Properties"]["PolicyDocument"];
        let statements = policy["Statement"].as_array().unwrap().iter();
        let of_s3 = statements.filter(|one| one["Action"].to_string().contains("\"s3:"));
        of_s3.cloned().collect()
    };
    let all = rights("ArtifactsReconcileServiceRole");
    assert_eq!(all.len(), 3);
    assert_eq!(all, rights("ArtifactsFunctionServiceRole"));
    let calls = template.allowing("AWS::IAM::Policy", "lambda:InvokeFunction");
    assert_eq!(calls.len(), 1);
}

/// The settings of a schedule, and how the template says it.
type Scheduled = (fn(ReplicatedBucket) -> ReplicatedBucket, &'static str);

#[test]
fn a_run_looks_at_what_is_replicated_whatever_its_input() {
    let artifacts = ReplicatedBucket::to(["us-west-2"])
        .only(s3::Filter::prefix("a \"b\"/").and_suffix(".zip"))
        .only(s3::Filter::prefix("c/"))
        .reconcile_on_demand();
    let template = template(artifacts);
    let definition = &template.properties(MACHINE)["Definition"];
    assert_eq!(definition["StartAt"], "Begin");
    let source = "s-artifacts-source-be0816a9-123456789012-eu-central-1-an";
    let inputs = [("a \"b\"/", ".zip"), ("c/", "")].map(|(prefix, suffix)| {
        let scope = expected!({ "bucket": source, "prefix": prefix, "suffix": suffix });
        expected!({ "reconcile": scope })
    });
    assert_eq!(definition["States"]["Begin"]["Result"], expected!(inputs));
}

#[test]
fn a_schedule_starts_runs() {
    let table: [Scheduled; 3] = [
        (
            |artifacts| artifacts.reconcile_every(days(1)),
            "rate(1440 minutes)",
        ),
        (
            |artifacts| artifacts.reconcile_every(minutes(1)),
            "rate(1 minute)",
        ),
        (
            |artifacts| artifacts.reconcile_at("cron(15 3 * * ? *)"),
            "cron(15 3 * * ? *)",
        ),
    ];
    for (schedule, expression) in table {
        let template = template(schedule(ReplicatedBucket::to(["us-west-2"])));
        let rule = template.properties(RULE);
        assert_eq!(rule["ScheduleExpression"], expression);
        let machine = template.id(MACHINE, "ArtifactsReconciliation");
        let arn = expected!({ "Fn::GetAtt": [machine, "Arn"] });
        assert_eq!(rule["Targets"][0]["Arn"], arn);
        // A run that could not be started is told.
        assert!(rule["Targets"][0]["DeadLetterConfig"]["Arn"].is_object());
        let [start] = template.allowing("AWS::IAM::Policy", "states:StartExecution")[..] else {
            panic!("one statement to start runs")
        };
        assert_eq!(start["Resource"], arn);
    }
}

#[test]
fn it_has_an_alarm_and_a_role_of_its_own_where_names_are_fixed() {
    let app = App::new();
    let stack = app.stack("S", home());
    let operators = stack.add("Operators", sns::Topic::new());
    let artifacts = ReplicatedBucket::to([Replica::in_account(ABROAD, "us-west-2")]);
    let artifacts = stack.add("Artifacts", artifacts.reconcile_every(days(1)));
    assert_eq!(artifacts.alarms(&operators).len(), 9);
    assert!(artifacts.reconciliation().is_some());
    let function = artifacts.reconcile_function().unwrap();
    assert_eq!(function.scope().path(), "S/Artifacts/Reconcile");
    let template = template_of(app, "S");
    let alarm =
        &template.named("AWS::CloudWatch::Alarm", "ArtifactsReconciliationAlarm")["Properties"];
    assert_eq!(alarm["MetricName"], "ExecutionsFailed");
    let names = template.all("AWS::IAM::Role").into_iter();
    let names: Vec<_> = names
        .filter_map(|role| role["Properties"]["RoleName"].as_str())
        .collect();
    let name = "s-artifacts-7ac805ef-eu-central-1";
    assert_eq!(names, [&format!("{name}-all"), name]);
}

#[test]
fn both_ways_one_function_looks_at_all_buckets_and_the_table() {
    let app = App::new();
    let stack = app.stack("S", home());
    let west = app.stack("West", Environment::new("123456789012", "us-west-2"));
    let topics = [&stack, &west].map(|stack| stack.add("Operators", sns::Topic::new()));
    let artifacts = ReplicatedBucket::to(["us-west-2"]).two_way();
    let artifacts = stack.add("Artifacts", artifacts.reconcile_every(days(1)));
    // Runs are in the home region, and so is what watches them.
    assert_eq!(
        topics.each_ref().map(|topic| artifacts.alarms(topic).len()),
        [9, 7]
    );
    let template = template_of(app, "S");
    let events = &template.named(FUNCTION, "ArtifactsFunction")["Properties"];
    let all = &template.named(FUNCTION, "ArtifactsReconcile")["Properties"];
    assert_eq!(events["Environment"], all["Environment"]);
    assert_eq!(
        all["Environment"]["Variables"]["REPLICATION_MODE"],
        "two-way"
    );
    let rights = |start: &str| -> Vec<Value> {
        let policy = &template.named("AWS::IAM::Policy", start)["Properties"]["PolicyDocument"];
        let statements = policy["Statement"].as_array().unwrap().iter();
        let of_data = statements.filter(|one| {
            let actions = one["Action"].to_string();
            actions.contains("\"s3:") || actions.contains("\"dynamodb:")
        });
        of_data.cloned().collect()
    };
    let all = rights("ArtifactsReconcileServiceRole");
    assert_eq!(all, rights("ArtifactsFunctionServiceRole"));
    let of_table = all
        .iter()
        .filter(|one| one["Action"].to_string().contains("dynamodb:UpdateItem"));
    assert_eq!(of_table.count(), 1);
}

/// What is wrong, the code, and what the message says.
type Refusal = (fn() -> ReplicatedBucket, &'static str, &'static str);

const REFUSALS: &[Refusal] = &[
    (
        || {
            ReplicatedBucket::to(["us-west-2"])
                .native()
                .reconcile_on_demand()
        },
        "CW1403",
        "runs over all objects are for replication by the function",
    ),
    (
        || ReplicatedBucket::to(["us-west-2"]).reconcile_every(seconds(90)),
        "CW1001",
        "every one or more whole minutes, got 90s",
    ),
];

#[test]
fn what_no_run_can_do_is_said_at_the_line_that_adds_it() {
    for (artifacts, code, part) in REFUSALS {
        let app = App::new();
        let stack = app.stack("S", home());
        let line = line!() + 1;
        stack.add("Artifacts", artifacts());
        let place = format!("tests/replicated_bucket/reconcile.rs:{line}");
        assert_error(&refusal_of(app), code, &[part, &place]);
    }
}

/// What the packs of cdk-nag find of a run's state machine.
#[test]
fn a_strict_stack_says_what_stays_open_of_runs() {
    let template = strict_template(|stack| {
        let artifacts = ReplicatedBucket::to(["us-west-2"]).reconcile_every(days(1));
        stack.add("Artifacts", artifacts);
    });
    let machine = template.one(MACHINE);
    let said = machine["Metadata"].to_string();
    for id in [
        "AwsSolutions-SF1",
        "AwsSolutions-SF2",
        "Serverless-StepFunctionStateMachineXray",
    ] {
        assert!(said.contains(&format!("\"{id}\"")), "{id}: {said}");
    }
}
