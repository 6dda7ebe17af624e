//! Services that send to a queue.

use super::*;

#[test]
fn a_bucket_sends_to_an_encrypted_queue_after_it_was_let_in() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let jobs = stack.add("Jobs", Queue::new().encrypted_with(&key));
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.notify(Event::ObjectCreated, Filter::prefix("in/"), &jobs);
    });
    let queue = template.id(QUEUE, JOBS);
    let bucket = template.one("AWS::S3::Bucket");
    let name = bucket["Properties"]["BucketName"].as_str().unwrap();
    let send = template.allowing(POLICY, "sqs:SendMessage")[0];
    assert_eq!(
        send["Principal"],
        expected!({ "Service": "s3.amazonaws.com" })
    );
    assert_eq!(
        send["Resource"],
        expected!({ "Fn::GetAtt": [queue, "Arn"] })
    );
    let source = send["Condition"]["ArnEquals"]["aws:SourceArn"].to_string();
    assert!(
        source.contains(name) && !source.contains("GetAtt"),
        "{source}"
    );
    let account = &send["Condition"]["StringEquals"]["aws:SourceAccount"];
    assert_eq!(account, "123456789012");
    let key = template.allowing_key("s3.amazonaws.com");
    let actions = expected!(["kms:Decrypt", "kms:GenerateDataKey*"]);
    assert_eq!(key["Action"], actions);
    assert_eq!(
        key["Condition"]["StringEquals"]["aws:SourceAccount"],
        "123456789012"
    );
    let waits = bucket["DependsOn"].to_string();
    assert!(waits.contains(template.id(POLICY, "JobsPolicy")), "{waits}");
}

#[test]
fn a_bucket_of_another_account_may_use_the_key_too() {
    let app = App::new();
    let stack = app.stack("S", home());
    let key = stack.add("Key", kms::Key::new());
    let jobs = Queue::new().queue_name("jobs").encrypted_with(&key);
    let jobs = stack.add("Jobs", jobs);
    let away = app.stack("Away", Environment::new(ABROAD, "eu-central-1"));
    let uploads = away.add("Uploads", s3::Bucket::new());
    uploads.notify(Event::ObjectCreated, Filter::all(), &jobs);
    let template = template_of(app, "S");
    let send = template.allowing(POLICY, "sqs:SendMessage")[0];
    assert_eq!(
        send["Condition"]["StringEquals"]["aws:SourceAccount"],
        ABROAD
    );
    let key = template.allowing_key("s3.amazonaws.com");
    assert_eq!(
        key["Condition"]["StringEquals"]["aws:SourceAccount"],
        ABROAD
    );
}

#[test]
fn a_bucket_notifies_queues_of_its_own_region_only() {
    let app = App::new();
    let away = app.stack("Away", Environment::new("123456789012", "eu-west-1"));
    let jobs = away.add("Jobs", Queue::new().queue_name("jobs"));
    let uploads = app.stack("S", home()).add("Uploads", s3::Bucket::new());
    uploads.notify(Event::ObjectCreated, Filter::all(), &jobs);
    let parts = [
        "a bucket and whom it notifies",
        "expected eu-central-1, got \"Away/Jobs\" in eu-west-1",
    ];
    assert_error(&refusal_of(app), "CW1109", &parts);
}
