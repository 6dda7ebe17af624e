//! Runs over all objects: what they repair and leave alone, and how they come to their end.

use std::collections::BTreeMap;
use std::time::Duration;

use cloudwright_contract::{Deletion, Reconcile, Reconciled, Replicate, Skip};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::Replicator;
use super::model::{Fate, SOURCE, World};
use super::{changes, plan};
use crate::deadline::Deadline;
use crate::failure::Report;
use crate::work::Work as _;

const LONG: Duration = Duration::from_secs(600);

/// Calls the handler with an event until it is through; gives what was counted and how many calls it
/// took. A call that fails is made again, as a state machine does it.
async fn run(world: &World, plan: &Replicate, event: Value, time: Duration) -> (Reconciled, usize) {
    let mut event = event;
    for calls in 1..=1_000 {
        match call(world, plan, &event, time).await {
            Ok(answer) if answer.get(Reconcile::MEMBER).is_some() => event = answer,
            Ok(mut answer) => {
                let counts = answer[Reconciled::MEMBER].take();
                return (serde_json::from_value(counts).unwrap(), calls);
            }
            Err(_) => {}
        }
    }
    panic!("it comes to no end: {event}")
}

async fn call(
    world: &World,
    plan: &Replicate,
    event: &Value,
    time: Duration,
) -> Result<Value, Report> {
    let handler = Replicator::new(world, plan.clone());
    let answer = handler.command(event, &Deadline::within(time)).await;
    answer.expect("it is a command")
}

fn everything() -> Value {
    json!({ "reconcile": { "bucket": SOURCE } })
}

fn counted(looked: u64, repaired: u64, foreign: u64) -> Reconciled {
    Reconciled {
        looked,
        repaired,
        failed: 0,
        foreign,
    }
}

#[tokio::test]
async fn what_was_there_before_is_copied_and_then_found_equal() {
    let world = World::new(true, Vec::new());
    for (content, key) in (1..).zip(["a", "a/b", "a b", "b", "c++", "ü", "🎉"]) {
        world.put(SOURCE, key, content);
    }
    assert_eq!(
        run(&world, &plan(), everything(), LONG).await,
        (counted(7, 7, 0), 1)
    );
    for replica in ["near", "far"] {
        assert_eq!(world.content(replica), world.content(SOURCE));
    }
    let before = changes(&world).len();
    assert_eq!(
        run(&world, &plan(), everything(), LONG).await.0,
        counted(7, 0, 0)
    );
    let new = changes(&world).split_off(before);
    assert!(
        new.iter().all(|request| request.starts_with("list")),
        "{new:?}"
    );
}

#[tokio::test]
async fn a_replica_that_somebody_changed_is_repaired() {
    let world = World::new(true, Vec::new());
    for key in ["changed", "removed", "left"] {
        world.put(SOURCE, key, 2);
    }
    run(&world, &plan(), everything(), LONG).await;
    world.put("near", "changed", 7);
    world.delete("far", "removed");
    world.delete(SOURCE, "left");
    assert_eq!(
        run(&world, &plan(), everything(), LONG).await.0,
        counted(3, 3, 0)
    );
    for replica in ["near", "far"] {
        assert_eq!(world.content(replica), world.content(SOURCE));
    }
}

