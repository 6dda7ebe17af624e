//! Asynchronous calls: how long Lambda tries, and where an event goes that it gives up.
//!
//! A caller such as a bucket does not wait for the function, so nobody would notice that an event
//! is lost. Whatever calls a function so (a permission says who) records it here, and at synthesis
//! the function gets one configuration and, unless said otherwise, a failure queue: for records of what failed, or, in a
//! strict stack and where it was asked for, for the events as they came.

use cloudwright_synth::sorted::Map;
use std::cell::OnceCell;
use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{Fact, Json, Recorded, ResourceRef as _, Scope, Verb};

use super::FunctionRef;
use crate::cfn::lambda::event_invoke_config::{DestinationConfig, OnFailure};
use crate::sqs::{Queue, QueueRef};
use crate::units::check_seconds;
use crate::{cfn, order, rules};

/// The [services](https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html) that do not
/// wait for the function; CloudWatch Logs has a name per region.
const DO_NOT_WAIT: [&str; 8] = [
    "cloudformation.amazonaws.com",
    "codecommit.amazonaws.com",
    "config.amazonaws.com",
    "events.amazonaws.com",
    "iot.amazonaws.com",
    "s3.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
];
/// How long an event may wait, in seconds.
const EVENT_AGE: RangeInclusive<i64> = 60..=21_600;
/// How long an event may wait unless said.
#[cfg(feature = "processing-pipeline")]
const LONGEST_WAIT: Duration = crate::units::hours(6);
/// The most attempts after the first one.
const RETRIES: u32 = 2;
/// The version that is called when the caller names none.
pub(super) const LATEST: &str = "$LATEST";

/// Where given up events go.
#[derive(Clone, Default)]
pub(super) enum Destination {
    /// To a queue of the function's own, made when something calls asynchronously.
    #[default]
    Own,
    /// To this queue.
    Given(Box<QueueRef>),
    /// Nowhere.
    Nowhere,
}

/// What a program says about asynchronous calls.
#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) destination: Destination,
    /// Whether the queue gets events as they came, as the function's dead letters, in place of records of what failed.
    pub(super) as_dead_letters: bool,
    pub(super) age: Option<Duration>,
    pub(super) retries: Option<u32>,
}

impl Settings {
    /// Whether there is something to write even if no caller is known.
    pub(super) const fn are_said(&self) -> bool {
        self.age.is_some()
            || self.retries.is_some()
            || self.as_dead_letters
            || matches!(self.destination, Destination::Given(_))
    }

    /// Whether given up events are the function's dead letters: if it was asked for, or the stack is strict, whose
    /// checkers look for nothing else. Who named a queue of another kind reads records there.
    fn are_dead_letters(&self, scope: &Scope) -> bool {
        self.as_dead_letters || (scope.is_strict() && matches!(self.destination, Destination::Own))
    }

    /// Reports what Lambda would refuse, at the function.
    pub(super) fn check(&self, scope: &Scope) {
        if let Some(age) = self.age {
            check_seconds(scope, "an event's maximum age", age, EVENT_AGE);
        }
        if self.as_dead_letters && matches!(self.destination, Destination::Nowhere) {
            let message = "given up events are dropped, and are to be dead letters";
            let help =
                "drop one of the two: `.without_failure_queue()` or `.with_dead_letter_queue()`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        if let Some(retries) = self.retries.filter(|retries| *retries > RETRIES) {
            let message =
                format!("Lambda tries an event again at most {RETRIES} times, got {retries}");
            let help = "send events through a queue, which tries as often as you say: `function.consume(&queue)`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
    }
}

/// The settings of a function, and its failure queue once there is one.
pub(super) struct Asynchronous {
    settings: Settings,
    queue: OnceCell<QueueRef>,
}

impl Asynchronous {
    pub(super) const fn new(settings: Settings) -> Self {
        Self {
            settings,
            queue: OnceCell::new(),
        }
    }

