//! What there is to see of a stage: its results, what its table says, and what it gave up.
//!
//! A place may have a million objects, so a result is kept as a print of its name and a time. Prints have 128 bits:
//! that two of a million names have the same one is out of the question.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cloudwright_contract::{PipelineStatus, StagePlace, StagePlan};
use serde_json::{Value, json};

use super::ports::{Letters, Row, Rows};
use super::{Looker, Wanted, names, short};
use crate::deadline::Deadline;
use crate::failure::{Class, Failure};
use crate::intake::{self, Delivery as Delivered};
use crate::replicate::listing::{Entry, Listing};
use crate::submit::ports::State;

/// How many times a queue is asked for messages, at most: it gives ten of them, and some again and again.
const LOOKS: usize = 600;

/// After how many looks in a row without news a queue is taken for read, if it counts no more messages than were seen.
/// A count alone does not say so: it is late by up to a minute.
const CALM: u64 = 2;

/// After how many answers in a row that hold nothing a queue gives no more, whatever it counts: what is hidden while
/// somebody else has it counts too, and nobody waits for that.
const EMPTY: u64 = 3;

/// What can be found out about the objects of a stage without their list.
pub(super) struct Evidence {
    results: HashMap<u128, Found>,
    rows: HashMap<u128, Known>,
    dead: GivenUp,
    pub(super) dead_count: u64,
    /// Whether all messages about what was given up were read.
    pub(super) is_whole: bool,
    /// About how many messages wait for the stage.
    pub(super) queued: Option<u64>,
}

/// A result.
pub(super) struct Found {
    modified: i64,
    /// Of a single object only.
    pub(super) key: Option<Box<str>>,
}

/// What a row says.
pub(super) struct Known {
    pub(super) state: State,
    /// When the call that wrote it has surely ended, in seconds since 1970.
    pub(super) until: i64,
    pub(super) detail: Option<Box<str>>,
}

/// Objects that were given up, by bucket and key: the entity tag without quotes where it is known, and the reason.
type GivenUp = BTreeMap<(String, String), Vec<(Option<String>, String)>>;

/// What the messages say that a stage gave up, how many there are, and whether all were read.
type Dead = (GivenUp, u64, bool);

impl Evidence {
    /// The result of an object that is not older than it.
    pub(super) fn result(&self, stage: &StagePlan, entry: &Entry) -> Option<&Found> {
        let names = names::of_input(stage, &entry.key).into_iter().flatten();
        let mut found = names.filter_map(|name| self.results.get(&print(&[name])));
        found.find(|found| found.modified >= entry.modified)
    }

    /// What the table says of an object.
    pub(super) fn row(&self, stage: &StagePlan, entry: &Entry) -> Option<&Known> {
        let object = format!("{}/{}", stage.input.bucket, entry.key);
        self.rows.get(&print(&[&object, &entry.etag]))
    }

    /// Why an object was given up; that an earlier content of it was is another matter.
    pub(super) fn reason(&self, stage: &StagePlan, entry: &Entry) -> Option<&str> {
        let object = (stage.input.bucket.clone(), entry.key.clone());
        let mut letters = self.dead.get(&object)?.iter();
        let now = entry.etag.trim_matches('"');
        let letter = letters.find(|(etag, _)| etag.as_deref().is_none_or(|etag| etag == now));
        letter.map(|(_, reason)| &**reason)
    }
}

impl<B: Listing, R: Rows, L: Letters> Looker<B, R, L> {
    /// In the order in which objects go on, so that what moves in the meantime is seen at one place at least.
    pub(super) async fn evidence(
        &self,
        stage: &StagePlan,
        wanted: Wanted<'_>,
        deadline: &Deadline,
    ) -> Result<Evidence, Failure> {
        let queued = self.queued(stage, deadline).await?;
        let (dead, dead_count, is_whole) = self.dead(stage, deadline).await?;
        // What was given up, and put back into the queue before anybody looked there.
        let again = self.queued(stage, deadline).await?;
        Ok(Evidence {
            results: self.results(stage, wanted, deadline).await?,
            rows: self.deliveries(stage, wanted, deadline).await?,
            dead,
            dead_count,
            is_whole,
            queued: queued.max(again),
        })
    }

    /// About how many messages wait for a stage, if it has a queue.
    pub(super) async fn queued(
        &self,
        stage: &StagePlan,
        deadline: &Deadline,
    ) -> Result<Option<u64>, Failure> {
        match &stage.queue {
            Some(url) => Ok(Some(deadline.limit(self.letters.count(url)).await?)),
            None => Ok(None),
        }
    }

