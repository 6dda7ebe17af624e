//! Objects by way of EventBridge.

use cloudwright_synth::{Json, Scope, Text, Verb};

use super::check::Step;
use super::place::Settled;
use crate::events::{EventPattern, Rule, Target};
use crate::lambda::FunctionRef;
use crate::s3::Event;

/// Lets a rule call the function of a stage for each of its objects. What the rule cannot hand over ends where
/// the events end that the function gives up.
pub(super) fn tell(scope: &Scope, step: &Step, function: &FunctionRef) {
    let target = Target::function(function).id("Stage");
    let rule = Rule::matching(pattern(step)).target(target);
    let rule = scope.add(format!("{}Objects", step.name), rule);
    let Settled { bucket, prefix, .. } = &step.input;
    let objects = format!("{prefix}*{}", step.stage.suffix);
    bucket.scope().edge(Verb::Notifies, rule.scope(), objects);
}

/// What a rule takes
/// ([patterns](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html)).
fn pattern(step: &Step) -> EventPattern {
    let Settled { bucket, prefix, .. } = &step.input;
    let one = |value: Json| Json::List(vec![value]);
    let name = one(bucket.name().as_json().clone());
    let mut detail = vec![("bucket", Json::map([("name", name)]))];
    if let Some(key) = keys(prefix, &step.stage.suffix) {
        detail.push(("object", Json::map([("key", one(key))])));
    }
    let events = &step.stage.events;
    if !events.contains(&Event::ObjectCreated) {
        let reasons = events.iter().filter_map(|event| reason(*event));
        let reasons = reasons.map(|reason| Json::Text(reason.into()));
        detail.push(("reason", Json::set_of(reasons.collect())));
    }
    EventPattern::source("aws.s3")
        .detail_type("Object Created")
        .detail(Json::map(detail))
}

/// Keys that begin and end so. Two conditions of one member are alternatives, so both together are a wildcard.
fn keys(prefix: &Text, suffix: &Text) -> Option<Json> {
    let condition = |name: &'static str, text: &Text| Json::map([(name, Json::Text(text.clone()))]);
    match (prefix.is_empty(), suffix.is_empty()) {
        (true, true) => None,
        (false, true) => Some(condition("prefix", prefix)),
        (true, false) => Some(condition("suffix", suffix)),
        (false, false) => {
            let plain = |text: &str| text.replace('\\', r"\\").replace('*', r"\*");
            let both = format!("{}*{}", plain(prefix), plain(suffix));
            Some(condition("wildcard", &both.into()))
        }
    }
}

/// How an event of EventBridge says in what way an object was created.
const fn reason(event: Event) -> Option<&'static str> {
    match event {
        Event::ObjectCreatedPut => Some("PutObject"),
        Event::ObjectCreatedPost => Some("POST Object"),
        Event::ObjectCreatedCopy => Some("CopyObject"),
        Event::ObjectCreatedCompleteMultipartUpload => Some("CompleteMultipartUpload"),
        _ => None,
    }
}
