//! Functions and what calls them: queues, asynchronous callers, and where failures go.

mod support;

use cloudwright::lambda::{Code, EventSource, Function, Permission};
use cloudwright::prelude::*;
use cloudwright::{Edge, Verb};
use serde_json::json as expected;
use support::{Template, assert_error, assert_warning, findings, home, strict_template, template};

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
const CONFIG: &str = "AWS::Lambda::EventInvokeConfig";
const FUNCTION: &str = "AWS::Lambda::Function";
const QUEUE: &str = "AWS::SQS::Queue";
const POLICY: &str = "AWS::IAM::Policy";
const ALARM: &str = "AWS::CloudWatch::Alarm";

fn function() -> Function {
    Function::new(Code::s3("releases", "book.zip"))
}

fn book(stack: &Stack) -> lambda::FunctionRef {
    stack.add("Book", function())
}

#[test]
fn a_function_takes_work_from_a_queue() {
    let template = template(|stack| {
        let orders = stack.add("Orders", sqs::Queue::new());
        book(stack).consume(&orders);
    });
    let has_redrive = |body: &&serde_json::Value| body["Properties"]["RedrivePolicy"].is_object();
    assert_eq!(
        template.all(QUEUE).into_iter().filter(has_redrive).count(),
        1
    );
    let dead_letters = template.id(QUEUE, "OrdersDeadLetterQueue");
    let mut queues = template
        .resources()
        .filter(|(_, body)| body["Type"] == QUEUE);
    let (orders, _) = queues.find(|(id, _)| *id != dead_letters).unwrap();
    let expected = expected!({
        "EventSourceArn": { "Fn::GetAtt": [orders, "Arn"] },
        "FunctionName": { "Ref": template.id("AWS::Lambda::Function", "Book") },
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    });
    assert_eq!(*template.properties(MAPPING), expected);
    let consume = template.allowing(POLICY, "sqs:ReceiveMessage")[0];
    assert_eq!(
        consume["Resource"],
        expected!({ "Fn::GetAtt": [orders, "Arn"] })
    );
    assert!(
        template.all(CONFIG).is_empty(),
        "Lambda polls: no failure queue"
    );
}

#[test]
fn every_setting_of_an_event_source_is_written() {
    let template = template(|stack| {
        let orders = sqs::Queue::new().visibility_timeout(seconds(185));
        let orders = stack.add("Orders", orders);
        let source = EventSource::new(&orders)
            .batch_size(100)
            .batching_window(seconds(5))
            .maximum_concurrency(20)
            .filter(json!({ "body": { "kind": ["order", null], "total": [{ "numeric": [">", 1.5] }] } }))
            .filter(json!({ "body": { "urgent": [true] } }))
            .disabled();
        book(stack).consume(source);
    });
    let properties = template.properties(MAPPING);
    for (path, value) in [
        ("/BatchSize", expected!(100)),
        ("/MaximumBatchingWindowInSeconds", expected!(5)),
        ("/ScalingConfig/MaximumConcurrency", expected!(20)),
        ("/Enabled", expected!(false)),
    ] {
        assert_eq!(properties.pointer(path), Some(&value), "{path}");
    }
    let filters = properties["FilterCriteria"]["Filters"].as_array().unwrap();
    let patterns: Vec<_> = filters
        .iter()
        .map(|filter| filter["Pattern"].as_str().unwrap())
        .collect();
    assert!(
        patterns.contains(&r#"{"body":{"kind":["order",null],"total":[{"numeric":[">",1.5]}]}}"#),
        "{patterns:?}"
    );
    assert_eq!(patterns.len(), 2);
}

#[test]
fn a_fifo_queue_is_consumed_and_its_key_opened() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let payments = sqs::FifoQueue::new().encrypted_with(&key);
        let payments = stack.add("Payments", payments);
        book(stack).consume(EventSource::new(&payments).batch_size(10));
    });
    assert_eq!(template.properties(MAPPING)["BatchSize"], 10);
    let key = template.id("AWS::KMS::Key", "Key");
    let decrypt = template.allowing(POLICY, "kms:Decrypt")[0];
    assert_eq!(
        decrypt["Resource"],
        expected!({ "Fn::GetAtt": [key, "Arn"] })
    );
}

#[test]
fn an_imported_queue_is_consumed_as_well() {
    let template = template(|stack| {
        let arn = "arn:aws:sqs:eu-central-1:123456789012:old";
        let old = sqs::Queue::import(stack, "Old", arn);
        let source = book(stack).consume(&old);
        stack.output("Source", source.uuid());
    });
    let arn = "arn:aws:sqs:eu-central-1:123456789012:old";
    assert_eq!(template.properties(MAPPING)["EventSourceArn"], arn);
    let source = template.id(MAPPING, "Book");
    let uuid = &template.0["Outputs"]["Source"]["Value"];
    assert_eq!(*uuid, expected!({ "Fn::GetAtt": [source, "Id"] }));
}

