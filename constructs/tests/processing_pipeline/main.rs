//! Pipelines: how stages are connected, what each may do, and what is refused.

#[path = "../support/mod.rs"]
mod support;

mod bridge;
mod options;
mod refusals;
mod rights;
mod status;

use cloudwright::lambda::{Code, Function};
use cloudwright::patterns::{HandOver, Place, Stage, Submission};
use cloudwright::prelude::*;
use serde_json::{Value, json as expected};
use support::{Template, findings, template};

const FUNCTION: &str = "AWS::Lambda::Function";
const BUCKET: &str = "AWS::S3::Bucket";
const IDENTITY: &str = "AWS::IAM::Policy";
const PERMISSION: &str = "AWS::Lambda::Permission";

fn function() -> Function {
    Function::new(Code::s3("releases", "convert.zip"))
}

fn stage() -> Stage {
    Stage::function(function())
}

fn secret(stack: &Stack) -> secretsmanager::SecretRef {
    stack.add("Provider", secretsmanager::Secret::new())
}

fn submission(stack: &Stack) -> Submission {
    Submission::to(
        "https://archive.example.org/upload",
        "UNHJHC",
        &secret(stack),
    )
}

/// The seed's system: convert, then hand in.
fn wibl(stack: &Stack) -> ProcessingPipeline {
    ProcessingPipeline::new()
        .stage("Convert", stage().suffix(".wibl").writes("Staging"))
        .deliver(Stage::submit(submission(stack)).suffix(".json"))
}

fn pipeline(build: impl FnOnce(&Stack) -> ProcessingPipeline) -> Template {
    template(|stack| {
        let pipeline = build(stack);
        stack.add("Files", pipeline);
    })
}

fn mistakes(pipeline: ProcessingPipeline) -> cloudwright::Diagnostics {
    findings(|stack| {
        stack.add("Files", pipeline);
    })
}

fn of_service(template: &Template, start: &str, service: &str) -> Vec<(Value, Value)> {
    let policy = template.named(IDENTITY, start);
    let statements = policy["Properties"]["PolicyDocument"]["Statement"].as_array();
    let of_service = |statement: &&Value| {
        statement["Action"]
            .to_string()
            .contains(&format!("\"{service}:"))
    };
    let told = statements.unwrap().iter().filter(of_service);
    told.map(|one| (one["Action"].clone(), one["Resource"].clone()))
        .collect()
}

#[test]
fn each_stage_gets_what_the_one_before_writes() {
    let template = pipeline(wibl);
    let notified = |start: &str| {
        let bucket = &template.named(BUCKET, start)["Properties"];
        bucket["NotificationConfiguration"]["LambdaConfigurations"][0].clone()
    };
    let rule =
        |suffix: &str| expected!({ "S3Key": { "Rules": [{ "Name": "suffix", "Value": suffix }] } });
    let (incoming, staging) = (notified("FilesIncoming"), notified("FilesStaging"));
    assert_eq!(incoming["Event"], "s3:ObjectCreated:*");
    assert_eq!(incoming["Filter"], rule(".wibl"));
    let convert = template.id(FUNCTION, "FilesConvert");
    assert_eq!(
        incoming["Function"],
        expected!({ "Fn::GetAtt": [convert, "Arn"] })
    );
    assert_eq!(staging["Filter"], rule(".json"));
    let deliver = template.id(FUNCTION, "FilesDeliver");
    assert_eq!(
        staging["Function"],
        expected!({ "Fn::GetAtt": [deliver, "Arn"] })
    );
    for permission in template.all(PERMISSION) {
        let permission = &permission["Properties"];
        assert_eq!(permission["Principal"], "s3.amazonaws.com");
        assert!(!permission["SourceArn"].is_null() && !permission["SourceAccount"].is_null());
    }
}

