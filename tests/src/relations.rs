//! What resources do to each other, read from templates alone: notifications, subscriptions, policies, permissions, alarms.
//!
//! Pictures are drawn from what constructs say of themselves. This reads what CloudFormation is told, so that the two can be
//! compared: neither knows of the other.

mod rights;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::examples::Assembly;
use text::Reader;

/// `(from, verb, to)`, by the paths of constructs.
pub type Relation = (String, String, String);

/// What templates say.
#[derive(Debug, Default)]
pub struct Relations {
    /// Who does what to whom.
    pub found: BTreeSet<Relation>,
    /// Who is let in by whom: permissions of functions, policies of queues and topics.
    pub let_in: BTreeSet<(String, String)>,
    /// What alarms watch, by alarm.
    pub watched: BTreeMap<String, BTreeSet<String>>,
}

/// A resource of a template.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) stack: String,
    pub(crate) id: String,
    /// The path of the construct that it makes.
    pub(crate) path: String,
    pub(crate) kind: String,
    pub(crate) properties: Value,
}

/// Reads all templates of an assembly.
#[must_use]
pub fn of(assembly: &Assembly) -> Relations {
    let reader = Reader::new(assembly);
    let mut relations = Relations::default();
    for resource in &reader.resources {
        let mut tell = Teller {
            reader: &reader,
            resource,
            relations: &mut relations,
        };
        tell.all();
    }
    relations
}

/// Reads one resource.
struct Teller<'a> {
    reader: &'a Reader,
    resource: &'a Resource,
    relations: &'a mut Relations,
}

