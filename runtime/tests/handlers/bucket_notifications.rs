//! `bucket-notifications`: what S3 is sent, what CloudFormation is told, and what becomes of refusals.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudwright_runtime::harness::Function;
use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Value, json};

use crate::{function, start};

const STACK: &str = "arn:aws:cloudformation:eu-central-1:123456789012:stack/shop/6b5f8a40";
const ID: &str = "b/shop-Uploads-183a9a075d75788d";

/// What others have: a queue with a filter as S3 spells it, a topic with an event that nobody here
/// knows, and EventBridge.
const OTHERS: [&str; 3] = [
    "<TopicConfiguration><Id>MzA</Id><Topic>arn:aws:sns:eu-central-1:1:t</Topic>\
     <Event>s3:ObjectPraised</Event></TopicConfiguration>",
    "<QueueConfiguration><Id>theirs</Id><Queue>arn:aws:sqs:eu-central-1:1:q</Queue>\
     <Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>Prefix</Name>\
     <Value>a&amp;b/</Value></FilterRule></S3Key></Filter></QueueConfiguration>",
    "<EventBridgeConfiguration",
];

/// A stand-in of S3 that keeps the notifications of a bucket, and one of CloudFormation.
struct Stage {
    s3: Server,
    answers: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    document: String,
    written: Vec<String>,
    /// What S3 answers to each request, in place of what it would.
    s3_reply: Option<Reply>,
    /// What is answered to the next answers.
    answer_replies: Vec<Reply>,
    answered: Vec<Request>,
}

