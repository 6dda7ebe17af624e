//! With `hold` the archive gets each state of each object at most once, whatever fails, comes twice or
//! ends in the middle; and exactly once, unless an answer was lost. Nothing counts as done that the
//! archive does not have.

use std::time::Duration;

use cloudwright_contract::WhenUnknown;
use proptest::prelude::*;

use super::handler;
use super::model::{Fate, Reply, World};
use crate::deadline::Deadline;
use crate::submit::ports::State;
use crate::work::Work as _;

const KEYS: [&str; 3] = ["a", "b", "c"];

/// An event of a key, that of which state, when it is handled, and when the function is ended.
type Call = (usize, u64, Option<u64>);

fn call() -> impl Strategy<Value = Call> {
    (
        0..KEYS.len(),
        0..200_u64,
        prop::option::weighted(0.2, 0..30_u64),
    )
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![8 => Just(Fate::Work), 1 => Just(Fate::FailBefore), 1 => Just(Fate::FailAfter)]
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        6 => Just(Reply::Accept),
        2 => Just(Reply::Busy(None)),
        1 => Just(Reply::Refuse),
        1 => Just(Reply::AcceptSilently),
        1 => Just(Reply::Vanish),
        1 => Just(Reply::Hang),
    ]
}

/// Handles the event of a key at its time, for as long as the function lives. True if it is done.
async fn run(world: &World, (key, start, end): Call, when_unknown: WhenUnknown) -> bool {
    tokio::time::sleep(Duration::from_secs(start)).await;
    let handler = handler(world, when_unknown);
    let deadline = Deadline::within(Duration::from_secs(30));
    let events = [world.event(KEYS[key])];
    let life = Duration::from_secs(end.unwrap_or(30));
    let work = tokio::time::timeout(life, handler.handle(&events, &deadline));
    work.await.is_ok_and(|outcomes| outcomes[0].is_ok())
}

fn all(world: &World, calls: &[Call], when_unknown: WhenUnknown) -> Vec<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let together = calls.iter().map(|call| run(world, *call, when_unknown));
        let done = futures_util::future::join_all(together).await;
        // Later events, when everybody else has ended and everything works.
        world.calm();
        for key in 0..KEYS.len() {
            for start in [300, 300] {
                run(world, (key, start, None), when_unknown).await;
            }
        }
        done
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_object_is_handed_in_once(
        calls in prop::collection::vec(call(), 1..10),
        script in prop::collection::vec(fate(), 0..60),
        replies in prop::collection::vec(reply(), 0..10),
        retries in any::<bool>(),
    ) {
        let when_unknown = if retries { WhenUnknown::Retry } else { WhenUnknown::Hold };
        let world = World::with(&KEYS);
        world.script(script);
        world.reply(replies);
        let done = all(&world, &calls, when_unknown);
        for (key, name) in KEYS.iter().enumerate() {
            let taken = world.taken(name);
            let state = world.state(name);
            if retries {
                prop_assert!(taken >= 1, "{name}: at least once");
                prop_assert_eq!(state, Some(State::Accepted));
            } else {
                prop_assert!(taken <= 1, "{name}: at most once, got {taken}");
                prop_assert!(
                    state == Some(State::Accepted) && taken == 1 || state == Some(State::Unknown),
                    "{name}: {state:?}, {taken}"
                );
            }
            let is_done = calls.iter().zip(&done).any(|(call, done)| call.0 == key && *done);
            prop_assert!(!is_done || taken >= 1, "{name}: done, but the archive does not have it");
        }
    }
}

/// What fails while a burst is handed in: requests of AWS, and an archive that is away or too busy.
fn passing() -> impl Strategy<Value = Reply> {
    prop_oneof![6 => Just(Reply::Accept), 2 => Just(Reply::Busy(None)), 1 => Just(Reply::Busy(Some(2)))]
}

/// Gives batches of ten to functions that work beside each other, and what failed again, as a queue does. Some
/// batches come twice. What still failed after five rounds, which is what a queue gives up.
async fn deliver(world: &World, mut waiting: Vec<String>, twice: usize) -> Vec<String> {
    for _ in 0..5 {
        let batches = waiting.chunks(10).enumerate();
        let calls = batches.flat_map(|(number, batch)| {
            let copies = if number % 7 < twice { 2 } else { 1 };
            std::iter::repeat_n(batch, copies)
        });
        let calls = calls.map(|batch| async move {
            let handler = handler(world, WhenUnknown::Hold);
            let deadline = Deadline::within(Duration::from_secs(900));
            let events: Vec<_> = batch.iter().map(|key| world.event(key)).collect();
            let outcomes = handler.handle(&events, &deadline).await;
            let failed = batch.iter().zip(outcomes);
            let failed = failed.filter(|(_, outcome)| outcome.is_err());
            failed.map(|(key, _)| key.clone()).collect::<Vec<_>>()
        });
        let failed = futures_util::future::join_all(calls).await.concat();
        // As long as a message stays hidden.
        tokio::time::sleep(Duration::from_secs(1_000)).await;
        waiting = failed;
        waiting.sort();
        waiting.dedup();
    }
    waiting
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_burst_in_any_order_is_delivered_and_nothing_twice(
        order in prop_oneof![40 => 1..=30_usize, 1 => Just(500)].prop_flat_map(|count| {
            Just((0..count).map(|number| format!("{number:03}")).collect::<Vec<_>>()).prop_shuffle()
        }),
        script in prop_oneof![Just(Vec::new()), prop::collection::vec(fate(), 0..200)],
        replies in prop::collection::vec(passing(), 0..100),
        twice in 0..3_usize,
    ) {
        let keys: Vec<&str> = order.iter().map(String::as_str).collect();
        let world = World::with(&keys);
        world.reply(replies);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let is_calm = script.is_empty();
        world.script(script);
        let given_up = runtime.block_on(deliver(&world, order.clone(), twice));
        prop_assert!(!is_calm || given_up.is_empty(), "only the archive failed, and not for long");
        for key in &order {
            let taken = world.taken(key);
            prop_assert!(taken <= 1, "{} is there {} times", key, taken);
            // What was given up waits among the dead letters; a person looks whether the archive has it.
            if !given_up.contains(key) {
                prop_assert_eq!((taken, world.state(key)), (1, Some(State::Accepted)), "{}", key);
            }
        }
    }
}
