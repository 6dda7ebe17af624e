//! Services that do as a test wants: one queue, functions, state machines and logs, with faults at will. Time
//! passes at once.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use cloudwright_deploy::cloud::{Call, Clock};
use cloudwright_deploy::fault::{Class, Fault};
use cloudwright_deploy::running::services::{
    Alarm, Answer, Execution, Fifo, Functions, LogEvent, LogPage, Logs, Machines, Message, Metrics,
    Move, Query, QueueState, Queues, SecretState, Secrets, Services,
};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;

/// How many messages a call takes and how many events a page has.
const PAGE: usize = 2;

/// Everything that the services remember.
#[derive(Default)]
pub(crate) struct World {
    /// The messages of the queue, and whether somebody has them.
    pub(crate) queue: RefCell<Vec<(Message, bool)>>,
    /// Puts every event that a function gets back into the queue.
    pub(crate) fails_again: Cell<bool>,
    pub(crate) answer: RefCell<Answer>,
    /// The execution that is started; `execution:1` where a test does not say.
    pub(crate) started: RefCell<String>,
    pub(crate) executions: RefCell<VecDeque<Execution>>,
    pub(crate) moves: RefCell<VecDeque<Vec<Move>>>,
    pub(crate) logged: RefCell<BTreeMap<String, Vec<LogEvent>>>,
    pub(crate) values: RefCell<Vec<Vec<f64>>>,
    pub(crate) asked: RefCell<Vec<Query>>,
    /// What the next looks at the secret show; the last one stays.
    pub(crate) secrets: RefCell<VecDeque<SecretState>>,
    /// The next faults of an operation. After `None` the call takes effect.
    pub(crate) faults: RefCell<BTreeMap<&'static str, VecDeque<Option<Class>>>>,
    pub(crate) log: RefCell<Vec<String>>,
}

impl World {
    pub(crate) fn with(bodies: &[&str]) -> Rc<Self> {
        let world = Self::default();
        bodies.iter().for_each(|body| world.put(body));
        Rc::new(world)
    }

    fn put(&self, body: &str) {
        let number = self.queue.borrow().len();
        let message = Message {
            id: format!("m{number}"),
            receipt: format!("r{number}"),
            body: body.to_owned(),
            sent: 1_000 + number as u64,
            ..Message::default()
        };
        self.queue.borrow_mut().push((message, false));
    }

    pub(crate) fn services(self: &Rc<Self>) -> Services {
        let fake = || Box::new(Fake(Rc::clone(self)));
        Services {
            functions: fake(),
            queues: fake(),
            machines: fake(),
            metrics: fake(),
            logs: fake(),
            secrets: fake(),
        }
    }

    pub(crate) fn fail(&self, operation: &'static str, faults: &[Option<Class>]) {
        self.faults
            .borrow_mut()
            .insert(operation, faults.iter().copied().collect());
    }

    /// What was called, without what only reads.
    pub(crate) fn acts(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// The messages that are still there, and whether others see them.
    pub(crate) fn left(&self) -> Vec<(String, bool)> {
        let queue = self.queue.borrow();
        queue
            .iter()
            .map(|(message, taken)| (message.id.clone(), !taken))
            .collect()
    }

    fn call<T>(
        &self,
        operation: &'static str,
        act: String,
        answer: impl FnOnce() -> T,
    ) -> Result<T, Fault> {
        let fault = self
            .faults
            .borrow_mut()
            .get_mut(operation)
            .and_then(VecDeque::pop_front)
            .flatten();
        match fault {
            Some(class) => Err(Fault {
                class,
                operation,
                code: "Scripted".into(),
                message: "no".into(),
            }),
            None => {
                if !act.is_empty() {
                    self.log.borrow_mut().push(act);
                }
                Ok(answer())
            }
        }
    }
}

struct Fake(Rc<World>);

fn now<'a, T: 'a>(answer: Result<T, Fault>) -> Call<'a, T> {
    async { answer }.boxed_local()
}

impl Functions for Fake {
    fn invoke<'a>(&'a self, function: &'a str, event: &'a Value) -> Call<'a, Answer> {
        now(self
            .0
            .call("invoke", format!("invoke {function} {event}"), || {
                self.0.answer.borrow().clone()
            }))
    }

    fn invoke_later<'a>(&'a self, function: &'a str, event: &'a Value) -> Call<'a, ()> {
        now(self
            .0
            .call("later", format!("later {function} {event}"), || {
                if self.0.fails_again.get() {
                    self.0.put("again");
                }
            }))
    }
}

impl Queues for Fake {
    fn send<'a>(&'a self, queue: &'a str, body: &'a str, fifo: Option<Fifo<'a>>) -> Call<'a, ()> {
        let fifo = fifo
            .map(|fifo| format!(" {}/{}", fifo.group, fifo.token))
            .unwrap_or_default();
        now(self
            .0
            .call("send", format!("send {queue} {body}{fifo}"), || ()))
    }

    fn state<'a>(&'a self, _: &'a str) -> Call<'a, QueueState> {
        let waiting = self
            .0
            .queue
            .borrow()
            .iter()
            .filter(|(_, taken)| !taken)
            .count();
        now(self.0.call("state", String::new(), || QueueState {
            waiting,
            ..QueueState::default()
        }))
    }