    async fn results(
        &self,
        stage: &StagePlan,
        wanted: Wanted<'_>,
        deadline: &Deadline,
    ) -> Result<HashMap<u128, Found>, Failure> {
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
            let mut after = None;
            while let Some(entries) = self.next(bucket, &beginning, &mut after, deadline).await? {
                for entry in entries {
                    keep(stage, entry, wanted.is_some(), &mut results);
                }
                limited("results", results.len(), &stage.name)?;
            }
        }
        Ok(results)
    }

    async fn deliveries(
        &self,
        stage: &StagePlan,
        wanted: Wanted<'_>,
        deadline: &Deadline,
    ) -> Result<HashMap<u128, Known>, Failure> {
        let mut found = HashMap::new();
        let Some(table) = &stage.table else {
            return Ok(found);
        };
        let object = wanted.map(|(bucket, key)| format!("{bucket}/{key}"));
        let mut after = None;
        loop {
            let page = self.rows.rows(table, object.as_deref(), after);
            let (rows, next) = deadline.limit(page).await?;
            rows.into_iter().for_each(|row| learn(row, &mut found));
            after = next;
            if after.is_none() {
                return Ok(found);
            }
            limited("deliveries", found.len(), &stage.name)?;
        }
    }

    async fn dead(&self, stage: &StagePlan, deadline: &Deadline) -> Result<Dead, Failure> {
        let mut dead = GivenUp::new();
        let Some(url) = &stage.failures else {
            return Ok((dead, 0, true));
        };
        let count = deadline.limit(self.letters.count(url)).await?;
        let mut seen = BTreeSet::new();
        let all = |seen: &BTreeSet<String>, count: u64| {
            u64::try_from(seen.len()).is_ok_and(|seen| seen >= count)
        };
        let (mut without_news, mut empty) = (0, 0);
        for _ in 0..LOOKS {
            // The same ten come again and again.
            let more = if all(&seen, count) { 0 } else { 2 + count / 2 };
            if without_news >= CALM + more || empty >= EMPTY {
                break;
            }
            without_news += 1;
            let letters = deadline.limit(self.letters.look(url)).await?;
            empty = if letters.is_empty() { empty + 1 } else { 0 };
            for (id, body) in letters {
                if seen.insert(id) {
                    without_news = 0;
                    let reason = reason(&body);
                    for (object, etag) in objects(&body) {
                        dead.entry(object).or_default().push((etag, reason.clone()));
                    }
                }
            }
        }
        // What came meanwhile, or was not counted yet.
        let count = count.max(deadline.limit(self.letters.count(url)).await?);
        let is_whole = without_news >= CALM && all(&seen, count);
        let seen_count = u64::try_from(seen.len()).unwrap_or(u64::MAX);
        Ok((dead, count.max(seen_count), is_whole))
    }
}

/// Keeps an object as a result, if it is one; of several, the newest counts.
fn keep(stage: &StagePlan, entry: Entry, with_key: bool, results: &mut HashMap<u128, Found>) {
    let Some(name) = names::of_output(stage, &entry.key) else {
        return;
    };
    let print = print(&[name]);
    if results
        .get(&print)
        .is_none_or(|known| entry.modified > known.modified)
    {
        let found = Found {
            modified: entry.modified,
            key: with_key.then(|| entry.key.into_boxed_str()),
        };
        results.insert(print, found);
    }
}

/// Keeps what a row says. Two versions may have one content: the later one counts.
fn learn(row: Row, found: &mut HashMap<u128, Known>) {
    let Some(etag) = row.etag else { return };
    let print = print(&[&row.object, &etag]);
    let until = i64::try_from(row.delivery.until).unwrap_or(i64::MAX);
    if found.get(&print).is_none_or(|known| until >= known.until) {
        let detail = row.delivery.detail;
        let known = Known {
            state: row.delivery.state,
            until,
            detail: detail.map(|detail| short(&detail).into_boxed_str()),
        };
        found.insert(print, known);
    }
}

/// Reports more than can be kept.
pub(super) fn limited(what: &str, count: usize, stage: &str) -> Result<(), Failure> {
    let most = PipelineStatus::LARGEST;
    if count <= most {
        return Ok(());
    }
    let message = format!(
        "the stage {stage} has more than {most} {what}, which is too many to compare; ask for a single key"
    );
    Err(Failure::new(Class::Refused, message))
}

fn print(parts: &[&str]) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        parts.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// The objects that a message tells of, however it came there, and the entity tags of their contents.
fn objects(body: &str) -> Vec<((String, String), Option<String>)> {
    let record = json!({"eventSource": "aws:sqs", "messageId": "1", "body": body});
    let items = match intake::read(&json!({"Records": [record]})) {
        Delivered::Invocation(items) => items,
        Delivered::Queue(messages) => messages.into_iter().flat_map(|one| one.items).collect(),
    };
    let events = items.into_iter().filter_map(Result::ok);
    let named = events.map(|event| ((event.bucket, event.key), event.etag));
    named.collect()
}

/// Why Lambda put a message there, if it is one of Lambda's.
fn reason(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let said = body.pointer("/responsePayload/errorMessage");
    let why = said.or_else(|| body.pointer("/requestContext/condition"));
    let unknown = "given up; the log of the stage's function says why";
    short(why.and_then(Value::as_str).unwrap_or(unknown))
}
