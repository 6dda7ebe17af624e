//! A CloudFormation that does as it is told: it keeps one stack, plays back how operations go, and fails when a
//! test wants it to. Its time passes at once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use cloudwright_deploy::assembly::Stack;
use cloudwright_deploy::cloud::{
    Call, ChangeSetOrder, ChangeSetPage, Clock, Cloud, Content, Drift, EventPage, Finding,
    Formation, PlannedChange, StackEvent, StackResource, StackState, Storage,
};
use cloudwright_deploy::event::{Consent, Done, Event, Host, Question};
use cloudwright_deploy::fault::{Class, Fault};
use cloudwright_deploy::problem::Problem;
use cloudwright_deploy::publish::{Maker, Publisher};
use cloudwright_deploy::stack::{Options, Work};
use cloudwright_deploy::status::Status;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, pending};
use serde_json::{Value, json};

pub(crate) const ID: &str = "arn:aws:cloudformation:eu-central-1:000000000000:stack/Mail/1";

/// How many changes and events a page has.
const PAGE: usize = 2;

/// An event of a resource: logical id, status, reason.
pub(crate) type Told = (&'static str, &'static str, &'static str);

/// How an operation goes.
#[derive(Clone)]
pub(crate) struct Fate {
    /// How often the stack is looked at before the operation ends.
    pub(crate) looks: u32,
    /// The status at the end; empty for one that ends well.
    pub(crate) end: &'static str,
    /// What is told on the way.
    pub(crate) told: Vec<Told>,
}

impl Default for Fate {
    fn default() -> Self {
        Self {
            looks: 2,
            end: "",
            told: Vec::new(),
        }
    }
}

/// Everything that the service remembers.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) stack: RefCell<Option<StackState>>,
    pub(crate) template: RefCell<String>,
    pub(crate) sets: RefCell<BTreeMap<String, ChangeSetOrder>>,
    pub(crate) events: RefCell<Vec<StackEvent>>,
    pub(crate) changes: RefCell<Vec<PlannedChange>>,
    pub(crate) findings: RefCell<Vec<Finding>>,
    /// Why change sets fail; empty for those that do not.
    pub(crate) refusal: RefCell<String>,
    pub(crate) fate: RefCell<Fate>,
    /// Faults of the next calls of an operation; `true` for those that take effect all the same.
    pub(crate) faults: RefCell<BTreeMap<&'static str, VecDeque<(Class, bool)>>>,
    pub(crate) log: RefCell<Vec<String>>,
    pub(crate) retained: RefCell<Vec<StackResource>>,
    left: Cell<u32>,
    number: Cell<u32>,
}

