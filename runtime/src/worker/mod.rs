//! `worker`: what a bucket holds, carried to wherever it is served from.
//!
//! Messages tell that objects changed ([`ObjectMessage`](cloudwright_contract::ObjectMessage), or S3's own
//! notifications). For each the worker looks at the object *as it is now* and makes the sink say the same: the
//! content, or nothing. So a message that comes twice, late, or out of a dead-letter queue after weeks changes nothing that is
//! right already. After that it looks again: if the object has changed meanwhile, it is carried once more. Of two workers
//! that carry the same object, the one that ends last has seen the newest.
//!
//! | what happens | what becomes of the message |
//! |---|---|
//! | the sink holds what the bucket holds | removed from the queue, only then |
//! | source or sink are away, too busy, or refuse the worker itself | tried again with growing pauses, hidden meanwhile; then returned for later |
//! | it stays so for several objects, and none is carried in between | kept: sink or source are away, and one is tried from time to time; the log says so once, and where the worker itself is refused the metric `NotLetIn` counts each time that it asks for work |
//! | it stays so for one, each time that the message is received | given up |
//! | it cannot be read, or the sink can never hold such an object | given up at once |
//! | the worker is told to stop (`SIGTERM`) | work in hand has time to end, then its messages are returned |
//! | the worker dies | it shows again after a while, in the queue |
//!
//! A message that is given up is first sent to the dead-letter queue: the original body, so that it can be put back by
//! [a redrive](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html),
//! and the reason as attributes. Only then is it removed.
//!
//! Objects are carried side by side, changes of one object never: those that come together are one look.
//! Contents are streamed, so memory does not grow with them.

mod entry;
mod lane;
pub mod message;
pub mod ports;
mod run;
pub mod sink;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cloudwright_contract::Worker as Plan;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::journal::Journal;
pub use entry::let_in;
use ports::{Letter, Mailbox};

/// The longest time between two signs of life.
const BEAT: Duration = Duration::from_secs(60);

/// How long after its last sign of life the worker counts as well: three beats.
pub const WELL: Duration = Duration::from_secs(180);

/// How many different objects fail in a row when sink or source are away.
const STREAK: usize = 3;

/// The longest time that a message which failed is left alone.
const LONGEST_RETRY: Duration = Duration::from_secs(900);

/// What does not change while a worker lives.
#[derive(Clone, Debug)]
pub struct Rules {
    /// For how long a message is hidden.
    pub visibility: Duration,
    /// How often a message is received before it is given up.
    pub receives: u32,
    /// How many objects are carried at the same time.
    pub concurrency: usize,
    /// How often an object is tried each time.
    pub attempts: u32,
    /// For how long a message that failed is left alone at first.
    pub retry: Duration,
    /// How long work may go on after the end.
    pub grace: Duration,
    /// How long the queue may take to answer.
    pub wait: Duration,
    /// Whether to end when the queue has nothing more to give.
    pub until_empty: bool,
    /// Whether the queue keeps the order of groups.
    pub is_fifo: bool,
}

impl Rules {
    /// The rules of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        Self {
            visibility: Duration::from_secs(plan.visibility),
            receives: plan.receives,
            concurrency: usize::try_from(plan.concurrency).unwrap_or(1),
            attempts: plan.attempts,
            retry: Duration::from_secs(plan.retry),
            grace: Duration::from_secs(plan.grace),
            wait: Duration::from_secs(plan.wait),
            until_empty: plan.until_empty,
            is_fifo: plan.is_fifo(),
        }
    }

    /// How long a message that failed is left alone, by how often it was received.
    fn pause(&self, receives: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(receives.saturating_sub(1));
        self.retry.saturating_mul(doubled).min(LONGEST_RETRY)
    }

    /// How often messages are hidden again.
    fn beat(&self) -> Duration {
        (self.visibility / 3).min(BEAT)
    }
}

/// Why a worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was told to.
    Stopped,
    /// The queue had nothing more to give.
    Empty,
    /// The queue could not be asked, again and again.
    NoQueue,
}

/// When a worker last showed that it goes on.
#[derive(Clone, Debug)]
pub struct Pulse {
    start: Instant,
    /// Milliseconds after the start.
    last: Arc<AtomicU64>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            last: Arc::default(),
        }
    }
}

impl Pulse {
    fn beat(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    /// How long ago that was.
    #[must_use]
    pub fn age(&self) -> Duration {
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        self.start.elapsed().saturating_sub(last)
    }
}

/// The worker.
pub struct Worker<M, S, K> {
    mailbox: M,
    source: S,
    sink: K,
    rules: Rules,
    journal: Journal,
    pulse: Pulse,
    /// What was received and not yet settled, by receipt.
    held: RefCell<BTreeMap<String, Letter>>,
    /// Whose turn it is, by group or object.
    turns: RefCell<BTreeMap<String, Rc<Mutex<()>>>>,
    is_stopping: Cell<bool>,
    /// What failed, by group or object, since the last that was carried.
    streak: RefCell<BTreeSet<String>>,
    /// Whether the last of them was refused.
    is_refused: Cell<bool>,
}

impl<M: Mailbox, S, K> Worker<M, S, K> {
    /// Carries what the messages of `mailbox` tell of from `source` to `sink`.
    pub fn new((mailbox, source, sink): (M, S, K), rules: Rules, journal: Journal) -> Self {
        Self {
            mailbox,
            source,
            sink,
            rules,
            journal,
            pulse: Pulse::default(),
            held: RefCell::default(),
            turns: RefCell::default(),
            is_stopping: Cell::new(false),
            streak: RefCell::default(),
            is_refused: Cell::new(false),
        }
    }

    /// Whether so many different objects fail in a row that it is not theirs.
    fn is_away(&self) -> bool {
        self.streak.borrow().len() >= STREAK
    }

    /// Counts that it is the worker that is refused, if it is: one object alone is that object's.
    fn count_not_let_in(&self) {
        if self.is_away() && self.is_refused.get() {
            self.journal.counts(&[(Plan::NOT_LET_IN, 1)]);
        }
    }

    /// Its signs of life.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }
}

#[cfg(test)]
mod tests;
