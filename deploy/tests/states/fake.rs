//! A CloudFormation that does as it is told: it keeps one stack, plays back how operations go, and fails when a
//! test wants it to. `service.rs` is what the library sees of it, `run.rs` a run against it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use cloudwright_deploy::cloud::{
    Call, ChangeSetOrder, Finding, PlannedChange, StackEvent, StackResource, StackState,
};
use cloudwright_deploy::fault::{Class, Fault};
use cloudwright_deploy::status::Status;
use futures_util::FutureExt;
use serde_json::{Value, json};

pub(crate) use crate::run::{Run, Verb};

pub(crate) const ID: &str = "arn:aws:cloudformation:eu-central-1:000000000000:stack/Mail/1";

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

/// What is done before the call of an operation, of a number.
type Intervention = (&'static str, usize, fn(&World));

/// Everything that the service remembers.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) stack: RefCell<Option<StackState>>,
    pub(crate) template: RefCell<String>,
    pub(crate) sets: RefCell<BTreeMap<String, ChangeSetOrder>>,
    /// Every change set that was ever wanted.
    pub(crate) ordered: RefCell<Vec<ChangeSetOrder>>,
    pub(crate) events: RefCell<Vec<StackEvent>>,
    pub(crate) changes: RefCell<Vec<PlannedChange>>,
    pub(crate) findings: RefCell<Vec<Finding>>,
    /// Why change sets fail; empty for those that do not.
    pub(crate) refusal: RefCell<String>,
    pub(crate) fate: RefCell<Fate>,
    /// Faults of the next calls of an operation; `true` for those that take effect all the same.
    pub(crate) faults: RefCell<BTreeMap<&'static str, VecDeque<(Class, bool)>>>,
    /// What others do just before the call of an operation of this number, counted from 1.
    pub(crate) others: RefCell<Option<Intervention>>,
    pub(crate) log: RefCell<Vec<String>>,
    pub(crate) retained: RefCell<Vec<StackResource>>,
    /// What functions logged, by log group.
    pub(crate) lines: RefCell<BTreeMap<String, Vec<String>>>,
    /// Who imports each export of the stack.
    pub(crate) importers: RefCell<Vec<String>>,
    /// How often a look still shows the stack as it was before the operation, once that has told its end.
    pub(crate) stale: Cell<u32>,
    /// The stack before the operation, when that is over.
    before: RefCell<Option<StackState>>,
    /// What each token was used for.
    tokens: RefCell<BTreeMap<String, String>>,
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
            exports: Vec::new(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            protected: false,
            changed: "2026-01-01T00:00:00Z".to_owned(),
        });
        *world.template.borrow_mut() = template.to_string();
        world.left.set(2);
        Rc::new(world)
    }

    /// No stack at all.
    pub(crate) fn empty() -> Rc<Self> {
        Rc::new(Self::default())
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
            "log",
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

    pub(crate) fn call<T>(
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
        let other = *self.others.borrow();
        if let Some((before, number, act)) = other
            && (before, number) == (operation, self.calls(operation))
        {
            act(self);
        }
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
        self.events.borrow_mut().push(StackEvent {
            id: format!("event-{}", self.number.get()),
            stack_id: ID.to_owned(),
            resource: resource.to_owned(),
            physical_id: match resource {
                "Mail" => ID,
                "Maker" => "Mail-Maker-1",
                _ => "",
            }
            .to_owned(),
            kind: match resource {
                "Mail" => "AWS::CloudFormation::Stack",
                "Maker" => "AWS::Lambda::Function",
                "Index" => "Custom::Index",
                _ => "AWS::SQS::Queue",
            }
            .to_owned(),
            status: status.to_owned(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
            token: Some(token.to_owned()),
            time: f64::from(self.number.get()),
        });
    }

    /// Refuses a token that was used for something else, as CloudFormation does.
    pub(crate) fn claim(
        &self,
        operation: &'static str,
        detail: &str,
        token: &str,
    ) -> Result<(), Fault> {
        let wanted = format!("{operation} {detail}");
        let mut tokens = self.tokens.borrow_mut();
        let used = tokens
            .entry(token.to_owned())
            .or_insert_with(|| wanted.clone());
        if *used == wanted {
            return Ok(());
        }
        const CODE: &str = "TokenAlreadyExistsException";
        let message = format!("{token} was used for {used}");
        Err(Fault {
            class: Class::of(CODE, &message, 400),
            operation,
            code: CODE.to_owned(),
            message,
        })
    }

    pub(crate) fn move_to(&self, status: &str, token: &str) {
        self.before.borrow_mut().clone_from(&self.stack.borrow());
        if let Some(stack) = &mut *self.stack.borrow_mut() {
            stack.status = Status::named(status);
        }
        self.tell("Mail", status, "", token);
        self.left.set(self.fate.borrow().looks);
    }

    /// What a look at the stack shows; an operation under way goes on with it.
    pub(crate) fn look(&self) -> Option<StackState> {
        let state = self.stack.borrow().clone()?;
        if !state.status.is_moving() && self.stale.get() > 0 && self.calls("events") > 0 {
            self.stale.set(self.stale.get() - 1);
            return self.before.borrow().clone().or(Some(state));
        }
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

    pub(crate) fn missing(operation: &'static str) -> Fault {
        Fault {
            class: Class::Missing,
            operation,
            code: "ValidationError".to_owned(),
            message: "does not exist".to_owned(),
        }
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