#[test]
fn a_stage_may_read_its_own_place_and_write_the_next_and_nothing_else() {
    let template = pipeline(wibl);
    let convert = of_service(&template, "FilesConvert", "s3");
    let actions: Vec<_> = convert.iter().map(|(actions, _)| actions.clone()).collect();
    assert_eq!(
        actions,
        [
            expected!([
                "s3:AbortMultipartUpload",
                "s3:PutObject",
                "s3:PutObjectTagging"
            ]),
            expected!(["s3:GetObject", "s3:GetObjectTagging"]),
        ]
    );
    assert!(
        convert[0].1.to_string().contains("files-staging"),
        "{convert:?}"
    );
    assert!(
        convert[1].1.to_string().contains("files-incoming"),
        "{convert:?}"
    );
    let variables = &template.named(FUNCTION, "FilesConvert")["Properties"]["Environment"];
    assert!(
        variables["Variables"]["OUTPUT_BUCKET"].is_object()
            || variables["Variables"]["OUTPUT_BUCKET"].is_string()
    );
    let deliver = of_service(&template, "FilesDeliver", "s3");
    assert!(
        deliver
            .iter()
            .all(|(actions, _)| !actions.to_string().contains("s3:PutObject\""))
    );
}

#[test]
fn the_last_stage_remembers_what_became_of_each_version_of_an_object() {
    let template = pipeline(wibl);
    let table = template.properties("AWS::DynamoDB::Table");
    let keys = expected!([
        { "AttributeName": "object", "KeyType": "HASH" },
        { "AttributeName": "version", "KeyType": "RANGE" }
    ]);
    assert_eq!(table["KeySchema"], keys);
    let function = &template.named(FUNCTION, "FilesDeliver")["Properties"];
    assert_eq!(function["Handler"], "submit");
    assert_eq!(function["MemorySize"], 256);
    let variables = &function["Environment"]["Variables"];
    assert_eq!(
        variables["SUBMIT_URL"],
        "https://archive.example.org/upload"
    );
    assert_eq!(variables["PROVIDER_ID"], "UNHJHC");
    let secret =
        expected!({ "Fn::GetAtt": [template.id("AWS::SecretsManager::Secret", "Provider"), "Id"] });
    assert_eq!(variables["PROVIDER_AUTH_SECRET"], secret);
    let read = of_service(&template, "FilesDeliver", "secretsmanager");
    assert_eq!(read, [(expected!("secretsmanager:GetSecretValue"), secret)]);
    let kept = of_service(&template, "FilesDeliver", "dynamodb");
    assert_eq!(
        kept[0].0,
        expected!(["dynamodb:GetItem", "dynamodb:PutItem"])
    );
}

#[test]
fn a_queue_keeps_bursts_for_a_stage() {
    let template = pipeline(|_| {
        let function = function().timeout(minutes(2));
        let stage = Stage::function(function).hand_over(HandOver::Queue);
        ProcessingPipeline::new().stage("Convert", stage.maximum_concurrency(5).writes("Staging"))
    });
    let mut queues = template.all("AWS::SQS::Queue").into_iter();
    assert!(queues.any(|queue| queue["Properties"]["VisibilityTimeout"] == 720));
    let source = template.properties("AWS::Lambda::EventSourceMapping");
    assert_eq!(source["ScalingConfig"]["MaximumConcurrency"], 5);
    assert_eq!(
        source["FunctionResponseTypes"],
        expected!(["ReportBatchItemFailures"])
    );
}

#[test]
fn a_topic_tells_several_stages_of_one_object() {
    let template = pipeline(|_| {
        let told = || stage().hand_over(HandOver::Topic).reads("Incoming");
        ProcessingPipeline::new()
            .stage("Convert", told().suffix(".wibl").writes("Staging"))
            .stage("Count", told().writes("Counts"))
    });
    let subscriptions = template.all("AWS::SNS::Subscription");
    assert_eq!(subscriptions.len(), 2);
    let filters: Vec<_> = subscriptions
        .iter()
        .filter_map(|one| one["Properties"].get("FilterPolicy"))
        .collect();
    let ending =
        expected!({ "Records": { "s3": { "object": { "key": [{ "suffix": ".wibl" }] } } } });
    assert_eq!(filters, [&ending]);
    let bucket = &template.named(BUCKET, "FilesIncoming")["Properties"];
    let topics = bucket["NotificationConfiguration"]["TopicConfigurations"].as_array();
    assert_eq!(topics.map(Vec::len), Some(1));
}

