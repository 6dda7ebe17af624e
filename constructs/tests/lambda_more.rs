//! Versions, URLs and streams of functions.

mod support;

use cloudwright::dynamodb::{Attribute, StreamView, Table};
use cloudwright::lambda::{Alias, Code, Function, Stream, Url};
use cloudwright::prelude::*;
use serde_json::json as expected;
use support::{assert_error, assert_warning, findings, template};

const VERSION: &str = "AWS::Lambda::Version";

fn price() -> Function {
    Function::new(Code::s3("releases", "price.zip"))
}

/// The logical id of the version of a function with this setting.
fn version_with(change: impl FnOnce(Function) -> Function, env: &'static str) -> String {
    let template = template(|stack| {
        let price = stack.add("Price", change(price()));
        price.alias(Alias::new("live"));
        price.alias(Alias::new("also"));
        price.env("MODE", env);
    });
    // One version, whatever names it has.
    assert_eq!(template.all(VERSION).len(), 1);
    assert_eq!(template.all(VERSION)[0]["DeletionPolicy"], "Retain");
    let id = template.id(VERSION, "Price").to_owned();
    let alias = template.all("AWS::Lambda::Alias")[0];
    let number = expected!({ "Fn::GetAtt": [id, "Version"] });
    assert_eq!(alias["Properties"]["FunctionVersion"], number);
    id
}

#[test]
fn a_version_is_made_anew_when_the_function_changes_and_only_then() {
    let first = version_with(|function| function, "fast");
    assert_eq!(first, version_with(|function| function, "fast"));
    assert_eq!(
        first,
        version_with(|function| function.reserved_concurrency(5), "fast")
    );
    assert_ne!(
        first,
        version_with(|function| function.memory(MiB(512)), "fast")
    );
    // Said after the alias was made.
    assert_ne!(first, version_with(|function| function, "slow"));
}

#[test]
fn a_url_is_for_those_who_sign_unless_it_is_public() {
    let signed = template(|stack| {
        stack.add("Price", price()).url(Url::new());
    });
    assert_eq!(signed.properties("AWS::Lambda::Url")["AuthType"], "AWS_IAM");
    assert!(signed.all("AWS::Lambda::Permission").is_empty());
    let public = template(|stack| {
        stack.add("Price", price()).url(Url::new().public());
    });
    assert_eq!(public.properties("AWS::Lambda::Url")["AuthType"], "NONE");
    assert_eq!(public.all("AWS::Lambda::Permission").len(), 2);
}

#[test]
fn a_batch_of_a_stream_is_split_and_what_is_given_up_is_named() {
    let template = template(|stack| {
        let table = Table::new(Attribute::string("id")).stream(StreamView::KeysOnly);
        let table = stack.add("Orders", table);
        stack
            .add("Price", price())
            .consume_stream(Stream::dynamodb(&table));
    });
    let source = template.properties("AWS::Lambda::EventSourceMapping");
    assert_eq!(source["BisectBatchOnFunctionError"], true);
    assert_eq!(source["MaximumRetryAttempts"], 10);
    assert_eq!(source["MaximumRecordAgeInSeconds"], 86_400);
    assert_eq!(source["StartingPosition"], "TRIM_HORIZON");
    assert_eq!(
        source["FunctionResponseTypes"],
        expected!(["ReportBatchItemFailures"])
    );
    assert!(source["DestinationConfig"]["OnFailure"]["Destination"].is_object());
}

#[test]
fn what_lambda_would_refuse_is_reported() {
    let found = findings(|stack| {
        let table = stack.add("Orders", Table::new(Attribute::string("id")));
        let price = stack.add("Price", price());
        price.consume_stream(Stream::dynamodb(&table).batch_size(0));
        price.alias(Alias::new("42"));
    });
    assert_error(&found, "CW1103", &["has no stream of its changes"]);
    assert_error(&found, "CW1002", &["1 to 10000, got 0"]);
    assert_error(&found, "CW1004", &["not digits alone, got \"42\""]);
    let found = findings(|stack| {
        stack
            .add("Price", price())
            .url(Url::new().cors_headers(["A"]));
    });
    assert_warning(&found, "CW1103", &["pages of no origin"]);
}

#[test]
fn a_function_that_gets_the_events_of_its_own_log_is_reported() {
    let found = findings(|stack| {
        let logs = stack.add("Logs", logs::LogGroup::new());
        let alert = stack.add("Alert", price().log_group(&logs));
        logs.subscribe("All", "", &alert);
    });
    assert_error(&found, "CW1422", &["each call would make the next one"]);
}

#[test]
fn pages_may_send_the_signature_that_a_url_wants() {
    let headers = |url: Url| {
        let template = template(|stack| {
            let url = url.cors(["https://shop.example"], ["GET"]);
            stack.add("Price", price()).url(url);
        });
        template.properties("AWS::Lambda::Url")["Cors"]["AllowHeaders"].clone()
    };
    let signed = headers(Url::new());
    for name in ["Authorization", "X-Amz-Date", "X-Amz-Security-Token"] {
        assert!(signed.as_array().unwrap().contains(&name.into()), "{name}");
    }
    assert!(headers(Url::new().public()).is_null());
}
