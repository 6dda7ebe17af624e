//! Runs over all objects of buckets that are all written to: what they bring where and what they leave.

use std::collections::BTreeMap;

use cloudwright_contract::Reconciled;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::table::REMEMBERED_SECONDS;
use super::*;
use crate::replicate::tests::model::Fate;

const LONG: Duration = Duration::from_secs(600);
/// A run is done by the function of the east.
const NAME: &str = "sync-0";

/// Calls the handler with an event until it is through; gives what was counted and how many calls it
/// took. A call that fails is made again, as a state machine does it.
async fn reconcile(world: &World, table: &Table<'_>, time: Duration) -> (Reconciled, usize) {
    let mut event = json!({ "reconcile": { "bucket": EAST } });
    for calls in 1..=1_000 {
        let handler = Synchronizer::new(world, table, plan_of(0), NAME.to_owned());
        let answer = handler.command(&event, &Deadline::within(time)).await;
        match answer.expect("it is a command") {
            Ok(answer) if answer.get("reconcile").is_some() => event = answer,
            Ok(mut answer) => {
                let counts = answer["reconciled"].take();
                return (serde_json::from_value(counts).unwrap(), calls);
            }
            Err(_) => {}
        }
    }
    panic!("it comes to no end: {event}")
}

async fn counts(world: &World, table: &Table<'_>) -> [u64; 4] {
    let (counts, _) = reconcile(world, table, LONG).await;
    [
        counts.looked,
        counts.repaired,
        counts.failed,
        counts.foreign,
    ]
}

fn etags(world: &World, site: &str) -> BTreeMap<String, String> {
    let stored = world.content(site).into_iter();
    stored
        .map(|(key, stored)| (key, stored.object.etag))
        .collect()
}

/// The objects of both buckets, which are equal.
fn both(world: &World) -> BTreeMap<String, String> {
    assert_eq!(world.content(EAST), world.content(WEST));
    etags(world, EAST)
}

fn etag(event: &ObjectEvent) -> String {
    format!("\"{}\"", event.etag.as_deref().unwrap())
}

#[tokio::test]
async fn what_was_there_before_is_brought_to_the_other_side_and_then_found_equal() {
    for has_versions in [true, false] {
        let world = world(has_versions);
        let table = Table::new(&world);
        for (content, (site, key)) in
            (1..).zip([(EAST, "a"), (EAST, "b c"), (WEST, "d"), (WEST, "ü")])
        {
            world.put(site, key, content);
        }
        assert_eq!(counts(&world, &table).await, [4, 4, 0, 0]);
        assert_eq!(both(&world).len(), 4);
        let before = world.requests().len();
        assert_eq!(counts(&world, &table).await, [4, 0, 0, 0]);
        let new = &world.requests()[before..];
        assert!(
            new.iter().all(|request| request.starts_with("list")),
            "{new:?}"
        );
    }
}

#[tokio::test]
async fn of_two_that_were_there_before_the_newer_one_wins() {
    let world = world(true);
    let table = Table::new(&world);
    world.put(EAST, "a", 1);
    let old = world.put(WEST, "b", 1);
    world.wait(1_000);
    let new = world.put(WEST, "a", 2);
    let newer = world.put(EAST, "b", 2);
    assert_ne!(old.etag, newer.etag);
    assert_eq!(counts(&world, &table).await, [2, 2, 0, 0]);
    let expected = [("a", &new), ("b", &newer)].map(|(key, put)| (key.to_owned(), etag(put)));
    assert_eq!(both(&world), BTreeMap::from(expected));
}

#[tokio::test]
async fn of_two_in_the_same_second_both_stay_until_no_event_can_come() {
    for has_versions in [true, false] {
        let world = world(has_versions);
        let table = Table::new(&world);
        // By the later name, as between any two changes of the same time.
        let winner = world.put(WEST, "a", 1);
        world.wait(300);
        world.put(EAST, "a", 2);
        assert_eq!(counts(&world, &table).await, [1, 0, 0, 1]);
        assert_ne!(etags(&world, EAST), etags(&world, WEST));
        world.wait((REMEMBERED_SECONDS + 2) * 1_000);
        assert_eq!(counts(&world, &table).await, [1, 1, 0, 0]);
        assert_eq!(both(&world)["a"], etag(&winner));
    }
}

#[tokio::test]
async fn an_upload_in_parts_may_be_newer_than_its_date_says() {
    let world = world(false);
    let table = Table::new(&world);
    world.put(WEST, "a", 1);
    world.make_parts(WEST, "a");
    world.wait(3_600_000);
    let put = world.put(EAST, "a", 2);
    run(&world, &table, std::slice::from_ref(&put)).await;
    assert_eq!(counts(&world, &table).await, [1, 0, 0, 1]);
    world.wait(86_400_000);
    let newer = world.put(EAST, "a", 3);
    assert_eq!(counts(&world, &table).await, [1, 1, 0, 0]);
    assert_eq!(both(&world)["a"], etag(&newer));
}

