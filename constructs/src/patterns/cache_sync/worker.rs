//! The two functions: one for events, from a queue, and one for rebuilds.

use std::rc::Rc;
use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_contract::Handler;
use cloudwright_synth::{Json, Scope, Text, Value};

use super::{REBUILD, check};
use crate::events::{Rule, Target};
use crate::iam::RoleRef;
use crate::lambda::{Code, EventSource, Function, FunctionRef};
use crate::patterns::shared;
use crate::s3::{BucketRef, Event, Filter};
use crate::sqs::{Queue, QueueRef};
use crate::{MiB, Operation, minutes};

/// The longest time that a function may have, which a rebuild gets.
const REBUILD_TIME: Duration = minutes(15);
/// What the operation `reload` does.
const SUMMARY: &str = "makes the whole index equal to the whole bucket";

/// When the index is rebuilt by itself.
#[derive(Clone)]
pub(super) enum Schedule {
    Every(Duration),
    /// As an expression of the scheduler's.
    At(Text),
}

/// What a program says about the functions.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) timeout: Duration,
    pub(super) memory: MiB,
    pub(super) batch: Option<(u32, Duration)>,
    pub(super) concurrency: Option<u32>,
    pub(super) role: Option<RoleRef>,
    pub(super) schedule: Option<Schedule>,
    pub(super) with: Vec<Rc<dyn Fn(Function) -> Function>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: minutes(1),
            memory: MiB(256),
            batch: None,
            concurrency: None,
            role: None,
            schedule: None,
            with: Vec::new(),
        }
    }
}

impl Settings {
    /// The queue of what happens to the bucket.
    pub(super) fn queue(&self, scope: &Scope) -> QueueRef {
        let window = self.batch.map(|(_, window)| window).unwrap_or_default();
        let wait = self
            .timeout
            .saturating_mul(shared::WAIT)
            .saturating_add(window);
        scope.add("Events", Queue::new().visibility_timeout(wait))
    }

    /// The function that brings the index up to date with each event.
    pub(super) fn updater(&self, scope: &Scope, plan: &contract::CacheSync<Json>) -> FunctionRef {
        scope.add("Function", self.function(plan).timeout(self.timeout))
    }

    /// The function that compares everything.
    pub(super) fn rebuilder(&self, scope: &Scope, plan: &contract::CacheSync<Json>) -> FunctionRef {
        let function = self.function(plan).timeout(REBUILD_TIME);
        let function = scope.add("Rebuild", function);
        if let Some(schedule) = &self.schedule {
            let target = Target::function(&function).id("Rebuild").input(REBUILD);
            scope.add(
                "Schedule",
                Rule::at(schedule.expression(scope)).target(target),
            );
        }
        function
    }

    fn function(&self, plan: &contract::CacheSync<Json>) -> Function {
        let mut function = Function::new(Code::bundled(Handler::CacheSync)).memory(self.memory);
        for (name, value) in plan.clone().variables(literal) {
            function = function.env(name, Value::<String>::from_json(value));
        }
        if let Some(role) = &self.role {
            function = function.role(role);
        }
        let said = self.with.iter();
        said.fold(function, |function, say| say(function))
    }

    /// Lets the function take events from the queue.
    pub(super) fn consume(&self, queue: &QueueRef, function: &FunctionRef) {
        let mut source = EventSource::new(queue);
        if let Some((messages, window)) = self.batch {
            source = source.batch_size(messages).batching_window(window);
        }
        if let Some(batches) = self.concurrency {
            source = source.maximum_concurrency(batches);
        }
        function.consume(source);
    }
}

impl Schedule {
    fn expression(&self, scope: &Scope) -> Text {
        match self {
            Self::Every(period) => check::rate(scope, *period),
            Self::At(expression) => expression.clone(),
        }
    }
}

/// Lets people ask for a rebuild.
pub(super) fn reload(scope: &Scope, rebuild: &FunctionRef) {
    let mut reload = Operation::invoke(rebuild)
        .member(contract::Rebuild::MEMBER)
        .summary(SUMMARY);
    if let Ok(schema) = serde_json::from_str::<serde_json::Value>(contract::Rebuild::SCHEMA) {
        reload = reload.payload(Json::from(schema));
    }
    scope.add("reload", reload);
}

/// Tells the queue of everything that happens to packages.
pub(super) fn watch(bucket: &BucketRef, prefix: &Text, queue: &QueueRef) {
    let events = [
        Event::ObjectCreated,
        Event::ObjectRemoved,
        Event::LifecycleExpiration,
    ];
    bucket.notify(events, Filter::prefix(prefix.clone()), queue);
}

fn literal(text: String) -> Json {
    Json::Text(text.into())
}
