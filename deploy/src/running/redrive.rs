//! Puts messages that were given up back to work.
//!
//! Dead letters of a queue are moved by SQS itself. The record of an asynchronous call is handed to its function
//! again, and so is an event of a function's own dead-letter queue. **Invariant:** a message is deleted only
//! after somebody else has it; until then it is merely out of sight for a while. So whatever happens to this
//! program, nothing is lost: at worst a call is made twice.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::letters::Record;
use super::services::{Message, Move, Queues, Services};
use crate::cloud::Clock;
use crate::fault::{Class, Fault};
use crate::pace::{Pace, patiently, when_let_in};
use crate::problem::Problem;

/// How long a message is kept from others while it is handed over, in seconds.
const HELD: u32 = 120;
/// How long a move that was started may take to be listed.
const LISTED: Duration = Duration::from_secs(30);

/// What became of the messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redriven {
    /// How many went back to work.
    pub moved: usize,
    /// Those that stay, and why.
    pub kept: Vec<(String, String)>,
}

/// Moves all messages of a dead-letter queue to where they came from, at most `rate` a second. A move that is under way already is
/// followed. `tell` hears how many are moved, and of how many.
///
/// # Errors
/// When SQS refuses it or gives up.
pub async fn dead_letters(
    queues: &dyn Queues,
    clock: &dyn Clock,
    (arn, rate): (&str, Option<i32>),
    tell: &dyn Fn(usize, Option<usize>),
) -> Result<Redriven, Problem> {
    let known = patiently(clock, || queues.moves(arn)).await?;
    let newest = known.iter().map(|one| one.started).max();
    // The moves of earlier days stay in the list; only one that began after them is ours.
    let after = match known.iter().any(|one| one.status == "RUNNING") {
        true => newest.map(|started| started - 1),
        false => {
            when_let_in(clock, || queues.start_move(arn, rate)).await?;
            newest
        }
    };
    let begun = clock.now();
    let (mut pace, mut told) = (Pace::new(), None);
    loop {
        let moves = patiently(clock, || queues.moves(arn)).await?;
        let ours = |one: &Move| after.is_none_or(|after| one.started > after);
        let Some(now) = moves.into_iter().find(ours) else {
            if clock.now().saturating_sub(begun) > LISTED {
                let help = "run the same command again: it follows a move that is under way";
                return Err(Problem::failed(
                    "SQS does not list the move that was started",
                    help,
                ));
            }
            pace.wait(clock).await;
            continue;
        };
        let seen = (now.moved, now.all);
        if told != Some(seen) {
            tell(seen.0, seen.1);
            told = Some(seen);
        }
        match &*now.status {
            "RUNNING" | "CANCELLING" => pace.wait(clock).await,
            "COMPLETED" => {
                return Ok(Redriven {
                    moved: now.moved,
                    kept: Vec::new(),
                });
            }
            status => {
                let why = now.reason.unwrap_or_else(|| status.to_lowercase());
                let message = format!("{} messages were moved, then it ended: {why}", now.moved);
                return Err(Problem::failed(
                    message,
                    "run the same command again: it moves the rest",
                ));
            }
        }
    }
}

/// Whom messages may be handed to. A message is somebody's word: the function that it names is called only if it
/// gives up its calls to this queue.
#[derive(Clone, Copy, Debug, Default)]
pub struct Callees<'a> {
    /// The queue's ARN, whose account and region are the functions'.
    pub queue: &'a str,
    /// The names of the functions whose records come here.
    pub records: &'a [String],
    /// The only function whose events come here.
    pub events: Option<&'a str>,
    /// How many messages are handed over at most; all that are there if not said.
    pub most: Option<usize>,
    /// How many a second at most.
    pub rate: Option<i32>,
}

impl Callees<'_> {
    /// Whether the function of a record is one of them.
    fn has(&self, function: &str) -> bool {
        let (asked, own): (Vec<_>, Vec<_>) = (
            function.split(':').collect(),
            self.queue.split(':').collect(),
        );
        let name = asked.get(6).copied().unwrap_or_default();
        let place = |parts: &[&str]| parts.get(3..5).map(<[&str]>::concat);
        asked.get(2) == Some(&"lambda")
            && place(&asked) == place(&own)
            && self.records.iter().any(|known| known == name)
    }
}

