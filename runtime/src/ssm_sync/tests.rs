//! The handler in front of a model of servers.

mod markers;
mod windows;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use cloudwright_contract::{Parameter, Target};
use proptest::prelude::*;

use super::*;
use crate::intake::Removal;

fn event(bucket: &str, key: &str, change: Change) -> ObjectEvent {
    ObjectEvent {
        change,
        name: String::new(),
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        region: None,
        time: None,
        size: None,
        etag: None,
        version_id: None,
        sequencer: None,
        principal: None,
    }
}

fn command(document: &str, bucket: Option<&str>) -> Command {
    let target = Target::tag("s3sync", "true".to_owned());
    let mut command = Command::new(document.to_owned(), vec![target]);
    command.bucket = bucket.map(str::to_owned);
    command
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Work,
    FailBefore,
    FailAfter,
}

/// Buckets that change, and what the servers were last told of them.
#[derive(Default)]
struct World {
    time: RefCell<u32>,
    changed: RefCell<BTreeMap<String, u32>>,
    sent: RefCell<Vec<(String, String, usize, u32)>>,
    script: RefCell<Vec<Fate>>,
    denied: Option<&'static str>,
}

impl World {
    fn change(&self, bucket: &str) {
        *self.time.borrow_mut() += 1;
        let now = *self.time.borrow();
        self.changed.borrow_mut().insert(bucket.to_owned(), now);
    }

    /// When a document was last sent for a bucket.
    fn synced(&self, document: &str, bucket: &str) -> Option<u32> {
        let sent = self.sent.borrow();
        let same = |order: &&(String, String, usize, u32)| order.0 == document && order.1 == bucket;
        sent.iter().filter(same).map(|order| order.3).max()
    }
}

impl Fleet for &World {
    async fn send(&self, order: &Order<'_>) -> Result<String, Failure> {
        let fate = self.script.borrow_mut().pop().unwrap_or(Fate::Work);
        let document = &order.command.document;
        let failure = || Failure::new(Class::Throttled, "ThrottlingException: Rate exceeded");
        if matches!(fate, Fate::FailBefore) || self.denied == Some(document) {
            return Err(failure());
        }
        *self.time.borrow_mut() += 1;
        let now = *self.time.borrow();
        let sent = (
            document.clone(),
            order.bucket.to_owned(),
            order.changes,
            now,
        );
        self.sent.borrow_mut().push(sent);
        match fate {
            Fate::FailAfter => Err(failure()),
            _ => Ok(format!("id-{now}")),
        }
    }
}

/// What remembers nothing, since nothing has to be remembered.
struct Nothing;

impl Memory for Nothing {
    fn now(&self) -> u64 {
        0
    }

    async fn read(&self, id: &str) -> Result<Option<Note>, Failure> {
        panic!("{id} is read")
    }

    async fn write(&self, id: &str, _: &Note, _: Option<&Note>) -> Result<bool, Failure> {
        panic!("{id} is written")
    }

    async fn put_back(&self, event: String, _: u32) -> Result<(), Failure> {
        panic!("{event} is put back")
    }
}

fn handled(world: &World, commands: Vec<Command>, events: &[ObjectEvent]) -> Vec<Outcome> {
    let deadline = Deadline::within(Duration::from_secs(10));
    within(syncer(world, commands).handle(events, &deadline))
}

/// What becomes of an event of the handler's own.
fn told(world: &World, commands: Vec<Command>, event: &serde_json::Value) -> Told {
    let deadline = Deadline::within(Duration::from_secs(10));
    within(syncer(world, commands).command(event, &deadline))
}

type Told = Option<Result<serde_json::Value, Report>>;

fn syncer(world: &World, commands: Vec<Command>) -> Syncer<&World, Nothing> {
    let journal = Journal::new("ssm-sync", "function", std::io::sink());
    Syncer::new(world, Nothing, SsmSync::new(commands), journal)
}

fn within<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(work)
}

/// Who was sent what, without the time.
fn sent(world: &World) -> Vec<(String, String, usize)> {
    let sent = world.sent.borrow();
    let mut sent: Vec<_> = (sent.iter().cloned())
        .map(|(document, bucket, changes, _)| (document, bucket, changes))
        .collect();
    sent.sort();
    sent
}

fn row(document: &str, bucket: &str, changes: usize) -> (String, String, usize) {
    (document.to_owned(), bucket.to_owned(), changes)
}

#[test]
fn a_burst_is_one_command_for_each_bucket_and_document() {
    let world = World::default();
    let events = [
        event("a", "1", Change::Created),
        event("b", "1", Change::Removed(Removal::Permanent)),
        event("a", "2", Change::Created),
        event("a", "1", Change::Created),
        event("c", "1", Change::Other),
    ];
    let commands = vec![command("sync", None), command("batch", Some("a"))];
    assert_eq!(handled(&world, commands, &events), vec![Ok(()); 5]);
    let expected = [
        row("batch", "a", 3),
        row("sync", "a", 3),
        row("sync", "b", 1),
    ];
    assert_eq!(sent(&world), expected);
}

#[test]
fn one_document_that_fails_keeps_no_other_back_and_fails_its_events_alone() {
    let world = World {
        denied: Some("batch"),
        ..World::default()
    };
    let events = [
        event("a", "1", Change::Created),
        event("b", "2", Change::Created),
        event("a", "t", Change::Other),
    ];
    let commands = vec![command("batch", Some("a")), command("sync", None)];
    let outcomes = handled(&world, commands, &events);
    assert_eq!(outcomes[1..], [Ok(()), Ok(())]);
    let failures = outcomes[0].as_ref().unwrap_err();
    let expected =
        "SSM SendCommand of batch, bucket a, key \"1\": ThrottlingException: Rate exceeded";
    assert_eq!(failures[0].to_string(), expected);
    assert_eq!(failures.len(), 1);
    assert_eq!(sent(&world), [row("sync", "a", 1), row("sync", "b", 1)]);
}

