//! What each part may do: all of it, so that a statement more or less is seen.

use cloudwright::patterns::{HandOver, Stage, Submission};
use cloudwright::prelude::*;
use serde_json::{Value, json as expected};

use crate::support::{Template, template};
use crate::{FUNCTION, IDENTITY, pipeline, stage, wibl};

/// The actions of a role's statements, and of each what the names of its resources hold, sorted.
fn statements(template: &Template, role: &str) -> Vec<(String, String)> {
    let policy = template.named(IDENTITY, role);
    let statements = policy["Properties"]["PolicyDocument"]["Statement"].as_array();
    let text = |value: &Value| match value {
        Value::Array(all) => {
            let all: Vec<_> = all.iter().map(|one| one.as_str().unwrap()).collect();
            all.join(" ")
        }
        one => one.as_str().unwrap().to_owned(),
    };
    let mut told: Vec<_> = statements
        .unwrap()
        .iter()
        .map(|one| (text(&one["Action"]), one["Resource"].to_string()))
        .collect();
    told.sort();
    told
}

#[track_caller]
fn assert_rights(template: &Template, role: &str, expected: &[(&str, &str)]) {
    let told = statements(template, role);
    let actions: Vec<_> = told.iter().map(|(actions, _)| &**actions).collect();
    let wanted: Vec<_> = expected.iter().map(|(actions, _)| *actions).collect();
    assert_eq!(actions, wanted, "{role}");
    for ((actions, resource), (_, part)) in told.iter().zip(expected) {
        assert!(resource.contains(part), "{role}: {actions} on {resource}");
        assert!(
            actions.starts_with("xray:") || !resource.contains("\"*\""),
            "{role}: {resource}"
        );
    }
}

const LOGS: (&str, &str) = ("logs:CreateLogStream logs:PutLogEvents", "LogGroup");
const TRACES: (&str, &str) = ("xray:PutTelemetryRecords xray:PutTraceSegments", "*");
const FAILED: (&str, &str) = ("sqs:SendMessage", "FailureQueue");

#[test]
fn every_function_may_do_its_work_and_nothing_else() {
    let template = pipeline(wibl);
    assert_rights(
        &template,
        "FilesConvert",
        &[
            LOGS,
            (
                "s3:AbortMultipartUpload s3:PutObject s3:PutObjectTagging",
                "staging",
            ),
            ("s3:GetObject s3:GetObjectTagging", "incoming"),
            FAILED,
            TRACES,
        ],
    );
    assert_rights(
        &template,
        "FilesDeliver",
        &[
            (
                "dynamodb:GetItem dynamodb:PutItem",
                "FilesDeliverDeliveries",
            ),
            LOGS,
            (
                "s3:GetObject s3:GetObjectTagging s3:GetObjectVersion s3:GetObjectVersionTagging s3:PutObjectTagging \
          s3:PutObjectVersionTagging",
                "staging",
            ),
            ("s3:ListBucket", "staging"),
            ("secretsmanager:GetSecretValue", "Provider"),
            FAILED,
            TRACES,
        ],
    );
}

#[test]
fn status_may_list_read_and_look_and_is_asked_by_a_state_machine() {
    let template = pipeline(|stack| {
        wibl(stack).stage(
            "Count",
            stage()
                .reads("Incoming")
                .suffix(".csv")
                .hand_over(HandOver::Queue),
        )
    });
    assert_rights(
        &template,
        "FilesStatusFunction",
        &[
            ("dynamodb:Query dynamodb:Scan", "FilesDeliverDeliveries"),
            LOGS,
            ("s3:ListBucket", "staging"),
            ("sqs:GetQueueAttributes", "FilesCountQueue"),
            ("sqs:GetQueueAttributes sqs:ReceiveMessage", "FailureQueue"),
            TRACES,
        ],
    );
    assert_rights(
        &template,
        "FilesStatusStateMachineRole",
        &[("lambda:InvokeFunction", "FilesStatusFunction")],
    );
    let machine = template.properties("AWS::StepFunctions::StateMachine");
    let look = &machine["Definition"]["States"]["Look"];
    let function = template.id(FUNCTION, "FilesStatusFunction");
    assert_eq!(
        look["Resource"],
        expected!({ "Fn::GetAtt": [function, "Arn"] })
    );
    let question = &look["Parameters"]["status"];
    assert_eq!(question["ask.$"], "$");
    let stages = question["stages"].as_array().unwrap();
    let names: Vec<_> = stages.iter().map(|stage| &stage["name"]).collect();
    assert_eq!(names, ["Convert", "Deliver", "Count"]);
    assert_eq!(stages[0]["suffix"], ".wibl");
    // Three calls of half a minute, the pauses between them, and some time.
    assert_eq!(stages[0]["late"], 3 * 30 + 180 + 300);
    assert!(stages[0]["output"]["bucket"].is_string() || stages[0]["output"]["bucket"].is_object());
    assert!(stages[0].get("table").is_none() && !stages[1]["table"].is_null());
    assert!(stages[0].get("queue").is_none() && !stages[2]["queue"].is_null());
    assert!(stages.iter().all(|stage| !stage["failures"].is_null()));
}

#[test]
fn the_member_of_the_secret_that_is_read_is_told() {
    let app = App::new();
    let stack = app.stack("S", crate::support::home());
    let secret = crate::secret(&stack);
    let archive = Submission::to("https://archive.example.org/upload", "UNHJHC", &secret);
    let of_member = ProcessingPipeline::new()
        .stage("Convert", stage().writes("Staging"))
        .deliver(Stage::submit(archive.secret_field("token")));
    stack.add("Files", of_member);
    let assembly = app.synth().unwrap();
    let [need] = assembly.needs() else {
        panic!("one need")
    };
    assert_eq!((&*need.consumer, &*need.key), ("S/Files/Deliver", "token"));
}

#[test]
fn status_is_an_operation_that_changes_nothing() {
    let app = App::new();
    let stack = app.stack("S", crate::support::home());
    let row = wibl(&stack);
    stack.add("Files", row);
    let assembly = app.synth().unwrap();
    let [status] = assembly.operations() else {
        panic!("one operation")
    };
    assert_eq!((&*status.construct, &*status.name), ("S/Files", "status"));
    assert!(status.read_only);
    let payload = status.payload.as_ref().unwrap();
    assert!(payload["properties"]["key"].is_object(), "{payload}");
    // A key is said as a plain word.
    assert_eq!(status.argument.as_deref(), Some("key"));
    let empty = template(|stack| drop(stack.add("None", s3::Bucket::new())));
    assert!(empty.all("AWS::StepFunctions::StateMachine").is_empty());
}
