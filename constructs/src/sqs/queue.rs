//! Queues with secure defaults.

use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{
    Arn, Construct, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Text, Value, Verb,
};

use super::handle::QueueRefOf;
use crate::acknowledge::{Finding, residuals};
use crate::delivery::{Delivery, Fifo, Standard, check_kind, complete_name};
use crate::iam::tls_only;
use crate::units::{check_seconds, days, minutes, seconds};
use crate::{arn, cfn, defaults, kms, reach, rules};

/// The longest name of a queue, `.fifo` included.
const NAME_LIMIT: usize = 80;
/// How often a message is tried before it goes to the dead-letter queue.
pub(crate) const MAX_RECEIVES: u32 = 5;
/// How many attempts SQS can count.
const RECEIVES: RangeInclusive<u32> = 1..=1000;
/// Six times the timeout that a function has unless said, as Lambda wants it.
const VISIBILITY: Duration = minutes(3);
/// How long a receiver waits for messages: as long as it can, which makes for the fewest requests.
const LONG_POLLING: Duration = seconds(20);
/// How long a dead letter is kept: as long as it can be.
const DEAD_LETTER_RETENTION: Duration = days(14);
/// The sizes of messages that a queue can be told to take.
const MESSAGE_BYTES: RangeInclusive<u32> = 1024..=1_048_576;

/// What an imported one is known by.
const KIND: arn::Kind = arn::Kind {
    service: "sqs",
    prefix: "",
    what: "a queue",
};

/// A standard queue: see [`QueueOf`].
pub type Queue = QueueOf<Standard>;
/// A FIFO queue: see [`QueueOf`].
pub type FifoQueue = QueueOf<Fifo>;

/// A queue ([AWS](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/welcome.html)):
/// [`Queue`] or [`FifoQueue`].
///
/// Encrypted with a key of SQS, TLS only, long polling, a message is hidden for 3 minutes while it
/// is worked on, and after 5 attempts it goes to a dead-letter queue of the same kind, for 14 days.
/// Messages are data: the queue is kept when it leaves the template.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Orders", Environment::agnostic());
/// let worker = stack.add("Worker", iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")));
/// let jobs = stack.add("Jobs", sqs::Queue::new().visibility_timeout(minutes(15)));
/// let payments = stack.add("Payments", sqs::FifoQueue::new().content_based_deduplication());
/// jobs.grant_consume(&worker);
/// payments.grant_send(&worker);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct QueueOf<K> {
    cfn: cfn::sqs::Queue,
    name: Option<Json>,
    visibility: Duration,
    retention: Option<Duration>,
    delay: Option<Duration>,
    receive_wait: Duration,
    max_message_bytes: Option<u32>,
    key: Option<kms::KeyRef>,
    dead_letters: DeadLetters<K>,
    receives: Option<u32>,
    takes_dead_letters: bool,
    removal: Option<RemovalPolicy>,
    delivery: PhantomData<K>,
}

/// Where a queue gives up its messages to.
#[derive(Clone)]
enum DeadLetters<K> {
    /// A queue of its own.
    Own,
    /// A queue that others may use, too.
    Shared(Box<QueueRefOf<K>>),
    /// Nowhere: messages are tried until they are too old.
    None,
}

impl<K: Delivery> QueueOf<K> {
    /// A queue with all defaults.
    pub fn new() -> Self {
        let mut cfn = cfn::sqs::Queue::new();
        if K::FIFO {
            // Without these two, one slow group slows all others: 300 messages a second in all.
            cfn = cfn
                .fifo_queue(true)
                .deduplication_scope("messageGroup")
                .fifo_throughput_limit("perMessageGroupId");
        }
        Self {
            cfn,
            name: None,
            visibility: VISIBILITY,
            retention: None,
            delay: None,
            receive_wait: LONG_POLLING,
            max_message_bytes: None,
            key: None,
            dead_letters: DeadLetters::Own,
            receives: None,
            takes_dead_letters: false,
            removal: None,
            delivery: PhantomData,
        }
    }

    /// A queue for what other queues, functions or subscriptions give up: it keeps messages for 14
    /// days and has no dead-letter queue itself.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Orders", Environment::agnostic());
    /// let failures = stack.add("Failures", sqs::Queue::dead_letter());
    /// stack.add("Orders", sqs::Queue::new().dead_letter_queue(&failures).max_receives(3));
    /// stack.add("Refunds", sqs::Queue::new().dead_letter_queue(&failures));
    /// # app.synth().unwrap();
    /// ```
    pub fn dead_letter() -> Self {
        let mut queue = Self::new();
        queue.dead_letters = DeadLetters::None;
        queue.takes_dead_letters = true;
        queue.retention(DEAD_LETTER_RETENTION)
    }