impl World {
    /// A stack in a status, deployed with a template.
    pub(crate) fn with(status: &str, template: &Value) -> Rc<Self> {
        let world = Self::default();
        *world.stack.borrow_mut() = Some(StackState {
            id: ID.to_owned(),
            name: "Mail".to_owned(),
            status: Status::named(status),
            reason: None,
            outputs: BTreeMap::new(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            protected: false,
            changed: "2026-01-01T00:00:00Z".to_owned(),
        });
        *world.template.borrow_mut() = template.to_string();
        world.left.set(2);
        Rc::new(world)
    }

    pub(crate) fn fail(&self, operation: &'static str, class: Class, times: usize) {
        let faults = (0..times).map(|_| (class, false)).collect();
        self.faults.borrow_mut().insert(operation, faults);
    }

    /// The operation takes effect, and its answer is lost.
    pub(crate) fn lose(&self, operation: &'static str) {
        self.faults
            .borrow_mut()
            .insert(operation, VecDeque::from([(Class::Unreachable, true)]));
    }

    /// The calls that changed something.
    pub(crate) fn acts(&self) -> Vec<String> {
        let reads = [
            "stack",
            "template",
            "resources",
            "events",
            "findings",
            "change_set",
        ];
        let log = self.log.borrow();
        log.iter()
            .filter(|call| !reads.contains(&call.split(' ').next().unwrap_or_default()))
            .cloned()
            .collect()
    }

    pub(crate) fn calls(&self, operation: &str) -> usize {
        self.log
            .borrow()
            .iter()
            .filter(|call| call.split(' ').next() == Some(operation))
            .count()
    }

    pub(crate) fn status(&self) -> Option<String> {
        self.stack
            .borrow()
            .as_ref()
            .map(|stack| stack.status.to_string())
    }

    fn call<T>(
        &self,
        operation: &'static str,
        detail: &str,
        effect: impl FnOnce() -> Result<T, Fault>,
    ) -> Call<'static, T>
    where
        T: 'static,
    {
        self.log
            .borrow_mut()
            .push(format!("{operation} {detail}").trim_end().to_owned());
        let planned = self
            .faults
            .borrow_mut()
            .get_mut(operation)
            .and_then(VecDeque::pop_front);
        let fault = |class| Fault {
            class,
            operation,
            code: String::new(),
            message: "as the test wants it".to_owned(),
        };
        let answer = match planned {
            None => effect(),
            Some((class, false)) => Err(fault(class)),
            Some((class, true)) => effect().and(Err(fault(class))),
        };
        async { answer }.boxed_local()
    }

    pub(crate) fn tell(&self, resource: &str, status: &str, reason: &str, token: &str) {
        self.number.set(self.number.get() + 1);
        let is_stack = resource == "Mail";
        self.events.borrow_mut().push(StackEvent {
            id: format!("event-{}", self.number.get()),
            stack_id: ID.to_owned(),
            resource: resource.to_owned(),
            physical_id: if is_stack {
                ID.to_owned()
            } else {
                String::new()
            },
            kind: if is_stack {
                "AWS::CloudFormation::Stack"
            } else {
                "AWS::SQS::Queue"
            }
            .to_owned(),
            status: status.to_owned(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            token: Some(token.to_owned()),
            time: f64::from(self.number.get()),
        });
    }

    pub(crate) fn move_to(&self, status: &str, token: &str) {
        if let Some(stack) = &mut *self.stack.borrow_mut() {
            stack.status = Status::named(status);
        }
        self.tell("Mail", status, "", token);
        self.left.set(self.fate.borrow().looks);
    }

    /// What a look at the stack shows; an operation under way goes on with it.
    fn look(&self) -> Option<StackState> {
        let state = self.stack.borrow().clone()?;
        if state.status.is_moving() {
            self.left.set(self.left.get().saturating_sub(1));
            if self.left.get() == 0 {
                self.end(&state);
            }
        }
        Some(state)
    }

    fn end(&self, state: &StackState) {
        let fate = self.fate.borrow().clone();
        let token = self
            .events
            .borrow()
            .last()
            .and_then(|event| event.token.clone())
            .unwrap_or_default();
        for (resource, status, reason) in fate.told {
            self.tell(resource, status, reason, &token);
        }
        let name = state
            .status
            .name()
            .replace("_CLEANUP_IN_PROGRESS", "")
            .replace("_IN_PROGRESS", "_COMPLETE");
        let end = if fate.end.is_empty() {
            name.as_str()
        } else {
            fate.end
        };
        self.tell("Mail", end, "", &token);
        if let Some(stack) = &mut *self.stack.borrow_mut() {
            stack.status = Status::named(end);
            stack.changed = format!("after {token}");
        }
        if end == "DELETE_COMPLETE" {
            *self.stack.borrow_mut() = None;
        }
        // The next operation ends well.
        *self.fate.borrow_mut() = Fate::default();
    }

    fn missing(operation: &'static str) -> Fault {
        Fault {
            class: Class::Missing,
            operation,
            code: "ValidationError".to_owned(),
            message: "does not exist".to_owned(),
        }
    }
}

/// The service as the library sees it.
pub(crate) struct Fake(pub(crate) Rc<World>);

fn page<T: Clone>(all: &[T], token: Option<&str>) -> (Vec<T>, Option<String>) {
    let start: usize = token.map_or(0, |token| token.parse().unwrap());
    let end = (start + PAGE).min(all.len());
    (
        all[start..end].to_vec(),
        (end < all.len()).then(|| end.to_string()),
    )
}

impl Formation for Fake {
    fn stack<'a>(&'a self, _: &'a str) -> Call<'a, Option<StackState>> {
        self.0.call("stack", "", || Ok(self.0.look()))
    }

    fn template<'a>(&'a self, _: &'a str) -> Call<'a, String> {
        self.0
            .call("template", "", || Ok(self.0.template.borrow().clone()))
    }

    fn resources<'a>(&'a self, _: &'a str) -> Call<'a, Vec<StackResource>> {
        self.0
            .call("resources", "", || Ok(self.0.retained.borrow().clone()))
    }

    fn events<'a>(&'a self, _: &'a str, token: Option<&'a str>) -> Call<'a, EventPage> {
        let newest: Vec<_> = self.0.events.borrow().iter().rev().cloned().collect();
        let (events, next) = page(&newest, token);
        self.0.call("events", "", || Ok(EventPage { events, next }))
    }