impl Stage {
    fn start() -> Self {
        let state = State {
            document: document(&(OTHERS.concat() + "/>")),
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let (of_s3, of_answers) = (Arc::clone(&state), Arc::clone(&state));
        let s3 = Server::start(move |request| s3(request, &mut of_s3.lock().unwrap()));
        let answers = Server::start(move |request| {
            let mut state = of_answers.lock().unwrap();
            state.answered.push(request.clone());
            state
                .answer_replies
                .pop()
                .unwrap_or_else(|| Reply::new(200, ""))
        });
        Self {
            s3: s3.unwrap(),
            answers: answers.unwrap(),
            state,
        }
    }

    fn function(&self) -> Function {
        function("bucket-notifications").variable("AWS_ENDPOINT_URL", &self.s3.url())
    }

    fn request(&self, kind: &str, arn: &str) -> Value {
        let to = json!([{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"],
                         "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".csv"}]}}}]);
        json!({
            "RequestType": kind, "ResponseURL": format!("{}/answer?Signature=x%2By", self.answers.url()),
            "StackId": STACK, "RequestId": "r1", "LogicalResourceId": "Uploads",
            "ResourceType": "Custom::BucketNotifications", "PhysicalResourceId": ID,
            "ResourceProperties": {"ServiceToken": "arn", "BucketName": "b",
                                   "NotificationConfiguration": {"LambdaFunctionConfigurations": to}},
        })
    }

    /// What CloudFormation was told since the last time.
    fn answers(&self) -> Vec<Value> {
        let answered = std::mem::take(&mut self.state.lock().unwrap().answered);
        let body = |request: Request| {
            assert_eq!(
                (request.method.as_str(), request.target.as_str()),
                ("PUT", "/answer?Signature=x%2By")
            );
            assert_eq!(request.header("content-type"), None);
            assert_eq!(
                request.header("content-length"),
                Some(&*request.body.len().to_string())
            );
            serde_json::from_slice(&request.body).unwrap()
        };
        answered.into_iter().map(body).collect()
    }

    fn written(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().written)
    }
}

fn document(content: &str) -> String {
    format!(
        "<NotificationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</NotificationConfiguration>"
    )
}

fn s3(request: &Request, state: &mut State) -> Reply {
    assert!(
        request.target.starts_with("/b/?notification")
            || request.target.starts_with("/b?notification"),
        "{request:?}"
    );
    if let Some(reply) = &state.s3_reply {
        return reply.clone();
    }
    if request.method == "PUT" {
        state.document = request.text();
        state.written.push(request.text());
        return Reply::new(200, "");
    }
    Reply::new(200, state.document.clone())
}

fn answer(status: &str) -> Value {
    json!({"Status": status, "PhysicalResourceId": ID, "StackId": STACK, "RequestId": "r1", "LogicalResourceId": "Uploads"})
}

fn failed(reason: &str) -> Value {
    let mut answer = answer("FAILED");
    answer["Reason"] = json!(reason);
    answer
}

fn refusal(status: u16, code: &str, message: &str) -> Reply {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Reply::new(status, body).with("x-amz-request-id", "r-1")
}

#[test]
fn own_entries_come_and_go_and_the_others_are_written_back_as_they_were() {
    let stage = Stage::start();
    let mut instance = start(&stage.function());
    let own = |arn: &str| {
        format!(
            "</Id><CloudFunction>{arn}</CloudFunction><Event>s3:ObjectCreated:*</Event><Filter><S3Key>\
             <FilterRule><Name>suffix</Name><Value>.csv</Value></FilterRule></S3Key></Filter>\
             </CloudFunctionConfiguration>"
        )
    };
    let own_id = "<CloudFunctionConfiguration><Id>shop-Uploads-183a9a075d75788d-";
    for (kind, arn, count) in [
        ("Create", "one", 1),
        ("Update", "two", 1),
        ("Delete", "two", 0),
    ] {
        assert_eq!(instance.invoke(&stage.request(kind, arn)), Ok(Value::Null));
        assert_eq!(stage.answers(), [answer("SUCCESS")]);
        let written = stage.written();
        assert_eq!(written.len(), 1, "{written:?}");
        for part in OTHERS {
            assert_eq!(
                written[0].matches(part).count(),
                1,
                "{part} in {}",
                written[0]
            );
        }
        assert_eq!(written[0].matches(own_id).count(), count, "{}", written[0]);
        assert_eq!(
            written[0].matches(&own(arn)).count(),
            count,
            "{}",
            written[0]
        );
        let all = written[0].matches("</Id>").count();
        assert_eq!(all, 2 + count, "{}", written[0]);
    }
}

/// Each kind of failure of S3, what CloudFormation is told of it, and in how many seconds.
fn failures() -> Vec<(Reply, &'static str)> {
    vec![
        (
            refusal(403, "AccessDenied", "no s3:GetBucketNotification"),
            "AccessDenied: S3 GetBucketNotificationConfiguration, bucket b, region eu-central-1: AccessDenied: \
             no s3:GetBucketNotification (request id r-1)",
        ),
        (
            refusal(404, "NoSuchBucket", "it is gone"),
            "NotFound: S3 GetBucketNotificationConfiguration, bucket b, region eu-central-1: NoSuchBucket: it is \
             gone (request id r-1)",
        ),
        (
            refusal(301, "PermanentRedirect", "another endpoint"),
            "Refused: S3 GetBucketNotificationConfiguration, bucket b, region eu-central-1: PermanentRedirect: \
             another endpoint (request id r-1)",
        ),
        (
            refusal(503, "SlowDown", "Please reduce your request rate."),
            "Throttled: S3 GetBucketNotificationConfiguration, bucket b, region eu-central-1: SlowDown: Please \
             reduce your request rate. (request id r-1)",
        ),
        (
            Reply::new(500, ""),
            "ServiceFailed: S3 GetBucketNotificationConfiguration, bucket b, region eu-central-1: HTTP status 500 \
             without an explanation",
        ),
        (
            Reply::HangUp,
            "Unreachable: S3 GetBucketNotificationConfiguration, bucket b, region eu-central-1: dispatch failure: \
             other: client error (SendRequest): connection closed before message completed",
        ),
        (
            Reply::Break,
            "ServiceFailed: S3 GetBucketNotificationConfiguration, bucket b, region eu-central-1: response error: \
             error reading a body from connection: end of file before message length reached",
        ),
        (
            Reply::new(200, "{}"),
            "ServiceFailed: S3 GetBucketNotificationConfiguration, bucket b, region eu-central-1: service error: \
             unhandled error: error parsing XML: no root element",
        ),
    ]
}

#[test]
fn each_kind_of_failure_is_told_exactly_and_the_next_request_works() {
    let check = |(reply, reason): (Reply, &str)| {
        let stage = Stage::start();
        stage.state.lock().unwrap().s3_reply = Some(reply);
        let mut instance = start(&stage.function().timeout(Duration::from_secs(25)));
        assert_eq!(
            instance.invoke(&stage.request("Create", "one")),
            Ok(Value::Null)
        );
        assert_eq!(stage.answers(), [failed(reason)]);
        let line = instance.record(|line| line["level"] == "ERROR").unwrap();
        assert_eq!(
            (&line["requestId"], &line["bucket"]),
            (&json!("r1"), &json!("b"))
        );
        stage.state.lock().unwrap().s3_reply = None;
        assert_eq!(
            instance.invoke(&stage.request("Create", "one")),
            Ok(Value::Null)
        );
        assert_eq!(stage.answers(), [answer("SUCCESS")]);
    };
    // Together, since most are tried again until the time is over.
    std::thread::scope(|scope| {
        for row in failures() {
            scope.spawn(move || check(row));
        }
    });
}

#[test]
fn an_answer_is_told_again_until_it_is_taken() {
    let stage = Stage::start();
    let replies = vec![Reply::new(503, ""), Reply::HangUp, Reply::new(500, "")];
    stage.state.lock().unwrap().answer_replies = replies;
    let mut instance = start(&stage.function());
    assert_eq!(
        instance.invoke(&stage.request("Create", "one")),
        Ok(Value::Null)
    );
    assert_eq!(stage.answers(), vec![answer("SUCCESS"); 4]);

    stage.state.lock().unwrap().answer_replies = vec![refusal(403, "AccessDenied", "expired")];
    let error = instance
        .invoke(&stage.request("Create", "one"))
        .unwrap_err();
    let expected = json!({
        "errorType": "AccessDenied",
        "errorMessage": "1 of 1 failed; PUT to the ResponseURL of CloudFormation: HTTP status 403 (request id r-1)",
    });
    assert_eq!(error.sent, expected);
    assert!(
        !instance.logs().join("").contains("Signature"),
        "the URL is a secret"
    );
}

#[test]
fn what_is_no_request_of_cloudformation_fails() {
    let stage = Stage::start();
    let mut instance = start(&stage.function());
    let mut request = stage.request("Create", "one");
    for (event, problem) in [
        (json!({}), "missing field `ResponseURL`"),
        (json!({"Records": []}), "missing field `ResponseURL`"),
        (
            json!("text"),
            "invalid type: string \"text\", expected struct Request",
        ),
    ] {
        let error = instance.invoke(&event).unwrap_err();
        let message = format!(
            "1 of 1 failed; expected a request of CloudFormation for a custom resource: {problem}"
        );
        let expected = json!({"errorType": "UnreadableEvent", "errorMessage": message});
        assert_eq!(error.sent, expected);
    }
    request["ResponseURL"] = json!("nowhere");
    let error = instance.invoke(&request).unwrap_err();
    assert_eq!(error.kind, "UnreadableEvent", "{error}");
    request["ResourceProperties"] = json!({"BucketName": "b"});
    request["ResponseURL"] = stage.request("Create", "")["ResponseURL"].take();
    assert_eq!(instance.invoke(&request), Ok(Value::Null));
    assert_eq!(
        stage.answers(),
        [failed(
            "Refused: properties: missing field `NotificationConfiguration`"
        )]
    );
}

#[test]
fn cloudformation_is_told_before_the_time_is_over() {
    let stage = Stage::start();
    // S3 that says nothing at all: the stand-in waits longer than the function has.
    let silent = Server::start(|_| {
        std::thread::sleep(Duration::from_secs(20));
        Reply::HangUp
    });
    let silent = silent.unwrap();
    let function = stage.function().variable("AWS_ENDPOINT_URL", &silent.url());
    let mut instance = start(&function.timeout(Duration::from_secs(6)));
    assert_eq!(
        instance.invoke(&stage.request("Create", "one")),
        Ok(Value::Null)
    );
    let answers = stage.answers();
    let reason = answers[0]["Reason"].as_str().unwrap();
    assert!(
        reason.starts_with("Unreachable: ") || reason.starts_with("DeadlineReached: "),
        "{reason}"
    );
}
