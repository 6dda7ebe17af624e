//! Whom a rule tells, and what becomes of events that it cannot hand over.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{
    AnyArn, Builder as _, IntoValue, Json, ResourceRef as _, Scope, Text, Value, Verb,
};

use super::RuleRef;
use crate::cfn::events::rule;
use crate::iam::RoleRef;
use crate::lambda::{FunctionRef, Permission};
use crate::sns::TopicRef;
use crate::sqs::{FifoQueueRef, Queue, QueueRef};
use crate::units::check_seconds;
use crate::{reach, rules};

/// The service that runs rules.
const EVENTS: &str = "events.amazonaws.com";
/// The most attempts after the first one.
const RETRIES: u32 = 185;
/// How long an event may be tried, in seconds.
const EVENT_AGE: RangeInclusive<i64> = 60..=86_400;
/// The longest name of a message group.
const GROUP: usize = 128;
/// The longest input, in characters.
const INPUT: usize = 8192;

/// Whom a rule tells ([AWS](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html)), what with, and
/// how persistently.
///
/// A function, a queue or a topic is a target by itself, `rule.target(&queue)`, when no more is to be said.
#[derive(Clone)]
#[must_use = "a target is told nothing until a rule has it: `Rule::target`"]
pub struct Target {
    to: To,
    id: Option<Text>,
    input: Input,
    retries: Option<u32>,
    age: Option<Duration>,
    lost: Lost,
}

/// Who is told.
#[derive(Clone)]
enum To {
    Function(FunctionRef),
    Queue(QueueRef),
    FifoQueue(FifoQueueRef, Text),
    Topic(TopicRef),
    /// Whatever it is, as a role.
    Arn(Json, RoleRef),
}

/// What the target gets.
#[derive(Clone)]
enum Input {
    /// The event.
    Event,
    Constant(Json),
    Part(Text),
    Made(Vec<(Text, Json)>, Text),
}

/// Where events go that cannot be handed over.
#[derive(Clone)]
enum Lost {
    /// Where the target's own failures go, or to a queue of the rule's.
    Usual,
    Given(Box<QueueRef>),
    Nowhere,
}

impl Target {
    /// Calls a function.
    pub fn function(function: &FunctionRef) -> Self {
        Self::new(To::Function(function.clone()))
    }

    /// Sends to a queue.
    pub fn queue(queue: &QueueRef) -> Self {
        Self::new(To::Queue(queue.clone()))
    }

    /// Sends to a FIFO queue that drops duplicates by content, all in one message group.
    pub fn fifo_queue(queue: &FifoQueueRef, group: impl Into<Text>) -> Self {
        Self::new(To::FifoQueue(queue.clone(), group.into()))
    }

    /// Publishes to a topic.
    pub fn topic(topic: &TopicRef) -> Self {
        Self::new(To::Topic(topic.clone()))
    }

    /// Anything else that EventBridge starts, such as a state machine, by its ARN. It is started as a role, which
    /// `events.amazonaws.com` assumes, and which has to be allowed to.
    pub fn started_as(role: &RoleRef, arn: impl IntoValue<AnyArn>) -> Self {
        Self::new(To::Arn(arn.into_json(), role.clone()))
    }

    const fn new(to: To) -> Self {
        Self {
            to,
            id: None,
            input: Input::Event,
            retries: None,
            age: None,
            lost: Lost::Usual,
        }
    }

