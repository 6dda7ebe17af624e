//! Whom a schedule tells.

use std::time::Duration;

use cloudwright_synth::{AnyArn, IntoValue, Json, Scope, Text, Value};

use crate::events::told::{self, Lost, To, Tries};
use crate::iam::RoleRef;
use crate::lambda::FunctionRef;
use crate::sns::TopicRef;
use crate::sqs::{FifoQueueRef, QueueRef};

/// The longest input, in characters.
const INPUT: usize = 256 * 1024;

/// Whom a [`Schedule`](super::Schedule) tells
/// ([AWS](https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html)), what with, and how persistently.
///
/// A function, a queue or a topic is a target by itself, `Schedule::every(hours(1), &queue)`, when no more is to be said.
#[derive(Clone)]
#[must_use = "a target is told nothing until a schedule has it"]
pub struct Target {
    pub(super) to: To,
    pub(super) input: Option<Json>,
    pub(super) tries: Tries,
    pub(super) lost: Lost,
    pub(super) role: Option<RoleRef>,
}

impl Target {
    /// Calls a function, and does not wait for its answer.
    pub fn function(function: &FunctionRef) -> Self {
        Self::new(To::Function(function.clone()), None)
    }

    /// Sends to a queue.
    pub fn queue(queue: &QueueRef) -> Self {
        Self::new(To::Queue(queue.clone()), None)
    }

    /// Sends to a FIFO queue that drops duplicates by content, all in one message group.
    pub fn fifo_queue(queue: &FifoQueueRef, group: impl Into<Text>) -> Self {
        Self::new(To::FifoQueue(queue.clone(), group.into()), None)
    }

    /// Publishes to a topic.
    pub fn topic(topic: &TopicRef) -> Self {
        Self::new(To::Topic(topic.clone()), None)
    }

    /// Starts a run of a state machine.
    #[cfg(feature = "stepfunctions")]
    pub fn state_machine(machine: &crate::stepfunctions::StateMachineRef) -> Self {
        Self::new(To::Machine(Box::new(machine.clone())), None)
    }

    /// Anything else by its ARN, such as `arn:aws:scheduler:::aws-sdk:ecs:stopTask`
    /// ([AWS](https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html)). It is called as
    /// a role, which `scheduler.amazonaws.com` assumes, and which has to be allowed to.
    pub fn called_as(role: &RoleRef, arn: impl IntoValue<AnyArn>) -> Self {
        Self::new(To::Arn(arn.into_json(), role.clone()), Some(role.clone()))
    }

    const fn new(to: To, role: Option<RoleRef>) -> Self {
        Self {
            to,
            input: None,
            tries: Tries::new(),
            lost: Lost::Usual,
            role,
        }
    }

    /// What the target gets: JSON text of at most 256 KB. Unless said, it is told the time and the name of the schedule.
    pub fn input(mut self, json: impl IntoValue<String>) -> Self {
        self.input = Some(json.into_json());
        self
    }

    /// How often it is tried again when the target cannot be told: 0 to 185, and 185 unless said.
    pub const fn retry_attempts(mut self, count: u32) -> Self {
        self.tries.retries = Some(count);
        self
    }

    /// How long it is tried: 1 minute to 24 hours, and 24 hours unless said.
    pub const fn maximum_event_age(mut self, age: Duration) -> Self {
        self.tries.age = Some(age);
        self
    }

    /// Keeps what cannot be handed over in this queue.
    pub fn dead_letters(mut self, queue: &QueueRef) -> Self {
        self.lost = Lost::Given(Box::new(queue.clone()));
        self
    }

    /// Drops what cannot be handed over.
    pub fn without_dead_letters(mut self) -> Self {
        self.lost = Lost::Nowhere;
        self
    }

    /// Acts as this role, which `scheduler.amazonaws.com` has to be able to assume, in place of one of its own. What it
    /// needs is added to it.
    pub fn acting_as(mut self, role: &RoleRef) -> Self {
        self.role = Some(role.clone());
        self
    }

    pub(super) fn check(&self, scope: &Scope) {
        self.to.check(scope, "a schedule");
        self.lost.check(scope, "a schedule");
        self.tries.check(scope);
        if let Some(text) = self.input.as_ref().and_then(Json::as_text) {
            told::check_input(scope, text, INPUT);
        }
    }

    /// The target as the service reads it.
    pub(super) fn l1(&self, role: &RoleRef, lost: Option<&QueueRef>) -> Json {
        let mut l1 = Json::map([
            ("Arn", self.to.arn()),
            ("RoleArn", Value::as_json(&role.arn()).clone()),
        ]);
        if let Some(input) = &self.input {
            l1.set("Input", input.clone());
        }
        if let To::FifoQueue(_, group) = &self.to {
            let group = Json::map([("MessageGroupId", Json::Text(group.clone()))]);
            l1.set("SqsParameters", group);
        }
        if let Some(retry) = self.tries.l1() {
            l1.set("RetryPolicy", retry);
        }
        if let Some(lost) = lost {
            l1.set("DeadLetterConfig", Json::map([("Arn", lost.arn_json())]));
        }
        l1
    }

    /// Gives the role what it needs.
    pub(super) fn allow(&self, role: &RoleRef) {
        match &self.to {
            To::Function(function) => {
                function.grant_invoke(role);
                // It does not wait, so that failures have to go somewhere.
                let _ = function.failure_queue();
            }
            To::Queue(queue) => {
                queue.grant_send(role);
            }
            To::FifoQueue(queue, _) => {
                queue.grant_send(role);
            }
            To::Topic(topic) => {
                topic.grant_publish(role);
            }
            #[cfg(feature = "stepfunctions")]
            To::Machine(machine) => {
                machine.grant_start(role);
            }
            To::Arn(..) => {}
        }
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

#[cfg(feature = "stepfunctions")]
impl From<&crate::stepfunctions::StateMachineRef> for Target {
    fn from(machine: &crate::stepfunctions::StateMachineRef) -> Self {
        Self::state_machine(machine)
    }
}
