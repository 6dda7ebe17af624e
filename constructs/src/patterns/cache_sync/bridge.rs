//! Events by way of EventBridge, for buckets whose own notifications somebody else has.

use cloudwright_synth::{Json, Scope, Text, Verb};

use super::rules;
use crate::cfn;
use crate::cfn::events::rule;
use crate::patterns::shared;
use crate::s3::BucketRef;
use crate::sqs::QueueRef;

/// Tells the queue of everything that happens to packages of a bucket that sends its events to
/// [EventBridge](https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html).
pub(super) fn listen(scope: &Scope, bucket: &BucketRef, prefix: &Text, queue: &QueueRef) {
    shared::on_bridge(scope, bucket);
    let target = rule::Target::new(queue.arn(), "Events");
    let rule = cfn::events::Rule::new().event_pattern(pattern(bucket, prefix));
    // Beside what the function gave up: both are events of the bucket, and one alarm watches them.
    let lost = queue.dead_letter_queue();
    let rule = rules::add(scope, "Changes", rule, target, lost);
    rules::let_send(&rule, queue);
    bucket
        .scope()
        .edge(Verb::Notifies, queue.scope(), format!("{prefix}*"));
}

fn pattern(bucket: &BucketRef, prefix: &Text) -> Json {
    let one_of = |values: Vec<Json>| Json::List(values);
    let text = |text: &'static str| Json::Text(text.into());
    let name = one_of(vec![bucket.name().as_json().clone()]);
    let mut detail = vec![("bucket", Json::map([("name", name)]))];
    if !prefix.is_empty() {
        let beginning = Json::map([("prefix", Json::Text(prefix.clone()))]);
        detail.push(("object", Json::map([("key", one_of(vec![beginning]))])));
    }
    Json::map([
        ("source", one_of(vec![text("aws.s3")])),
        (
            "detail-type",
            one_of(vec![text("Object Created"), text("Object Deleted")]),
        ),
        ("detail", Json::map(detail)),
    ])
}
