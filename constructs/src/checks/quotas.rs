//! Quotas of services that no schema knows.

use cloudwright_synth::{Check, Found, Json, TemplateResource, Text, View};

use super::read::{at, each};
use crate::iam::{INLINE, MANAGED};
use crate::rules::OVER_QUOTA;

/// How many items a list may have: the type, the list, and the quota.
const ITEMS: [(&str, &str, usize); 13] = [
    ("AWS::ApiGateway::UsagePlan", "ApiStages", 10),
    ("AWS::AutoScaling::AutoScalingGroup", "TargetGroupARNs", 50),
    ("AWS::CloudWatch::Alarm", "AlarmActions", 5),
    ("AWS::CloudWatch::Alarm", "OKActions", 5),
    ("AWS::DynamoDB::Table", "GlobalSecondaryIndexes", 20),
    ("AWS::DynamoDB::Table", "LocalSecondaryIndexes", 5),
    ("AWS::EC2::SecurityGroup", "SecurityGroupEgress", 60),
    ("AWS::EC2::SecurityGroup", "SecurityGroupIngress", 60),
    ("AWS::Events::Rule", "Targets", 5),
    ("AWS::IAM::Role", "ManagedPolicyArns", 10),
    ("AWS::Lambda::Function", "Layers", 5),
    ("AWS::S3::Bucket", "CorsConfiguration.CorsRules", 100),
    ("AWS::S3::Bucket", "LifecycleConfiguration.Rules", 1000),
];
/// How many characters a document may have, white space left out: the type, the document, and the quota.
const LETTERS: [(&str, &str, usize); 6] = [
    ("AWS::IAM::ManagedPolicy", "PolicyDocument", MANAGED),
    ("AWS::IAM::Policy", "PolicyDocument", INLINE),
    ("AWS::IAM::Role", "AssumeRolePolicyDocument", 2_048),
    ("AWS::KMS::Key", "KeyPolicy", 32_768),
    ("AWS::S3::BucketPolicy", "PolicyDocument", 20_480),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", 30_720),
];

/// How many characters the names and values of a function's environment may have.
const ENVIRONMENT: usize = 4_096;

/// Counts what services count.
pub(super) struct Quotas;

impl Check for Quotas {
    fn kinds(&self) -> &[&'static str] {
        &[
            "AWS::ApiGateway::UsagePlan",
            "AWS::AutoScaling::AutoScalingGroup",
            "AWS::CloudWatch::Alarm",
            "AWS::DynamoDB::Table",
            "AWS::EC2::SecurityGroup",
            "AWS::Events::Rule",
            "AWS::IAM::ManagedPolicy",
            "AWS::IAM::Policy",
            "AWS::IAM::Role",
            "AWS::KMS::Key",
            "AWS::Lambda::Function",
            "AWS::Logs::LogGroup",
            "AWS::S3::Bucket",
            "AWS::S3::BucketPolicy",
            "AWS::SNS::TopicPolicy",
        ]
    }

    fn resource(&self, resource: &TemplateResource, view: &View<'_>, found: &mut Found) {
        let (kind, properties) = (resource.kind(), resource.properties());
        for (_, list, quota) in ITEMS.iter().filter(|(of, ..)| *of == kind) {
            let count = each(at(properties, list)).len();
            if count > *quota {
                over(
                    found,
                    &format!("{list} of {}", resource.id()),
                    "items",
                    (count, *quota),
                );
            }
        }
        for (_, document, quota) in LETTERS.iter().filter(|(of, ..)| *of == kind) {
            let count = at(properties, document).map_or(0, letters);
            if count > *quota {
                over(
                    found,
                    &format!("{document} of {}", resource.id()),
                    "characters",
                    (count, *quota),
                );
            }
        }
        if kind == "AWS::Lambda::Function" {
            let variables = at(properties, "Environment.Variables").and_then(Json::as_map);
            let length =
                |(name, value): &(Text, Json)| name.len() + value.as_text().map_or(0, str::len);
            let count = variables.unwrap_or_default().iter().map(length).sum();
            if count > ENVIRONMENT {
                let what = format!("the environment of {}", resource.id());
                over(found, &what, "characters", (count, ENVIRONMENT));
            }
        }
        if kind == "AWS::Logs::LogGroup" {
            let filters = view.dependents(resource);
            let count = filters
                .filter(|one| one.kind() == "AWS::Logs::SubscriptionFilter")
                .count();
            if count > 2 {
                over(found, resource.id(), "subscription filters", (count, 2));
            }
        }
    }
}

fn over(found: &mut Found, what: &str, of: &str, (count, quota): (usize, usize)) {
    let message = format!("AWS takes {quota} {of} there, got {count} in {what}");
    found.tell(
        &OVER_QUOTA,
        message,
        "split it: each part is counted by itself",
    );
}

/// The length of a document in JSON without white space, at least: what only the deployment knows
/// counts nothing.
fn letters(json: &Json) -> usize {
    match json {
        Json::Null | Json::Bool(_) => 4,
        Json::Int(_) | Json::Float(_) => 1,
        Json::Text(text) => text.len() + 2,
        Json::List(items) => 1 + items.iter().map(|item| letters(item) + 1).sum::<usize>(),
        Json::Map(members) => {
            let member = |(key, value): &(Text, Json)| key.len() + 4 + letters(value);
            1 + members.iter().map(member).sum::<usize>()
        }
        Json::Token(token) => match token.function() {
            // The names of pseudo parameters are about as long as their values.
            Some(("Fn::Sub", Json::Text(text))) if !text.contains("${") => text.len(),
            Some(("Fn::Join", arguments)) => letters(arguments) / 2,
            _ => 0,
        },
    }
}