    /// The name of the target within its rule: at most 64 letters, digits, `.`, `-` and `_`. `Target1` and so on
    /// unless said.
    pub fn id(mut self, id: impl Into<Text>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// What the target gets in place of the event: JSON text of at most 8,192 characters.
    pub fn input(mut self, json: impl IntoValue<String>) -> Self {
        self.input = Input::Constant(json.into_json());
        self
    }

    /// Gives the target a part of the event only, such as `$.detail`.
    pub fn input_path(mut self, path: impl Into<Text>) -> Self {
        self.input = Input::Part(path.into());
        self
    }

    /// Gives the target a
    /// [text](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html) in which parts
    /// of the event stand in: `("key", "$.detail.object.key")` for `<key>`.
    pub fn input_made_of<N: Into<Text>, P: Into<Text>>(
        mut self,
        parts: impl IntoIterator<Item = (N, P)>,
        template: impl Into<Text>,
    ) -> Self {
        let parts = parts.into_iter();
        let parts = parts.map(|(name, path)| (name.into(), Json::Text(path.into())));
        self.input = Input::Made(parts.collect(), template.into());
        self
    }

    /// How often an event that cannot be handed over is tried again: 0 to 185, and 185 unless said.
    pub const fn retry_attempts(mut self, count: u32) -> Self {
        self.retries = Some(count);
        self
    }

    /// How long an event is tried: 1 minute to 24 hours, and 24 hours unless said.
    pub const fn maximum_event_age(mut self, age: Duration) -> Self {
        self.age = Some(age);
        self
    }

    /// Keeps events that cannot be handed over in this queue.
    pub fn dead_letters(mut self, queue: &QueueRef) -> Self {
        self.lost = Lost::Given(Box::new(queue.clone()));
        self
    }

    /// Drops events that cannot be handed over.
    pub fn without_dead_letters(mut self) -> Self {
        self.lost = Lost::Nowhere;
        self
    }
}

impl From<&FunctionRef> for Target {
    fn from(function: &FunctionRef) -> Self {
        Self::function(function)
    }
}

impl From<&QueueRef> for Target {
    fn from(queue: &QueueRef) -> Self {
        Self::queue(queue)
    }
}

impl From<&TopicRef> for Target {
    fn from(topic: &TopicRef) -> Self {
        Self::topic(topic)
    }
}

impl To {
    fn arn(&self) -> Json {
        match self {
            Self::Function(function) => IntoValue::<Json>::into_json(function.arn()),
            Self::Queue(queue) => queue.arn_json(),
            Self::FifoQueue(queue, _) => queue.arn_json(),
            Self::Topic(topic) => topic.arn_json(),
            Self::Arn(arn, _) => arn.clone(),
        }
    }

    fn place(&self) -> Option<&Scope> {
        match self {
            Self::Function(function) => Some(function.scope()),
            Self::Queue(queue) => Some(queue.scope()),
            Self::FifoQueue(queue, _) => Some(queue.scope()),
            Self::Topic(topic) => Some(topic.scope()),
            Self::Arn(..) => None,
        }
    }

    /// Where the target's own failures go: `None` when nobody has said anything about them, or it is in another
    /// stack, which would then need the rule that needs it.
    fn failures(&self, scope: &Scope) -> Option<Option<QueueRef>> {
        let is_near = |other: &Scope| other.stack().path() == scope.stack().path();
        match self {
            // A function that has no queue was told so by its program.
            Self::Function(function) if function.cfn().is_some() && is_near(function.scope()) => {
                Some(function.failure_queue())
            }
            Self::Queue(queue) if is_near(queue.scope()) => {
                queue.dead_letter_queue().cloned().map(Some)
            }
            _ => None,
        }
    }
}

/// A target of a rule whose dead letters are known.
pub(super) struct Settled {
    target: Target,
    id: Text,
    lost: Option<QueueRef>,
}

impl Settled {
    /// The targets of a rule. Those that have nowhere to leave events share a queue.
    pub(super) fn all(scope: &Scope, targets: Vec<Target>) -> Vec<Self> {
        let mut own = None;
        let mut own = || {
            let made = || scope.add("DeadLetters", Queue::dead_letter());
            own.get_or_insert_with(made).clone()
        };
        let numbered = targets.into_iter().zip(1..);
        let settled = numbered.map(|(target, number): (Target, u32)| {
            target.check(scope);
            let lost = match &target.lost {
                Lost::Usual => target.to.failures(scope).unwrap_or_else(|| Some(own())),
                Lost::Given(queue) => Some((**queue).clone()),
                Lost::Nowhere => None,
            };
            let id = target.id.clone();
            let id = id.unwrap_or_else(|| Text::Owned(format!("Target{number}")));
            Self { target, id, lost }
        });
        let settled: Vec<Self> = settled.collect();
        report_repeated(scope, &settled);
        settled
    }

    pub(super) fn l1(&self) -> rule::Target {
        let Target { to, input, .. } = &self.target;
        let mut l1 = rule::Target::new(Value::<String>::from_json(to.arn()), self.id.clone());
        l1 = match input {
            Input::Event => l1,
            Input::Constant(json) => l1.input(Value::<String>::from_json(json.clone())),
            Input::Part(path) => l1.input_path(path.clone()),
            Input::Made(parts, template) => {
                let mut made = Json::map([("InputTemplate", Json::Text(template.clone()))]);
                if !parts.is_empty() {
                    made.set("InputPathsMap", Json::map(parts.clone()));
                }
                l1.raw("InputTransformer", made)
            }
        };
        match to {
            To::FifoQueue(_, group) => {
                l1 = l1.sqs_parameters(rule::SqsParameters::new(group.clone()));
            }
            To::Arn(_, role) => l1 = l1.role_arn(role.arn()),
            To::Function(_) | To::Queue(_) | To::Topic(_) => {}
        }
        if let Some(retry) = self.target.retry_policy() {
            l1 = l1.retry_policy(retry);
        }
        match &self.lost {
            Some(lost) => l1.dead_letter_config(rule::DeadLetterConfig::new().arn(lost.arn())),
            None => l1,
        }
    }