    fn findings<'a>(&'a self, _: &'a str, _: Option<&'a str>) -> Call<'a, Vec<Finding>> {
        self.0
            .call("findings", "", || Ok(self.0.findings.borrow().clone()))
    }

    fn create_change_set<'a>(&'a self, order: &'a ChangeSetOrder) -> Call<'a, ()> {
        let kind = if order.creates { "CREATE" } else { "UPDATE" };
        self.0.call("create_change_set", kind, || {
            if self.0.sets.borrow().contains_key(&order.name) {
                let message = format!("{} exists", order.name);
                return Err(Fault {
                    class: Class::Exists,
                    operation: "CreateChangeSet",
                    code: String::new(),
                    message,
                });
            }
            self.0
                .sets
                .borrow_mut()
                .insert(order.name.clone(), order.clone());
            if self.0.stack.borrow().is_none() {
                let shell = World::with("REVIEW_IN_PROGRESS", &Value::Null);
                *self.0.stack.borrow_mut() = shell.stack.borrow().clone();
            }
            Ok(())
        })
    }

    fn change_set<'a>(
        &'a self,
        _: &'a str,
        name: &'a str,
        token: Option<&'a str>,
    ) -> Call<'a, ChangeSetPage> {
        self.0.call("change_set", "", || {
            if !self.0.sets.borrow().contains_key(name) {
                return Err(World::missing("DescribeChangeSet"));
            }
            let refusal = self.0.refusal.borrow().clone();
            let (changes, next) = page(&self.0.changes.borrow(), token);
            let fine = refusal.is_empty();
            Ok(ChangeSetPage {
                status: if fine { "CREATE_COMPLETE" } else { "FAILED" }.to_owned(),
                reason: (!fine).then_some(refusal),
                execution: if fine { "AVAILABLE" } else { "UNAVAILABLE" }.to_owned(),
                changes,
                next,
            })
        })
    }

    fn execute_change_set<'a>(&'a self, _: &'a str, name: &'a str, token: &'a str) -> Call<'a, ()> {
        self.0.call("execute_change_set", "", || {
            let Some(order) = self.0.sets.borrow_mut().remove(name) else {
                return Err(World::missing("ExecuteChangeSet"));
            };
            if let cloudwright_deploy::cloud::TemplateSource::Body(body) = &order.template {
                self.0.template.borrow_mut().clone_from(body);
            }
            self.0.move_to(
                if order.creates {
                    "CREATE_IN_PROGRESS"
                } else {
                    "UPDATE_IN_PROGRESS"
                },
                token,
            );
            Ok(())
        })
    }

    fn delete_change_set<'a>(&'a self, _: &'a str, name: &'a str) -> Call<'a, ()> {
        self.0.call("delete_change_set", "", || {
            self.0.sets.borrow_mut().remove(name);
            Ok(())
        })
    }

    fn delete_stack<'a>(
        &'a self,
        _: &'a str,
        retain: &'a [String],
        token: &'a str,
    ) -> Call<'a, ()> {
        self.0.call("delete_stack", &retain.join(","), || {
            if self.0.status().as_deref() == Some("REVIEW_IN_PROGRESS") {
                *self.0.stack.borrow_mut() = None;
            } else {
                self.0.move_to("DELETE_IN_PROGRESS", token);
            }
            Ok(())
        })
    }

    fn continue_rollback<'a>(
        &'a self,
        _: &'a str,
        skip: &'a [String],
        token: &'a str,
    ) -> Call<'a, ()> {
        self.0.call("continue_rollback", &skip.join(","), || {
            self.0.move_to("UPDATE_ROLLBACK_IN_PROGRESS", token);
            Ok(())
        })
    }

    fn rollback<'a>(&'a self, _: &'a str, token: &'a str) -> Call<'a, ()> {
        self.0.call("rollback", "", || {
            self.0.move_to("UPDATE_ROLLBACK_IN_PROGRESS", token);
            Ok(())
        })
    }

    fn cancel_update<'a>(&'a self, _: &'a str, _: &'a str) -> Call<'a, ()> {
        self.0.call("cancel_update", "", || {
            let token = self
                .0
                .events
                .borrow()
                .last()
                .and_then(|event| event.token.clone())
                .unwrap_or_default();
            self.0.move_to("UPDATE_ROLLBACK_IN_PROGRESS", &token);
            Ok(())
        })
    }

    fn detect_drift<'a>(&'a self, _: &'a str) -> Call<'a, String> {
        self.0.call("detect_drift", "", || Ok(String::new()))
    }

    fn is_drift_detected<'a>(&'a self, _: &'a str) -> Call<'a, bool> {
        self.0.call("is_drift_detected", "", || Ok(true))
    }

    fn drifts<'a>(&'a self, _: &'a str) -> Call<'a, Vec<Drift>> {
        self.0.call("drifts", "", || Ok(Vec::new()))
    }

    fn protect<'a>(&'a self, _: &'a str, on: bool) -> Call<'a, ()> {
        self.0.call("protect", &on.to_string(), || Ok(()))
    }
}