    /// A fixed name: at most 80 letters, digits, `-` and `_`; `.fifo` is added to a FIFO queue's.
    /// Without one CloudFormation makes a unique name. A change replaces the queue.
    ///
    /// A queue with a known name can be referred to from any account and region.
    pub fn queue_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// How long a received message is hidden from others: up to 12 hours, and 3 minutes unless said.
    /// For a function it should be six times the function's timeout.
    pub const fn visibility_timeout(mut self, duration: Duration) -> Self {
        self.visibility = duration;
        self
    }

    /// How long a message that nobody takes is kept: 1 minute to 14 days; SQS keeps it for 4 days
    /// unless said.
    pub const fn retention(mut self, duration: Duration) -> Self {
        self.retention = Some(duration);
        self
    }

    /// How long a new message stays hidden: up to 15 minutes, and not at all unless said.
    pub const fn delay(mut self, duration: Duration) -> Self {
        self.delay = Some(duration);
        self
    }

    /// How long a receiver waits for a message: up to 20 seconds, which is what it does unless said.
    pub const fn receive_wait(mut self, duration: Duration) -> Self {
        self.receive_wait = duration;
        self
    }

    /// The largest message that is taken, in bytes: 1,024 to 1,048,576, and the latter unless said.
    pub const fn max_message_bytes(mut self, bytes: u32) -> Self {
        self.max_message_bytes = Some(bytes);
        self
    }

    /// Encrypts messages with a key of your own. Services that send to the queue may then use the
    /// key, and so may whoever is granted to send or consume.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Gives up messages to this queue instead of one of its own.
    pub fn dead_letter_queue(mut self, queue: &QueueRefOf<K>) -> Self {
        self.dead_letters = DeadLetters::Shared(Box::new(queue.clone()));
        self
    }

    /// How often a message is tried before it goes to the dead-letter queue: 1 to 1,000, and 5
    /// unless said.
    pub const fn max_receives(mut self, count: u32) -> Self {
        self.receives = Some(count);
        self
    }

    /// How often a message is tried unless that was said.
    #[cfg(feature = "queue-worker")]
    pub(crate) fn usual_receives(mut self, count: u32) -> Self {
        if !matches!(self.dead_letters, DeadLetters::None) {
            self.receives = self.receives.or(Some(count));
        }
        self
    }

    /// Tries messages until they are older than the retention, then drops them.
    pub fn without_dead_letter_queue(mut self) -> Self {
        self.dead_letters = DeadLetters::None;
        self
    }

    /// What becomes of the queue and its messages when it leaves the template or is replaced.
    pub const fn removal_policy(mut self, policy: RemovalPolicy) -> Self {
        self.removal = Some(policy);
        self
    }

    /// A queue that exists already, by ARN. Grants become statements of the grantee alone, because
    /// the queue's policy belongs to its owner.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::sqs::Queue>>,
    ) -> QueueRefOf<K> {
        let scope = scope.place(id);
        let arn = arn.into_value();
        let parts = arn::parts(&scope, &arn, &KIND);
        let help = "the names of FIFO queues alone end in `.fifo`: import those with `sqs::FifoQueue::import`, others with `sqs::Queue::import`";
        check_kind::<K>(&scope, "queue", &parts.name, help);
        QueueRefOf::imported(scope, arn, parts)
    }
}

impl QueueOf<Fifo> {
    /// Drops a message whose body was sent before within five minutes, so that senders need no
    /// deduplication id.
    pub fn content_based_deduplication(mut self) -> Self {
        self.cfn = self.cfn.content_based_deduplication(true);
        self
    }

    /// Drops duplicates across all message groups, at the price of throughput: 300 requests a
    /// second for the whole queue.
    pub fn deduplicated_across_groups(mut self) -> Self {
        self.cfn = self
            .cfn
            .deduplication_scope("queue")
            .fifo_throughput_limit("perQueue");
        self
    }
}

impl<K: Delivery> Default for QueueOf<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Delivery> Construct for QueueOf<K> {
    type Handle = QueueRefOf<K>;

