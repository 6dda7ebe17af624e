//! `pipeline-status`: where the files of a pipeline are, and which of them got lost.
//!
//! Nothing is written and nothing is remembered: what is asked is told by what lies in the buckets, in the table of
//! the stage that hands in, and in the queues of what was given up. An object of a stage is
//!
//! | state | when |
//! |---|---|
//! | `done` | it has a result that is not older: an object that is called alike where the stage writes, or a row that says `accepted` |
//! | `failed` | a message among those that the stage gave up names it, or its row says so |
//! | `waiting` | none of these, and it came a short time ago |
//! | `stuck` | none of these, and it may still come: something waits before the stage, Lambda may still try, or not all messages could be read |
//! | `lost` | none of these, and all messages were read: nothing will lead to a result |
//! | `untracked` | none of these, and nothing can be known: the stage writes nothing, or is there for some objects only |
//!
//! Times are those of the list. An object that was uploaded in parts bears the time at which its upload began, so it may
//! be younger than it looks, and for a day it is `stuck` instead of `lost`.
//!
//! Of a place, the list of its objects is read a thousand at a time. Of the results a print and a time are kept, of at
//! most [`PipelineStatus::LARGEST`]; the objects of the stage are judged as they come and not kept, so there may be
//! any number. An answer names at most [`PipelineStatus::NAMED`] for each stage.
//!
//! The function needs these rights: `s3:ListBucket` on the buckets, `dynamodb:Query` and `Scan` on the table,
//! `sqs:GetQueueAttributes` on the queues, and `sqs:ReceiveMessage` on those of what was given up. The messages stay
//! there, and can be received by others in the same moment.

mod evidence;
mod judge;
mod names;
pub mod ports;

use std::collections::BTreeSet;

use cloudwright_contract::{
    ItemState, PipelineStatus, PipelineStatusAnswer, StagePlan, StageStatus, StatusItem,
};
use serde_json::{Value, json};

use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::intake::ObjectEvent;
use crate::replicate::listing::{Entry, Listing};
use crate::work::{Outcome, Work};
use ports::{Letters, Rows};

/// How many objects of a stage are held at once, to find those that are named.
const HELD: usize = 1000;

/// The handler.
pub struct Looker<B, R, L> {
    buckets: B,
    rows: R,
    letters: L,
    /// Seconds since 1970.
    clock: fn() -> i64,
}

/// One object, or all.
type Wanted<'a> = Option<&'a (String, String)>;

impl<B: Listing, R: Rows, L: Letters> Looker<B, R, L> {
    /// Looks at these buckets, tables and queues.
    pub const fn new(buckets: B, rows: R, letters: L, clock: fn() -> i64) -> Self {
        Self {
            buckets,
            rows,
            letters,
            clock,
        }
    }

    /// Answers the question.
    ///
    /// # Errors
    /// If something cannot be looked at, or is too large, or no place has the key that is asked for.
    pub async fn status(
        &self,
        question: &PipelineStatus,
        deadline: &Deadline,
    ) -> Result<PipelineStatusAnswer, Failure> {
        match &question.ask.key {
            Some(key) => self.follow(question, key, deadline).await,
            None => {
                let mut answer = PipelineStatusAnswer::default();
                for stage in &question.stages {
                    let status = self.stage(stage, None, deadline).await?;
                    answer.stages.push(status);
                }
                Ok(answer)
            }
        }
    }

    /// What became of a file, from the first place that has it to the end.
    async fn follow(
        &self,
        question: &PipelineStatus,
        key: &str,
        deadline: &Deadline,
    ) -> Result<PipelineStatusAnswer, Failure> {
        let places = question.stages.iter().map(|stage| &stage.input.bucket);
        let places = places.map(|bucket| (bucket.clone(), key.to_owned()));
        let mut wanted: BTreeSet<(String, String)> = places.collect();
        let mut answer = PipelineStatusAnswer::default();
        for stage in &question.stages {
            let status = self.named(stage, &wanted, deadline).await?;
            wanted.extend(results_of(stage, &status));
            answer.stages.push(status);
        }
        if answer.stages.iter().all(|stage| stage.seen == 0) {
            let message = format!(
                "no stage has an object with the key {key:?}; a key is told as S3 shows it, without the bucket, and \
                 upper case differs from lower case"
            );
            return Err(Failure::new(Class::NotFound, message));
        }
        Ok(answer)
    }

    /// What became of some objects at a stage.
    async fn named(
        &self,
        stage: &StagePlan,
        wanted: &BTreeSet<(String, String)>,
        deadline: &Deadline,
    ) -> Result<StageStatus, Failure> {
        let mut status = self.about(stage, deadline).await?;
        for one in wanted {
            let is_its = one.0 == stage.input.bucket && names::of_input(stage, &one.1).is_some();
            if is_its {
                let found = self.stage(stage, Some(one), deadline).await?;
                add(&mut status, found);
            }
        }
        Ok(status)
    }

    /// A stage of which no object was looked at yet.
    async fn about(&self, stage: &StagePlan, deadline: &Deadline) -> Result<StageStatus, Failure> {
        let dead = match &stage.failures {
            Some(url) => deadline.limit(self.letters.count(url)).await?,
            None => 0,
        };
        Ok(StageStatus {
            stage: stage.name.clone(),
            queued: self.queued(stage, deadline).await?,
            dead,
            ..StageStatus::default()
        })
    }

