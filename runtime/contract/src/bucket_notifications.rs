//! The properties of the custom resource that the `bucket-notifications` handler answers for.

mod property;

pub use property::Property;

/// Notifications of a bucket that exists already, as the properties of a custom resource. What else
/// the bucket notifies of stays as it is.
///
/// Names and shape are those of
/// [PutBucketNotificationConfiguration](https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html).
/// The handler needs no environment.
///
/// `V` is what a value is: text in the handler, text or a token in a construct.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct BucketNotifications<V = String> {
    /// The bucket's name. It is in the region of the stack.
    pub bucket_name: V,
    /// What this resource adds to the bucket.
    pub notification_configuration: NotificationConfiguration<V>,
    /// Whether S3 is not asked to check that it may call the destinations. It checks all of them,
    /// also those of others, so one that is broken already keeps every new one out.
    #[cfg_attr(
        feature = "serde",
        serde(
            default,
            deserialize_with = "flag::read",
            serialize_with = "flag::write"
        )
    )]
    #[cfg_attr(feature = "schemars", schemars(with = "bool"))]
    pub skip_destination_validation: bool,
}

/// Notifications by the kind of their destination.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "PascalCase", deny_unknown_fields)
)]
pub struct NotificationConfiguration<V = String> {
    /// Functions that are called.
    #[cfg_attr(feature = "serde", serde(default = "Vec::new"))]
    #[cfg_attr(feature = "schemars", schemars(default))]
    pub lambda_function_configurations: Vec<LambdaFunctionConfiguration<V>>,
    /// Queues that get messages.
    #[cfg_attr(feature = "serde", serde(default = "Vec::new"))]
    #[cfg_attr(feature = "schemars", schemars(default))]
    pub queue_configurations: Vec<QueueConfiguration<V>>,
    /// Topics that get messages.
    #[cfg_attr(feature = "serde", serde(default = "Vec::new"))]
    #[cfg_attr(feature = "schemars", schemars(default))]
    pub topic_configurations: Vec<TopicConfiguration<V>>,
    /// Whether all events go to EventBridge. It is turned on and never off again: it bears no name,
    /// so nobody can tell who else needs it.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub event_bridge_configuration: Option<EventBridge>,
}

impl<V> Default for NotificationConfiguration<V> {
    fn default() -> Self {
        Self {
            lambda_function_configurations: Vec::new(),
            queue_configurations: Vec::new(),
            topic_configurations: Vec::new(),
            event_bridge_configuration: None,
        }
    }
}

/// That all events go to EventBridge; it has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct EventBridge {}

macro_rules! destination {
    ($(#[$docs:meta])* $name:ident, $(#[$arn_docs:meta])* $arn:ident) => {
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[cfg_attr(
            feature = "serde",
            serde(rename_all = "PascalCase", deny_unknown_fields)
        )]
        pub struct $name<V = String> {
            $(#[$arn_docs])*
            pub $arn: V,
            /// The events, such as `s3:ObjectCreated:*`. At least one.
            pub events: Vec<String>,
            /// The objects whose events they are; all if it is not set.
            #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
            pub filter: Option<Filter>,
        }
    };
}

destination! {
    /// A function that is called.
    LambdaFunctionConfiguration,
    /// The ARN of the function, of a version or of an alias.
    lambda_function_arn
}
destination! {
    /// A queue that gets messages.
    QueueConfiguration,
    /// The ARN of the queue; a standard queue.
    queue_arn
}
destination! {
    /// A topic that gets messages.
    TopicConfiguration,
    /// The ARN of the topic; a standard topic.
    topic_arn
}

/// The objects whose events are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "PascalCase", deny_unknown_fields)
)]
pub struct Filter {
    /// By their keys.
    pub key: KeyFilter,
}

/// The objects by their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "PascalCase", deny_unknown_fields)
)]
pub struct KeyFilter {
    /// At most one with each name.
    pub filter_rules: Vec<FilterRule>,
}

/// How a key begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "PascalCase", deny_unknown_fields)
)]
pub struct FilterRule {
    /// `prefix` or `suffix`.
    pub name: String,
    /// The beginning or the end of the key.
    pub value: String,
}

impl Filter {
    /// Keys that begin and end like this; an empty text is any beginning or end.
    #[must_use]
    pub fn keys(prefix: impl Into<String>, suffix: impl Into<String>) -> Self {
        let rules = [("prefix", prefix.into()), ("suffix", suffix.into())];
        let rule = |(name, value): (&str, String)| FilterRule {
            name: name.to_owned(),
            value,
        };
        let chosen = rules.into_iter().filter(|(_, value)| !value.is_empty());
        let filter_rules = chosen.map(rule).collect();
        Self {
            key: KeyFilter { filter_rules },
        }
    }
}

/// CloudFormation hands every boolean of a custom resource over as text.
#[cfg(feature = "serde")]
mod flag {
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer, de::Error as _};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Flag {
        Boolean(bool),
        Text(String),
    }

    pub(super) fn read<'a, D: Deserializer<'a>>(deserializer: D) -> Result<bool, D::Error> {
        let expected = "SkipDestinationValidation: expected true or false";
        let flag = Flag::deserialize(deserializer).map_err(|_| D::Error::custom(expected))?;
        match flag {
            Flag::Boolean(flag) => Ok(flag),
            Flag::Text(text) => text
                .parse()
                .map_err(|_| D::Error::custom(format!("{expected}, got {text:?}"))),
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    pub(super) fn write<S: Serializer>(flag: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        flag.to_string().serialize(serializer)
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests;
