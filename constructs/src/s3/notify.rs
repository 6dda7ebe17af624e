//! Notifications: a bucket tells functions, queues and topics of its events.
//!
//! All notifications of a bucket become one native `NotificationConfiguration`. S3 checks every
//! target when it takes the configuration, so the bucket waits for the permission or the policy
//! that lets it in, which in turn names the bucket by its known ARN.

use cloudwright_synth::sorted::Map;

use cloudwright_synth::{Fact, Json, Recorded, ResourceRef, Scope, Text, Verb};

use super::existing::{Setters, Told};
use super::{BucketRef, Event, Events};
use crate::{order, reach, rules};

/// The property that holds all notifications of a bucket.
const CONFIGURATION: &str = "NotificationConfiguration";

/// Which objects a notification is about, by the beginning and the end of their keys.
///
/// ```
/// use cloudwright::s3::Filter;
/// let photos = Filter::prefix("incoming/").and_suffix(".jpg");
/// let everything = Filter::all();
/// # assert_ne!(photos, everything);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    prefix: Text,
    suffix: Text,
}

impl Filter {
    /// All objects.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Objects whose keys begin so, such as `incoming/`.
    #[must_use]
    pub fn prefix(prefix: impl Into<Text>) -> Self {
        Self {
            prefix: prefix.into(),
            suffix: "".into(),
        }
    }

    /// Objects whose keys end so, such as `.jpg`.
    #[must_use]
    pub fn suffix(suffix: impl Into<Text>) -> Self {
        Self {
            prefix: "".into(),
            suffix: suffix.into(),
        }
    }

    /// Of these, only objects whose keys end so.
    #[must_use]
    pub fn and_suffix(mut self, suffix: impl Into<Text>) -> Self {
        self.suffix = suffix.into();
        self
    }

    /// How the keys begin; empty for any beginning.
    #[cfg(any(feature = "queue-worker", feature = "replicated-bucket"))]
    pub(crate) fn beginning(&self) -> &str {
        &self.prefix
    }

    /// How the keys end; empty for any end.
    #[cfg(feature = "replicated-bucket")]
    pub(crate) fn end(&self) -> &str {
        &self.suffix
    }

    /// Whether some key passes both filters.
    fn overlaps(&self, other: &Self) -> bool {
        let prefixes =
            self.prefix.starts_with(&*other.prefix) || other.prefix.starts_with(&*self.prefix);
        let suffixes =
            self.suffix.ends_with(&*other.suffix) || other.suffix.ends_with(&*self.suffix);
        prefixes && suffixes
    }

    pub(crate) fn describe(&self) -> String {
        format!("{}*{}", self.prefix, self.suffix)
    }

    fn to_json(&self) -> Option<Json> {
        let rule = |name: &'static str, value: &Text| {
            (!value.is_empty()).then(|| {
                Json::map([
                    ("Name", Json::Text(name.into())),
                    ("Value", Json::Text(encoded(value))),
                ])
            })
        };
        let rules: Vec<_> = [rule("prefix", &self.prefix), rule("suffix", &self.suffix)]
            .into_iter()
            .flatten()
            .collect();
        let key = Json::map([("Rules", Json::List(rules.clone()))]);
        (!rules.is_empty()).then(|| Json::map([("S3Key", key)]))
    }
}

/// What S3 can notify.
#[diagnostic::on_unimplemented(
    message = "S3 cannot notify `{Self}`",
    label = "not a notification target",
    note = "S3 notifies a function (`lambda::FunctionRef`), a standard queue (`sqs::QueueRef`) or a topic (`sns::TopicRef`); for a FIFO queue put a function or EventBridge in between"
)]
pub trait NotificationTarget {
    /// The target's place in the tree.
    fn place(&self) -> &Scope;

    /// Lets the bucket in, and tells how the target is written in its configuration.
    fn bind(&self, bucket: &BucketRef) -> Notified;
}

/// A target that lets a bucket in.
#[derive(Clone)]
pub struct Notified {
    list: &'static str,
    field: &'static str,
    arn: Json,
    waits_for: Scope,
}