#[tokio::test]
async fn a_removal_that_the_table_knows_is_done() {
    for has_versions in [true, false] {
        let world = world(has_versions);
        let table = Table::new(&world);
        let put = world.put(EAST, "a", 3);
        run(&world, &table, &[put]).await;
        world.wait(5_000);
        let gone = world.delete(WEST, "a");
        // The table has it, and then nothing works any more.
        let fine = Fate::Work { pauses: 0 };
        world.set_script([vec![fine; 2], vec![Fate::FailBefore; 20]].concat());
        assert!(run(&world, &table, &[gone]).await[0].is_err());
        world.set_script(Vec::new());
        assert_eq!(etags(&world, EAST).len(), 1);
        assert_eq!(counts(&world, &table).await, [1, 1, 0, 0]);
        assert!(both(&world).is_empty());
        // Its own removal is nobody's change.
        assert!(table.record("a").writers.contains(NAME));
        world.wait(5_000);
        let again = world.put(EAST, "a", 4);
        run(&world, &table, &[again]).await;
        for mut event in world.take_echoes() {
            event.principal = Some(format!("AWS:AROAHANDLER:{NAME}"));
            run(&world, &table, &[event]).await;
        }
        assert_eq!(both(&world).len(), 1);
    }
}

/// A table in which somebody's change arrives at the moment in which a run signs.
struct Meddled<'a> {
    table: &'a Table<'a>,
    change: Entry,
}

impl Ledger for Meddled<'_> {
    async fn read(&self, key: &str) -> Result<Record, Failure> {
        self.table.read(key).await
    }

    async fn change(
        &self,
        key: &str,
        site: &str,
        entry: &Entry,
        writer: &str,
    ) -> Result<Record, Failure> {
        self.table.change(key, site, entry, writer).await
    }

    async fn sign(&self, key: &str, writer: &str) -> Result<Record, Failure> {
        self.table.change(key, WEST, &self.change, "sync-1").await?;
        self.table.sign(key, writer).await
    }

    fn horizon(&self) -> i64 {
        self.table.horizon()
    }
}

#[tokio::test]
async fn what_the_table_learns_while_a_run_signs_is_not_taken_for_older() {
    let world = world(false);
    let table = Table::new(&world);
    // An upload in parts that began before a removal, and ended after it.
    let upload = world.put(WEST, "a", 3);
    world.make_parts(WEST, "a");
    world.wait(100_000);
    let gone = world.delete(EAST, "a");
    assert_eq!(run(&world, &table, &[gone]).await, [Ok(())]);
    world.wait(100_000);
    let ended = world.put(EAST, "elsewhere", 1);
    let Moment { time, .. } = moment(&ended).unwrap();
    let etag = format!("\"{}-2\"", upload.etag.as_deref().unwrap());
    let change = Entry {
        sequencer: upload.sequencer.clone().unwrap(),
        time,
        etag: Some(etag.clone()),
        version: None,
    };
    let meddled = Meddled {
        table: &table,
        change,
    };
    let handler = Synchronizer::new(&world, meddled, plan_of(0), "all".to_owned());
    let event = json!({ "reconcile": { "bucket": EAST } });
    let answer = handler.command(&event, &Deadline::within(LONG)).await;
    assert_eq!(answer.unwrap().unwrap()["reconciled"]["failed"], 0);
    assert_eq!(both(&world)["a"], etag);
}

#[tokio::test]
async fn a_removal_that_nobody_heard_of_is_undone_until_its_event_comes() {
    for site in SITES {
        let world = world(true);
        let table = Table::new(&world);
        let put = world.put(EAST, "a", 3);
        run(&world, &table, &[put]).await;
        world.wait(5_000);
        let gone = world.delete(site, "a");
        assert_eq!(counts(&world, &table).await, [1, 1, 0, 0]);
        assert_eq!(both(&world).len(), 1);
        assert_eq!(run(&world, &table, &[gone]).await, [Ok(())]);
        assert!(both(&world).is_empty());
    }
}

#[tokio::test]
async fn a_copy_that_somebody_replaced_counts_as_a_change() {
    for forgets in [true, false] {
        let world = world(true);
        let table = Table::new(&world);
        let put = world.put(EAST, "a", 3);
        run(&world, &table, &[put]).await;
        if forgets {
            table.forget();
        }
        world.wait(5_000);
        let over = world.put(WEST, "a", 5);
        assert_eq!(counts(&world, &table).await, [1, 1, 0, 0]);
        assert_eq!(both(&world)["a"], etag(&over));
        // Its event comes late, twice, and after another one.
        world.wait(5_000);
        let newer = world.put(EAST, "a", 6);
        run(&world, &table, &[newer.clone(), over.clone(), over]).await;
        assert_eq!(both(&world)["a"], etag(&newer));
    }
}

