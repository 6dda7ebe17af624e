//! Notifications of buckets that S3 would refuse, or that would never come.

use cloudwright_synth::sorted::Set;
use cloudwright_synth::{Check, Found, Json, TemplateResource, View};

use super::read::{each, is_fifo_target, key_filter};
use crate::rules::{FIFO_NOTIFIED, NOT_LET_IN, OVERLAPPING_NOTIFICATIONS, UNKNOWN_EVENT};
use crate::s3::Event;
use cloudwright_synth::nearest;

/// The lists of a configuration, and what each entry calls its target.
const LISTS: [(&str, &str); 3] = [
    ("LambdaConfigurations", "Function"),
    ("QueueConfigurations", "Queue"),
    ("TopicConfigurations", "Topic"),
];

/// Looks at the notifications of buckets.
pub(super) struct Notifications;

/// An entry of a configuration.
struct Entry<'a> {
    event: &'a str,
    prefix: &'a str,
    suffix: &'a str,
    target: &'a Json,
    is_function: bool,
}

impl Check for Notifications {
    fn kinds(&self) -> &[&'static str] {
        &["AWS::S3::Bucket"]
    }

    fn resource(&self, bucket: &TemplateResource, view: &View<'_>, found: &mut Found) {
        let entries = entries(bucket);
        for (position, entry) in entries.iter().enumerate() {
            event(entry, found);
            target(bucket, entry, view, found);
            for other in &entries[position + 1..] {
                overlap(entry, other, found);
            }
        }
    }
}

fn entries(bucket: &TemplateResource) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    let Some(configuration) = bucket.properties().get("NotificationConfiguration") else {
        return entries;
    };
    for (list, name) in LISTS {
        for one in each(configuration.get(list)) {
            let (Some(event), Some(target)) = (one.get("Event"), one.get(name)) else {
                continue;
            };
            entries.push(Entry {
                // An event that only the deployment knows is like no other.
                event: event.as_text().unwrap_or_default(),
                prefix: key_filter(one, "prefix"),
                suffix: key_filter(one, "suffix"),
                target,
                is_function: name == "Function",
            });
        }
    }
    entries
}

fn event(entry: &Entry<'_>, found: &mut Found) {
    let name = entry.event;
    if name.is_empty() || Event::ALL.iter().any(|event| event.name() == name) {
        return;
    }
    let known = Event::ALL.iter().map(|event| event.name());
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "write an event such as \"s3:ObjectCreated:*\"".to_owned(),
    };
    found.tell(&UNKNOWN_EVENT, format!("S3 has no event \"{name}\""), help);
}

fn overlap(entry: &Entry<'_>, other: &Entry<'_>, found: &mut Found) {
    let covers = |wide: &str, narrow: &str| match wide.strip_suffix('*') {
        Some(group) => narrow.starts_with(group),
        None => wide == narrow,
    };
    let events = covers(entry.event, other.event) || covers(other.event, entry.event);
    let prefixes = entry.prefix.starts_with(other.prefix) || other.prefix.starts_with(entry.prefix);
    let suffixes = entry.suffix.ends_with(other.suffix) || other.suffix.ends_with(entry.suffix);
    if !entry.event.is_empty() && !other.event.is_empty() && events && prefixes && suffixes {
        let shown = |one: &Entry<'_>| format!("{} of {}*{}", one.event, one.prefix, one.suffix);
        let message = format!(
            "two notifications can match one event of one key: {}, and {}",
            shown(entry),
            shown(other)
        );
        let help = "make the prefixes or suffixes disjoint, or notify one topic that tells both";
        found.tell(&OVERLAPPING_NOTIFICATIONS, message, help);
    }
}

fn target(bucket: &TemplateResource, entry: &Entry<'_>, view: &View<'_>, found: &mut Found) {
    if is_fifo_target(view, entry.target) {
        let message = "S3 cannot notify a FIFO queue or a FIFO topic, expected a standard one";
        let help = "notify a function that sends to it (`NotifiedQueue` does), or use EventBridge";
        found.tell(&FIFO_NOTIFIED, message, help);
    }
    let Some(function) = view.referred(entry.target).filter(|_| entry.is_function) else {
        return;
    };
    let mut permissions = view.dependents(function).filter(|one| lets_s3_in(one));
    if !permissions.any(|permission| waits(view, bucket, permission)) {
        let message = format!(
            "the bucket tells the function {}, and waits for no permission that lets S3 call it",
            function.id()
        );
        let help = "add an AWS::Lambda::Permission for s3.amazonaws.com, and name it in the bucket's DependsOn";
        found.tell(&NOT_LET_IN, message, help);
    }
}

fn lets_s3_in(one: &TemplateResource) -> bool {
    let principal = one.properties().get("Principal").and_then(Json::as_text);
    one.kind() == "AWS::Lambda::Permission" && matches!(principal, Some("s3.amazonaws.com" | "*"))
}

/// Whether a bucket is made after a permission: it depends on it, maybe by way of others.
fn waits(view: &View<'_>, bucket: &TemplateResource, permission: &TemplateResource) -> bool {
    let mut seen = Set::new();
    let mut next = vec![permission];
    while let Some(one) = next.pop() {
        if std::ptr::eq(one, bucket) {
            return true;
        }
        if seen.insert(one.id()) {
            next.extend(view.dependents(one));
        }
    }
    false
}