/// A store that nobody needs.
struct NoStorage;

impl Storage for NoStorage {
    fn has_bucket<'a>(&'a self, _: &'a str) -> Call<'a, bool> {
        async { Ok(false) }.boxed_local()
    }

    fn size<'a>(&'a self, _: &'a str, _: &'a str) -> Call<'a, Option<u64>> {
        async { Ok(None) }.boxed_local()
    }

    fn upload<'a>(&'a self, _: &'a str, _: &'a str, _: Content<'a>, _: bool) -> Call<'a, ()> {
        async { Ok(()) }.boxed_local()
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        format!("https://{bucket}/{key}")
    }

    fn count<'a>(&'a self, _: &'a str) -> Call<'a, usize> {
        async { Ok(0) }.boxed_local()
    }

    fn empty<'a>(&'a self, _: &'a str) -> Call<'a, usize> {
        async { Ok(0) }.boxed_local()
    }
}

impl Maker for NoStorage {
    fn make<'a>(&'a self, _: &'a [String]) -> LocalBoxFuture<'a, Result<PathBuf, Problem>> {
        async { Err(Problem::failed("there is nothing to make", "")) }.boxed_local()
    }
}

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

    fn consent(&self, _: &Stack, _: &Question<'_>) -> Consent {
        self.answer
    }
}

/// What to do with the stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verb {
    Deploy,
    Destroy,
    Rollback,
    Cancel,
}

/// A run of the library against a world.
pub(crate) struct Run {
    pub(crate) world: Rc<World>,
    pub(crate) template: Value,
    pub(crate) options: Options,
    pub(crate) clock: FastClock,
    pub(crate) person: Person,
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
        }
    }

    /// What it ends in; `None` when it was interrupted.
    pub(crate) fn until_interrupted(&self, verb: Verb) -> Option<Result<Done, Problem>> {
        let cloud = Cloud {
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
                "AWS::SNS::Topic" => Some("resource AWS::SNS::Topic\n  id TopicArn\n"),
                _ => None,
            },
        };
        match verb {
            Verb::Deploy => work.deploy().now_or_never(),
            Verb::Destroy => work.destroy().now_or_never(),
            Verb::Rollback => work.rollback().now_or_never(),
            Verb::Cancel => work.cancel().now_or_never(),
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

/// A template of one topic, which holds no data.
pub(crate) fn topic(name: &str) -> Value {
    json!({ "Resources": { "News": { "Type": "AWS::SNS::Topic", "Properties": { "DisplayName": name } } } })
}

/// Names of things that were allowed.
pub(crate) fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A resource that is there.
pub(crate) fn live(id: &str, kind: &str, status: &str) -> StackResource {
    StackResource {
        id: id.to_owned(),
        physical_id: format!("real-{id}"),
        kind: kind.to_owned(),
        status: status.to_owned(),
        reason: None,
    }
}