#[test]
fn whoever_asks_for_a_run_is_told_the_commands() {
    let world = World::default();
    let mut batch = command("batch", Some("a"));
    batch.marker = Some(cloudwright_contract::Marker {
        prefix: String::new(),
        name: "done.txt".to_owned(),
    });
    let commands = || vec![command("sync", Some("a")), batch.clone()];
    let answer = told(&world, commands(), &json!({ "sync": {} })).unwrap();
    assert_eq!(answer, Ok(json!({ "commands": ["id-1"] })));
    assert_eq!(sent(&world), [row("sync", "a", 0)]);
    assert_eq!(told(&world, commands(), &json!({ "Records": [] })), None);

    let denied = World {
        denied: Some("sync"),
        ..World::default()
    };
    let report = told(&denied, commands(), &json!({ "sync": {} })).unwrap();
    assert_eq!(report.unwrap_err().failures[0].class, Class::Throttled);
    for (commands, event, said) in [
        (commands(), json!({ "sync": [] }), "got [], expected {}"),
        (
            commands(),
            json!({ "sync": { "bucket": "b" } }),
            "expected {}",
        ),
        (
            vec![batch.clone()],
            json!({ "sync": {} }),
            "markers start those",
        ),
        (
            vec![command("sync", None)],
            json!({ "sync": {} }),
            "COMMAND_<n>_BUCKET is not set",
        ),
    ] {
        let report = told(&world, commands, &event).unwrap().unwrap_err();
        assert!(report.failures[0].message.contains(said), "{report:?}");
    }
    assert_eq!(sent(&world).len(), 1);
}

#[test]
fn a_bucket_that_no_command_is_for_is_told() {
    let world = World::default();
    let events = [event("c", "1", Change::Created)];
    let outcomes = handled(&world, vec![command("batch", Some("a"))], &events);
    let failure = &outcomes[0].as_ref().unwrap_err()[0];
    assert_eq!(failure.class, Class::Refused);
    assert!(failure.message.starts_with("no command is for this bucket"));
}

#[test]
fn the_bucket_is_a_parameter_and_the_comment_says_what_happened() {
    let mut command = command("sync", None);
    command.parameters = vec![Parameter {
        name: "Directory".to_owned(),
        values: vec!["/srv".to_owned()],
    }];
    let bucket = "b".repeat(63);
    let order = |command| Order {
        command,
        bucket: &bucket,
        changes: usize::MAX,
        marker: None,
    };
    let parameters = order(&command).parameters();
    assert_eq!(parameters["S3Bucket"], [&*bucket]);
    assert_eq!(parameters["Directory"], ["/srv"]);
    assert!(order(&command).comment().len() <= 100);
    let mut other = command.clone();
    (other.bucket_parameter, other.comment) = (None, "nightly".to_owned());
    assert_eq!(order(&other).comment(), "nightly");
    let names: Vec<_> = order(&other).parameters().into_keys().collect();
    assert_eq!(names, ["Directory"]);
}

const BUCKETS: [&str; 3] = ["a", "b", "c"];
const DOCUMENTS: [(&str, Option<&str>); 3] = [("sync", None), ("batch", Some("b")), ("x", None)];

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Work),
        1 => Just(Fate::FailBefore),
        1 => Just(Fate::FailAfter),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// Whatever changes, in whatever order, number and company the events come, and whatever fails:
    /// what failed is delivered again, and in the end every document ran after the last change.
    #[test]
    fn the_last_change_is_followed_by_a_command(
        log in prop::collection::vec((0..BUCKETS.len(), 1..=3_usize), 1..24),
        script in prop::collection::vec(fate(), 0..40),
        choices in prop::collection::vec((any::<usize>(), 1..6_usize), 1..20),
    ) {
        let world = World { script: RefCell::new(script), ..World::default() };
        let commands = DOCUMENTS.map(|(document, bucket)| command(document, bucket)).to_vec();
        let mut log = log.into_iter();
        let mut choices = choices.into_iter().cycle();
        let mut waiting = Vec::new();
        loop {
            let (choice, count) = choices.next().unwrap();
            // At least one as long as nothing else is left to do.
            let happen = (choice % 4).max(usize::from(waiting.is_empty()));
            for (bucket, copies) in log.by_ref().take(happen) {
                world.change(BUCKETS[bucket]);
                let event = event(BUCKETS[bucket], "k", Change::Created);
                waiting.extend(std::iter::repeat_n(event, copies));
            }
            if waiting.is_empty() && log.len() == 0 {
                break;
            }
            let take = |_| (!waiting.is_empty()).then(|| waiting.remove(choice % waiting.len()));
            let batch: Vec<_> = (0..count).map_while(take).collect();
            let before = world.sent.borrow().len();
            let outcomes = handled(&world, commands.clone(), &batch);
            let mut kinds: Vec<_> = world.sent.borrow()[before..].iter().map(|order| (order.0.clone(), order.1.clone())).collect();
            let number = kinds.len();
            kinds.sort();
            kinds.dedup();
            prop_assert_eq!(number, kinds.len(), "a command was sent twice");
            let failed = batch.into_iter().zip(outcomes).filter(|(_, outcome)| outcome.is_err());
            waiting.extend(failed.map(|(event, _)| event));
        }
        for (bucket, changed) in world.changed.borrow().iter() {
            for (document, only) in DOCUMENTS {
                if only.is_none_or(|only| only == bucket) {
                    prop_assert!(world.synced(document, bucket) > Some(*changed), "{} {}", document, bucket);
                }
            }
        }
    }
}
