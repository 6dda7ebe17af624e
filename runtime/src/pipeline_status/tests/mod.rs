//! Answers compared with an independent trace of every object, and what an answer costs.

mod cases;

use std::cell::Cell;
use std::collections::BTreeMap;

use cloudwright_contract::{StagePlace, StatusAsk};
use proptest::prelude::*;

use super::ports::{Mark, Row};
use super::*;
use crate::replicate::listing::Page;
use crate::submit::ports::{Delivery, State};

const NOW: i64 = 1_000_000;
const LATE: u64 = 600;
const OVER: u64 = 900;
const QUEUE: &str = "https://sqs/queue";
const FAILURES: &str = "https://sqs/failures";
const TABLE: &str = "Deliveries";

/// Buckets, a table and a queue, and how often each was asked.
#[derive(Debug, Default)]
struct World {
    objects: BTreeMap<(String, String), i64>,
    rows: Vec<Row>,
    dead: Vec<String>,
    /// Messages that the queue holds and never gives.
    hidden: u64,
    /// Messages that the queue gives and does not count yet.
    uncounted: u64,
    /// Messages before the last stage.
    queued: u64,
    page: usize,
    asked: Cell<usize>,
}

impl World {
    fn put(&mut self, bucket: &str, key: &str, age: i64) {
        self.objects
            .insert((bucket.to_owned(), key.to_owned()), NOW - age);
    }

    fn ask(&self) {
        self.asked.set(self.asked.get() + 1);
    }

    fn give_up(&mut self, bucket: &str, key: &str, why: &str) {
        let key = crate::intake::encode_form(key);
        let record = json!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": bucket }, "object": { "key": key } } });
        let body = json!({ "version": "1.0", "requestContext": { "condition": "RetriesExhausted" },
            "requestPayload": { "Records": [record] }, "responsePayload": { "errorMessage": why } });
        self.dead.push(body.to_string());
    }

    fn state(&mut self, bucket: &str, key: &str, state: State, until: i64) {
        self.rows.push(Row {
            object: format!("{bucket}/{key}"),
            etag: Some(format!("\"{key}\"")),
            delivery: Delivery {
                state,
                attempts: 1,
                until: u64::try_from(until).unwrap(),
                detail: Some(format!("{state:?}")),
            },
        });
    }
}

impl Listing for &World {
    async fn list(&self, bucket: &str, prefix: &str, after: Option<&str>) -> Result<Page, Failure> {
        self.ask();
        let after = after.unwrap_or_default();
        let mut entries: Vec<_> = (self.objects.iter())
            .filter(|((held, key), _)| held == bucket && key.starts_with(prefix) && &**key > after)
            .map(|((_, key), modified)| Entry {
                key: key.clone(),
                // An object called so was uploaded in as many parts.
                etag: format!("\"{key}\""),
                size: 1,
                modified: *modified,
            })
            .take(self.page + 1)
            .collect();
        let is_last = entries.len() <= self.page;
        entries.truncate(self.page);
        Ok(Page { entries, is_last })
    }
}

impl Rows for &World {
    async fn rows(
        &self,
        table: &str,
        object: Option<&str>,
        after: Option<Mark>,
    ) -> Result<(Vec<Row>, Option<Mark>), Failure> {
        assert_eq!(table, TABLE);
        self.ask();
        let wanted = |row: &&Row| object.is_none_or(|object| row.object == object);
        let start: usize = after.map_or(0, |(place, _)| place.parse().unwrap());
        let rows: Vec<_> = self.rows.iter().filter(wanted).skip(start).collect();
        let next =
            (rows.len() > self.page).then(|| ((start + self.page).to_string(), String::new()));
        let rows = rows.into_iter().take(self.page).cloned();
        Ok((rows.collect(), next))
    }
}

impl Letters for &World {
    async fn count(&self, url: &str) -> Result<u64, Failure> {
        self.ask();
        match url {
            QUEUE => Ok(self.queued),
            _ => Ok((self.dead.len() as u64 + self.hidden).saturating_sub(self.uncounted)),
        }
    }

    async fn look(&self, url: &str) -> Result<Vec<(String, String)>, Failure> {
        assert_eq!(url, FAILURES);
        // Some ten of them, as SQS gives them: others each time, and some again.
        let start = self.asked.get() * 7;
        self.ask();
        let count = self.dead.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        let some = (0..count.min(10)).map(|index| (start + index) % count);
        Ok(some
            .map(|index| (index.to_string(), self.dead[index].clone()))
            .collect())
    }
}