    fn sources<'a>(&'a self, _: &'a str) -> Call<'a, Vec<String>> {
        now(Ok(Vec::new()))
    }

    fn receive<'a>(&'a self, _: &'a str, _: u32) -> Call<'a, Vec<Message>> {
        now(self.0.call("receive", String::new(), || {
            let mut queue = self.0.queue.borrow_mut();
            let free = queue.iter_mut().filter(|(_, taken)| !taken).take(PAGE);
            free.map(|(message, taken)| {
                *taken = true;
                message.clone()
            })
            .collect()
        }))
    }

    fn give_back<'a>(&'a self, _: &'a str, receipt: &'a str) -> Call<'a, ()> {
        now(self.0.call("back", format!("back {receipt}"), || {
            let mut queue = self.0.queue.borrow_mut();
            queue
                .iter_mut()
                .filter(|(one, _)| one.receipt == receipt)
                .for_each(|(_, taken)| *taken = false);
        }))
    }

    fn delete<'a>(&'a self, _: &'a str, receipt: &'a str) -> Call<'a, ()> {
        now(self.0.call("delete", format!("delete {receipt}"), || {
            self.0
                .queue
                .borrow_mut()
                .retain(|(message, _)| message.receipt != receipt);
        }))
    }

    fn start_move<'a>(&'a self, arn: &'a str, rate: Option<i32>) -> Call<'a, ()> {
        now(self.0.call("move", format!("move {arn} {rate:?}"), || ()))
    }

    fn moves<'a>(&'a self, _: &'a str) -> Call<'a, Vec<Move>> {
        now(self.0.call("moves", String::new(), || {
            let mut moves = self.0.moves.borrow_mut();
            if moves.len() > 1 {
                moves.pop_front().unwrap()
            } else {
                moves[0].clone()
            }
        }))
    }
}

impl Machines for Fake {
    fn start<'a>(&'a self, machine: &'a str, input: &'a Value) -> Call<'a, String> {
        now(self.0.call(
            "start",
            format!("start {machine} {input}"),
            || match &**self.0.started.borrow() {
                "" => "execution:1".to_owned(),
                named => named.to_owned(),
            },
        ))
    }

    fn execution<'a>(&'a self, _: &'a str) -> Call<'a, Execution> {
        now(self.0.call("execution", String::new(), || {
            self.0.executions.borrow_mut().pop_front().unwrap()
        }))
    }
}

impl Metrics for Fake {
    fn alarms<'a>(&'a self, _: &'a [String]) -> Call<'a, Vec<Alarm>> {
        now(Ok(Vec::new()))
    }

    fn values<'a>(&'a self, queries: &'a [Query], _: (i64, i64)) -> Call<'a, Vec<Vec<f64>>> {
        *self.0.asked.borrow_mut() = queries.to_vec();
        now(self
            .0
            .call("values", String::new(), || self.0.values.borrow().clone()))
    }
}

impl Logs for Fake {
    fn events<'a>(
        &'a self,
        group: &'a str,
        since: i64,
        filter: Option<&'a str>,
        page: Option<&'a str>,
    ) -> Call<'a, LogPage> {
        let logged = self.0.logged.borrow();
        let Some(all) = logged.get(group) else {
            let (class, operation) = (Class::Missing, "FilterLogEvents");
            return now(Err(Fault {
                class,
                operation,
                code: String::new(),
                message: String::new(),
            }));
        };
        let lets = |event: &&LogEvent| filter.is_none_or(|words| event.message.contains(words));
        let all: Vec<_> = all
            .iter()
            .filter(|event| event.time >= since)
            .filter(lets)
            .collect();
        let from = page.map_or(0, |page| page.parse().unwrap());
        let events: Vec<LogEvent> = all.iter().skip(from).take(PAGE).copied().cloned().collect();
        let next = (from + PAGE < all.len()).then(|| (from + PAGE).to_string());
        now(self
            .0
            .call("events", String::new(), || LogPage { events, next }))
    }
}

impl Secrets for Fake {
    fn secret<'a>(&'a self, _: &'a str) -> Call<'a, SecretState> {
        now(self.0.call("secret", String::new(), || {
            let mut states = self.0.secrets.borrow_mut();
            let next = states.pop_front().unwrap_or_default();
            if states.is_empty() {
                states.push_back(next.clone());
            }
            next
        }))
    }

    fn value<'a>(&'a self, _: &'a str) -> Call<'a, Option<String>> {
        now(self.0.call("value", String::new(), || None))
    }

    fn put<'a>(&'a self, secret: &'a str, _: &'a str, token: &'a str) -> Call<'a, ()> {
        self.0
            .log
            .borrow_mut()
            .push(format!("put {secret} {token}"));
        now(self.0.call("put", String::new(), || ()))
    }

    fn rotate<'a>(&'a self, secret: &'a str) -> Call<'a, String> {
        let act = format!("rotate {secret}");
        now(self.0.call("rotate", act, || "v2".to_owned()))
    }
}

/// Time that passes at once.
#[derive(Default)]
pub(crate) struct Fast(Cell<Duration>);

impl Clock for Fast {
    fn now(&self) -> Duration {
        self.0.get()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'_, ()> {
        self.0.set(self.0.get() + time);
        async {}.boxed_local()
    }
}

/// The answer of something that never really waits.
pub(crate) fn soon<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("scripted work never waits")
}
