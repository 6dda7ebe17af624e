//! Answers compared with an independent trace of every object, and what an answer costs.

use std::cell::Cell;

use cloudwright_contract::StatusAsk;
use proptest::prelude::*;

use super::ports::{Mark, Row};
use super::*;
use crate::replicate::listing::Page;

const NOW: i64 = 1_000_000;
const LATE: u64 = 600;
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
    async fn count(&self, _: &str) -> Result<u64, Failure> {
        self.ask();
        Ok(self.dead.len() as u64 + self.hidden)
    }

    async fn look(&self, url: &str) -> Result<Vec<(String, String)>, Failure> {
        assert_eq!(url, FAILURES);
        // Some ten of them, as SQS gives them: others each time, and some again.
        let start = self.asked.get() * 7;
        self.ask();
        let count = self.dead.len();
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
        ..StagePlan::default()
    };
    let deliver = StagePlan {
        name: "Deliver".to_owned(),
        input: place("out"),
        suffix: ".json".to_owned(),
        table: Some(TABLE.to_owned()),
        late: LATE,
        ..StagePlan::default()
    };
    vec![convert, deliver]
}

fn ask(world: &World, key: Option<&str>) -> Result<Vec<StageStatus>, Failure> {
    let question = PipelineStatus {
        stages: stages(),
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

/// The same from what was done, not from what can be seen.
fn traced(stories: &[Story], hidden: bool) -> [[u64; 5]; 2] {
    let mut counts = [[0; 5]; 2];
    for story in stories {
        let silent = |is_late: bool| match (is_late, hidden) {
            (false, _) => 3,
            (true, false) => 0,
            (true, true) => 1,
        };
        let is_late = story.age > 600;
        let convert = match story.result {
            Some(age) if age <= story.age => 4,
            _ if story.given_up => 2,
            _ => silent(is_late),
        };
        counts[0][convert] += 1;
        let Some(age) = story.result else { continue };
        let is_late = age > 600;
        let deliver = match story.row {
            Some(State::Accepted) => 4,
            Some(State::Local) => 3,
            Some(State::Failed) if !is_late => 3,
            Some(_) => 2,
            // The last stage of this model has no queue that could hide something.
            None if is_late => 0,
            None => 3,
        };
        counts[1][deliver] += 1;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn an_answer_agrees_with_an_independent_trace(
        stories in prop::collection::vec(story(), 0..40),
        hidden in any::<bool>(),
        page in 1..5_usize,
    ) {
        let mut world = World { page, hidden: u64::from(hidden), ..World::default() };
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
        let answer = ask(&world, None).unwrap();
        let counts = answer.iter().map(|stage| {
            [stage.lost, stage.stuck, stage.failed, stage.waiting, stage.done]
        });
        let counts: Vec<_> = counts.collect();
        prop_assert_eq!(&counts, &traced(&stories, hidden).to_vec());
        for stage in &answer {
            prop_assert_eq!(stage.seen, stage.lost + stage.stuck + stage.failed + stage.waiting + stage.done);
            prop_assert!(stage.items.is_sorted_by_key(|item| item.state));
            let open = usize::try_from(stage.seen - stage.done).unwrap();
            prop_assert_eq!(stage.items.len(), open.min(PipelineStatus::NAMED));
        }
        // One file alone is told the same.
        for (number, story) in stories.iter().enumerate().take(3) {
            let key = format!("d/{number} +é.wibl");
            let one = ask(&world, Some(&key)).unwrap();
            let alone = traced(&[*story], hidden);
            let state = [one[0].lost, one[0].stuck, one[0].failed, one[0].waiting, one[0].done];
            prop_assert_eq!(state, alone[0], "{}", &key);
            prop_assert_eq!(&one[0].items[0].key, &key);
            let went_on = one[0].done == 1;
            prop_assert_eq!(one[1].seen, u64::from(went_on));
            if went_on {
                let state = [one[1].lost, one[1].stuck, one[1].failed, one[1].waiting, one[1].done];
                prop_assert_eq!(state, alone[1], "{}", &key);
            }
        }
    }
}

#[test]
fn ten_thousand_objects_cost_a_few_dozen_requests_and_the_answer_stays_small() {
    let mut world = World {
        page: 1_000,
        ..World::default()
    };
    for number in 0..10_000 {
        world.put("in", &format!("{number}.wibl"), 2_000);
        if number % 10 != 0 {
            world.put("out", &format!("{number}.json"), 1_000);
            world.state("out", &format!("{number}.json"), State::Accepted, NOW);
        }
    }
    let answer = ask(&world, None).unwrap();
    assert_eq!((answer[0].done, answer[0].lost), (9_000, 1_000));
    assert_eq!((answer[1].seen, answer[1].done), (9_000, 9_000));
    // The lists of both places, one of them twice, and the table: a thousand at a time.
    assert!(
        world.asked.get() <= 10 + 9 + 9 + 9 + 8,
        "{} requests",
        world.asked.get()
    );
    assert_eq!(answer[0].items.len(), PipelineStatus::NAMED);
    assert!(json!(answer).to_string().len() < 4_000);
}

#[test]
fn a_file_is_followed_from_any_place_with_what_is_known() {
    let mut world = World {
        page: 10,
        ..World::default()
    };
    world.put("in", "a.wibl", 50);
    world.put("in", "a.b.wibl", 5_000);
    world.put("out", "a.json", 40);
    world.state("out", "a.json", State::Refused, NOW - 1);
    world.give_up("in", "b.wibl", "the first line is `WIBL`");
    world.put("in", "b.wibl", 900);
    let told = |key: &str| {
        let stages = ask(&world, Some(key)).unwrap();
        let items = stages.into_iter().flat_map(|stage| stage.items);
        let told = items.map(|item| (item.key, item.state, item.detail.unwrap_or_default()));
        told.collect::<Vec<_>>()
    };
    let item = |key: &str, state, detail: &str| (key.to_owned(), state, detail.to_owned());
    let refused = item("a.json", ItemState::Failed, "Refused");
    let converted = item("a.wibl", ItemState::Done, "a.json");
    assert_eq!(told("a.wibl"), [converted, refused.clone()]);
    assert_eq!(told("a.json"), [refused]);
    let failed = item("b.wibl", ItemState::Failed, "the first line is `WIBL`");
    assert_eq!(told("b.wibl"), [failed]);
    assert_eq!(told("a.b.wibl"), [item("a.b.wibl", ItemState::Lost, "")]);
    assert_eq!(told("nothing"), []);
}

#[test]
fn a_place_that_is_too_large_is_told_and_one_key_of_it_is_not() {
    let mut world = World {
        page: 50_000,
        ..World::default()
    };
    for number in 0..=150_000 {
        world.put("in", &format!("{number}.wibl"), 10);
    }
    let problem = ask(&world, None).unwrap_err().to_string();
    assert!(problem.contains("more than 100000 objects"), "{problem}");
    assert_eq!(ask(&world, Some("7.wibl")).unwrap()[0].waiting, 1);
}

#[test]
fn what_is_no_question_is_told() {
    let world = World::default();
    let looker = Looker::new(&world, &world, &world, || NOW);
    let deadline = Deadline::within(std::time::Duration::from_secs(60));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let command = |event: Value| runtime.block_on(looker.command(&event, &deadline));
    assert!(command(json!({ "Records": [] })).is_none());
    let empty = command(json!({ "status": { "stages": [] } }))
        .unwrap()
        .unwrap();
    assert_eq!(empty, json!({ "stages": [] }));
    for wrong in [
        json!({}),
        json!(3),
        json!({ "stages": [], "ask": { "kee": "a" } }),
    ] {
        let problem = command(json!({ "status": wrong })).unwrap().unwrap_err();
        assert!(
            problem.to_string().contains("no question about a pipeline"),
            "{problem}"
        );
    }
}