    fn construct(mut self, scope: &Scope) -> QueueRefOf<K> {
        self.name = self
            .name
            .or_else(|| defaults::name(scope, NAME_LIMIT - K::SUFFIX.len()).map(Json::Text));
        let key = defaults::key(scope, self.key.clone());
        let name = self
            .name
            .clone()
            .map(|name| complete_name::<K>(scope, "queue", name, NAME_LIMIT));
        let target = self.dead_letter_target(scope, key.as_ref(), name.as_ref());
        let mut l1 = self.l1(scope);
        l1 = match &key {
            Some(key) => {
                scope.edge(Verb::EncryptsWith, key.scope(), "");
                l1.kms_master_key_id(key.arn())
            }
            None => l1.sqs_managed_sse_enabled(true),
        };
        if let Some((queue, receives)) = &target {
            l1 = l1.redrive_policy(redrive_policy(queue, *receives));
        }
        if let Some(name) = &name {
            l1 = l1.queue_name(Value::<String>::from_json(name.clone()));
        }
        let cfn = scope.add("Resource", l1);
        cfn.removal_policy(defaults::removal_policy(scope, self.removal));
        let dead_letters = target.map(|(queue, _)| queue);
        let queue = QueueRefOf::owned(scope, cfn, name, key, self.visibility, dead_letters);
        queue
            .policy()
            .hold(tls_only("sqs:*", vec![queue.arn_json()]));
        if !self.takes_dead_letters {
            return queue;
        }
        residuals(scope, &[Finding::IsDeadLetterQueue]);
        queue.for_dead_letters()
    }
}

impl<K: Delivery> QueueOf<K> {
    /// The queue that messages are given up to, made if need be, and after how many attempts.
    fn dead_letter_target(
        &self,
        scope: &Scope,
        key: Option<&kms::KeyRef>,
        name: Option<&Json>,
    ) -> Option<(QueueRefOf<K>, u32)> {
        let queue = match &self.dead_letters {
            DeadLetters::Own => own_dead_letters(self, scope, key, name),
            DeadLetters::Shared(queue) => {
                let what = "a queue and its dead-letter queue";
                reach::same_environment(scope, queue.scope(), what);
                (**queue).clone()
            }
            DeadLetters::None => {
                check_idle_receives(scope, self.receives);
                return None;
            }
        };
        let receives = self.receives.unwrap_or(MAX_RECEIVES);
        if !RECEIVES.contains(&receives) {
            let message = format!("a message is tried 1 to 1000 times, got {receives}");
            let help =
                "give `max_receives` a count in this range, or say `without_dead_letter_queue()`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        let detail = format!("after {receives} receives");
        scope.edge(Verb::DeadLettersTo, queue.scope(), detail);
        Some((queue, receives))
    }

    fn l1(&self, scope: &Scope) -> cfn::sqs::Queue {
        let check = |what, duration, range| check_seconds(scope, what, duration, range);
        let mut l1 = self
            .cfn
            .clone()
            .visibility_timeout(check("a visibility timeout", self.visibility, 0..=43_200))
            .receive_message_wait_time_seconds(check(
                "a queue's receive wait",
                self.receive_wait,
                0..=20,
            ));
        if let Some(retention) = self.retention {
            let retention = check("a queue's retention", retention, 60..=1_209_600);
            l1 = l1.message_retention_period(retention);
        }
        if let Some(delay) = self.delay {
            l1 = l1.delay_seconds(check("a queue's delay", delay, 0..=900));
        }
        if let Some(bytes) = self.max_message_bytes {
            check_bytes(scope, bytes);
            l1 = l1.maximum_message_size(bytes);
        }
        l1
    }
}

/// A dead-letter queue of the queue's own. When the queue's name is known, no other queue may give
/// up messages to it; else its ARN would be a reference to the queue, and the two a circle.
fn own_dead_letters<K: Delivery>(
    queue: &QueueOf<K>,
    scope: &Scope,
    key: Option<&kms::KeyRef>,
    name: Option<&Json>,
) -> QueueRefOf<K> {
    let mut dead_letters = QueueOf::<K>::dead_letter();
    dead_letters.removal = queue.removal;
    dead_letters.key = key.cloned();
    if let Some(name) = name {
        let source = scope.arn("sqs", Value::<String>::from_json(name.clone()));
        let sources = Json::List(vec![source.as_json().clone()]);
        let policy = [
            ("redrivePermission", Json::Text("byQueue".into())),
            ("sourceQueueArns", sources),
        ];
        dead_letters.cfn = dead_letters.cfn.redrive_allow_policy(Json::map(policy));
    }
    scope.add("DeadLetterQueue", dead_letters)
}

fn redrive_policy<K: Delivery>(queue: &QueueRefOf<K>, receives: u32) -> Json {
    Json::map([
        ("deadLetterTargetArn", queue.arn_json()),
        ("maxReceiveCount", Json::Int(receives.into())),
    ])
}

fn check_idle_receives(scope: &Scope, receives: Option<u32>) {
    if let Some(count) = receives {
        let message = format!(
            "got `max_receives({count})`, but the queue has no dead-letter queue to use it"
        );
        let help = "drop `max_receives`, or name a dead-letter queue";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

fn check_bytes(scope: &Scope, bytes: u32) {
    if !MESSAGE_BYTES.contains(&bytes) {
        let message = format!("a message has 1024 to 1048576 bytes at most, got {bytes}");
        let help = "larger content goes to a bucket, and its key into the message";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
}
