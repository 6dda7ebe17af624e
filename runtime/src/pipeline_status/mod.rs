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
//! | `lost` | none of these, though all messages were read: no event will lead to a result |
//! | `stuck` | the same, if not all messages could be read |
//!
//! Of a place, the list of its objects is read a thousand at a time. What is kept of the results is a name and a
//! time, of at most [`PipelineStatus::LARGEST`] objects; an answer names at most [`PipelineStatus::NAMED`] for each
//! stage.
//!
//! The function needs these rights: `s3:ListBucket` on the buckets, `dynamodb:Query` and `Scan` on the table,
//! `sqs:GetQueueAttributes` on the queues, and `sqs:ReceiveMessage` on those of what was given up. The messages stay
//! there, and can be received by others in the same moment.

mod names;
pub mod ports;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cloudwright_contract::{
    ItemState, PipelineStatus, PipelineStatusAnswer, StagePlace, StagePlan, StageStatus, StatusItem,
};
use serde_json::{Value, json};

use crate::deadline::Deadline;
use crate::failure::{Class, Failure, Report};
use crate::intake::{self, Delivery as Delivered, ObjectEvent};
use crate::replicate::listing::{Entry, Listing};
use crate::submit::ports::{Delivery, State};
use crate::work::{Outcome, Work};
use ports::{Letters, Rows};

/// How many times a queue is asked for messages, at most.
const LOOKS: usize = 60;

/// The handler.
pub struct Looker<B, R, L> {
    buckets: B,
    rows: R,
    letters: L,
    /// Seconds since 1970.
    clock: fn() -> i64,
}

