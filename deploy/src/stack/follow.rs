//! Follows an operation: its events in their order, those of nested stacks included, until its end.
//!
//! Pages of events are read from the newest backwards, until one that is known already or one of an earlier
//! operation. The operation is over when it has said so itself *and* the stack, looked at after that, is in the
//! very status that it named: what a look shows may be older than what the events tell. Somebody else's next operation
//! may have begun by then; its events are newer than ours, and tell that ours is over.

use std::collections::{BTreeMap, BTreeSet};

use super::Work;
use super::logged::{self, Lines};
use crate::assembly::NESTED;
use crate::cloud::{StackEvent, StackState};
use crate::event::Event;
use crate::fault::Class;
use crate::pace::{Pace, patiently};
use crate::problem::Problem;
use crate::status::Status;

/// How often a stack may be seen at rest without a word of the operation, before the rest counts.
const SILENT_LOOKS: usize = 20;

/// The end of an operation.
pub(super) struct End {
    /// The stack, unless it is gone without a trace.
    pub(super) state: Option<StackState>,
    /// The events, in the order of time.
    pub(super) events: Vec<StackEvent>,
    /// The logical ids that lead to each nested stack, by its own id.
    pub(super) nested: BTreeMap<String, Vec<String>>,
    /// What the functions of custom resources that failed logged last, by the event that tells so.
    pub(super) logged: Lines,
}

impl End {
    pub(super) fn status(&self) -> Status {
        self.state
            .as_ref()
            .map_or(Status::DeleteComplete, |state| state.status.clone())
    }
}

/// Which events belong to the operation.
#[derive(Clone)]
enum Since {
    /// Those with its token.
    Token(String),
    /// Those since a person started something without a token.
    Initiated,
    /// Those from a moment on: nested stacks have no token of their own.
    Time(f64),
}

/// The events of one stack.
struct Tail {
    stack: String,
    since: Since,
    seen: BTreeSet<String>,
    /// The status of the stack that a later operation has told, of another token.
    passed: Option<String>,
}

/// Follows the operation with this token (or the last one, of a caller who gave none) of the stack of an id.
pub(super) async fn follow(
    work: &Work<'_>,
    stack: &str,
    token: Option<&str>,
) -> Result<End, Problem> {
    let since = token.map_or(Since::Initiated, |token| Since::Token(token.to_owned()));
    let mut tails = vec![Tail::new(stack, since)];
    let mut end = End {
        state: None,
        events: Vec::new(),
        nested: BTreeMap::new(),
        logged: Lines::new(),
    };
    let (mut pace, mut silent) = (Pace::new(), 0);
    loop {
        read(work, &mut tails, &mut end).await?;
        end.state = work.look_at(stack).await?;
        let is_moving = end
            .state
            .as_ref()
            .is_some_and(|state| state.status.is_moving());
        let told = told_end(&end, stack).map(Status::named);
        let (passed, shown) = (tails[0].passed.as_deref(), end.status());
        if let (Some(told), Some(_), Some(state)) = (&told, passed, &mut end.state) {
            told.clone_into(&mut state.status);
            return Ok(end);
        }
        if !is_moving {
            silent += 1;
            if end.state.is_none()
                || token.is_none()
                || told == Some(shown.clone())
                || passed == Some(shown.name())
                || silent > SILENT_LOOKS
            {
                return Ok(end);
            }
        }
        pace.wait(work.clock).await;
    }
}

/// The end that the operation has told.
fn told_end<'a>(end: &'a End, stack: &str) -> Option<&'a str> {
    let mut newest = end.events.iter().rev();
    let own = newest.find(|event| event.is_of_stack() && event.stack_id == stack)?;
    (!own.status.ends_with("_IN_PROGRESS")).then_some(&*own.status)
}