#[tokio::test]
async fn a_run_does_at_each_destination_what_is_said_of_removals() {
    for has_versions in [true, false] {
        let world = World::new(has_versions, Vec::new());
        let mut plan = plan();
        plan.destinations[0].deletion = Deletion::Erase;
        plan.destinations[1].deletion = Deletion::Keep;
        for content in 1..4 {
            world.put(SOURCE, "a", content);
            world.put(SOURCE, "b", 1);
            run(&world, &plan, everything(), LONG).await;
        }
        world.delete(SOURCE, "a");
        let repaired = run(&world, &plan, everything(), LONG).await.0;
        assert_eq!(repaired, counted(2, 1, 0));
        let keys = |bucket| world.objects(bucket).into_keys().collect::<Vec<_>>();
        assert_eq!(
            (keys("near"), keys("far")),
            (vec!["b".to_owned()], vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(world.kept("near"), 1 + 2 * usize::from(has_versions));
        // What is kept is not looked at again and again.
        let before = changes(&world).len();
        let again = run(&world, &plan, everything(), LONG).await.0;
        assert_eq!(again, counted(2, 0, 0));
        let new = changes(&world).split_off(before);
        assert!(
            new.iter().all(|request| request.starts_with("list")),
            "{new:?}"
        );
    }
}

#[tokio::test]
async fn a_crash_at_any_request_loses_nothing() {
    for crash in 0..90 {
        for fate in [Fate::FailBefore, Fate::FailAfter] {
            let world = World::new(crash % 2 == 0, Vec::new());
            for number in 0..8 {
                world.put(SOURCE, &format!("{number}"), 3);
            }
            let mut script = vec![Fate::Work { pauses: 0 }; crash];
            script.push(fate);
            world.set_script(script);
            run(&world, &plan(), everything(), LONG).await;
            let (counts, _) = run(&world, &plan(), everything(), LONG).await;
            assert_eq!(counts.failed, 0);
            assert_eq!(world.content("near"), world.content(SOURCE), "{crash}");
            assert_eq!(world.content("far"), world.content(SOURCE), "{crash}");
        }
    }
}

#[tokio::test]
async fn the_same_content_with_other_headers_is_found_by_its_time() {
    let world = World::new(true, Vec::new());
    world.put(SOURCE, "a", 3);
    run(&world, &plan(), everything(), LONG).await;
    for _ in 0..6 {
        world.put("elsewhere", "time goes by", 1);
    }
    world.put(SOURCE, "a", 3);
    assert_ne!(world.content("near"), world.content(SOURCE));
    assert_eq!(
        run(&world, &plan(), everything(), LONG).await.0,
        counted(1, 1, 0)
    );
    assert_eq!(world.content("near"), world.content(SOURCE));
}

#[tokio::test]
async fn what_is_no_copy_of_the_source_stays() {
    let world = World::new(true, Vec::new());
    world.put("near", "of somebody", 1);
    world.put("other-source", "elsewhere", 2);
    let event = json!({ "reconcile": { "bucket": "other-source" } });
    run(&world, &plan(), event, LONG).await;
    assert_eq!(
        run(&world, &plan(), everything(), LONG).await.0,
        counted(2, 0, 2)
    );
    assert!(world.objects("near").contains_key("of somebody"));
    assert!(world.objects("far").contains_key("elsewhere"));
}

#[tokio::test]
async fn copies_below_a_prefix_are_compared_with_their_objects() {
    let world = World::new(true, Vec::new());
    let mut plan = plan();
    plan.destinations[0].prefix = "copies/".to_owned();
    plan.destinations[1].prefix = "z/".to_owned();
    for key in ["a", "copies/a", "zz"] {
        world.put(SOURCE, key, 3);
    }
    assert_eq!(
        run(&world, &plan, everything(), LONG).await.0,
        counted(3, 3, 0)
    );
    let keys: Vec<_> = world.objects("near").into_keys().collect();
    assert_eq!(keys, ["copies/a", "copies/copies/a", "copies/zz"]);
    assert_eq!(
        run(&world, &plan, everything(), LONG).await.0,
        counted(3, 0, 0)
    );
}

#[tokio::test]
async fn copies_below_another_prefix_of_the_same_bucket_stay() {
    let world = World::new(true, Vec::new());
    let mut plan = plan();
    plan.destinations[1].bucket = "near".to_owned();
    plan.destinations[1].prefix = "b/".to_owned();
    for key in ["a", "c"] {
        world.put(SOURCE, key, 3);
    }
    assert_eq!(
        run(&world, &plan, everything(), LONG).await.0,
        counted(2, 2, 0)
    );
    let keys = || world.objects("near").into_keys().collect::<Vec<_>>();
    assert_eq!(keys(), ["a", "b/a", "b/c", "c"]);
    assert_eq!(
        run(&world, &plan, everything(), LONG).await.0,
        counted(2, 0, 0)
    );
    assert_eq!(keys(), ["a", "b/a", "b/c", "c"]);
    world.delete(SOURCE, "a");
    assert_eq!(
        run(&world, &plan, everything(), LONG).await.0,
        counted(2, 1, 0)
    );
    assert_eq!(keys(), ["b/c", "c"]);
}

#[tokio::test]
async fn a_copy_of_another_object_stays() {
    let world = World::new(true, Vec::new());
    let mut renaming = plan();
    renaming.destinations[0].prefix = "b/".to_owned();
    world.put(SOURCE, "a", 3);
    run(&world, &renaming, everything(), LONG).await;
    // Whoever has the bucket without the prefix now does not know of the copies below it.
    run(&world, &plan(), everything(), LONG).await;
    let keys: Vec<_> = world.objects("near").into_keys().collect();
    assert_eq!(keys, ["a", "b/a"]);
}

#[tokio::test]
async fn only_what_is_meant_is_looked_at() {
    let world = World::new(true, Vec::new());
    let mut plan = plan();
    plan.skip = vec![Skip {
        prefix: "in/tmp".to_owned(),
        suffix: String::new(),
    }];
    for key in ["in/a.zip", "in/b.txt", "in/tmp/c.zip", "out/d.zip"] {
        world.put(SOURCE, key, 1);
    }
    let event = json!({ "reconcile": { "bucket": SOURCE, "prefix": "in/", "suffix": ".zip" } });
    assert_eq!(run(&world, &plan, event, LONG).await.0, counted(1, 1, 0));
    assert_eq!(
        world.objects("near").into_keys().collect::<Vec<_>>(),
        ["in/a.zip"]
    );
    let event = json!({ "reconcile": { "bucket": SOURCE, "after": "in/tmp/c.zip" } });
    assert_eq!(run(&world, &plan, event, LONG).await.0, counted(1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_after_the_time_of_one_call() {
    let world = World::new(true, Vec::new());
    for number in 0..200 {
        world.put(SOURCE, &format!("{number:03}"), 3);
    }
    world.slow_down(Duration::from_millis(100));
    let mut plan = plan();
    plan.concurrency = 4;
    let (counts, calls) = run(&world, &plan, everything(), Duration::from_secs(5)).await;
    assert_eq!((counts.looked, counts.failed), (200, 0));
    assert!((3..100).contains(&calls), "{calls} calls");
    assert_eq!(world.content("far"), world.content(SOURCE));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_takes_longer_than_a_call_does_not_hold_up_the_others() {
    let world = World::new(true, Vec::new());
    // In very many parts.
    let mut plan = plan();
    plan.concurrency = 2;
    plan.multipart.part_bytes = 1;
    world.put(SOURCE, "a large one", 250);
    for key in ["b", "c", "d"] {
        world.put(SOURCE, key, 3);
    }
    world.slow_down(Duration::from_millis(500));
    let (counts, _) = run(&world, &plan, everything(), Duration::from_secs(10)).await;
    assert_eq!((counts.looked, counts.failed), (4, 1));
    assert_eq!(world.content("near").len(), 3);
}

#[tokio::test]
async fn what_cannot_be_repaired_is_counted_and_the_rest_is_done() {
    let world = World::new(true, Vec::new());
    for key in ["a", "b", "c"] {
        world.put(SOURCE, key, 1);
    }
    // After the three lists, the first look at an object.
    let mut script = vec![Fate::Work { pauses: 0 }; 3];
    script.push(Fate::FailBefore);
    world.set_script(script);
    let (counts, calls) = run(&world, &plan(), everything(), LONG).await;
    assert_eq!((counts.failed, counts.repaired, calls), (1, 2, 1));
}

#[tokio::test]
async fn what_is_no_command_is_refused() {
    let world = World::new(true, Vec::new());
    for told in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "bucket": SOURCE, "form": "a" }),
    ] {
        let event = json!({ "reconcile": told });
        let error = call(&world, &plan(), &event, LONG).await.unwrap_err();
        assert_eq!(error.error_type(), "UnreadableEvent", "{told}");
        assert!(error.to_string().contains("reconcile: "), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nobody ever got an event, somebody writes into the replicas, and requests fail.
    #[test]
    fn replicas_are_equal_at_the_end(
        log in proptest::collection::vec((0..3_usize, 0..20_u8, 0..6_u8), 1_000),
        failing in proptest::collection::vec(0..40_u8, 200),
        has_versions in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let world = World::new(has_versions, Vec::new());
            let part = log.len() / 4;
            for (number, happenings) in log.chunks(part).enumerate() {
                for (bucket, key, content) in happenings {
                    let (bucket, key) = ([SOURCE, SOURCE, "near"][*bucket], format!("k{key:02}"));
                    // What is written into a replica beside the copies would be somebody else's.
                    let is_copy = world.objects("near").contains_key(&key);
                    match (content, bucket) {
                        (0, _) => drop(world.delete(bucket, &key)),
                        (_, SOURCE) => drop(world.put(bucket, &key, *content)),
                        _ if is_copy && world.objects(SOURCE).contains_key(&key) => drop(world.put(bucket, &key, *content)),
                        _ => {}
                    }
                }
                if number < 3 {
                    let fate = |fails: &u8| if *fails == 0 { Fate::FailAfter } else { Fate::Work { pauses: 0 } };
                    world.set_script(failing.iter().map(fate).collect());
                }
                run(&world, &plan(), everything(), LONG).await;
            }
            // What failed in a run is done by the next one.
            world.set_script(Vec::new());
            run(&world, &plan(), everything(), LONG).await;
            let (counts, _) = run(&world, &plan(), everything(), LONG).await;
            prop_assert_eq!((counts.repaired, counts.failed), (0, 0));
            // By content: headers that changed within a second are seen by nobody.
            let content = |bucket: &str| {
                let stored = world.content(bucket).into_iter();
                stored.map(|(key, stored)| (key, stored.object.etag)).collect::<BTreeMap<_, _>>()
            };
            let (mut near, source) = (content("near"), content(SOURCE));
            // Tampered with, then removed from the source: nobody can tell it from somebody else's.
            near.retain(|key, _| source.contains_key(key));
            prop_assert_eq!(&near, &source);
            prop_assert_eq!(&content("far"), &source);
            Ok(())
        })?;
    }
}
