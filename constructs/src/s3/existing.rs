//! Notifications of a bucket that no stack of the app owns.
//!
//! There is no resource whose property they could be, and S3 keeps them in one document with those of
//! everybody else. The bundled handler `bucket-notifications` adds to it what this app says, and leaves
//! the rest as it is; one function does so for all such buckets of a stack.

use cloudwright_contract::{
    BucketNotifications, Filter, Handler, LambdaFunctionConfiguration, NotificationConfiguration,
    Property, QueueConfiguration, TopicConfiguration,
};
use cloudwright_synth::sorted::Map;
use cloudwright_synth::{Json, RawResource, Scope, Text, Verb};

use super::BucketRef;
use crate::iam::Statement;
use crate::lambda::{Code, Function, FunctionRef};
use crate::minutes;

/// The construct in a stack that sets the notifications of buckets.
const FUNCTION: &str = "BucketNotifications";
/// What CloudFormation calls the resource.
const KIND: &str = "Custom::S3BucketNotifications";

/// What is told to one target about the objects of one filter.
pub(super) struct Told {
    /// The list that the target belongs to, as in a bucket's own configuration.
    pub(super) list: &'static str,
    pub(super) arn: Json,
    pub(super) events: Vec<String>,
    /// How keys begin and end, as S3 compares them.
    pub(super) prefix: Text,
    pub(super) suffix: Text,
}

/// The functions that set notifications, by stack.
#[derive(Default)]
pub(super) struct Setters(Map<String, FunctionRef>);

impl Setters {
    /// Adds to the notifications of a bucket, once the targets let it in.
    pub(super) fn set(&mut self, bucket: &BucketRef, told: Vec<Told>, waits_for: &[Scope]) {
        let function = self.function(bucket);
        let rights = ["s3:GetBucketNotification", "s3:PutBucketNotification"];
        function.add_statement(Statement::allow(rights).on(bucket.arn()));
        (function.scope()).edge(Verb::MayUse, bucket.scope(), "notifications");
        let properties = BucketNotifications {
            bucket_name: bucket.name().as_json().clone(),
            notification_configuration: configuration(told),
            skip_destination_validation: false,
        };
        let mut resource =
            RawResource::new(KIND).property("ServiceToken", function.arn().as_json().clone());
        for (name, property) in properties.properties() {
            resource = resource.property(name, json(property));
        }
        let resource = bucket.scope().add("Notifications", resource);
        for target in waits_for {
            resource.scope().depends_on(target);
        }
    }

    fn function(&mut self, bucket: &BucketRef) -> &FunctionRef {
        let stack = bucket.scope().stack();
        let make = || {
            let function = Function::new(Code::bundled(Handler::BucketNotifications));
            stack.add(FUNCTION, function.timeout(minutes(5)))
        };
        self.0.or_insert_with(stack.path(), make)
    }
}

fn configuration(told: Vec<Told>) -> NotificationConfiguration<Json> {
    let mut configuration = NotificationConfiguration::default();
    for Told {
        list,
        arn,
        events,
        prefix,
        suffix,
    } in told
    {
        let filter = Some(Filter::keys(prefix.into_owned(), suffix.into_owned()))
            .filter(|filter| !filter.key.filter_rules.is_empty());
        match list {
            "LambdaConfigurations" => {
                let to = LambdaFunctionConfiguration {
                    lambda_function_arn: arn,
                    events,
                    filter,
                };
                configuration.lambda_function_configurations.push(to);
            }
            "TopicConfigurations" => {
                let to = TopicConfiguration {
                    topic_arn: arn,
                    events,
                    filter,
                };
                configuration.topic_configurations.push(to);
            }
            _ => {
                let to = QueueConfiguration {
                    queue_arn: arn,
                    events,
                    filter,
                };
                configuration.queue_configurations.push(to);
            }
        }
    }
    configuration
}

fn json(property: Property<Json>) -> Json {
    match property {
        Property::Value(value) => value,
        Property::Text(text) => Json::Text(Text::Owned(text)),
        Property::List(items) => Json::List(items.into_iter().map(json).collect()),
        Property::Object(members) => {
            Json::map(members.into_iter().map(|(name, value)| (name, json(value))))
        }
    }
}
