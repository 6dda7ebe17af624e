//! Events by way of EventBridge, for buckets whose own notifications somebody else has.

use cloudwright_synth::{Json, Scope, Text, Verb};

use crate::events::{EventPattern, Rule, Target};
use crate::patterns::shared;
use crate::s3::BucketRef;
use crate::sqs::QueueRef;

/// Tells the queue of everything that happens to packages of a bucket that sends its events to
/// [EventBridge](https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html).
pub(super) fn listen(
    scope: &Scope,
    bucket: &BucketRef,
    prefix: &Text,
    tags: bool,
    queue: &QueueRef,
) {
    shared::on_bridge(scope, bucket);
    // What cannot be handed over is beside what the function gave up, in the dead letters of the queue: both are
    // events of the bucket, and one alarm watches them.
    let target = Target::queue(queue).id("Events");
    let rule = Rule::matching(pattern(bucket, prefix, tags)).target(target);
    let rule = scope.add("Changes", rule);
    bucket
        .scope()
        .edge(Verb::Notifies, rule.scope(), format!("{prefix}*"));
}

fn pattern(bucket: &BucketRef, prefix: &Text, tags: bool) -> EventPattern {
    let one = |value: Json| Json::List(vec![value]);
    let name = one(bucket.name().as_json().clone());
    let mut detail = vec![("bucket", Json::map([("name", name)]))];
    if !prefix.is_empty() {
        let beginning = Json::map([("prefix", Json::Text(prefix.clone()))]);
        detail.push(("object", Json::map([("key", one(beginning))])));
    }
    let mut kinds = vec!["Object Created", "Object Deleted"];
    if tags {
        kinds.extend(["Object Tags Added", "Object Tags Deleted"]);
    }
    let of_kind = |pattern: EventPattern, kind: &&'static str| pattern.detail_type(*kind);
    let pattern = kinds.iter().fold(EventPattern::source("aws.s3"), of_kind);
    pattern.detail(Json::map(detail))
}