#[test]
fn mistakes_about_event_sources_are_found() {
    type Source = fn(&sqs::QueueRef) -> EventSource<sqs::Standard>;
    let mistakes: &[(Source, &str, &[&str])] = &[
        (
            |queue| EventSource::new(queue).batch_size(0),
            "CW1002",
            &[
                "1 to 10000 messages, got 0",
                "EventSource-S--Q",
                "lambda_events.rs",
            ],
        ),
        (
            |queue| EventSource::new(queue).batch_size(11),
            "CW1103",
            &["got 11 without a window", "`.batching_window(seconds(1))`"],
        ),
        (
            |queue| {
                EventSource::new(queue)
                    .batch_size(11)
                    .batching_window(seconds(0))
            },
            "CW1103",
            &["got 11 without a window"],
        ),
        (
            |queue| EventSource::new(queue).maximum_concurrency(1),
            "CW1002",
            &["2 to 1000 batches, got 1"],
        ),
        (
            |queue| EventSource::new(queue).batching_window(seconds(301)),
            "CW1002",
            &["a batching window is 0 to 300 seconds, got 301"],
        ),
        (
            |queue| EventSource::new(queue).filter(json!({ "body": { "kind": "order" } })),
            "CW1304",
            &["stand in a list, got \"order\" at \"/body/kind\""],
        ),
        (
            |queue| EventSource::new(queue).filter(json!({})),
            "CW1304",
            &["at least one field"],
        ),
        (
            |queue| EventSource::new(queue).filter(json!(["order"])),
            "CW1304",
            &["without one"],
        ),
        (
            |queue| EventSource::new(queue).filter(json!({ "body": [Pseudo::Region.value()] })),
            "CW1304",
            &["got a token"],
        ),
    ];
    for (source, code, parts) in mistakes {
        let found = findings(|stack| {
            let queue = sqs::Queue::new().visibility_timeout(hours(1));
            let queue = stack.add("Q", queue);
            book(stack).consume(source(&queue));
        });
        assert_error(&found, code, parts);
    }
}

#[test]
fn a_large_batch_of_a_fifo_queue_is_found() {
    let found = findings(|stack| {
        let payments = stack.add("Payments", sqs::FifoQueue::new());
        book(stack).consume(EventSource::new(&payments).batch_size(11));
    });
    assert_error(
        &found,
        "CW1002",
        &["FIFO queue is 1 to 10 messages, got 11"],
    );
}

#[test]
fn messages_stay_hidden_six_times_as_long_as_the_function_may_run() {
    let consume = |visible: u64, window: u64| {
        findings(|stack| {
            let queue = sqs::Queue::new().visibility_timeout(seconds(visible));
            let queue = stack.add("Q", queue);
            let source = EventSource::new(&queue).batching_window(seconds(window));
            stack
                .add("F", function().timeout(seconds(20)))
                .consume(source);
        })
    };
    assert!(consume(120, 0).is_empty());
    assert!(consume(125, 5).is_empty());
    let parts = &[
        "for 119 s, expected at least 120 s",
        "seconds(120)",
        "\"S/Q\"",
    ];
    assert_warning(&consume(119, 0), "CW1104", parts);
    assert_warning(&consume(20, 0), "CW1104", &["for 20 s"]);
    let parts = &["for 124 s, expected at least 125 s", "window of 5 s"];
    assert_warning(&consume(124, 5), "CW1104", parts);
    // Lambda refuses this one.
    assert_error(&consume(19, 0), "CW1104", &["for 19 s"]);
}

#[test]
fn a_function_without_a_known_role_cannot_consume() {
    let found = findings(|stack| {
        let orders = stack.add("Orders", sqs::Queue::new());
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:old";
        Function::import(stack, "Old", arn).consume(&orders);
    });
    assert_error(&found, "CW1303", &["acting_as"]);
}

/// Asserts that a function called `Book` gives up its events to a queue that starts so.
#[track_caller]
fn assert_gives_up_to(template: &Template, queue: &str) {
    let queue = template.id(QUEUE, queue);
    let function = template.id("AWS::Lambda::Function", "Book");
    let arn = expected!({ "Fn::GetAtt": [queue, "Arn"] });
    let config = template.properties(CONFIG);
    assert_eq!(config["FunctionName"], expected!({ "Ref": function }));
    assert_eq!(config["Qualifier"], "$LATEST");
    let destination = &config["DestinationConfig"]["OnFailure"]["Destination"];
    assert_eq!(*destination, arn);
    let send = template.allowing(POLICY, "sqs:SendMessage");
    assert!(
        send.iter().any(|statement| statement["Resource"] == arn),
        "{send:#?}"
    );
}

