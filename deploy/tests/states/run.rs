//! A run of the library against the CloudFormation of the tests: its clock, its person, its command line.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use cloudwright_deploy::assembly::Stack;
use cloudwright_deploy::cloud::{Clock, Cloud};
use cloudwright_deploy::event::{Consent, Done, Event, Host, Question};
use cloudwright_deploy::problem::Problem;
use cloudwright_deploy::publish::Publisher;
use cloudwright_deploy::stack::hotswap::Swaps;
use cloudwright_deploy::stack::import::Existing;
use cloudwright_deploy::stack::{Options, Work};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, pending};
use serde_json::Value;

use crate::fake::World;
use crate::hotswap::Functions;
use crate::service::{Fake, NoStorage};

/// Time that passes at once, until it stops for good: that is where a person pressed Ctrl-C.
pub(crate) struct FastClock {
    pub(crate) passed: Cell<Duration>,
    pub(crate) sleeps: Cell<u32>,
    pub(crate) stops_after: u32,
}

impl FastClock {
    pub(crate) fn new() -> Self {
        Self {
            passed: Cell::default(),
            sleeps: Cell::new(0),
            stops_after: u32::MAX,
        }
    }
}

impl Clock for FastClock {
    fn now(&self) -> Duration {
        self.passed.get()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'_, ()> {
        self.sleeps.set(self.sleeps.get() + 1);
        if self.sleeps.get() > self.stops_after {
            return pending().boxed_local();
        }
        self.passed.set(self.passed.get() + time);
        async {}.boxed_local()
    }
}

/// Remembers what was told, and answers every question in the same way.
pub(crate) struct Person {
    pub(crate) answer: Consent,
    pub(crate) events: RefCell<Vec<Event>>,
}

impl Host for Person {
    fn event(&self, _: &Stack, event: &Event) {
        self.events.borrow_mut().push(event.clone());
    }

    fn consent<'a>(&'a self, _: &'a Stack, _: &'a Question<'a>) -> LocalBoxFuture<'a, Consent> {
        async { self.answer }.boxed_local()
    }
}

/// What to do with the stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verb {
    Deploy,
    Destroy,
    Rollback,
    Cancel,
    Import,
}

/// A run of the library against a world.
pub(crate) struct Run {
    pub(crate) world: Rc<World>,
    pub(crate) template: Value,
    pub(crate) options: Options,
    pub(crate) clock: FastClock,
    pub(crate) person: Person,
    /// What is taken over.
    pub(crate) existing: Vec<Existing>,
    pub(crate) functions: Functions,
    /// Whether functions may be swapped, and are to be.
    pub(crate) swaps: Option<bool>,
}

impl Run {
    pub(crate) fn of(world: &Rc<World>, template: &Value) -> Self {
        Self {
            world: Rc::clone(world),
            template: template.clone(),
            options: Options {
                sole: true,
                ..Options::default()
            },
            clock: FastClock::new(),
            person: Person {
                answer: Consent::Nobody,
                events: RefCell::default(),
            },
            existing: Vec::new(),
            functions: Functions::default(),
            swaps: None,
        }
    }

    /// What it ends in; `None` when it was interrupted.
    pub(crate) fn until_interrupted(&self, verb: Verb) -> Option<Result<Done, Problem>> {
        let cloud = Cloud {
            images: None,
            logs: Some(Box::new(Fake(Rc::clone(&self.world)))),
            account: "000000000000".to_owned(),
            region: "eu-central-1".to_owned(),
            formation: Box::new(Fake(Rc::clone(&self.world))),
            storage: Box::new(NoStorage),
        };
        let place = ("000000000000", "eu-central-1");
        let stack = Stack::of_template("Mail", place, "bucket", self.template.clone());
        let publisher = Publisher::new(&self.clock, &NoStorage);
        let work = Work {
            stack: &stack,
            cloud: &cloud,
            clock: &self.clock,
            host: &self.person,
            publisher: &publisher,
            options: &self.options,
            facts: |kind| match kind {
                "AWS::SQS::Queue" => Some(
                    "resource AWS::SQS::Queue\n  id QueueUrl\n  stateful\n  QueueName string replace\n",
                ),
                "AWS::Lambda::Function" => {
                    Some("resource AWS::Lambda::Function\n  id FunctionName\n")
                }
                "AWS::Cassandra::Table" => {
                    Some("resource AWS::Cassandra::Table\n  id KeyspaceName|TableName\n")
                }
                "AWS::SNS::Topic" => Some("resource AWS::SNS::Topic\n  id TopicArn\n"),
                _ => None,
            },
            swaps: self.swaps.map(|wanted| Swaps {
                wanted,
                lambda: &self.functions,
                memory: &self.functions,
            }),
        };
        match verb {
            Verb::Deploy => work.deploy().now_or_never(),
            Verb::Destroy => work.destroy().now_or_never(),
            Verb::Rollback => work.rollback().now_or_never(),
            Verb::Cancel => work.cancel().now_or_never(),
            Verb::Import => work.import(&self.existing).now_or_never(),
        }
    }

    pub(crate) fn end(&self, verb: Verb) -> Result<Done, Problem> {
        self.until_interrupted(verb)
            .expect("virtual time never waits")
    }

    pub(crate) fn deploy(&self) -> Result<Done, Problem> {
        self.end(Verb::Deploy)
    }
}
