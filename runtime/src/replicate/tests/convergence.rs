//! Copies converge: whatever happens in the source while events come late, twice and in any order
//! to several instances of the function, and whatever requests fail.

use std::sync::Mutex;
use std::time::Duration;

use cloudwright_contract::{Deletion, Replicate};
use proptest::prelude::*;

use super::super::Replicator;
use super::model::{Fate, SOURCE, World};
use super::{REPLICAS, plan};
use crate::deadline::Deadline;
use crate::intake::ObjectEvent;
use crate::work::Work as _;

#[derive(Clone, Copy, Debug)]
enum Step {
    Put(u8),
    Delete,
    DeleteVersion,
}

/// A step, on which key, how often its event comes, and how long it is until the next step.
type Happening = (Step, usize, usize, u8);

const KEYS: [&str; 3] = ["a b", "c++/%2B", "ü"];

fn happening() -> impl Strategy<Value = Happening> {
    let step = prop_oneof![
        4 => (0..8_u8).prop_map(Step::Put),
        2 => Just(Step::Delete),
        1 => Just(Step::DeleteVersion),
    ];
    (step, 0..KEYS.len(), 1..=3_usize, 0..24_u8)
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => (0..12_u8).prop_map(|pauses| Fate::Work { pauses }),
        1 => Just(Fate::FailBefore),
        1 => Just(Fate::FailAfter),
    ]
}

/// Events that are on their way.
#[derive(Default)]
struct Deliveries {
    waiting: Vec<ObjectEvent>,
    in_work: usize,
    is_over: bool,
}

/// What happens in the source, one step after another.
async fn happen(world: &World, log: &[Happening], deliveries: &Mutex<Deliveries>) {
    for (step, key, copies, pauses) in log {
        let key = KEYS[*key];
        let event = match step {
            Step::Put(content) => world.put(SOURCE, key, *content),
            Step::Delete => world.delete(SOURCE, key),
            Step::DeleteVersion => world.delete_version(SOURCE, key),
        };
        let events = std::iter::repeat_n(event, *copies);
        deliveries.lock().unwrap().waiting.extend(events);
        for _ in 0..*pauses {
            tokio::task::yield_now().await;
        }
    }
    deliveries.lock().unwrap().is_over = true;
}

/// One instance of the function: takes some waiting events, in an order of its own, and gives back
/// those that failed.
async fn work(world: &World, plan: &Replicate, deliveries: &Mutex<Deliveries>, choices: &[usize]) {
    let handler = Replicator::new(world, plan.clone());
    let mut choices = choices.iter().cycle();
    loop {
        let events: Vec<_> = {
            let mut deliveries = deliveries.lock().unwrap();
            let count = choices.next().map_or(1, |choice| choice % 3 + 1);
            let take = |_| {
                let choice = choices.next().copied().unwrap_or_default();
                let waiting = deliveries.waiting.len();
                (waiting > 0).then(|| deliveries.waiting.remove(choice % waiting))
            };
            let events: Vec<_> = (0..count).map_while(take).collect();
            deliveries.in_work += events.len();
            if events.is_empty() && deliveries.is_over && deliveries.in_work == 0 {
                return;
            }
            events
        };
        let deadline = Deadline::within(Duration::from_secs(60));
        let outcomes = handler.handle(&events, &deadline).await;
        {
            let mut deliveries = deliveries.lock().unwrap();
            deliveries.in_work -= events.len();
            let failed = events.into_iter().zip(outcomes);
            let failed = failed.filter(|(_, outcome)| outcome.is_err());
            deliveries.waiting.extend(failed.map(|(event, _)| event));
        }
        tokio::task::yield_now().await;
    }
}

/// Lets all of it happen, and compares both replicas with the source. The far one may erase, which
/// leaves the same objects.
fn converges(
    has_versions: bool,
    erases: bool,
    log: &[Happening],
    script: Vec<Fate>,
    choices: &[usize],
) -> Result<(), TestCaseError> {
    let mut plan = plan();
    if erases {
        plan.destinations[1].deletion = Deletion::Erase;
    }
    let world = World::new(has_versions, script);
    let deliveries = Mutex::default();
    let instance = |skipped| work(&world, &plan, &deliveries, &choices[skipped..]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::join!(
            happen(&world, log, &deliveries),
            instance(0),
            instance(1),
            instance(2)
        )
    });
    let expected = world.content(SOURCE);
    for replica in REPLICAS {
        prop_assert_eq!(&world.content(replica), &expected, "{}", replica);
    }
    prop_assert_eq!(world.open_uploads(), 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn copies_converge(
        [has_versions, erases] in any::<[bool; 2]>(),
        log in prop::collection::vec(happening(), 1..16),
        script in prop::collection::vec(fate(), 0..160),
        choices in prop::collection::vec(any::<usize>(), 3..30),
    ) {
        converges(has_versions, erases, &log, script, &choices)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn copies_converge_after_a_thousand_operations(
        [has_versions, erases] in any::<[bool; 2]>(),
        log in prop::collection::vec(happening(), 1_000),
        script in prop::collection::vec(fate(), 0..8_000),
        choices in prop::collection::vec(any::<usize>(), 3..30),
    ) {
        converges(has_versions, erases, &log, script, &choices)?;
    }
}
