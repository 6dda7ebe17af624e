//! The two functions: one for events, from a queue, and one for rebuilds.

use std::rc::Rc;
use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_contract::Handler;
use cloudwright_synth::{Json, Scope, Text, Value};

use super::check;
use crate::iam::RoleRef;
use crate::lambda::{Code, EventSource, Function, FunctionRef};
use crate::patterns::shared;
use crate::s3::{BucketRef, Event, Filter};
use crate::sqs::{Queue, QueueRef};
use crate::{MiB, minutes};

/// The longest time that a function may have, which a rebuild gets.
const REBUILD_TIME: Duration = minutes(15);

/// What the functions run, and the variables that tell it what to do.
pub(super) struct Program {
    pub(super) code: Code,
    pub(super) variables: Vec<(String, Json)>,
}

impl Program {
    /// The handler that is brought along.
    pub(super) fn bundled(plan: contract::CacheSync<Json>) -> Self {
        Self {
            code: Code::bundled(Handler::CacheSync),
            variables: plan.variables(literal),
        }
    }
}

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
    /// That of what calls the rebuild function.
    pub(super) reload_role: Option<RoleRef>,
    pub(super) schedule: Option<Schedule>,
    /// Whether rows are made of tags, too.
    pub(super) tags: bool,
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
            reload_role: None,
            schedule: None,
            tags: false,
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
    pub(super) fn updater(&self, scope: &Scope, program: &Program) -> FunctionRef {
        let function = self.function(program).timeout(self.timeout);
        scope.add("Function", function)
    }

    /// The function that compares everything.
    pub(super) fn rebuilder(&self, scope: &Scope, program: &Program) -> FunctionRef {
        let function = self.function(program).timeout(REBUILD_TIME);
        scope.add("Rebuild", function)
    }

    fn function(&self, program: &Program) -> Function {
        let mut function = Function::new(program.code.clone()).memory(self.memory);
        for (name, value) in &program.variables {
            function = function.env(name.clone(), Value::<String>::from_json(value.clone()));
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
    pub(super) fn expression(&self, scope: &Scope) -> Text {
        match self {
            Self::Every(period) => check::rate(scope, *period),
            Self::At(expression) => expression.clone(),
        }
    }
}

/// Tells the queue of everything that happens to objects.
pub(super) fn watch(bucket: &BucketRef, prefix: &Text, tags: bool, queue: &QueueRef) {
    let mut events = vec![
        Event::ObjectCreated,
        Event::ObjectRemoved,
        Event::LifecycleExpiration,
    ];
    events.extend(tags.then_some(Event::ObjectTagging));
    bucket.notify(events, Filter::prefix(prefix.clone()), queue);
}

pub(super) fn literal(text: String) -> Json {
    Json::Text(text.into())
}