impl Notified {
    /// A function, behind the permission that lets the bucket call it.
    #[must_use]
    pub const fn function(arn: Json, permission: Scope) -> Self {
        Self {
            list: "LambdaConfigurations",
            field: "Function",
            arn,
            waits_for: permission,
        }
    }

    /// A standard queue, behind the policy that lets the bucket send to it.
    #[must_use]
    pub const fn queue(arn: Json, policy: Scope) -> Self {
        Self {
            list: "QueueConfigurations",
            field: "Queue",
            arn,
            waits_for: policy,
        }
    }

    /// A topic, behind the policy that lets the bucket publish to it.
    #[must_use]
    pub const fn topic(arn: Json, policy: Scope) -> Self {
        Self {
            list: "TopicConfigurations",
            field: "Topic",
            arn,
            waits_for: policy,
        }
    }
}

impl BucketRef {
    /// Tells a function, a standard queue or a topic of events about the objects that pass the
    /// filter.
    ///
    /// Two notifications of one bucket may not match the same event of the same key, whatever their
    /// targets; to tell several, notify a topic.
    ///
    /// An imported bucket keeps all notifications that it has: a function of the stack adds these to
    /// them, and takes them away again with the stack. S3 refuses what overlaps with those of others.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Jobs", Environment::agnostic());
    /// let theirs = s3::Bucket::import(&stack, "Theirs", "uploads-of-another-team");
    /// let jobs = stack.add("Jobs", sqs::Queue::new());
    /// theirs.notify(s3::Event::ObjectCreated, s3::Filter::prefix("ours/"), &jobs);
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    pub fn notify<T: NotificationTarget + Clone + 'static>(
        &self,
        events: impl Events,
        filter: Filter,
        target: &T,
    ) -> &Self {
        reach::same_region(
            self.scope(),
            target.place(),
            "a bucket and whom it notifies",
        );
        self.scope()
            .edge(Verb::Notifies, target.place(), filter.describe());
        self.scope().record(Notification {
            bucket: self.clone(),
            events: events.into_events(),
            filter,
            target: Box::new(target.clone()),
        });
        self
    }
}

/// Events of one bucket for one target.
struct Notification {
    bucket: BucketRef,
    events: Vec<Event>,
    filter: Filter,
    target: Box<dyn NotificationTarget>,
}

impl Fact for Notification {
    const ORDER: u16 = order::NOTIFY;

    fn merge(facts: Vec<Recorded<Self>>) {
        let mut by_bucket: Map<String, Vec<Recorded<Self>>> = Map::new();
        for fact in facts {
            by_bucket.or_default(fact.scope.path()).push(fact);
        }
        let mut setters = Setters::default();
        for notifications in by_bucket.values() {
            report_overlaps(notifications);
            configure(notifications, &mut setters);
        }
    }
}

/// Writes the notification configuration of one bucket, or has it written.
fn configure(notifications: &[Recorded<Notification>], setters: &mut Setters) {
    let bucket = &notifications[0].fact.bucket;
    let Some(cfn) = bucket.cfn() else {
        return add_to(bucket, notifications, setters);
    };
    let mut targets: Map<String, Notified> = Map::new();
    let mut lists: Map<&'static str, Vec<Json>> = Map::new();
    for Recorded { fact, .. } in notifications {
        let path = fact.target.place().path();
        let target = targets.or_insert_with(path, || fact.target.bind(bucket));
        let entries = fact
            .events
            .iter()
            .map(|event| entry(*event, &fact.filter, target));
        lists.or_default(target.list).extend(entries);
    }
    for target in targets.values() {
        cfn.handle().scope().depends_on(&target.waits_for);
    }
    let mut configuration = cfn.handle().property(CONFIGURATION).unwrap_or_default();
    for (list, entries) in lists {
        configuration.set(list, Json::set_of(entries));
    }
    cfn.raw(CONFIGURATION, configuration);
}