impl Teller<'_> {
    fn all(&mut self) {
        let properties = &self.resource.properties;
        match self.resource.kind.as_str() {
            "AWS::S3::Bucket" => self.bucket(),
            text::NOTIFICATIONS => self.existing(),
            "AWS::SNS::Subscription" => self.subscription(),
            "AWS::SQS::Queue" => {
                self.to(
                    "dead-letters-to",
                    &properties["RedrivePolicy"]["deadLetterTargetArn"],
                );
                self.to("encrypts-with", &properties["KmsMasterKeyId"]);
            }
            "AWS::SNS::Topic" => self.to("encrypts-with", &properties["KmsMasterKeyId"]),
            "AWS::DynamoDB::Table" => {
                self.to(
                    "encrypts-with",
                    &properties["SSESpecification"]["KMSMasterKeyId"],
                );
            }
            "AWS::Lambda::Function" => {
                self.to("logs-to", &properties["LoggingConfig"]["LogGroup"]);
                self.to(
                    "dead-letters-to",
                    &properties["DeadLetterConfig"]["TargetArn"],
                );
            }
            "AWS::Lambda::EventInvokeConfig" => {
                let lost = &properties["DestinationConfig"]["OnFailure"]["Destination"];
                self.between(&properties["FunctionName"], "dead-letters-to", lost);
            }
            "AWS::Lambda::EventSourceMapping" => {
                self.between(
                    &properties["FunctionName"],
                    "consumes",
                    &properties["EventSourceArn"],
                );
            }
            "AWS::Events::Rule" => self.rule(),
            "AWS::CloudWatch::Alarm" => self.alarm(),
            "AWS::IAM::Policy" => self.policy(),
            "AWS::Lambda::Permission" => {
                self.lets_in(&properties["SourceArn"], &properties["FunctionName"]);
            }
            "AWS::ECS::Service" => {
                if let Some(cluster) = self.path(&properties["Cluster"]) {
                    let service = self.resource.path.clone();
                    self.add(&cluster, "runs", &service);
                }
                self.to("runs", &properties["TaskDefinition"]);
            }
            "AWS::AutoScaling::AutoScalingGroup" => {
                self.to("runs", &properties["LaunchTemplate"]["LaunchTemplateId"]);
            }
            "AWS::ApplicationAutoScaling::ScalingPolicy" => {
                self.to("scales", &properties["ScalingTargetId"]);
            }
            "AWS::AutoScaling::ScalingPolicy" => {
                self.to("scales", &properties["AutoScalingGroupName"]);
            }
            "AWS::SQS::QueuePolicy" => self.resource_policy(&properties["Queues"][0]),
            "AWS::SNS::TopicPolicy" => self.resource_policy(&properties["Topics"][0]),
            _ => {}
        }
    }

    fn bucket(&mut self) {
        let properties = &self.resource.properties;
        for member in [
            "LambdaConfigurations",
            "QueueConfigurations",
            "TopicConfigurations",
        ] {
            for one in items(&properties["NotificationConfiguration"][member]) {
                for target in ["Function", "Queue", "Topic"] {
                    self.to("notifies", &one[target]);
                }
            }
        }
        for rule in items(&properties["ReplicationConfiguration"]["Rules"]) {
            self.to("replicates-to", &rule["Destination"]["Bucket"]);
        }
        // By its plain name, where that is known.
        let logs = &properties["LoggingConfiguration"]["DestinationBucketName"];
        if let Some(logs) = self.named(logs) {
            let from = self.resource.path.clone();
            self.add(&from, "logs-to", &logs);
        }
        for rule in items(&properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]) {
            self.to(
                "encrypts-with",
                &rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"],
            );
        }
    }

    /// A bucket of somebody else, whose notifications are written as the API of S3 has them.
    fn existing(&mut self) {
        let properties = &self.resource.properties;
        for kind in ["LambdaFunction", "Queue", "Topic"] {
            for one in
                items(&properties["NotificationConfiguration"][format!("{kind}Configurations")])
            {
                self.between(
                    &properties["BucketName"],
                    "notifies",
                    &one[format!("{kind}Arn")],
                );
            }
        }
    }

    fn subscription(&mut self) {
        let properties = &self.resource.properties;
        let to = self
            .path(&properties["Endpoint"])
            .unwrap_or_else(|| self.resource.path.clone());
        if let Some(from) = self.path(&properties["TopicArn"]) {
            self.add(&from, "sends-to", &to);
        }
        let lost = &properties["RedrivePolicy"]["deadLetterTargetArn"];
        self.between(&properties["TopicArn"], "dead-letters-to", lost);
    }

    fn rule(&mut self) {
        let properties = &self.resource.properties;
        for target in items(&properties["Targets"]) {
            let starts = [":Function", ":StateMachine"];
            let kind = self
                .reader
                .find(&self.resource.stack, &target["Arn"])
                .map(|found| &found.kind);
            let is_started = kind.is_some_and(|kind| starts.iter().any(|end| kind.ends_with(end)));
            self.to(
                if is_started { "invokes" } else { "sends-to" },
                &target["Arn"],
            );
            self.to("dead-letters-to", &target["DeadLetterConfig"]["Arn"]);
        }
        let pattern = &properties["EventPattern"];
        if items(&pattern["source"]).any(|source| source == "aws.s3") {
            for bucket in items(&pattern["detail"]["bucket"]["name"]) {
                if let Some(bucket) = self.named(bucket) {
                    let rule = self.resource.path.clone();
                    self.add(&bucket, "notifies", &rule);
                }
            }
        }
    }

    fn alarm(&mut self) {
        let properties = &self.resource.properties;
        for member in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
            items(&properties[member]).for_each(|action| self.to("alarms-to", action));
        }
        let metrics = items(&properties["Metrics"]).map(|metric| &metric["MetricStat"]["Metric"]);
        for metric in metrics.chain([properties]) {
            let named: Vec<_> = items(&metric["Dimensions"])
                // The other end of a replication is not what is watched.
                .filter(|dimension| dimension["Name"] != "DestinationBucket")
                .filter_map(|dimension| self.named(&dimension["Value"]))
                .collect();
            for watched in named {
                let alarm = self.resource.path.clone();
                self.add(&alarm, "watches", &watched);
                self.relations
                    .watched
                    .entry(alarm)
                    .or_default()
                    .insert(watched);
            }
        }
    }

    /// What a role may do, told of who acts as it.
    fn policy(&mut self) {
        let properties = &self.resource.properties;
        let actors = self.reader.actors(self.resource);
        let mut rights: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for statement in items(&properties["PolicyDocument"]["Statement"]) {
            for resource in one_or_more(&statement["Resource"]) {
                let Some(path) = self.path(resource) else {
                    continue;
                };
                let actions = one_or_more(&statement["Action"]).filter_map(Value::as_str);
                rights
                    .entry(path)
                    .or_default()
                    .extend(actions.map(str::to_owned));
            }
        }
        for (path, actions) in rights {
            for verb in rights::verbs(&actions) {
                actors.iter().for_each(|actor| self.add(actor, verb, &path));
            }
        }
    }

    fn resource_policy(&mut self, resource: &Value) {
        for statement in items(&self.resource.properties["PolicyDocument"]["Statement"]) {
            for condition in ["ArnEquals", "ArnLike", "StringEquals"] {
                for source in one_or_more(&statement["Condition"][condition]["aws:SourceArn"]) {
                    if statement["Effect"] == "Allow" {
                        self.lets_in(source, resource);
                    }
                }
            }
        }
    }

    fn lets_in(&mut self, source: &Value, resource: &Value) {
        if let (Some(source), Some(resource)) = (self.path(source), self.path(resource)) {
            self.relations.let_in.insert((source, resource));
        }
    }

    fn to(&mut self, verb: &str, target: &Value) {
        if let Some(target) = self.path(target) {
            let from = self.resource.path.clone();
            self.add(&from, verb, &target);
        }
    }

    fn between(&mut self, from: &Value, verb: &str, to: &Value) {
        if let (Some(from), Some(to)) = (self.path(from), self.path(to)) {
            self.add(&from, verb, &to);
        }
    }

    fn add(&mut self, from: &str, verb: &str, to: &str) {
        let relation = (from.to_owned(), verb.to_owned(), to.to_owned());
        self.relations.found.insert(relation);
    }

    fn path(&self, value: &Value) -> Option<String> {
        let found = self.reader.find(&self.resource.stack, value)?;
        Some(found.path.clone())
    }

    /// What has a name.
    fn named(&self, value: &Value) -> Option<String> {
        let found = self.reader.named(&self.resource.stack, value)?;
        Some(found.path.clone())
    }
}

pub(crate) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A list, or the one thing that stands for a list of one.
pub(crate) fn one_or_more(value: &Value) -> impl Iterator<Item = &Value> {
    let single = (!value.is_array() && !value.is_null()).then_some(value);
    items(value).chain(single)
}