fn place(bucket: &str) -> StagePlace {
    StagePlace {
        bucket: bucket.to_owned(),
        prefix: String::new(),
    }
}

/// Convert, then hand in.
fn stages() -> Vec<StagePlan> {
    let convert = StagePlan {
        name: "Convert".to_owned(),
        input: place("in"),
        suffix: ".wibl".to_owned(),
        output: Some(place("out")),
        failures: Some(FAILURES.to_owned()),
        late: LATE,
        over: OVER,
        ..StagePlan::default()
    };
    let deliver = StagePlan {
        name: "Deliver".to_owned(),
        input: place("out"),
        suffix: ".json".to_owned(),
        table: Some(TABLE.to_owned()),
        queue: Some(QUEUE.to_owned()),
        late: LATE,
        over: LATE,
        ..StagePlan::default()
    };
    vec![convert, deliver]
}

fn ask(world: &World, key: Option<&str>) -> Result<Vec<StageStatus>, Failure> {
    ask_of(world, stages(), key)
}

fn ask_of(
    world: &World,
    stages: Vec<StagePlan>,
    key: Option<&str>,
) -> Result<Vec<StageStatus>, Failure> {
    let question = PipelineStatus {
        stages,
        ask: StatusAsk {
            key: key.map(str::to_owned),
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let looker = Looker::new(world, world, world, || NOW);
    let deadline = Deadline::within(std::time::Duration::from_secs(60));
    let answer = runtime.block_on(looker.status(&question, &deadline));
    answer.map(|answer| answer.stages)
}

/// What becomes of a file: how old it is, what it has, and what is said of it.
#[derive(Clone, Copy, Debug)]
struct Story {
    age: i64,
    result: Option<i64>,
    given_up: bool,
    row: Option<State>,
}

fn story() -> impl Strategy<Value = Story> {
    let row = prop_oneof![
        Just(State::Accepted),
        Just(State::Refused),
        Just(State::Failed),
        Just(State::Unknown),
        Just(State::Sending),
        Just(State::Local),
    ];
    (
        0..1_200_i64,
        prop::option::of(0..1_200_i64),
        any::<bool>(),
        prop::option::of(row),
    )
        .prop_map(|(age, result, given_up, row)| Story {
            age,
            result,
            given_up,
            row,
        })
}

/// What may still bring a result, besides what is seen of an object itself.
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    /// A message that was given up and that nobody can read.
    hidden: bool,
    /// Messages before the last stage.
    queued: bool,
}

/// The states in the order of the counts.
const LOST: usize = 0;
const STUCK: usize = 1;
const FAILED: usize = 2;
const WAITING: usize = 3;
const DONE: usize = 4;

fn counts(stage: &StageStatus) -> [u64; 5] {
    [
        stage.lost,
        stage.stuck,
        stage.failed,
        stage.waiting,
        stage.done,
    ]
}

/// The same from what was done, not from what can be seen.
fn traced(stories: &[Story], around: Around) -> [[u64; 5]; 2] {
    let mut counts = [[0; 5]; 2];
    for story in stories {
        let convert = match story.result {
            Some(age) if age <= story.age => DONE,
            _ if story.given_up => FAILED,
            _ if story.age <= 600 => WAITING,
            // Lambda may still try it, or it may be the message that nobody can read.
            _ if story.age <= 900 || around.hidden => STUCK,
            _ => LOST,
        };
        counts[0][convert] += 1;
        let Some(age) = story.result else { continue };
        let is_late = age > 600;
        let deliver = match story.row {
            Some(State::Accepted) => DONE,
            Some(State::Local) => WAITING,
            Some(State::Failed) | None if !is_late => WAITING,
            Some(_) => FAILED,
            None if around.queued => STUCK,
            None => LOST,
        };
        counts[1][deliver] += 1;
    }
    counts
}

/// A world in which all this happened.
fn world_of(stories: &[Story], around: Around, page: usize) -> World {
    let mut world = World {
        page,
        hidden: u64::from(around.hidden),
        queued: u64::from(around.queued) * 7,
        ..World::default()
    };
    for (number, story) in stories.iter().enumerate() {
        let key = format!("d/{number} +é");
        world.put("in", &format!("{key}.wibl"), story.age);
        if story.given_up {
            world.give_up("in", &format!("{key}.wibl"), "no logger's file");
        }
        let Some(age) = story.result else { continue };
        let result = format!("{key}.json");
        world.put("out", &result, age);
        if let Some(state) = story.row {
            world.state("out", &result, state, NOW - 1);
        }
    }
    // Neither is of the pipeline.
    world.put("in", "d/notes.txt", 5_000);
    world.put("elsewhere", "d/0.wibl", 5_000);
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn an_answer_agrees_with_an_independent_trace(
        stories in prop::collection::vec(story(), 0..40),
        hidden in any::<bool>(),
        queued in any::<bool>(),
        page in 1..5_usize,
    ) {
        let around = Around { hidden, queued };
        let world = world_of(&stories, around, page);
        let answer = ask(&world, None).unwrap();
        let found: Vec<_> = answer.iter().map(counts).collect();
        prop_assert_eq!(&found, &traced(&stories, around).to_vec());
        for stage in &answer {
            prop_assert_eq!(stage.seen, counts(stage).iter().sum::<u64>());
            prop_assert!(stage.items.is_sorted_by_key(|item| item.state));
            let open = usize::try_from(stage.seen - stage.done).unwrap();
            prop_assert_eq!(stage.items.len(), open.min(PipelineStatus::NAMED));
        }
        // One file alone is told the same.
        for (number, story) in stories.iter().enumerate().take(3) {
            let key = format!("d/{number} +é.wibl");
            let one = ask(&world, Some(&key)).unwrap();
            let alone = traced(&[*story], around);
            prop_assert_eq!(counts(&one[0]), alone[0], "{}", &key);
            prop_assert_eq!(&one[0].items[0].key, &key);
            let went_on = one[0].done == 1;
            prop_assert_eq!(one[1].seen, u64::from(went_on));
            if went_on {
                prop_assert_eq!(counts(&one[1]), alone[1], "{}", &key);
            }
        }
    }
}

/// Numbers that look as if by chance, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn story(&mut self) -> Story {
        let age = i64::try_from(self.below(1_200)).unwrap();
        let has_result = self.below(10) > 0;
        let result = has_result.then(|| i64::try_from(self.below(1_200)).unwrap().min(age));
        let rows = [
            State::Refused,
            State::Failed,
            State::Unknown,
            State::Sending,
        ];
        let row = match self.below(12) {
            0 => None,
            row @ 1..=4 => rows.get(usize::try_from(row).unwrap() - 1).copied(),
            _ => Some(State::Accepted),
        };
        Story {
            age,
            result,
            given_up: result.is_none() && self.below(20) == 0,
            row,
        }
    }
}

