//! Topics with secure defaults.

use std::marker::PhantomData;
use std::ops::RangeInclusive;

use cloudwright_synth::{Arn, Construct, IntoValue, Json, Scope, Text, Value, Verb};

use super::handle::TopicRefOf;
use crate::delivery::{Delivery, Fifo, Standard, check_kind, complete_name};
use crate::iam::tls_only;
use crate::{arn, cfn, defaults, kms, rules};

/// The longest name of a topic, `.fifo` included.
const NAME_LIMIT: usize = 256;
/// The longest name that mails and messages show.
const DISPLAY_LIMIT: usize = 100;
/// How long messages can be archived, in days.
const ARCHIVE_DAYS: RangeInclusive<u16> = 1..=365;
/// What messages are signed with: SHA-256 instead of SHA-1.
const SIGNATURE: &str = "2";

/// What an imported one is known by.
const KIND: arn::Kind = arn::Kind {
    service: "sns",
    prefix: "",
    what: "a topic",
};

/// A standard topic: see [`TopicOf`].
pub type Topic = TopicOf<Standard>;
/// A FIFO topic: see [`TopicOf`].
pub type FifoTopic = TopicOf<Fifo>;

/// A topic ([AWS](https://docs.aws.amazon.com/sns/latest/dg/welcome.html)): [`Topic`] or [`FifoTopic`].
///
/// TLS only, signed with SHA-256; encrypted when it is given a key.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::sns::{FilterPolicy, Match, Subscription};
/// # let app = App::new();
/// # let stack = app.stack("Orders", Environment::agnostic());
/// let orders = stack.add("Orders", sns::Topic::new());
/// let europe = stack.add("Europe", sqs::Queue::new());
/// let only_europe = FilterPolicy::attributes().key("region", Match::any(["eu", "uk"]));
/// orders.subscribe(Subscription::queue(&europe).raw().filter(only_europe));
/// orders.subscribe(Subscription::email("sales@example.com"));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct TopicOf<K> {
    cfn: cfn::sns::Topic,
    name: Option<Json>,
    display_name: Option<Text>,
    archive_days: Option<u16>,
    key: Option<kms::KeyRef>,
    delivery: PhantomData<K>,
}

impl<K: Delivery> TopicOf<K> {
    /// A topic with all defaults.
    pub fn new() -> Self {
        let mut cfn = cfn::sns::Topic::new();
        if K::FIFO {
            // Without it one slow group slows all others.
            cfn = cfn.fifo_topic(true).fifo_throughput_scope("MessageGroup");
        } else {
            cfn = cfn.signature_version(SIGNATURE);
        }
        Self {
            cfn,
            name: None,
            display_name: None,
            archive_days: None,
            key: None,
            delivery: PhantomData,
        }
    }

    /// A fixed name: at most 256 letters, digits, `-` and `_`; `.fifo` is added to a FIFO topic's.
    /// Without one CloudFormation makes a unique name. A change replaces the topic.
    ///
    /// A topic with a known name can be referred to from any account and region.
    pub fn topic_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// Who mails and text messages are from; at most 100 characters.
    pub fn display_name(mut self, name: impl Into<Text>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Encrypts messages with a key of your own. Services that publish to the topic may then use
    /// the key, and so may whoever is granted to publish.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Sends traces to X-Ray.
    pub fn traced(mut self) -> Self {
        self.cfn = self.cfn.tracing_config("Active");
        self
    }

    /// A topic that exists already, by ARN. Grants become statements of the grantee alone, because
    /// the topic's policy belongs to its owner.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::sns::Topic>>,
    ) -> TopicRefOf<K> {
        let scope = scope.place(id);
        let arn = arn.into_value();
        let parts = arn::parts(&scope, &arn, &KIND);
        let help = "the names of FIFO topics alone end in `.fifo`: import those with `sns::FifoTopic::import`, others with `sns::Topic::import`";
        check_kind::<K>(&scope, "topic", &parts.name, help);
        TopicRefOf::imported(scope, arn, parts)
    }
}

impl TopicOf<Fifo> {
    /// Drops a message whose body was published before within five minutes, so that publishers need
    /// no deduplication id.
    pub fn content_based_deduplication(mut self) -> Self {
        self.cfn = self.cfn.content_based_deduplication(true);
        self
    }

    /// Drops duplicates across all message groups, at the price of throughput: 300 messages a
    /// second for the whole topic.
    pub fn deduplicated_across_groups(mut self) -> Self {
        self.cfn = self.cfn.fifo_throughput_scope("Topic");
        self
    }

    /// Keeps messages for so many days (1 to 365), so that subscribers can have them again.
    pub const fn archive_days(mut self, days: u16) -> Self {
        self.archive_days = Some(days);
        self
    }
}

impl<K: Delivery> Default for TopicOf<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Delivery> Construct for TopicOf<K> {
    type Handle = TopicRefOf<K>;

    fn construct(mut self, scope: &Scope) -> TopicRefOf<K> {
        self.name = self
            .name
            .or_else(|| defaults::name(scope, NAME_LIMIT - K::SUFFIX.len()).map(Json::Text));
        let key = defaults::key(scope, self.key);
        let name = self
            .name
            .map(|name| complete_name::<K>(scope, "topic", name, NAME_LIMIT));
        let mut l1 = self.cfn;
        if let Some(key) = &key {
            l1 = l1.kms_master_key_id(key.arn());
            scope.edge(Verb::EncryptsWith, key.scope(), "");
        }
        if let Some(display) = self.display_name {
            check_display(scope, &display);
            l1 = l1.display_name(display);
        }
        if let Some(days) = self.archive_days {
            l1 = l1.archive_policy(archive_policy(scope, days));
        }
        if let Some(name) = &name {
            l1 = l1.topic_name(Value::<String>::from_json(name.clone()));
        }
        let cfn = scope.add("Resource", l1);
        let topic = TopicRefOf::owned(scope, cfn, name, key);
        topic
            .policy()
            .hold(tls_only("sns:Publish", vec![topic.arn_json()]));
        topic
    }
}

fn archive_policy(scope: &Scope, days: u16) -> Json {
    if !ARCHIVE_DAYS.contains(&days) {
        let (least, most) = (ARCHIVE_DAYS.start(), ARCHIVE_DAYS.end());
        let message = format!("a topic archives messages for {least} to {most} days, got {days}");
        let help = "for longer, subscribe a stream that writes into a bucket";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
    let days = Json::Text(Text::Owned(days.to_string()));
    Json::map([("MessageRetentionPeriod", days)])
}

fn check_display(scope: &Scope, name: &str) {
    let length = name.chars().count();
    if length > DISPLAY_LIMIT {
        let message =
            format!("a display name has at most {DISPLAY_LIMIT} characters, got {length}");
        scope.error(&rules::BAD_NAME, message, "shorten it");
    }
}