    async fn stage(
        &self,
        stage: &StagePlan,
        wanted: Wanted<'_>,
        deadline: &Deadline,
    ) -> Result<StageStatus, Failure> {
        let evidence = self.evidence(stage, wanted, deadline).await?;
        let mut status = StageStatus {
            stage: stage.name.clone(),
            queued: evidence.queued,
            dead: evidence.dead_count,
            ..StageStatus::default()
        };
        let beginning = wanted.map_or(&stage.input.prefix, |(_, key)| key);
        let is_input = |entry: &Entry| {
            names::of_input(stage, &entry.key).is_some()
                && wanted.is_none_or(|(_, key)| entry.key == *key)
        };
        let now = (self.clock)();
        let bucket = &stage.input.bucket;
        let mut after = None;
        while let Some(entries) = self.next(bucket, beginning, &mut after, deadline).await? {
            for entry in entries.into_iter().filter(is_input) {
                let (state, detail) = judge::judge(stage, &entry, &evidence, now);
                count(&mut status, state);
                if state != ItemState::Done || wanted.is_some() {
                    status.items.push(item(bucket, entry, state, detail));
                }
            }
            if status.items.len() > HELD {
                worst(&mut status.items);
            }
        }
        worst(&mut status.items);
        Ok(status)
    }

    /// The next objects whose keys begin so, a thousand at most, after the key that `after` keeps.
    async fn next(
        &self,
        bucket: &str,
        beginning: &str,
        after: &mut Option<After>,
        deadline: &Deadline,
    ) -> Result<Option<Vec<Entry>>, Failure> {
        let key = match after {
            None => None,
            Some(After::Key(key)) => Some(&**key),
            Some(After::End) => return Ok(None),
        };
        let page = self.buckets.list(bucket, beginning, key);
        let page = deadline.limit(page).await?;
        *after = match page.entries.last() {
            Some(last) if !page.is_last => Some(After::Key(last.key.clone())),
            _ => Some(After::End),
        };
        Ok(Some(page.entries))
    }
}

/// How far a list was read.
enum After {
    /// To this key.
    Key(String),
    /// To its end.
    End,
}

fn item(bucket: &str, entry: Entry, state: ItemState, detail: Option<String>) -> StatusItem {
    StatusItem {
        bucket: bucket.to_owned(),
        key: entry.key,
        state,
        since: entry.modified,
        detail,
    }
}

/// Keeps those that are named: the worst, and of these the oldest.
fn worst(items: &mut Vec<StatusItem>) {
    items.sort_by_key(|item| (item.state, item.since));
    items.truncate(PipelineStatus::NAMED);
}

/// A reason as an answer has room for it.
fn short(reason: &str) -> String {
    match reason.char_indices().nth(PipelineStatus::REASON) {
        Some((end, _)) => format!("{}..", &reason[..end]),
        None => reason.to_owned(),
    }
}

const fn count(status: &mut StageStatus, state: ItemState) {
    status.seen += 1;
    let counter = match state {
        ItemState::Done => &mut status.done,
        ItemState::Waiting => &mut status.waiting,
        ItemState::Failed => &mut status.failed,
        ItemState::Stuck => &mut status.stuck,
        ItemState::Lost => &mut status.lost,
        ItemState::Untracked => &mut status.untracked,
    };
    *counter += 1;
}

fn add(status: &mut StageStatus, other: StageStatus) {
    status.seen += other.seen;
    status.done += other.done;
    status.waiting += other.waiting;
    status.failed += other.failed;
    status.stuck += other.stuck;
    status.lost += other.lost;
    status.untracked += other.untracked;
    status.items.extend(other.items);
}

/// The results of what is done, which may be objects of later stages.
fn results_of(stage: &StagePlan, status: &StageStatus) -> Vec<(String, String)> {
    let Some(output) = &stage.output else {
        return Vec::new();
    };
    let done = status
        .items
        .iter()
        .filter(|item| item.state == ItemState::Done);
    let results = done.filter_map(|item| Some((output.bucket.clone(), item.detail.clone()?)));
    results.collect()
}

impl<B: Listing, R: Rows, L: Letters> Work for Looker<B, R, L> {
    async fn handle(&self, events: &[ObjectEvent], _: &Deadline) -> Vec<Outcome> {
        let told = |event: &ObjectEvent| {
            let message = "told of an object, expected a question: {\"status\": {..}}";
            Err(vec![Failure::new(Class::Refused, message).of(event)])
        };
        events.iter().map(told).collect()
    }

    async fn command(&self, event: &Value, deadline: &Deadline) -> Option<Result<Value, Report>> {
        let question = event.get(PipelineStatus::MEMBER)?;
        let question = match serde_json::from_value::<PipelineStatus>(question.clone()) {
            Ok(question) => question,
            Err(problem) => {
                let message = format!("no question about a pipeline: {problem}");
                return Some(Err(Failure::new(Class::Refused, message).into()));
            }
        };
        let answer = Box::pin(self.status(&question, deadline)).await;
        let answer = answer.map(|answer| json!(answer));
        Some(answer.map_err(Report::from))
    }
}

#[cfg(test)]
mod tests;