#[test]
fn one_bucket_can_be_several_places() {
    let template = template(|stack| {
        let all = stack.add("All", s3::Bucket::new());
        let place = |name: &'static str, prefix: &'static str| {
            Place::named(name).bucket(&all).below(prefix)
        };
        let pipeline = ProcessingPipeline::new()
            .stage(
                "Convert",
                stage()
                    .reads(place("In", "in/"))
                    .writes(place("Mid", "mid/")),
            )
            .stage("Validate", stage().writes(place("Out", "out/")));
        stack.add("Files", pipeline);
    });
    assert_eq!(template.all(BUCKET).len(), 1);
    let variables =
        &template.named(FUNCTION, "FilesConvert")["Properties"]["Environment"]["Variables"];
    assert_eq!(variables["OUTPUT_PREFIX"], "mid/");
    let rights = of_service(&template, "FilesValidate", "s3");
    assert!(rights[0].1.to_string().contains("/out/*"), "{rights:?}");
    assert!(rights[1].1.to_string().contains("/mid/*"), "{rights:?}");
}

#[test]
fn names_tell_apart_what_a_stage_reads_and_writes_in_one_place() {
    pipeline(|_| {
        let stage = stage()
            .reads("All")
            .suffix(".wibl")
            .writes("All")
            .producing(".json");
        ProcessingPipeline::new().stage("Convert", stage)
    });
}

#[test]
fn everything_is_watched() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let pipeline =
            wibl(stack).stage("Count", stage().reads("Counts").hand_over(HandOver::Queue));
        let pipeline = pipeline.stage(
            "Sum",
            stage().reads("Incoming").suffix(".csv").writes("Counts"),
        );
        stack.add("Files", pipeline).alarms(&operators);
    });
    // Errors, time and throttles of four functions; two failure queues besides the third stage's; a queue's two.
    assert_eq!(template.all("AWS::CloudWatch::Alarm").len(), 4 * 3 + 3 + 2);
}

#[test]
fn stages_for_different_events_share_a_place_but_no_topic() {
    let gone = || stage().reads("Incoming").events([s3::Event::ObjectRemoved]);
    let template = pipeline(|_| {
        let come = stage().reads("Incoming").hand_over(HandOver::Topic);
        ProcessingPipeline::new()
            .stage("Convert", come.writes("Staging"))
            .stage(
                "Forget",
                gone().hand_over(HandOver::Topic).writes("Incoming"),
            )
    });
    let bucket = &template.named(BUCKET, "FilesIncoming")["Properties"];
    let topics = bucket["NotificationConfiguration"]["TopicConfigurations"].as_array();
    let events: Vec<_> = topics.unwrap().iter().map(|one| &one["Event"]).collect();
    assert_eq!(events, ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]);
    pipeline(|_| {
        let row = ProcessingPipeline::new().stage("Convert", stage().writes("Staging"));
        row.stage("Forget", gone())
    });
}

#[test]
fn a_failure_queue_of_ones_own_is_watched_itself() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let failures = stack.add("Failures", sqs::Queue::new());
        let stage = || Stage::function(function().on_failure(&failures));
        let row = ProcessingPipeline::new().stage("Convert", stage().writes("Staging"));
        stack
            .add("Files", row.stage("Check", stage()))
            .alarms(&operators);
    });
    let alarms = template
        .resources()
        .filter(|(id, _)| id.contains("FailuresAlarm"));
    let watched: Vec<_> = alarms
        .map(|(_, alarm)| alarm["Properties"]["Dimensions"].to_string())
        .collect();
    assert_eq!(watched.len(), 2);
    assert!(
        watched.iter().all(|queue| !queue.contains("DeadLetter")),
        "{watched:?}"
    );
}
