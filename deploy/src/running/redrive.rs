//! Puts messages that were given up back to work.
//!
//! Dead letters of a queue are moved by SQS itself. The record of an asynchronous call is handed to its function
//! again, and so is an event of a function's own dead-letter queue. **Invariant:** a message is deleted only
//! after somebody else has it; until then it is merely out of sight for a while. So whatever happens to this
//! program, nothing is lost: at worst a call is made twice.

use std::collections::BTreeSet;

use serde_json::Value;

use super::letters::Record;
use super::services::{Message, Move, Queues, Services};
use crate::cloud::Clock;
use crate::fault::{Class, Fault};
use crate::pace::{Pace, patiently, when_let_in};
use crate::problem::Problem;

/// How long a message is kept from others while it is handed over, in seconds.
const HELD: u32 = 120;

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
    let mut under_way = patiently(clock, || queues.moves(arn)).await?.into_iter();
    if !under_way.any(|one| one.status == "RUNNING") {
        when_let_in(clock, || queues.start_move(arn, rate)).await?;
    }
    let (mut pace, mut told) = (Pace::new(), None);
    loop {
        let now = newest(queues, clock, arn).await?;
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

async fn newest(queues: &dyn Queues, clock: &dyn Clock, arn: &str) -> Result<Move, Fault> {
    let moves = patiently(clock, || queues.moves(arn)).await?;
    // One that was started just now may not be listed yet.
    let begun = || Move {
        status: "RUNNING".to_owned(),
        ..Move::default()
    };
    Ok(moves.into_iter().next().unwrap_or_else(begun))
}

/// Hands every message that is in the queue now to a function: a record to the one that it names, an event to
/// `function`. `tell` hears of each.
///
/// # Errors
/// When AWS cannot be asked any more. What one function refuses is kept, and told.
pub async fn calls(
    services: &Services,
    clock: &dyn Clock,
    (queue, function): (&str, Option<&str>),
    tell: &dyn Fn(&str, Result<&str, &str>),
) -> Result<Redriven, Problem> {
    let mut run = Run {
        services,
        clock,
        queue,
        function,
        seen: BTreeSet::new(),
        held: Vec::new(),
        done: Redriven::default(),
    };
    let ended = run.all(tell).await;
    for message in &run.held {
        // One that cannot be given back is seen by others after a while.
        let call = || services.queues.give_back(queue, &message.receipt);
        let _ = patiently(clock, call).await;
    }
    ended.map(|()| run.done)
}

/// Calls for the messages of a queue.
struct Run<'a> {
    services: &'a Services,
    clock: &'a dyn Clock,
    queue: &'a str,
    function: Option<&'a str>,
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
        let mut left = patiently(self.clock, || queues.state(self.queue))
            .await?
            .waiting;
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
        match hand_over(self.services, self.clock, &message, self.function).await {
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
    function: Option<&str>,
) -> Result<String, Kept> {
    let kept = |why: &str| Kept {
        why: why.to_owned(),
        stop: None,
    };
    let (to, event) = match (Record::read(&message.body), function) {
        (Some(record), _) => (record.function, record.event),
        (None, Some(function)) => {
            let event = serde_json::from_str::<Value>(&message.body);
            (
                function.to_owned(),
                event.map_err(|_| kept("it is no JSON, which a function takes"))?,
            )
        }
        (None, None) => return Err(kept("it is no record of a call")),
    };
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