/// Hands every message that is in the queue now to a function: a record to the one that it names, an event to
/// the one whose events come here. `tell` hears of each.
///
/// # Errors
/// When AWS cannot be asked any more. What one function refuses is kept, and told.
pub async fn calls(
    services: &Services,
    clock: &dyn Clock,
    (queue, callees): (&str, &Callees<'_>),
    tell: &dyn Fn(&str, Result<&str, &str>),
) -> Result<Redriven, Problem> {
    let mut run = Run {
        services,
        clock,
        queue,
        callees,
        seen: BTreeSet::new(),
        held: Vec::new(),
        done: Redriven::default(),
    };
    let ended = run.all(tell).await;
    give_back(&*services.queues, queue, &run.held).await;
    ended.map(|()| run.done)
}

/// Calls for the messages of a queue.
struct Run<'a> {
    services: &'a Services,
    clock: &'a dyn Clock,
    queue: &'a str,
    callees: &'a Callees<'a>,
    /// The ids of the messages that had their turn.
    seen: BTreeSet<String>,
    /// What is given back at the end: at once, it would be taken again before the others.
    held: Vec<Message>,
    done: Redriven,
}

impl Run<'_> {
    async fn all(&mut self, tell: &dyn Fn(&str, Result<&str, &str>)) -> Result<(), Problem> {
        let queues = &*self.services.queues;
        // What fails again comes back while this goes on; it is for the next time.
        let state = patiently(self.clock, || queues.state(self.queue)).await?;
        let mut left = state.waiting.min(self.callees.most.unwrap_or(usize::MAX));
        while left > 0 {
            let messages = patiently(self.clock, || queues.receive(self.queue, HELD)).await?;
            if messages.is_empty() {
                break;
            }
            let mut messages = messages.into_iter();
            while let Some(message) = messages.next() {
                if left == 0 || !self.seen.insert(message.id.clone()) {
                    self.held.push(message);
                    continue;
                }
                left -= 1;
                if let Some(rate) = self.callees.rate.and_then(|rate| u32::try_from(rate).ok()) {
                    self.clock.sleep(Duration::from_secs(1) / rate.max(1)).await;
                }
                if let Err(problem) = self.one(message, tell).await {
                    self.held.extend(messages);
                    return Err(problem);
                }
            }
        }
        Ok(())
    }

    /// Hands over one message, and deletes it when somebody else has it.
    async fn one(
        &mut self,
        message: Message,
        tell: &dyn Fn(&str, Result<&str, &str>),
    ) -> Result<(), Problem> {
        let queues = &*self.services.queues;
        match hand_over(self.services, self.clock, &message, self.callees).await {
            Ok(to) => {
                patiently(self.clock, || queues.delete(self.queue, &message.receipt)).await?;
                tell(&message.id, Ok(&to));
                self.done.moved += 1;
                Ok(())
            }
            Err(kept) => {
                tell(&message.id, Err(&kept.why));
                self.done.kept.push((message.id.clone(), kept.why));
                self.held.push(message);
                kept.stop.map_or(Ok(()), |fault| Err(fault.into()))
            }
        }
    }
}

/// Why a message stays where it is, and whether the next would, too.
struct Kept {
    why: String,
    stop: Option<Fault>,
}

async fn hand_over(
    services: &Services,
    clock: &dyn Clock,
    message: &Message,
    callees: &Callees<'_>,
) -> Result<String, Kept> {
    let kept = |why: String| Kept { why, stop: None };
    let (to, event) = callee(message, callees).map_err(kept)?;
    match when_let_in(clock, || services.functions.invoke_later(&to, &event)).await {
        Ok(()) => Ok(to),
        Err(fault) => {
            let ends = matches!(
                fault.class,
                Class::Credentials | Class::Unreachable | Class::Throttled
            );
            Err(Kept {
                why: fault.to_string(),
                stop: ends.then_some(fault),
            })
        }
    }
}

/// The function that a message is for, and the event; or why there is none.
fn callee(message: &Message, callees: &Callees<'_>) -> Result<(String, Value), String> {
    if let Some(source) = &message.source {
        return Err(format!("it is a dead letter of {source}, not a call"));
    }
    if let Some(record) = Record::read(&message.body) {
        return match callees.has(&record.function) {
            true => Ok((record.function, record.event)),
            false => {
                let function = &record.function;
                Err(format!(
                    "it names {function}, which gives nothing up to this queue"
                ))
            }
        };
    }
    // What Lambda puts beside the event of a call that it gave up.
    let is_event = ["RequestID", "ErrorCode"]
        .iter()
        .all(|name| message.attributes.contains_key(*name));
    let function = callees.events.filter(|_| is_event);
    let function = function.ok_or("it is no call that was given up")?;
    let event = serde_json::from_str(&message.body);
    let event = event.map_err(|_| "it is no JSON, which a function takes")?;
    Ok((function.to_owned(), event))
}

/// Lets others see messages again. Where AWS cannot be asked any more, they do after a while.
pub(super) async fn give_back(queues: &dyn Queues, queue: &str, messages: &[Message]) {
    for message in messages {
        match queues.give_back(queue, &message.receipt).await {
            Err(fault) if matches!(fault.class, Class::Unreachable | Class::Credentials) => return,
            _ => {}
        }
    }
}