    fn queue(&self, scope: &Scope) -> Option<QueueRef> {
        match &self.settings.destination {
            Destination::Nowhere => None,
            Destination::Given(queue) => Some((**queue).clone()),
            Destination::Own => {
                let own = self
                    .queue
                    .get_or_init(|| scope.add("FailureQueue", Queue::dead_letter()));
                Some(own.clone())
            }
        }
    }
}

/// Whether a service calls without waiting for the answer.
pub(super) fn does_not_wait(service: &str) -> bool {
    DO_NOT_WAIT.contains(&service) || service.starts_with("logs.")
}

/// How an event of an asynchronous call is tried.
#[cfg(feature = "processing-pipeline")]
pub(crate) struct Tries {
    /// How often in all.
    pub(crate) count: u32,
    /// How long it may wait, when the function has no room for it.
    pub(crate) age: Duration,
}

#[cfg(feature = "processing-pipeline")]
impl FunctionRef {
    /// How an event of an asynchronous call is tried before it is given up.
    pub(crate) fn tries(&self) -> Tries {
        let settings = self.asynchronous.as_ref().map(|all| &all.settings);
        Tries {
            count: settings.and_then(|all| all.retries).unwrap_or(RETRIES) + 1,
            age: settings.and_then(|all| all.age).unwrap_or(LONGEST_WAIT),
        }
    }
}

impl FunctionRef {
    /// The queue for events of asynchronous calls that the function gives up, made now if it is not
    /// there yet. `None` for an imported function, and for one that has none. It gets records that hold the event and the
    /// error, or the events as they came: see [`Function::with_dead_letter_queue`](super::Function::with_dead_letter_queue). To be told when something
    /// arrives, see [`alarm_on_failures`](Self::alarm_on_failures).
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// use cloudwright::lambda::Code;
    /// # let app = App::new();
    /// # let stack = app.stack("Images", Environment::agnostic());
    /// let operators = stack.add("Operators", sns::Topic::new());
    /// let resize = stack.add("Resize", lambda::Function::new(Code::s3("releases", "resize.zip")));
    /// resize.alarm_on_failures(&operators);
    /// if let Some(failures) = resize.failure_queue() {
    ///     stack.output("Failures", failures.url());
    /// }
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    #[must_use]
    pub fn failure_queue(&self) -> Option<QueueRef> {
        let queue = self.asynchronous.as_ref()?.queue(&self.scope)?;
        self.called_asynchronously();
        Some(queue)
    }

    /// Records that something calls the function without waiting for it.
    pub(super) fn called_asynchronously(&self) {
        let function = self.clone();
        self.scope.record(AsynchronousCall { function });
    }
}

/// Something calls a function asynchronously, or its program says what is to happen then.
struct AsynchronousCall {
    function: FunctionRef,
}

impl Fact for AsynchronousCall {
    const ORDER: u16 = order::ASYNCHRONOUS;

    fn merge(facts: Vec<Recorded<Self>>) {
        let functions: Map<String, FunctionRef> = facts
            .into_iter()
            .map(|Recorded { fact, .. }| (fact.function.scope.path(), fact.function))
            .collect();
        functions.values().for_each(configure);
    }
}

/// Writes the configuration of one function; that of an imported one is its owner's.
fn configure(function: &FunctionRef) {
    let Some(asynchronous) = &function.asynchronous else {
        return;
    };
    let settings = &asynchronous.settings;
    if let Some(queue) = asynchronous.queue(&function.scope) {
        // Lambda checks this right when it is told of the queue. Function and configuration wait for the policy that
        // holds it: the one by itself, the other as it refers to the function.
        queue.let_send(function);
        function
            .scope
            .edge(Verb::DeadLettersTo, queue.scope(), "asynchronous calls");
        match &function.cfn {
            Some(cfn) if settings.are_dead_letters(&function.scope) => {
                cfn.raw(
                    "DeadLetterConfig",
                    Json::map([("TargetArn", queue.arn_json())]),
                );
            }
            _ => {
                let lost = DestinationConfig::new().on_failure(OnFailure::new(&queue));
                return configuration(function, settings, Some(lost));
            }
        }
    }
    configuration(function, settings, None);
}

/// Writes how long an event is tried, and where a record of its failure goes, if one of them is said.
fn configuration(function: &FunctionRef, settings: &Settings, lost: Option<DestinationConfig>) {
    let Settings { age, retries, .. } = settings;
    if lost.is_none() && age.is_none() && retries.is_none() {
        return;
    }
    let mut config = cfn::lambda::EventInvokeConfig::new(function.name(), LATEST);
    if let Some(age) = age {
        config =
            config.maximum_event_age_in_seconds(i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
    }
    if let Some(retries) = retries {
        config = config.maximum_retry_attempts(*retries);
    }
    if let Some(lost) = lost {
        config = config.destination_config(lost);
    }
    function.scope.add("EventInvokeConfig", config);
}
