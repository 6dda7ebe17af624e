//! Whatever goes wrong, in the end the store holds what the bucket holds, and no message was lost.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::sleep;

use super::model::{Fault, World};
use super::*;

/// What happens, one after another.
#[derive(Clone, Debug)]
enum Step {
    Put(u8, u8),
    Delete(u8),
    /// A message comes a second time.
    Repeat(u8),
    Fault(Fault),
    /// The queue does not answer.
    Deaf,
    /// A worker is killed: its work stops where it is, and nothing is returned.
    Kill,
    /// A worker is told to stop.
    Stop,
    Wait(u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fault = prop_oneof![
        Just(Fault::Status(503)),
        Just(Fault::Status(403)),
        Just(Fault::Reset),
        Just(Fault::LostAnswer),
        (1_u64..90).prop_map(Fault::Slow),
    ];
    let step = prop_oneof![
        4 => (0_u8..4, any::<u8>()).prop_map(|(key, byte)| Step::Put(key, byte)),
        2 => (0_u8..4).prop_map(Step::Delete),
        1 => (0_u8..4).prop_map(Step::Repeat),
        3 => fault.prop_map(Step::Fault),
        1 => Just(Step::Deaf),
        1 => Just(Step::Kill),
        1 => Just(Step::Stop),
        4 => (0_u16..40_000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..40)
}

fn happen(world: &World, step: &Step) {
    let key = |number: &u8| format!("k{number}");
    match step {
        Step::Put(number, byte) => world.0.upload(&key(number), &[*byte; 3]),
        Step::Delete(number) => world.0.delete(&key(number)),
        Step::Repeat(number) => world.0.tell(&key(number)),
        Step::Fault(fault) => world.0.faults.borrow_mut().push_back(*fault),
        Step::Deaf => world.0.deaf.set(2),
        Step::Kill | Step::Stop | Step::Wait(_) => {}
    }
}

/// Two workers at once, one of which is killed or told to stop now and then, while things happen.
async fn live(world: &World, steps: &[Step]) {
    let forever = Rules {
        until_empty: false,
        receives: 1_000,
        ..rules()
    };
    let steady = worker(world, forever.clone());
    let steady = steady.run(std::future::pending());
    let others = async {
        let mut rest = steps.iter();
        loop {
            let other = worker(world, forever.clone());
            let is_told = std::cell::Cell::new(false);
            let told = async {
                while !is_told.get() {
                    sleep(Duration::from_millis(100)).await;
                }
            };
            let run = std::pin::pin!(other.run(told));
            let script = async {
                for step in rest.by_ref() {
                    happen(world, step);
                    match step {
                        Step::Kill => return true,
                        Step::Stop => {
                            is_told.set(true);
                            std::future::pending::<()>().await;
                        }
                        Step::Wait(millis) => sleep(Duration::from_millis((*millis).into())).await,
                        _ => {}
                    }
                }
                false
            };
            let script = std::pin::pin!(script);
            let first = futures_util::future::select(run, script).await;
            if let futures_util::future::Either::Right((false, _)) = first {
                return;
            }
        }
    };
    let (steady, others) = (std::pin::pin!(steady), std::pin::pin!(others));
    futures_util::future::select(steady, others).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_store_comes_to_hold_what_the_bucket_holds(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let world = World::default();
            live(&world, &steps).await;
            world.0.faults.borrow_mut().clear();
            world.0.deaf.set(0);
            let last = Rules { receives: 1_000, ..rules() };
            for _ in 0..200 {
                worker(&world, last.clone()).run(std::future::pending()).await;
                if world.0.messages.borrow().is_empty() {
                    break;
                }
            }
            assert!(world.0.messages.borrow().is_empty());
            assert!(world.0.buried.borrow().is_empty());
            assert_eq!(*world.0.files.borrow(), world.0.expected());
        });
    }
}