#[test]
fn a_thousand_messages_that_somebody_else_has_are_not_waited_for() {
    let mut world = World {
        hidden: 1_000,
        page: 10,
        ..World::default()
    };
    world.put("in", "lost.wibl", 10_000);
    let answer = ask(&world, None).unwrap();
    // It may be one of those that nobody can read.
    assert_eq!(counts(&answer[0])[STUCK], 1, "{answer:?}");
    assert!(world.asked.get() < 20, "{} requests", world.asked.get());
}

#[test]
fn an_answer_about_ten_thousand_files_agrees_with_the_trace_and_costs_a_few_dozen_requests() {
    let mut dice = Dice(4_711);
    let stories: Vec<_> = (0..10_000).map(|_| dice.story()).collect();
    for queued in [false, true] {
        let around = Around {
            hidden: false,
            queued,
        };
        let world = world_of(&stories, around, 1_000);
        let answer = ask(&world, None).unwrap();
        let found: Vec<_> = answer.iter().map(counts).collect();
        assert_eq!(found, traced(&stories, around));
        assert!(found[0].iter().all(|count| *count > 20), "{found:?}");
        // The lists of both places, one of them twice, and the table: a thousand at a time. The rest are messages
        // of what was given up, ten at a time, and counts.
        let lists = 10 + 9 + 9 + 9 + 8 + 2;
        let letters = world.dead.len();
        let asked = world.asked.get();
        assert!(
            asked <= lists + 7 + letters,
            "{asked} requests, {letters} letters"
        );
        assert!(json!(answer).to_string().len() < 8_000);
    }
}
