//! Topics: their defaults and settings, who is subscribed, who may publish, and what they refuse.

mod filters;
mod places;
mod publishers;
mod subscriptions;
mod topics;

#[path = "../support/mod.rs"]
mod support;

use cloudwright::prelude::*;
use cloudwright::sns::{
    FifoSubscription, FifoTopic, FifoTopicRef, FilterPolicy, Match, Subscription, Topic, TopicRef,
};
use serde_json::json as expected;
use support::{
    ABROAD, Template, assert_error, findings, home, refusal_of, strict_template, template,
    template_of, templates_of, worker,
};

const TOPIC: &str = "AWS::SNS::Topic";
const POLICY: &str = "AWS::SNS::TopicPolicy";
const SUBSCRIPTION: &str = "AWS::SNS::Subscription";
const QUEUE: &str = "AWS::SQS::Queue";
const QUEUE_POLICY: &str = "AWS::SQS::QueuePolicy";
const IDENTITY: &str = "AWS::IAM::Policy";

/// A queue that is one resource.
fn queue() -> sqs::Queue {
    sqs::Queue::new().without_dead_letter_queue()
}

fn function() -> lambda::Function {
    lambda::Function::new(lambda::Code::s3("releases", "tell.zip"))
}
