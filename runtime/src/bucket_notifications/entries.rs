//! What a bucket notifies of, and whose each entry is.
//!
//! S3 keeps one document for a bucket, which is replaced as a whole, and knows no owner of an entry.
//! But it keeps the id that an entry was given. So the ids of a resource's entries begin with its
//! stack, its name and a hash of both, and all other entries belong to somebody else.

use std::collections::{BTreeMap, BTreeSet};

use cloudwright_contract::{BucketNotifications, Filter};
use hmac_sha256::Hash;

use crate::failure::{Class, Failure};

/// How many entries S3 keeps for a bucket
/// ([quotas](https://docs.aws.amazon.com/general/latest/gr/s3.html)).
pub const MOST_ENTRIES: usize = 100;

/// How much of a name is in an id; S3 takes 255 characters.
const NAME: usize = 64;

/// The service that gets a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// A function.
    Lambda,
    /// A queue.
    Sqs,
    /// A topic.
    Sns,
}

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its id, which S3 keeps.
    pub id: String,
    /// What gets it.
    pub service: Service,
    /// The ARN of what gets it.
    pub arn: String,
    /// The events, such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// How keys begin or end: `prefix` or `suffix` and its text.
    pub rules: Vec<(String, String)>,
}

/// All that a bucket notifies of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// The entries, in no order that means something.
    pub entries: Vec<Entry>,
    /// Whether all events go to EventBridge.
    pub event_bridge: bool,
}

/// A resource of a stack, as the owner of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// What the ids of its entries begin with. It must stay the same in every release: an entry
    /// whose owner nobody knows stays for ever.
    prefix: String,
}

impl Owner {
    /// The resource with this name in the stack with this ARN.
    #[must_use]
    pub fn new(stack_id: &str, logical_id: &str) -> Self {
        let stack = stack_id.split('/').nth(1).unwrap_or_default();
        let hash = hash(&[stack_id, logical_id]);
        let (stack, name) = (name(stack), name(logical_id));
        Self {
            prefix: format!("{stack}-{name}-{hash}"),
        }
    }

    /// Whether an entry is its own.
    #[must_use]
    pub fn owns(&self, entry: &Entry) -> bool {
        let rest = entry.id.strip_prefix(&self.prefix);
        rest.is_some_and(|rest| rest.starts_with('-'))
    }

    /// What CloudFormation knows its entries in this bucket by.
    #[must_use]
    pub fn physical_id(&self, bucket: &str) -> String {
        format!("{bucket}/{}", self.prefix)
    }

    /// The bucket that a physical id of its own names.
    #[must_use]
    pub fn bucket<'a>(&self, physical_id: &'a str) -> Option<&'a str> {
        let (bucket, prefix) = physical_id.split_once('/')?;
        (prefix == self.prefix && !bucket.is_empty()).then_some(bucket)
    }

    /// What it wants a bucket to notify of. Two entries that say the same are one.
    #[must_use]
    pub fn wanted(&self, properties: &BucketNotifications) -> Configuration {
        let wanted = &properties.notification_configuration;
        let mut entries = Vec::new();
        for to in &wanted.lambda_function_configurations {
            entries.push(entry(
                Service::Lambda,
                &to.lambda_function_arn,
                &to.events,
                &to.filter,
            ));
        }
        for to in &wanted.queue_configurations {
            entries.push(entry(Service::Sqs, &to.queue_arn, &to.events, &to.filter));
        }
        for to in &wanted.topic_configurations {
            entries.push(entry(Service::Sns, &to.topic_arn, &to.events, &to.filter));
        }
        for entry in &mut entries {
            entry.id = format!("{}-{}", self.prefix, content(entry));
        }
        let by_id = entries.into_iter().map(|entry| (entry.id.clone(), entry));
        Configuration {
            entries: by_id.collect::<BTreeMap<_, _>>().into_values().collect(),
            event_bridge: wanted.event_bridge_configuration.is_some(),
        }
    }

    /// What a bucket is to notify of: what others want, as it is, and what this owner wants.
    ///
    /// # Errors
    /// If these are more than S3 keeps.
    pub fn merge(
        &self,
        found: &Configuration,
        wanted: &Configuration,
    ) -> Result<Configuration, Failure> {
        let others = found.entries.iter().filter(|entry| !self.owns(entry));
        let mut entries: Vec<_> = others.cloned().collect();
        let (theirs, ours) = (entries.len(), wanted.entries.len());
        if ours > 0 && theirs + ours > MOST_ENTRIES {
            let message = format!(
                "the bucket has {theirs} notifications of others, and {ours} are to be added; S3 \
                 keeps {MOST_ENTRIES} for a bucket: remove some, or send its events to EventBridge, \
                 whose rules have no such limit"
            );
            return Err(Failure::new(Class::Refused, message));
        }
        entries.extend(wanted.entries.iter().cloned());
        Ok(Configuration {
            entries,
            event_bridge: found.event_bridge || wanted.event_bridge,
        })
    }

    /// Whether a bucket notifies of what this owner wants, and of nothing else that is its own. Only
    /// ids are compared: they hold a hash of what was asked for, and S3 spells some of it its own way.
    #[must_use]
    pub fn is_content(&self, found: &Configuration, wanted: &Configuration) -> bool {
        let ids = |entries: &[Entry]| -> BTreeSet<String> {
            let own = entries.iter().filter(|entry| self.owns(entry));
            own.map(|entry| entry.id.clone()).collect()
        };
        let has_bridge = found.event_bridge || !wanted.event_bridge;
        has_bridge && ids(&found.entries) == ids(&wanted.entries)
    }

    /// A number that is another one for each resource and try, to keep those apart that begin together.
    pub(super) fn number(&self, attempt: u32) -> u8 {
        Hash::hash(format!("{attempt} {}", self.prefix).as_bytes())[0]
    }
}

impl Configuration {
    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && !self.event_bridge
    }
}

fn entry(service: Service, arn: &str, events: &[String], filter: &Option<Filter>) -> Entry {
    let rules = filter.iter().flat_map(|filter| &filter.key.filter_rules);
    Entry {
        id: String::new(),
        service,
        arn: arn.to_owned(),
        events: events.to_vec(),
        rules: rules
            .map(|rule| (rule.name.clone(), rule.value.clone()))
            .collect(),
    }
}

/// A hash of what an entry says, the same in any order.
fn content(entry: &Entry) -> String {
    let mut parts = vec![format!("{:?}", entry.service), entry.arn.clone()];
    let events: BTreeSet<_> = entry.events.iter().collect();
    parts.extend(events.into_iter().cloned());
    let rules = entry.rules.iter();
    let rules: BTreeSet<_> = rules
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect();
    parts.extend(
        rules
            .into_iter()
            .map(|(name, value)| format!("{name}={value}")),
    );
    hash(&parts)
}

/// The first 64 bits of the hash of the parts, each with its length before it.
fn hash(parts: &[impl AsRef<str>]) -> String {
    let mut hash = Hash::new();
    for part in parts {
        let part = part.as_ref();
        hash.update(format!("{}:{part}", part.len()).as_bytes());
    }
    let digits = hash.finalize().into_iter().take(8);
    digits.map(|byte| format!("{byte:02x}")).collect()
}

/// The beginning of a name, of characters that no service refuses.
fn name(text: &str) -> String {
    let is_plain = |character: &char| character.is_ascii_alphanumeric() || *character == '-';
    text.chars().filter(is_plain).take(NAME).collect()
}
