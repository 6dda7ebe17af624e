//! `submit`: an object comes into a bucket, a form to the archive, and what became of it into the table
//! and a tag.

use std::sync::{Arc, Mutex};

use cloudwright::iam::Statement;
use cloudwright::lambda::Handler;
use cloudwright::prelude::*;
use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Value as Document, json as expected};
use tests::aws::wait_for;

use crate::{ACCOUNT, HERE, KEY, aws, deploy, handler, watch};

/// An archive that refuses the first object that it gets, and accepts all others.
fn archive() -> (Server, Arc<Mutex<Vec<Request>>>) {
    let posts = Arc::<Mutex<Vec<Request>>>::default();
    let seen = Arc::clone(&posts);
    let server = Server::start(move |request| {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        let answer = expected!({ "success": seen.len() > 1 });
        Reply::new(200, answer.to_string())
    });
    (server.unwrap(), posts)
}

fn table(stack: &Stack) {
    let key = json!([
        { "AttributeName": "object", "KeyType": "HASH" },
        { "AttributeName": "version", "KeyType": "RANGE" },
    ]);
    let attributes = json!([
        { "AttributeName": "object", "AttributeType": "S" },
        { "AttributeName": "version", "AttributeType": "S" },
    ]);
    let table = RawResource::new("AWS::DynamoDB::Table")
        .property("TableName", "Submissions")
        .property("BillingMode", "PAY_PER_REQUEST")
        .property("AttributeDefinitions", attributes)
        .property("KeySchema", key);
    stack.add("Table", table);
}

/// A bucket whose objects go to an archive at this URL; the secret has this ARN.
fn submitting(url: String, secret: &str) -> String {
    let app = App::new();
    let stack = app.stack("Submitting", Environment::new(ACCOUNT, HERE));
    let out = stack.add("Out", s3::Bucket::new());
    table(&stack);
    let submit = stack.add(
        "Submit",
        handler(Handler::Submit)
            .env("SUBMIT_URL", url)
            .env("PROVIDER_ID", "PRO")
            .env("PROVIDER_AUTH_SECRET", secret.to_owned())
            .env("PROVIDER_AUTH_FIELD", "token")
            .env("DELIVERY_TABLE", "Submissions"),
    );
    watch(&out, &submit);
    out.grant_read(&submit);
    let tags = Statement::allow([
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionTagging",
        "s3:PutObjectTagging",
        "s3:PutObjectVersionTagging",
    ]);
    submit.add_statement(tags.on(out.objects("")));
    let rows = Statement::allow(["dynamodb:GetItem", "dynamodb:PutItem"]);
    submit.add_statement(rows.on(format!(
        "arn:aws:dynamodb:{HERE}:{ACCOUNT}:table/Submissions"
    )));
    let reading = Statement::allow(["secretsmanager:GetSecretValue"]);
    submit.add_statement(reading.on(secret.to_owned()));
    stack.output("OutName", out.name());
    deploy(app, &[("Submitting", HERE)])["OutName"].clone()
}

/// The states in the table, sorted.
fn states() -> Vec<String> {
    let scan = expected!({ "TableName": "Submissions", "ConsistentRead": true });
    let found = aws(HERE).call("dynamodb", "Scan", &scan);
    let rows = found["Items"].as_array().into_iter().flatten();
    let mut states: Vec<_> = rows
        .map(|row| row["state"]["S"].as_str().unwrap_or_default().to_owned())
        .collect();
    states.sort();
    states
}

/// The tag of an object that says what became of it.
fn result(bucket: &str, key: &str) -> Option<String> {
    let named = expected!({ "Bucket": bucket, "Key": key });
    let found = aws(HERE).call("s3", "GetObjectTagging", &named);
    let mut tags = found["TagSet"].as_array()?.iter();
    let tag = tags.find(|tag| tag["Key"] == "SubmissionState")?;
    tag["Value"].as_str().map(str::to_owned)
}

#[test]
fn an_object_is_handed_in_and_what_became_of_it_is_kept() {
    let (server, posts) = archive();
    let held = expected!({ "token": "hunter2" }).to_string();
    let secret = expected!({ "Name": "submit-auth", "SecretString": held });
    let secret = aws(HERE).call("secretsmanager", "CreateSecret", &secret);
    let bucket = submitting(
        format!("{}/upload", server.url()),
        secret["ARN"].as_str().unwrap(),
    );
    let put = |key: &str, body: &str| {
        let object = expected!({ "Bucket": bucket, "Key": key, "Body": body, "Tagging": "SourceID=vessel%207" });
        aws(HERE).call("s3", "PutObject", &object);
    };
    put("first", "one");
    wait_for("the refusal", || {
        (result(&bucket, "first")? == "refused").then_some(())
    });
    put(KEY, "the track of a vessel");
    wait_for("the acceptance", || {
        (result(&bucket, KEY)? == "accepted").then_some(())
    });
    assert_eq!(states(), ["accepted", "refused"]);

    let seen: Vec<Request> = posts.lock().unwrap().clone();
    let [_, accepted] = &seen[..] else {
        panic!("two requests: {seen:?}")
    };
    assert_eq!((&*accepted.method, &*accepted.target), ("POST", "/upload"));
    assert_eq!(accepted.header("x-auth-token"), Some("hunter2"));
    let kind = accepted.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("multipart/form-data; boundary="), "{kind}");
    let form = accepted.text();
    assert!(form.contains("the track of a vessel"), "{form}");

    // The event of the refused object is delivered twice more: it is handed in, and then it is done.
    let record = expected!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": HERE,
        "s3": { "bucket": { "name": bucket }, "object": { "key": "first" } } });
    let event = expected!({ "Records": [record] }).to_string();
    let call = expected!({ "FunctionName": function(&bucket), "Payload": event });
    for _ in 0..2 {
        let answer = aws(HERE).call("lambda", "Invoke", &call);
        assert_eq!(answer["Payload"], "null");
        assert_eq!(states(), ["accepted", "accepted"]);
        assert_eq!(posts.lock().unwrap().len(), 3);
    }
}

/// The function that a bucket tells of its objects.
fn function(bucket: &str) -> String {
    let named = expected!({ "Bucket": bucket });
    let told = aws(HERE).call("s3", "GetBucketNotificationConfiguration", &named);
    let to: &Document = &told["LambdaFunctionConfigurations"][0]["LambdaFunctionArn"];
    to.as_str().unwrap().to_owned()
}