#[test]
fn whoever_does_not_wait_brings_a_failure_queue() {
    let callers: [fn(&Stack, &lambda::FunctionRef); 3] = [
        |stack, book| {
            let uploads = stack.add("Uploads", s3::Bucket::new());
            uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), book);
        },
        |stack, book| {
            let news = stack.add("News", sns::Topic::new());
            news.subscribe(sns::Subscription::function(book));
        },
        |stack, book| {
            let nightly = cfn::events::Rule::new().schedule_expression("rate(1 day)");
            let nightly = stack.add("Nightly", nightly);
            book.permit(
                "Rule",
                Permission::service("events.amazonaws.com", &nightly),
            );
            let weekly = cfn::events::Rule::new().schedule_expression("rate(7 days)");
            let weekly = stack.add("Weekly", weekly);
            book.permit(
                "Weekly",
                Permission::service("events.amazonaws.com", &weekly),
            );
        },
    ];
    for caller in callers {
        let template = template(|stack| caller(stack, &book(stack)));
        assert_gives_up_to(&template, "BookFailureQueue");
        let queue = template.properties(QUEUE);
        assert_eq!(queue["MessageRetentionPeriod"], 14 * 86_400);
    }
}

#[test]
fn whoever_waits_brings_none() {
    let template = template(|stack| {
        let book = book(stack);
        let api = "arn:aws:execute-api:eu-central-1:123456789012:abc/*";
        book.permit("Api", Permission::service("apigateway.amazonaws.com", api));
        book.permit("Partner", Permission::account("210987654321"));
    });
    assert!(template.all(CONFIG).is_empty());
    assert!(template.all(QUEUE).is_empty());
}

#[test]
fn asynchronous_calls_can_be_set_up() {
    let template = template(|stack| {
        let failures = stack.add("Failures", sqs::Queue::dead_letter());
        let settings = function()
            .on_failure(&failures)
            .maximum_event_age(hours(1))
            .retry_attempts(0);
        stack.add("Book", settings);
    });
    assert_gives_up_to(&template, "Failures");
    let config = template.properties(CONFIG);
    assert_eq!(config["MaximumEventAgeInSeconds"], 3600);
    assert_eq!(config["MaximumRetryAttempts"], 0);
}

#[test]
fn failures_can_be_dropped() {
    let call = |stack: &Stack, function: Function| {
        let book = stack.add("Book", function.without_failure_queue());
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &book);
        assert!(book.failure_queue().is_none());
    };
    let dropped = template(|stack| call(stack, function()));
    assert!(dropped.all(CONFIG).is_empty());
    let tried_once = template(|stack| call(stack, function().retry_attempts(0)));
    let config = tried_once.properties(CONFIG);
    assert_eq!(config["MaximumRetryAttempts"], 0);
    assert!(config.get("DestinationConfig").is_none());
    assert!(tried_once.all(QUEUE).is_empty());
}

/// A function that a bucket calls, and its settings.
fn called(stack: &Stack, function: Function) {
    let book = stack.add("Book", function);
    let uploads = stack.add("Uploads", s3::Bucket::new());
    uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &book);
}

#[test]
fn failures_can_be_kept_as_dead_letters() {
    let asked = template(|stack| called(stack, function().with_dead_letter_queue()));
    let strict = strict_template(|stack| called(stack, function()));
    for template in [asked, strict] {
        let queue = expected!({ "Fn::GetAtt": [template.id(QUEUE, "BookFailureQueue"), "Arn"] });
        let function = template.named(FUNCTION, "Book");
        let dead_letters = &function["Properties"]["DeadLetterConfig"];
        assert_eq!(*dead_letters, expected!({ "TargetArn": queue }));
        // Each event is kept once.
        assert!(template.all(CONFIG).is_empty());
        // Lambda asks whether the role may send, right when it makes the function.
        let send = template.allowing("AWS::IAM::ManagedPolicy", "sqs:SendMessage");
        let send = [
            send,
            template.allowing("AWS::IAM::Policy", "sqs:SendMessage"),
        ]
        .concat();
        assert_eq!(send[0]["Resource"], queue);
        let waits = function["DependsOn"].to_string();
        assert!(waits.contains("BookServiceRoleDefaultPolicy"), "{waits}");
    }
    // A queue that somebody reads records from stays one of records.
    let given = strict_template(|stack| {
        let failures = stack.add("Failures", sqs::Queue::dead_letter());
        called(stack, function().on_failure(&failures));
    });
    let queue = expected!({ "Fn::GetAtt": [given.id(QUEUE, "Failures"), "Arn"] });
    let lost = &given.properties(CONFIG)["DestinationConfig"]["OnFailure"];
    assert_eq!(lost["Destination"], queue);
    let said = template(|stack| {
        let failures = stack.add("Failures", sqs::Queue::dead_letter());
        called(
            stack,
            function()
                .on_failure(&failures)
                .with_dead_letter_queue()
                .retry_attempts(0),
        );
    });
    let queue = expected!({ "Fn::GetAtt": [said.id(QUEUE, "Failures"), "Arn"] });
    let dead_letters = &said.named(FUNCTION, "Book")["Properties"]["DeadLetterConfig"];
    assert_eq!(dead_letters["TargetArn"], queue);
    let config = said.properties(CONFIG);
    assert_eq!(config["MaximumRetryAttempts"], 0);
    assert!(config.get("DestinationConfig").is_none());
}

