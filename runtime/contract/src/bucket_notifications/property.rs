//! The properties as a construct writes them, without serialization.

use super::{BucketNotifications, Filter, NotificationConfiguration};

/// A property of a custom resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property<V> {
    /// A value that may be a token.
    Value(V),
    /// Text that is known.
    Text(String),
    /// A list.
    List(Vec<Property<V>>),
    /// An object.
    Object(Vec<(&'static str, Property<V>)>),
}

impl<V> BucketNotifications<V> {
    /// The properties to set on the custom resource besides its `ServiceToken`, sorted. What equals
    /// its default is left out.
    #[must_use]
    pub fn properties(self) -> Vec<(&'static str, Property<V>)> {
        let configuration = self.notification_configuration.property();
        let mut properties = vec![
            ("BucketName", Property::Value(self.bucket_name)),
            ("NotificationConfiguration", configuration),
        ];
        if self.skip_destination_validation {
            let yes = Property::Text("true".to_owned());
            properties.push(("SkipDestinationValidation", yes));
        }
        properties
    }
}

impl<V> NotificationConfiguration<V> {
    fn property(self) -> Property<V> {
        let functions = self.lambda_function_configurations.into_iter();
        let queues = self.queue_configurations.into_iter();
        let topics = self.topic_configurations.into_iter();
        let lists = [
            (
                "LambdaFunctionConfigurations",
                functions
                    .map(|to| {
                        notification(
                            "LambdaFunctionArn",
                            to.lambda_function_arn,
                            to.events,
                            to.filter,
                        )
                    })
                    .collect::<Vec<_>>(),
            ),
            (
                "QueueConfigurations",
                queues
                    .map(|to| notification("QueueArn", to.queue_arn, to.events, to.filter))
                    .collect(),
            ),
            (
                "TopicConfigurations",
                topics
                    .map(|to| notification("TopicArn", to.topic_arn, to.events, to.filter))
                    .collect(),
            ),
        ];
        let bridge = self.event_bridge_configuration;
        let bridge = bridge.map(|_| ("EventBridgeConfiguration", Property::Object(Vec::new())));
        let chosen = lists.into_iter().filter(|(_, list)| !list.is_empty());
        let lists = chosen.map(|(name, list)| (name, Property::List(list)));
        Property::Object(bridge.into_iter().chain(lists).collect())
    }
}

fn notification<V>(
    arn_name: &'static str,
    arn: V,
    events: Vec<String>,
    filter: Option<Filter>,
) -> Property<V> {
    let events = events.into_iter().map(Property::Text).collect();
    let mut members = vec![("Events", Property::List(events))];
    members.extend(filter.map(|filter| ("Filter", filter_property(filter))));
    members.push((arn_name, Property::Value(arn)));
    Property::Object(members)
}

fn filter_property<V>(filter: Filter) -> Property<V> {
    let rules = filter.key.filter_rules.into_iter().map(|rule| {
        Property::Object(vec![
            ("Name", Property::Text(rule.name)),
            ("Value", Property::Text(rule.value)),
        ])
    });
    let rules = Property::List(rules.collect());
    let key = Property::Object(vec![("FilterRules", rules)]);
    Property::Object(vec![("Key", key)])
}