#[tokio::test]
async fn an_object_that_was_found_gives_way_to_its_own_event() {
    let world = world(false);
    let table = Table::new(&world);
    let found = world.put(EAST, "a", 3);
    assert_eq!(counts(&world, &table).await, [1, 1, 0, 0]);
    run(&world, &table, &[found]).await;
    assert_eq!(counts(&world, &table).await, [1, 0, 0, 0]);
    world.wait(5_000);
    let gone = world.delete(WEST, "a");
    run(&world, &table, &[gone]).await;
    assert!(both(&world).is_empty());
    assert_eq!(counts(&world, &table).await, [0, 0, 0, 0]);
}

#[tokio::test]
async fn a_crash_at_any_request_loses_nothing() {
    for crash in 0..120 {
        for fate in [Fate::FailBefore, Fate::FailAfter] {
            let world = world(crash % 2 == 0);
            let table = Table::new(&world);
            for number in 0..5 {
                world.put(EAST, &format!("e{number}"), 3);
                world.put(WEST, &format!("w{number}"), 5);
            }
            world.wait(2_000);
            world.put(WEST, "e3", 4);
            let fine = Fate::Work { pauses: 0 };
            world.set_script([vec![fine; crash], vec![fate]].concat());
            let (first, _) = reconcile(&world, &table, LONG).await;
            let (second, _) = reconcile(&world, &table, LONG).await;
            assert_eq!(second.failed, 0, "{first:?}");
            assert_eq!(both(&world).len(), 10, "{crash}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_after_the_time_of_one_call() {
    let world = world(true);
    let table = Table::new(&world);
    for number in 0..200 {
        world.put(SITES[number % 2], &format!("{number:03}"), 3);
    }
    world.slow_down(Duration::from_millis(100));
    let (counts, calls) = reconcile(&world, &table, Duration::from_secs(5)).await;
    assert_eq!((counts.looked, counts.failed), (200, 0));
    assert!((2..100).contains(&calls), "{calls} calls");
    assert_eq!(both(&world).len(), 200);
}

#[tokio::test]
async fn what_is_no_command_is_refused() {
    let world = world(true);
    let table = Table::new(&world);
    let handler = Synchronizer::new(&world, &table, plan_of(0), NAME.to_owned());
    let event: Value = json!({ "reconcile": { "form": "a" } });
    let answer = handler.command(&event, &Deadline::within(LONG)).await;
    assert_eq!(answer.unwrap().unwrap_err().error_type(), "UnreadableEvent");
}

/// What somebody does: the content or nothing for a removal, where, to which key, and how many
/// milliseconds later.
type Happening = (Option<u8>, usize, u8, i64);

/// The last thing that happened to each key: when, its object, and when the one before was.
type Last = BTreeMap<String, (i64, Option<String>, i64)>;

fn happen(world: &World, log: &[Happening], last: &mut Last) {
    for (put, site, key, millis) in log {
        world.wait(*millis);
        let key = format!("k{key:02}");
        let left = match put {
            Some(content) => Some(etag(&world.put(SITES[*site], &key, *content))),
            None => {
                world.delete(SITES[*site], &key);
                None
            }
        };
        let before = last.get(&key).map_or(0, |(time, ..)| *time);
        last.insert(key, (world.now(), left, before));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nobody ever gets an event, and requests fail.
    #[test]
    fn both_sides_are_equal_at_the_end_without_any_event(
        log in prop::collection::vec(
            (prop::option::weighted(0.8, 0..8_u8), 0..2_usize, 0..20_u8, 1..1_500_i64), 1_000,
        ),
        failing in prop::collection::vec(0..40_u8, 300),
        has_versions in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let world = world(has_versions);
            let table = Table::new(&world);
            let mut last = Last::new();
            for part in log.chunks(log.len() / 4) {
                happen(&world, part, &mut last);
                let fate = |fails: &u8| if *fails == 0 { Fate::FailAfter } else { Fate::Work { pauses: 0 } };
                world.set_script(failing.iter().map(fate).collect());
                reconcile(&world, &table, LONG).await;
            }
            world.set_script(Vec::new());
            let present: Vec<_> = SITES.iter().flat_map(|site| etags(&world, site).into_keys()).collect();
            world.wait((REMEMBERED_SECONDS + 2) * 1_000);
            reconcile(&world, &table, LONG).await;
            let (counts, _) = reconcile(&world, &table, LONG).await;
            prop_assert_eq!((counts.repaired, counts.failed, counts.foreign), (0, 0, 0));
            prop_assert_eq!(world.content(EAST), world.content(WEST));
            let found = etags(&world, EAST);
            for key in present {
                prop_assert!(found.contains_key(&key), "{} was there", key);
            }
            for (key, (time, left, before)) in last {
                // A put that is surely the newest is what is there.
                if let Some(left) = left.filter(|_| time > before + 1) {
                    prop_assert_eq!(&found[&key], &left, "{}", key);
                }
            }
            Ok(())
        })?;
    }
}