#[test]
fn dead_letters_that_are_asked_for_need_no_known_caller() {
    let template = template(|stack| {
        stack.add("Book", function().with_dead_letter_queue());
    });
    let dead_letters = &template.named(FUNCTION, "Book")["Properties"]["DeadLetterConfig"];
    let queue = template.id(QUEUE, "BookFailureQueue");
    assert_eq!(dead_letters["TargetArn"]["Fn::GetAtt"][0], queue);
}

#[test]
fn dead_letters_cannot_be_dropped() {
    let found = findings(|stack| {
        let function = function().without_failure_queue();
        stack.add("Book", function.with_dead_letter_queue());
    });
    let words = [
        "given up events are dropped",
        "S/Book",
        "with_dead_letter_queue",
    ];
    assert_error(&found, "CW1103", &words);
}

#[test]
fn the_failure_queue_can_be_watched() {
    let template = template(|stack| {
        let operators = stack.add("Operators", sns::Topic::new());
        let book = book(stack);
        let failures = book.failure_queue().unwrap();
        failures.alarm_on_dead_letters(&operators);
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &book);
        book.failure_queue().unwrap().grant_consume(&book);
    });
    assert_gives_up_to(&template, "BookFailureQueue");
    let alarm = template.properties(ALARM);
    let queue = template.id(QUEUE, "BookFailureQueue");
    assert_eq!(
        alarm["Dimensions"][0]["Value"],
        expected!({ "Fn::GetAtt": [queue, "QueueName"] })
    );
}

#[test]
fn an_imported_function_keeps_the_configuration_of_its_owner() {
    let template = template(|stack| {
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:old";
        let old = Function::import(stack, "Old", arn);
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &old);
        assert!(old.failure_queue().is_none());
    });
    assert!(template.all(CONFIG).is_empty());
    assert_eq!(template.all("AWS::Lambda::Permission").len(), 1);
}

#[test]
fn impossible_asynchronous_calls_are_found() {
    let found = findings(|stack| drop(stack.add("F", function().retry_attempts(3))));
    assert_error(&found, "CW1002", &["at most 2 times, got 3"]);
    let found = findings(|stack| drop(stack.add("F", function().maximum_event_age(seconds(59)))));
    assert_error(&found, "CW1002", &["60 to 21600 seconds, got 59"]);
}

#[test]
fn who_feeds_whom_is_written_into_the_facts() {
    let app = App::new();
    let stack = app.stack("S", home());
    let orders = stack.add("Orders", sqs::Queue::new());
    let book = book(&stack);
    book.consume(&orders);
    drop(book.failure_queue());
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    for (verb, to) in [
        (Verb::Consumes, "S/Orders"),
        (Verb::DeadLettersTo, "S/Book/FailureQueue"),
        (Verb::LogsTo, "S/Book/LogGroup"),
    ] {
        let is_it = |edge: &Edge| edge.from == "S/Book" && edge.verb == verb && edge.to == to;
        assert!(
            assembly.edges().iter().any(is_it),
            "{:#?}",
            assembly.edges()
        );
    }
}

#[test]
fn a_queue_is_consumed_once() {
    let found = findings(|stack| {
        let orders = stack.add("Orders", sqs::Queue::new());
        let book = book(stack);
        book.consume(&orders);
        book.consume(EventSource::new(&orders).batch_size(5));
    });
    let parts = &["`EventSource-S--Orders`", "lambda_events.rs"];
    assert_error(&found, "CW0002", parts);
}
