//! Whom rules and schedules tell, how persistently, and where what cannot be handed over goes.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{IntoValue, Json, ResourceRef as _, Scope, Text};

use crate::iam::RoleRef;
use crate::lambda::FunctionRef;
use crate::sns::TopicRef;
use crate::sqs::{FifoQueueRef, QueueRef};
use crate::units::check_seconds;
use crate::{reach, rules};

/// The most attempts after the first one.
const RETRIES: u32 = 185;
/// How long an event may be tried, in seconds.
const EVENT_AGE: RangeInclusive<i64> = 60..=86_400;
/// The longest name of a message group.
const GROUP: usize = 128;

/// Who is told.
#[derive(Clone)]
pub(crate) enum To {
    Function(FunctionRef),
    Queue(QueueRef),
    FifoQueue(FifoQueueRef, Text),
    Topic(TopicRef),
    #[cfg(feature = "stepfunctions")]
    Machine(Box<crate::stepfunctions::StateMachineRef>),
    /// Whatever it is, as a role.
    Arn(Json, RoleRef),
}

impl To {
    pub(crate) fn arn(&self) -> Json {
        match self {
            Self::Function(function) => IntoValue::<Json>::into_json(function.arn()),
            Self::Queue(queue) => queue.arn_json(),
            Self::FifoQueue(queue, _) => queue.arn_json(),
            Self::Topic(topic) => topic.arn_json(),
            #[cfg(feature = "stepfunctions")]
            Self::Machine(machine) => machine.arn().as_json().clone(),
            Self::Arn(arn, _) => arn.clone(),
        }
    }

    pub(crate) fn place(&self) -> Option<&Scope> {
        match self {
            Self::Function(function) => Some(function.scope()),
            Self::Queue(queue) => Some(queue.scope()),
            Self::FifoQueue(queue, _) => Some(queue.scope()),
            Self::Topic(topic) => Some(topic.scope()),
            #[cfg(feature = "stepfunctions")]
            Self::Machine(machine) => Some(machine.scope()),
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

    /// Reports a target that is too far, or would refuse what it is told. `teller` is such as "a rule".
    pub(crate) fn check(&self, scope: &Scope, teller: &str) {
        if let Some(place) = self.place() {
            reach::same_environment(scope, place, &format!("{teller} and what it tells"));
        }
        if let Self::FifoQueue(queue, group) = self {
            check_fifo(scope, queue, group);
        }
    }
}

/// Where events go that cannot be handed over.
#[derive(Clone)]
pub(crate) enum Lost {
    /// Where the target's own failures go, or to a queue of the teller's.
    Usual,
    Given(Box<QueueRef>),
    Nowhere,
}

impl Lost {
    /// The queue for what cannot be handed over; `own` makes the one of the teller.
    pub(crate) fn settle(
        &self,
        scope: &Scope,
        to: &To,
        own: &mut dyn FnMut() -> QueueRef,
    ) -> Option<QueueRef> {
        match self {
            Self::Usual => to.failures(scope).unwrap_or_else(|| Some(own())),
            Self::Given(queue) => Some((**queue).clone()),
            Self::Nowhere => None,
        }
    }

    pub(crate) fn check(&self, scope: &Scope, teller: &str) {
        if let Self::Given(queue) = self {
            let what = format!("{teller} and its dead letters");
            reach::same_environment(scope, queue.scope(), &what);
        }
    }
}

/// How persistently a target is told.
#[derive(Clone, Copy)]
pub(crate) struct Tries {
    pub(crate) retries: Option<u32>,
    pub(crate) age: Option<Duration>,
}

impl Tries {
    pub(crate) const fn new() -> Self {
        Self {
            retries: None,
            age: None,
        }
    }

    pub(crate) fn check(&self, scope: &Scope) {
        if let Some(age) = self.age {
            check_seconds(scope, "an event's maximum age", age, EVENT_AGE);
        }
        if let Some(retries) = self.retries.filter(|retries| *retries > RETRIES) {
            let message =
                format!("EventBridge tries an event again at most {RETRIES} times, got {retries}");
            let help = "send events through a queue, which tries as often as you say";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
    }

    /// The `RetryPolicy`, when there is something to say.
    pub(crate) fn l1(&self) -> Option<Json> {
        let age = self.age.map(|age| {
            let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
            ("MaximumEventAgeInSeconds", Json::Int(seconds))
        });
        let retries = self
            .retries
            .map(|count| ("MaximumRetryAttempts", Json::Int(i64::from(count))));
        (age.is_some() || retries.is_some()).then(|| Json::map(age.into_iter().chain(retries)))
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

/// Reports an input that EventBridge would refuse, of at most so many characters.
pub(crate) fn check_input(scope: &Scope, text: &str, limit: usize) {
    let length = text.chars().count();
    let mistake = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) if length <= limit => return,
        Ok(_) => format!("an input has at most {limit} characters, got {length}"),
        Err(error) => format!("an input is JSON, got \"{text}\": {error}"),
    };
    let help = "such as `.input(r#\"{\"all\": true}\"#)`; a text stands in quotes, too";
    scope.error(&rules::BAD_EVENT_RULE, mistake, help);
}
