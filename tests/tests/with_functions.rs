//! Functions on the local AWS: work comes from a queue, failed messages and failed events are kept.

use cloudwright::lambda::{Code, EventSource, Function, FunctionRef, Runtime};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::Deployed;
use tests::engine::Engine;

const REGION: &str = "eu-central-1";

/// Gives a batch back without the messages that it calls bad.
const WORKER: &str = "
def handler(event, context):
    bad = [record['messageId'] for record in event['Records'] if 'bad' in record['body']]
    return {'batchItemFailures': [{'itemIdentifier': id} for id in bad]}
";
/// Works on nothing.
const FAILING: &str = "
def handler(event, context):
    raise RuntimeError('no')
";

/// A function of inline code, which the engine runs without a bucket.
fn inline(
    stack: &Stack,
    id: &'static str,
    program: &'static str,
    settings: Function,
) -> FunctionRef {
    let settings = settings.runtime(Runtime::Python3_13, "index.handler");
    let function = stack.add(id, settings.timeout(seconds(1)));
    if let Some(cfn) = function.cfn() {
        cfn.raw("Code", json!({ "ZipFile": program }));
    }
    function
}

/// Code that is replaced by inline code.
fn replaced() -> Function {
    Function::new(Code::s3("none", "none"))
}

/// Deploys a stack that `build` fills.
fn deploy(name: &'static str, build: impl FnOnce(&Stack)) -> Deployed {
    let app = App::new();
    build(&app.stack(name, Environment::new("000000000000", REGION)));
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let template = assembly.stack(name).unwrap().template().to_json();
    let template: Document = serde_json::from_str(&template).unwrap();
    Engine::shared().client(REGION).deploy(name, &template)
}

#[test]
fn only_what_failed_comes_back_and_is_kept_at_last() {
    let stack = deploy("Work", |stack| {
        let orders = sqs::Queue::new()
            .visibility_timeout(seconds(6))
            .max_receives(1);
        let orders = stack.add("Orders", orders);
        let work = inline(stack, "Work", WORKER, replaced());
        let filter = json!({ "body": { "kind": ["order"] } });
        work.consume(EventSource::new(&orders).filter(filter));
        stack.output("Queue", orders.url());
        if let Some(failures) = orders.dead_letter_queue() {
            stack.output("DeadLetters", failures.url());
        }
    });
    assert_eq!(stack.status, "CREATE_COMPLETE");
    let aws = Engine::shared().client(REGION);
    let send = |body: Document| {
        let message =
            expected!({ "QueueUrl": stack.outputs["Queue"], "MessageBody": body.to_string() });
        aws.call("sqs", "SendMessage", &message);
    };
    send(expected!({ "kind": "order", "state": "good" }));
    send(expected!({ "kind": "order", "state": "bad" }));
    send(expected!({ "kind": "other", "state": "bad" }));
    let kept = aws.await_messages(&stack.outputs["DeadLetters"]);
    let bodies: Vec<_> = kept
        .iter()
        .map(|message| message["Body"].as_str().unwrap())
        .collect();
    assert_eq!(bodies, [r#"{"kind":"order","state":"bad"}"#]);
    assert!(aws.take_messages(&stack.outputs["Queue"]).is_empty());
}

#[test]
fn an_event_that_a_function_gives_up_is_kept() {
    let stack = deploy("Failing", |stack| {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        let failing = inline(stack, "Failing", FAILING, replaced().retry_attempts(0));
        uploads.notify(
            s3::Event::ObjectCreated,
            s3::Filter::prefix("in/"),
            &failing,
        );
        stack.output("Bucket", uploads.name());
        if let Some(failures) = failing.failure_queue() {
            stack.output("Failures", failures.url());
        }
    });
    let aws = Engine::shared().client(REGION);
    aws.put_object(&stack.outputs["Bucket"], "in/a.txt", "content");
    let kept = aws.await_messages(&stack.outputs["Failures"]);
    let record: Document = serde_json::from_str(kept[0]["Body"].as_str().unwrap()).unwrap();
    let object = &record["requestPayload"]["Records"][0]["s3"]["object"];
    assert_eq!(object["key"], "in/a.txt");
}
