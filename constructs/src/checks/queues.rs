//! FIFO queues and topics that SQS and SNS would refuse, and senders that an encrypted one shuts out.

use cloudwright_synth::{Check, Found, TemplateResource, View};

use super::read::{at, each, is_fifo, is_fifo_target, is_true, referred, text_at};
use super::rights::{called, key_of, shuts_out};
use crate::rules::{BAD_FIFO, MAY_NOT_ENCRYPT};

/// What only a FIFO queue can have.
const FIFO_ONLY: [&str; 3] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
];

/// Looks at queues, topics and subscriptions.
pub(super) struct Queues;

impl Check for Queues {
    fn kinds(&self) -> &[&'static str] {
        &[
            "AWS::S3::Bucket",
            "AWS::SNS::Subscription",
            "AWS::SNS::Topic",
            "AWS::SQS::Queue",
        ]
    }

    fn resource(&self, resource: &TemplateResource, view: &View<'_>, found: &mut Found) {
        match resource.kind() {
            "AWS::SQS::Queue" => {
                named(resource, "FifoQueue", "QueueName", found);
                dead_letters(resource, view, found);
            }
            "AWS::SNS::Topic" => named(resource, "FifoTopic", "TopicName", found),
            "AWS::SNS::Subscription" => subscription(resource, view, found),
            _ => bucket(resource, view, found),
        }
    }
}

/// A FIFO queue says so, and its name ends in `.fifo`; no other name does.
fn named(resource: &TemplateResource, flag: &str, name: &str, found: &mut Found) {
    let properties = resource.properties();
    let fifo = is_true(properties.get(flag));
    let known = properties.get(flag).is_none_or(|flag| !flag.is_token());
    if let Some(text) = text_at(resource, name).filter(|_| known)
        && text.ends_with(".fifo") != fifo
    {
        let (message, help) = if fifo {
            (
                format!("the name of a FIFO queue or topic ends in \".fifo\", got \"{text}\""),
                format!("write \"{text}.fifo\", or leave the name out"),
            )
        } else {
            (
                format!(
                    "only a FIFO queue or topic has a name that ends in \".fifo\", got \"{text}\""
                ),
                format!("set {flag} to true, or take the end off"),
            )
        };
        found.tell(&BAD_FIFO, message, help);
    }
    let extra = FIFO_ONLY.iter().find(|name| properties.get(name).is_some());
    if let Some(extra) = extra.filter(|_| known && !fifo) {
        let message = format!(
            "{extra} belongs to a FIFO queue or topic, and {} is a standard one",
            resource.id()
        );
        found.tell(
            &BAD_FIFO,
            message,
            format!("set {flag} to true, or leave {extra} out"),
        );
    }
}

/// The dead letters of a FIFO queue go to a FIFO queue, those of another to a standard one.
fn dead_letters(queue: &TemplateResource, view: &View<'_>, found: &mut Found) {
    let Some(target) = at(queue.properties(), "RedrivePolicy.deadLetterTargetArn") else {
        return;
    };
    let known = view.referred(target).is_some() || target.as_text().is_some();
    let (fifo, target_fifo) = (is_fifo(queue), is_fifo_target(view, target));
    if known && fifo != target_fifo {
        let name = |fifo| if fifo { "FIFO" } else { "standard" };
        let message = format!(
            "{} is a {} queue, and its dead letters go to a {} one",
            queue.id(),
            name(fifo),
            name(target_fifo)
        );
        found.tell(
            &BAD_FIFO,
            message,
            format!("make both {} queues", name(fifo)),
        );
    }
}

/// A topic that is no FIFO topic cannot tell a FIFO queue; an encrypted queue has to let SNS in.
fn subscription(subscription: &TemplateResource, view: &View<'_>, found: &mut Found) {
    let properties = subscription.properties();
    let queue = referred(view, properties.get("Endpoint"), "AWS::SQS::Queue");
    let topic = referred(view, properties.get("TopicArn"), "AWS::SNS::Topic");
    if let (Some(queue), Some(topic)) = (queue, topic)
        && is_fifo(queue)
        && !is_fifo(topic)
    {
        let message = format!(
            "{} is a standard topic, which cannot tell the FIFO queue {}",
            called(topic),
            called(queue)
        );
        found.tell(
            &BAD_FIFO,
            message,
            "make the topic FIFO, or the queue standard",
        );
    }
    if let Some(queue) = queue {
        reached(view, queue, "sns.amazonaws.com", found);
    }
}

/// An encrypted queue or topic that a bucket tells has to let S3 use its key.
fn bucket(bucket: &TemplateResource, view: &View<'_>, found: &mut Found) {
    for (list, name) in [
        ("QueueConfigurations", "Queue"),
        ("TopicConfigurations", "Topic"),
    ] {
        let way = format!("NotificationConfiguration.{list}");
        for entry in each(at(bucket.properties(), &way)) {
            if let Some(target) = entry.get(name).and_then(|target| view.referred(target)) {
                reached(view, target, "s3.amazonaws.com", found);
            }
        }
    }
}

fn reached(view: &View<'_>, target: &TemplateResource, service: &str, found: &mut Found) {
    let Some(key) = key_of(view, target) else {
        return;
    };
    if shuts_out(key, service) {
        let message = format!(
            "{service} sends to {}, and the policy of its key {} does not let it",
            called(target),
            called(key)
        );
        let help = format!(
            "let {service} call kms:GenerateDataKey and kms:Decrypt in the policy of the key, under aws:SourceAccount"
        );
        found.tell(&MAY_NOT_ENCRYPT, message, help);
    }
}
