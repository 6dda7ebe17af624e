//! Functions that set off themselves, without end and at a price.

use cloudwright_synth::{Check, Found, Json, TemplateResource, View};

use super::read::{at, each, key_filter, referred, shape};
use super::rights::{allowing, called, name, role_of};
use crate::rules::SELF_TRIGGER;

/// How many resources a trigger may pass through, such as bucket, topic, queue, function.
const DEPTH: usize = 3;

/// Follows what triggers a function back to what the function may write.
pub(super) struct Recursion;

/// Something whose change leads to a call of the function.
struct Trigger<'a> {
    source: &'a TemplateResource,
    /// The keys of a bucket that count, as beginning and end.
    keys: (&'a str, &'a str),
}

impl Check for Recursion {
    fn kinds(&self) -> &[&'static str] {
        &["AWS::Lambda::Function"]
    }

    fn resource(&self, function: &TemplateResource, view: &View<'_>, found: &mut Found) {
        let Some(role) = role_of(view, function) else {
            return;
        };
        let mut triggers = Vec::new();
        upstream(view, function, DEPTH, &mut triggers);
        for trigger in triggers {
            if let Some(action) = writes(view, role, &trigger) {
                tell(function, &trigger, action, found);
            }
        }
    }
}

fn tell(function: &TemplateResource, trigger: &Trigger<'_>, action: &str, found: &mut Found) {
    let source = called(trigger.source);
    let message = format!(
        "{} is set off by {source}, and its role allows {action} there: it could call itself without end",
        called(function)
    );
    let help = "write to another place (bucket, prefix, suffix, queue), or acknowledge Finding::SelfTrigger and say what \
                ends it";
    found.tell(&SELF_TRIGGER, message, help);
}

/// Everything that calls a function, or tells something that does.
fn upstream<'a>(
    view: &View<'a>,
    target: &TemplateResource,
    depth: usize,
    found: &mut Vec<Trigger<'a>>,
) {
    if depth == 0 {
        return;
    }
    let is_target = |value: Option<&Json>| {
        let resource = value.and_then(|value| view.referred(value));
        resource.is_some_and(|resource| std::ptr::eq(resource, target))
    };
    for one in view.dependents(target) {
        let properties = one.properties();
        let source = match one.kind() {
            "AWS::Lambda::EventSourceMapping" if is_target(properties.get("FunctionName")) => {
                properties
                    .get("EventSourceArn")
                    .and_then(|source| view.referred(source))
            }
            "AWS::SNS::Subscription" if is_target(properties.get("Endpoint")) => {
                referred(view, properties.get("TopicArn"), "AWS::SNS::Topic")
            }
            "AWS::S3::Bucket" => {
                buckets(view, one, target, found);
                None
            }
            _ => None,
        };
        if let Some(source) = source {
            found.push(Trigger {
                source,
                keys: ("", ""),
            });
            upstream(view, source, depth - 1, found);
        }
    }
}

/// The notifications of a bucket that reach a target.
fn buckets<'a>(
    view: &View<'a>,
    bucket: &'a TemplateResource,
    target: &TemplateResource,
    found: &mut Vec<Trigger<'a>>,
) {
    for (list, name) in [
        ("LambdaConfigurations", "Function"),
        ("QueueConfigurations", "Queue"),
        ("TopicConfigurations", "Topic"),
    ] {
        let way = format!("NotificationConfiguration.{list}");
        for entry in each(at(bucket.properties(), &way)) {
            let event = entry
                .get("Event")
                .and_then(Json::as_text)
                .unwrap_or_default();
            let resource = entry.get(name).and_then(|value| view.referred(value));
            let is_it = resource.is_some_and(|resource| std::ptr::eq(resource, target));
            if is_it && event.starts_with("s3:ObjectCreated") {
                let keys = (key_filter(entry, "prefix"), key_filter(entry, "suffix"));
                found.push(Trigger {
                    source: bucket,
                    keys,
                });
            }
        }
    }
}

/// The action by which a role could set off a trigger.
fn writes(view: &View<'_>, role: &TemplateResource, trigger: &Trigger<'_>) -> Option<&'static str> {
    let source = trigger.source;
    let action = match source.kind() {
        "AWS::S3::Bucket" => {
            let statements = allowing(view, role, "s3:PutObject", source);
            let reaches = |statement: &&Json| {
                each(statement.get("Resource"))
                    .iter()
                    .any(|value| covers(view, value, trigger))
            };
            return statements.iter().any(reaches).then_some("s3:PutObject");
        }
        "AWS::SQS::Queue" => "sqs:SendMessage",
        "AWS::SNS::Topic" => "sns:Publish",
        "AWS::DynamoDB::Table" => "dynamodb:PutItem",
        "AWS::Kinesis::Stream" => "kinesis:PutRecord",
        _ => return None,
    };
    (!allowing(view, role, action, source).is_empty()).then_some(action)
}

/// Whether the objects that a statement is about can be those that the trigger is about.
fn covers(view: &View<'_>, value: &Json, trigger: &Trigger<'_>) -> bool {
    let Some(arn) = shape(view, value) else {
        return false;
    };
    let same = view
        .referred(value)
        .is_some_and(|one| std::ptr::eq(one, trigger.source));
    let named = name(view, trigger.source).is_some_and(|name| arn.contains(&name));
    let (prefix, suffix) = trigger.keys;
    let Some((_, keys)) = arn.split_once('/').filter(|_| same || named) else {
        return arn == "*";
    };
    let beginning = keys.split('*').next().unwrap_or_default();
    let end = keys.rsplit('*').next().unwrap_or_default();
    let exact = !keys.contains('*');
    let begins = beginning.starts_with(prefix) || (!exact && prefix.starts_with(beginning));
    let ends = end.ends_with(suffix) || (!exact && suffix.ends_with(end));
    begins && ends
}