/// What can be found out about the objects of a stage without their list.
struct Evidence {
    /// The results by their name: key and time.
    results: HashMap<String, (String, i64)>,
    rows: HashMap<(String, String), Delivery>,
    /// Objects that were given up, each with the reason.
    dead: BTreeMap<(String, String), String>,
    dead_count: u64,
    /// Whether all messages about what was given up were read.
    is_whole: bool,
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
    /// If something cannot be looked at, or is too large.
    pub async fn status(
        &self,
        question: &PipelineStatus,
        deadline: &Deadline,
    ) -> Result<PipelineStatusAnswer, Failure> {
        let mut wanted = question.ask.key.as_deref().map(|key| {
            let places = question.stages.iter().map(|stage| &stage.input.bucket);
            places
                .map(|bucket| (bucket.clone(), key.to_owned()))
                .collect::<BTreeSet<_>>()
        });
        let mut answer = PipelineStatusAnswer::default();
        for stage in &question.stages {
            let status = match &wanted {
                None => self.stage(stage, None, deadline).await?,
                Some(all) => {
                    let mut status = self.named(stage, all, deadline).await?;
                    let results = results_of(stage, &mut status);
                    wanted.get_or_insert_default().extend(results);
                    status
                }
            };
            answer.stages.push(status);
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
        let queued = match &stage.queue {
            Some(url) => Some(deadline.limit(self.letters.count(url)).await?),
            None => None,
        };
        Ok(StageStatus {
            stage: stage.name.clone(),
            queued,
            ..StageStatus::default()
        })
    }

    async fn stage(
        &self,
        stage: &StagePlan,
        wanted: Wanted<'_>,
        deadline: &Deadline,
    ) -> Result<StageStatus, Failure> {
        // Before the results: what becomes one in the meantime is then seen as done.
        let mut inputs = Vec::new();
        let beginning = wanted.map_or(&stage.input.prefix, |(_, key)| key);
        let is_input = |entry: &Entry| {
            names::of_input(stage, &entry.key).is_some()
                && wanted.is_none_or(|(_, key)| entry.key == *key)
        };
        self.read(&stage.input.bucket, beginning, deadline, |entry| {
            if is_input(&entry) {
                inputs.push(entry);
            }
        })
        .await?;
        let evidence = self.evidence(stage, wanted, deadline).await?;
        let mut status = self.about(stage, deadline).await?;
        status.dead = evidence.dead_count;
        for entry in inputs {
            let (state, detail) = self.judge(stage, &entry, &evidence);
            count(&mut status, state);
            if state != ItemState::Done || wanted.is_some() {
                status.items.push(StatusItem {
                    bucket: stage.input.bucket.clone(),
                    key: entry.key,
                    state,
                    since: entry.modified,
                    detail,
                });
            }
        }
        status.items.sort_by_key(|item| (item.state, item.since));
        status.items.truncate(PipelineStatus::NAMED);
        Ok(status)
    }

    /// Gives every object whose key begins so, a thousand at a time.
    async fn read(
        &self,
        bucket: &str,
        beginning: &str,
        deadline: &Deadline,
        mut give: impl FnMut(Entry),
    ) -> Result<(), Failure> {
        let mut after: Option<String> = None;
        let mut count = 0;
        loop {
            let page = self.buckets.list(bucket, beginning, after.as_deref());
            let page = deadline.limit(page).await?;
            after = page.entries.last().map(|entry| entry.key.clone());
            count += page.entries.len();
            page.entries.into_iter().for_each(&mut give);
            if page.is_last || after.is_none() {
                return Ok(());
            }
            if count > PipelineStatus::LARGEST {
                let message = format!(
                    "a place of more than {} objects, expected fewer; ask for a single key",
                    PipelineStatus::LARGEST
                );
                return Err(Failure::new(Class::Refused, message).about(bucket, beginning));
            }
        }
    }

    async fn evidence(
        &self,
        stage: &StagePlan,
        wanted: Wanted<'_>,
        deadline: &Deadline,
    ) -> Result<Evidence, Failure> {
        let (dead, dead_count, is_whole) = self.dead(stage, deadline).await?;
        Ok(Evidence {
            results: self.results(stage, wanted, deadline).await?,
            rows: self.deliveries(stage, wanted, deadline).await?,
            dead,
            dead_count,
            is_whole,
        })
    }

    async fn results(
        &self,
        stage: &StagePlan,
        wanted: Wanted<'_>,
        deadline: &Deadline,
    ) -> Result<HashMap<String, (String, i64)>, Failure> {
        let mut results = HashMap::new();
        let Some(StagePlace { bucket, prefix }) = &stage.output else {
            return Ok(results);
        };
        let names = wanted.and_then(|(_, key)| names::of_input(stage, key));
        let beginnings: BTreeSet<String> = match names {
            Some(names) => names.map(|name| format!("{prefix}{name}")).into(),
            None => [prefix.clone()].into(),
        };
        for beginning in beginnings {
            self.read(bucket, &beginning, deadline, |entry| {
                let Some(name) = names::of_output(stage, &entry.key).map(str::to_owned) else {
                    return;
                };
                let known = results.entry(name).or_insert((String::new(), i64::MIN));
                if entry.modified > known.1 {
                    *known = (entry.key, entry.modified);
                }
            })
            .await?;
        }
        Ok(results)
    }

    async fn deliveries(
        &self,
        stage: &StagePlan,
        wanted: Wanted<'_>,
        deadline: &Deadline,
    ) -> Result<HashMap<(String, String), Delivery>, Failure> {
        let mut found = HashMap::new();
        let Some(table) = &stage.table else {
            return Ok(found);
        };
        let object = wanted.map(|(bucket, key)| format!("{bucket}/{key}"));
        let mut after = None;
        loop {
            let page = self.rows.rows(table, object.as_deref(), after);
            let (rows, next) = deadline.limit(page).await?;
            let rows = rows.into_iter();
            found.extend(rows.filter_map(|row| Some(((row.object, row.etag?), row.delivery))));
            after = next;
            if after.is_none() {
                return Ok(found);
            }
            if found.len() > PipelineStatus::LARGEST {
                let most = PipelineStatus::LARGEST;
                let message = format!("the table {table} has more than {most} rows, ask for a key");
                return Err(Failure::new(Class::Refused, message));
            }
        }
    }

    /// What the messages say that a stage gave up, how many there are, and whether all were read.
    async fn dead(
        &self,
        stage: &StagePlan,
        deadline: &Deadline,
    ) -> Result<(BTreeMap<(String, String), String>, u64, bool), Failure> {
        let mut dead = BTreeMap::new();
        let Some(url) = &stage.failures else {
            return Ok((dead, 0, true));
        };
        let count = deadline.limit(self.letters.count(url)).await?;
        let mut seen = BTreeSet::new();
        for _ in 0..LOOKS {
            if u64::try_from(seen.len()).is_ok_and(|seen| seen >= count) {
                break;
            }
            for (id, body) in deadline.limit(self.letters.look(url)).await? {
                if seen.insert(id) {
                    let reason = reason(&body);
                    let objects = objects(&body).into_iter();
                    dead.extend(objects.map(|object| (object, reason.clone())));
                }
            }
        }
        let is_whole = u64::try_from(seen.len()).is_ok_and(|seen| seen >= count);
        Ok((dead, count, is_whole))
    }

    fn judge(
        &self,
        stage: &StagePlan,
        entry: &Entry,
        evidence: &Evidence,
    ) -> (ItemState, Option<String>) {
        let bucket = &stage.input.bucket;
        let names = names::of_input(stage, &entry.key).into_iter().flatten();
        let mut results = names.filter_map(|name| evidence.results.get(name));
        if let Some((key, _)) = results.find(|(_, modified)| *modified >= entry.modified) {
            return (ItemState::Done, Some(key.clone()));
        }
        let object = format!("{bucket}/{}", entry.key);
        let now = (self.clock)();
        let late = i64::try_from(stage.late).unwrap_or(i64::MAX);
        let is_late = now.saturating_sub(entry.modified) > late;
        if let Some(row) = evidence.rows.get(&(object, entry.etag.clone())) {
            let is_over = i64::try_from(row.until).is_ok_and(|until| until < now);
            return (of_row(row.state, is_late, is_over), row.detail.clone());
        }
        let given_up = evidence.dead.get(&(bucket.clone(), entry.key.clone()));
        if let Some(reason) = given_up {
            return (ItemState::Failed, Some(reason.clone()));
        }
        match (is_late, evidence.is_whole) {
            (false, _) => (ItemState::Waiting, None),
            (true, true) => (ItemState::Lost, None),
            (true, false) => (ItemState::Stuck, None),
        }
    }
}

/// What a row says of an object that came late or not; a call that was at it is over or not.
const fn of_row(state: State, is_late: bool, is_over: bool) -> ItemState {
    match state {
        State::Accepted => ItemState::Done,
        State::Sending if !is_over => ItemState::Waiting,
        // Not posted, as the stage was told; or the archive was away, and it is tried again.
        State::Local => ItemState::Waiting,
        State::Failed if !is_late => ItemState::Waiting,
        State::Sending | State::Failed | State::Refused | State::Unknown => ItemState::Failed,
    }
}

/// The objects that a message tells of, however it came there.
fn objects(body: &str) -> Vec<(String, String)> {
    let record = json!({"eventSource": "aws:sqs", "messageId": "1", "body": body});
    let items = match intake::read(&json!({"Records": [record]})) {
        Delivered::Invocation(items) => items,
        Delivered::Queue(messages) => messages.into_iter().flat_map(|one| one.items).collect(),
    };
    let events = items.into_iter().filter_map(Result::ok);
    events.map(|event| (event.bucket, event.key)).collect()
}

/// Why Lambda put a message there, if it is one of Lambda's.
fn reason(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let said = body.pointer("/responsePayload/errorMessage");
    let why = said.or_else(|| body.pointer("/requestContext/condition"));
    let unknown = "given up; the log of the stage's function says why";
    why.and_then(Value::as_str).unwrap_or(unknown).to_owned()
}

const fn count(status: &mut StageStatus, state: ItemState) {
    status.seen += 1;
    let counter = match state {
        ItemState::Done => &mut status.done,
        ItemState::Waiting => &mut status.waiting,
        ItemState::Failed => &mut status.failed,
        ItemState::Stuck => &mut status.stuck,
        ItemState::Lost => &mut status.lost,
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
    status.dead = other.dead;
    status.items.extend(other.items);
}

/// The results of what is done, which may be objects of later stages.
fn results_of(stage: &StagePlan, status: &mut StageStatus) -> Vec<(String, String)> {
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