/// Adds to the notifications of a bucket that exists already.
fn add_to(bucket: &BucketRef, notifications: &[Recorded<Notification>], setters: &mut Setters) {
    let mut targets: Map<String, Notified> = Map::new();
    let mut told = Vec::new();
    for Recorded { fact, .. } in notifications {
        let path = fact.target.place().path();
        let target = targets.or_insert_with(path, || fact.target.bind(bucket));
        let events = fact.events.iter().map(|event| event.name().to_owned());
        told.push(Told {
            list: target.list,
            arn: target.arn.clone(),
            events: events.collect(),
            prefix: encoded(&fact.filter.prefix),
            suffix: encoded(&fact.filter.suffix),
        });
    }
    let waits_for = targets.values().map(|target| target.waits_for.clone());
    setters.set(bucket, told, &waits_for.collect::<Vec<_>>());
}

/// A beginning or an end of keys as S3
/// [wants it](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html): a
/// space as `+`, and all but letters, digits and `/!-_.*'()` by the bytes of its UTF-8, such as `%3D`.
/// Else S3 would tell of nothing.
fn encoded(text: &str) -> Text {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"/!-_.*'()".contains(&byte) => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    Text::Owned(encoded)
}

/// A beginning or an end of keys as it may stand in events. AWS says how filters are written, and that keys are
/// written as forms are; the marks `!'()`, which the one leaves as they are and the other does not, stand in both ways.
#[cfg(feature = "processing-pipeline")]
pub(crate) fn key_in_events(text: &str) -> Vec<Text> {
    let filter = encoded(text);
    let mut form = String::new();
    for character in filter.chars() {
        match character {
            '!' | '\'' | '(' | ')' => form.push_str(&format!("%{:02X}", u32::from(character))),
            plain => form.push(plain),
        }
    }
    match *filter == form {
        true => vec![filter],
        false => vec![filter, form.into()],
    }
}

fn entry(event: Event, filter: &Filter, target: &Notified) -> Json {
    let event = Json::Text(event.name().into());
    let mut entry = Json::map([("Event", event), (target.field, target.arn.clone())]);
    if let Some(filter) = filter.to_json() {
        entry.set("Filter", filter);
    }
    entry
}

/// S3 refuses a configuration in which two entries match the same event of the same key.
fn report_overlaps(notifications: &[Recorded<Notification>]) {
    let entries: Vec<_> = notifications
        .iter()
        .flat_map(|notification| {
            notification
                .fact
                .events
                .iter()
                .map(move |event| (*event, notification))
        })
        .collect();
    for (index, later) in entries.iter().enumerate() {
        let overlaps = |earlier: &&(Event, &Recorded<Notification>)| {
            earlier.0.overlaps(later.0) && earlier.1.fact.filter.overlaps(&later.1.fact.filter)
        };
        if let Some(earlier) = entries[..index].iter().find(overlaps) {
            report_overlap(*earlier, *later);
        }
    }
}

fn report_overlap(
    earlier: (Event, &Recorded<Notification>),
    later: (Event, &Recorded<Notification>),
) {
    let show = |(event, notification): (Event, &Recorded<Notification>)| {
        format!(
            "{} of \"{}\"",
            event.name(),
            notification.fact.filter.describe()
        )
    };
    let message = format!(
        "{} overlaps with {} (at {}): S3 refuses two notifications for the same event of the same key",
        show(later),
        show(earlier),
        earlier.1.location
    );
    let help =
        "make the prefixes or suffixes disjoint, or notify one topic that tells both targets";
    let (scope, location) = (&later.1.scope, later.1.location);
    scope.error_at(location, &rules::OVERLAPPING_NOTIFICATIONS, message, help);
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn ends_of_keys_are_written_as_s3_compares_them() {
        for (text, written) in [
            ("", ""),
            ("images/", "images/"),
            (".tar.gz", ".tar.gz"),
            ("a-b_c!*'()", "a-b_c!*'()"),
            ("a b", "a+b"),
            ("a+b", "a%2Bb"),
            ("day=1/", "day%3D1/"),
            ("50%", "50%25"),
            ("~@:,;&$?", "%7E%40%3A%2C%3B%26%24%3F"),
            ("\u{fc}/\u{1f389}", "%C3%BC/%F0%9F%8E%89"),
        ] {
            assert_eq!(encoded(text), written, "{text:?}");
        }
    }
}