/// Reads what is new of every stack, tells it, and finds nested stacks in it.
async fn read(work: &Work<'_>, tails: &mut Vec<Tail>, end: &mut End) -> Result<(), Problem> {
    let mut index = 0;
    while index < tails.len() {
        let events = tails[index].read(work).await?;
        for event in events {
            if let Some(tail) = nested(&event, tails) {
                let mut way = end.nested.get(&event.stack_id).cloned().unwrap_or_default();
                way.push(event.resource.clone());
                end.nested.insert(tail.stack.clone(), way);
                tails.push(tail);
            }
            let path = path(work, &event, &end.nested);
            work.event(Event::Resource {
                event: Box::new(event.clone()),
                path,
            });
            // Now: the log may go with the stack.
            let lines = logged::of(work, end, &event).await;
            if !lines.is_empty() {
                end.logged.insert(event.id.clone(), lines);
            }
            end.events.push(event);
        }
        index += 1;
    }
    end.events.sort_by(|a, b| a.time.total_cmp(&b.time));
    Ok(())
}

/// The tail of a nested stack that an event is the first to tell of.
fn nested(event: &StackEvent, tails: &[Tail]) -> Option<Tail> {
    let is_new = event.kind == NESTED
        && !event.is_of_stack()
        && event.physical_id.starts_with("arn:")
        && !tails.iter().any(|tail| tail.stack == event.physical_id);
    is_new.then(|| Tail::new(&event.physical_id, Since::Time(event.time)))
}

/// The construct path of what an event is about; a resource of a nested stack is named below that stack.
pub(super) fn path(
    work: &Work<'_>,
    event: &StackEvent,
    nested: &BTreeMap<String, Vec<String>>,
) -> String {
    let way = nested.get(&event.stack_id).map_or(&[][..], Vec::as_slice);
    match way.split_last() {
        _ if !event.is_of_stack() => work.stack.path_within(way, &event.resource),
        Some((own, outer)) => work.stack.path_within(outer, own),
        None => work.stack.path.clone(),
    }
}

impl Tail {
    fn new(stack: &str, since: Since) -> Self {
        Self {
            stack: stack.to_owned(),
            since,
            seen: BTreeSet::new(),
            passed: None,
        }
    }

    /// What is new, the oldest first.
    async fn read(&mut self, work: &Work<'_>) -> Result<Vec<StackEvent>, Problem> {
        let (mut new, mut page, mut later) = (Vec::new(), None::<String>, None);
        'pages: loop {
            let answer = patiently(work.clock, || {
                work.cloud.formation.events(&self.stack, page.as_deref())
            })
            .await;
            let answer = match answer {
                // A stack that is gone has told all it had to tell.
                Err(fault) if fault.class == Class::Missing => break,
                answer => answer?,
            };
            for event in answer.events {
                if self.seen.contains(&event.id) {
                    break 'pages;
                }
                if !self.belongs(&event) {
                    // A page of a later operation is looked behind.
                    if !new.is_empty() || page.is_some() {
                        break 'pages;
                    }
                    later = later.or_else(|| event.is_of_stack().then_some(event.status));
                    continue;
                }
                let is_start = matches!(self.since, Since::Initiated) && is_start(&event);
                new.push(event);
                if is_start {
                    break 'pages;
                }
            }
            page = answer.next;
            if page.is_none() {
                break;
            }
        }
        if !(new.is_empty() && self.seen.is_empty()) {
            self.passed = later;
        }
        new.retain(|event| self.seen.insert(event.id.clone()));
        new.reverse();
        Ok(new)
    }

    fn belongs(&self, event: &StackEvent) -> bool {
        match &self.since {
            Since::Token(token) => event.token.as_ref() == Some(token),
            Since::Time(time) => event.time >= *time,
            Since::Initiated => true,
        }
    }
}

pub(super) fn is_start(event: &StackEvent) -> bool {
    event.is_of_stack()
        && event
            .reason
            .as_deref()
            .is_some_and(|reason| reason.contains("User Initiated"))
}
