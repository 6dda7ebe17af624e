//! The index converges: whatever happens in the bucket while events come late, twice and in any order
//! to several instances of the function, and whatever requests fail.

use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;

use super::model::{Fate, LAG, World};
use super::{PREFIX, deadline, handler};
use crate::intake::ObjectEvent;
use crate::work::Work as _;

#[derive(Clone, Copy, Debug)]
enum Step {
    Put(&'static str),
    Delete,
}

/// A step, on which key, how often its event comes, and how long it is until the next step.
type Happening = (Step, usize, usize, u8);

/// Two files of one name, one of them under both keys that pypicloud uses, and a file of another name.
const KEYS: [&str; 4] = [
    "py/six/six-1.0.zip",
    "py/9fff/six/six-1.0.zip",
    "py/six/six-2.0.zip",
    "py/q/q-1.zip",
];

fn happening() -> impl Strategy<Value = Happening> {
    let step = prop_oneof![
        3 => prop::sample::select(vec!["", "a", "b"]).prop_map(Step::Put),
        2 => Just(Step::Delete),
    ];
    (step, 0..KEYS.len(), 1..=3_usize, 0..40_u8)
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        8 => (0..8_u8).prop_map(|pauses| Fate::Work { pauses }),
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

/// What happens in the bucket, one step after another.
async fn happen(world: &World, log: &[Happening], deliveries: &Mutex<Deliveries>) {
    for (step, key, copies, pauses) in log {
        let key = KEYS[*key];
        let event = match step {
            Step::Put(summary) => world.put(key, &[("summary", summary)]),
            Step::Delete => world.delete(key),
        };
        let events = std::iter::repeat_n(event, *copies);
        deliveries.lock().unwrap().waiting.extend(events);
        tokio::time::sleep(Duration::from_millis(50) * u32::from(*pauses)).await;
    }
    deliveries.lock().unwrap().is_over = true;
}

/// One instance of the function: takes some waiting events, in an order of its own, and gives back
/// those that failed.
async fn work(world: &World, deliveries: &Mutex<Deliveries>, choices: &[usize]) {
    let handler = handler(world);
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
        let outcomes = handler.handle(&events, &deadline()).await;
        {
            let mut deliveries = deliveries.lock().unwrap();
            deliveries.in_work -= events.len();
            let failed = events.into_iter().zip(outcomes);
            let failed = failed.filter(|(_, outcome)| outcome.is_err());
            deliveries.waiting.extend(failed.map(|(event, _)| event));
        }
        tokio::time::sleep(Duration::from_millis(70)).await;
    }
}

/// Runs a log through three instances.
fn run(world: &World, log: &[Happening], choices: &[usize]) {
    let deliveries = Mutex::default();
    let instance = |skipped| work(world, &deliveries, &choices[skipped..]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::join!(
            happen(world, log, &deliveries),
            instance(0),
            instance(1),
            instance(2)
        )
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn the_index_converges(
        lags in any::<bool>(),
        log in prop::collection::vec(happening(), 1..16),
        script in prop::collection::vec(fate(), 0..200),
        choices in prop::collection::vec(any::<usize>(), 3..30),
    ) {
        let world = World::new(if lags { LAG } else { Duration::ZERO }, script);
        run(&world, &log, &choices);
        prop_assert_eq!(world.index(), world.expected(PREFIX));
    }
}

/// An instance knows one key of a file, and says less of the name because the newer file under the other key, which
/// somebody wrote meanwhile, does not count for it.
#[test]
fn who_said_less_looks_at_the_row_again() {
    let work = |pauses| Fate::Work { pauses };
    let log = [
        (Step::Delete, 0, 2, 0),
        (Step::Put(""), 0, 3, 0),
        (Step::Put("a"), 1, 2, 16),
        (Step::Put(""), 1, 1, 0),
        (Step::Put(""), 0, 2, 0),
    ];
    let mut script = Vec::from([0, 6, 0, 4, 3, 4].map(work));
    script.extend([Fate::FailBefore, work(4), Fate::FailAfter]);
    let mut choices = vec![0; 16];
    choices[..3].copy_from_slice(&[
        1_983_215_032_180_140_381,
        2_614_205_306_704_735_138,
        17_497_545_656_468_310,
    ]);
    choices[5] = 5_166_337_501_416_304_464;
    let world = World::new(LAG, script);
    run(&world, &log, &choices);
    assert_eq!(world.index(), world.expected(PREFIX));
}

#[test]
fn the_keys_are_those_that_pypicloud_uses() {
    let world = World::new(LAG, Vec::new());
    assert_eq!(
        KEYS[1],
        format!("py/{}/six/six-1.0.zip", world.hash("six-1.0.zip"))
    );
}