    /// Lets the rule tell the target, and send what it cannot hand over to the queue for that.
    pub(super) fn let_in(&self, rule: &RuleRef) {
        let scope = rule.scope();
        let source = || rule.source();
        let account = || scope.account();
        let (verb, what) = match &self.target.to {
            To::Function(function) => {
                function.permit_beside(scope, Permission::service(EVENTS, rule));
                (Verb::Invokes, "events")
            }
            To::Queue(queue) => {
                queue.let_in(EVENTS, source(), account(), |statement| statement);
                (Verb::SendsTo, "events")
            }
            To::FifoQueue(queue, _) => {
                queue.let_in(EVENTS, source(), account(), |statement| statement);
                (Verb::SendsTo, "events")
            }
            To::Topic(topic) => {
                topic.let_in_for(EVENTS, source());
                (Verb::SendsTo, "events")
            }
            To::Arn(..) => (Verb::Invokes, "events"),
        };
        let read = match &self.target.to {
            To::Arn(arn, _) => scope.construct_behind(arn),
            _ => None,
        };
        if let Some(place) = self.target.to.place().or(read.as_ref()) {
            scope.edge(verb, place, what);
        }
        if let Some(lost) = &self.lost {
            lost.let_in(EVENTS, source(), account(), |statement| statement);
            scope.edge(Verb::DeadLettersTo, lost.scope(), "events");
        }
    }
}

impl Target {
    fn retry_policy(&self) -> Option<rule::RetryPolicy> {
        if self.retries.is_none() && self.age.is_none() {
            return None;
        }
        let mut policy = rule::RetryPolicy::new();
        if let Some(retries) = self.retries {
            policy = policy.maximum_retry_attempts(retries);
        }
        if let Some(age) = self.age {
            let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
            policy = policy.maximum_event_age_in_seconds(seconds);
        }
        Some(policy)
    }

    fn check(&self, scope: &Scope) {
        if let Some(place) = self.to.place() {
            reach::same_environment(scope, place, "a rule and what it tells");
        }
        if let Lost::Given(queue) = &self.lost {
            reach::same_environment(scope, queue.scope(), "a rule and its dead letters");
        }
        if let Some(age) = self.age {
            check_seconds(scope, "an event's maximum age", age, EVENT_AGE);
        }
        if let Some(retries) = self.retries.filter(|retries| *retries > RETRIES) {
            let message =
                format!("EventBridge tries an event again at most {RETRIES} times, got {retries}");
            let help = "send events through a queue, which tries as often as you say";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        if let To::FifoQueue(queue, group) = &self.to {
            check_fifo(scope, queue, group);
        }
        if let Input::Constant(json) = &self.input
            && let Some(text) = json.as_text()
        {
            check_input(scope, text);
        }
    }
}

/// Reports a FIFO queue that would refuse every event.
fn check_fifo(scope: &Scope, queue: &FifoQueueRef, group: &Text) {
    if group.is_empty() || group.chars().count() > GROUP {
        let message = format!("a message group has 1 to {GROUP} characters, got \"{group}\"");
        scope.error(&rules::OUT_OF_RANGE, message, "such as \"orders\"");
    }
    let Some(cfn) = queue.cfn() else { return };
    let told = cfn.handle().property("ContentBasedDeduplication");
    if !matches!(told, Some(Json::Bool(true))) {
        let message = format!(
            "`{}` wants a deduplication id of every message, and EventBridge gives none",
            queue.scope().path()
        );
        let help = "make it with `sqs::FifoQueue::new().content_based_deduplication()`";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

/// Reports an input that EventBridge would refuse.
fn check_input(scope: &Scope, text: &str) {
    let length = text.chars().count();
    let mistake = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) if length <= INPUT => return,
        Ok(_) => format!("an input has at most {INPUT} characters, got {length}"),
        Err(error) => format!("an input is JSON, got \"{text}\": {error}"),
    };
    let help = "such as `.input(r#\"{\"all\": true}\"#)`; a text stands in quotes, too";
    scope.error(&rules::BAD_EVENT_RULE, mistake, help);
}

/// Reports targets that are called the same.
fn report_repeated(scope: &Scope, targets: &[Settled]) {
    for (index, target) in targets.iter().enumerate() {
        if targets[..index].iter().any(|other| other.id == target.id) {
            let message = format!("two targets of a rule are called \"{}\"", target.id);
            let help = "each target of a rule has an id of its own: `.id(\"Other\")`";
            scope.error(&rules::BAD_EVENT_RULE, message, help);
        }
    }
}
