//! Whom a rule tells, and what becomes of events that it cannot hand over.

use std::time::Duration;

use cloudwright_synth::{AnyArn, Builder as _, IntoValue, Json, Scope, Text, Value, Verb};

use super::RuleRef;
use super::told::{self, Lost, To, Tries};
use crate::cfn::events::rule;
use crate::iam::RoleRef;
#[cfg(feature = "stepfunctions")]
use crate::iam::{Principal, Role, Statement};
use crate::lambda::{FunctionRef, Permission};
use crate::rules;
use crate::sns::TopicRef;
use crate::sqs::{FifoQueueRef, Queue, QueueRef};

/// The service that runs rules.
const EVENTS: &str = "events.amazonaws.com";
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
    tries: Tries,
    lost: Lost,
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

    /// Starts a run of a state machine, as a role of the rule's that may do just that.
    #[cfg(feature = "stepfunctions")]
    pub fn state_machine(machine: &crate::stepfunctions::StateMachineRef) -> Self {
        Self::new(To::Machine(Box::new(machine.clone())))
    }

    /// Anything else that EventBridge starts, such as a pipeline, by its ARN. It is started as a role, which
    /// `events.amazonaws.com` assumes, and which has to be allowed to.
    pub fn started_as(role: &RoleRef, arn: impl IntoValue<AnyArn>) -> Self {
        Self::new(To::Arn(arn.into_json(), role.clone()))
    }

    const fn new(to: To) -> Self {
        Self {
            to,
            id: None,
            input: Input::Event,
            tries: Tries::new(),
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
        self.tries.retries = Some(count);
        self
    }

    /// How long an event is tried: 1 minute to 24 hours, and 24 hours unless said.
    pub const fn maximum_event_age(mut self, age: Duration) -> Self {
        self.tries.age = Some(age);
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

#[cfg(feature = "stepfunctions")]
impl From<&crate::stepfunctions::StateMachineRef> for Target {
    fn from(machine: &crate::stepfunctions::StateMachineRef) -> Self {
        Self::state_machine(machine)
    }
}

impl From<&TopicRef> for Target {
    fn from(topic: &TopicRef) -> Self {
        Self::topic(topic)
    }
}

/// A target of a rule whose dead letters are known.
pub(super) struct Settled {
    target: Target,
    id: Text,
    lost: Option<QueueRef>,
    /// Whom it is told as, where the target has no policy of its own.
    role: Option<RoleRef>,
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
            let lost = target.lost.settle(scope, &target.to, &mut own);
            let id = target.id.clone();
            let id = id.unwrap_or_else(|| Text::Owned(format!("Target{number}")));
            let role = target.role(scope, &id);
            Self {
                target,
                id,
                lost,
                role,
            }
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
        if let To::FifoQueue(_, group) = to {
            l1 = l1.sqs_parameters(rule::SqsParameters::new(group.clone()));
        }
        if let Some(role) = &self.role {
            l1 = l1.role_arn(role.arn());
        }
        if let Some(retry) = self.target.tries.l1() {
            l1 = l1.raw("RetryPolicy", retry);
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
            #[cfg(feature = "stepfunctions")]
            To::Machine(_) => (Verb::Invokes, "events"),
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
    /// Whom the target is told as, if it is a role.
    fn role(&self, scope: &Scope, id: &Text) -> Option<RoleRef> {
        match &self.to {
            To::Arn(_, role) => Some(role.clone()),
            #[cfg(feature = "stepfunctions")]
            To::Machine(machine) => {
                let trust = Statement::allow(["sts:AssumeRole"])
                    .by(Principal::service(EVENTS))
                    .when("StringEquals", "aws:SourceAccount", scope.account());
                let role = scope.add(format!("{id}Role"), Role::trusting(trust));
                machine.grant_start(&role);
                Some(role)
            }
            _ => {
                let _ = (scope, id);
                None
            }
        }
    }

    fn check(&self, scope: &Scope) {
        self.to.check(scope, "a rule");
        self.lost.check(scope, "a rule");
        self.tries.check(scope);
        if let Input::Constant(json) = &self.input
            && let Some(text) = json.as_text()
        {
            told::check_input(scope, text, INPUT);
        }
    }
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
