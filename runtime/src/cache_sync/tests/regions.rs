//! Two regions: a bucket is copied into another, as `replicate` does it, and each has an index. However many
//! operations there are, and whatever fails meanwhile, both indexes end as their buckets, and a rebuild of everything
//! finds nothing to do.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use cloudwright_contract::{Rebuild, Rebuilt};
use proptest::prelude::*;

use super::super::index::Shelf as _;
use super::model::{Fate, LAG, World};
use super::{PREFIX, deadline, handler, through};
use crate::intake::ObjectEvent;
use crate::work::Work as _;

/// How many operations a log has.
const OPERATIONS: usize = 1_000;

/// Few files of few names, so that they meet; some are no packages, and one is elsewhere.
const KEYS: [&str; 10] = [
    "py/six/six-1.0.zip",
    "py/9fff/six/six-1.0.zip",
    "py/six/six-2.0.zip",
    "py/Six/Six-0.9.tar.gz",
    "py/q/q-1.zip",
    "py/q/q-10.zip",
    "py/q/q-9.zip",
    "py/w/w-1-py3-none-any.whl",
    "py/readme.txt",
    "elsewhere/six-3.0.zip",
];

/// Numbers that a seed decides.
struct Dice(Cell<u64>);

impl Dice {
    fn below(&self, limit: usize) -> usize {
        // splitmix64, by Steele, Lea and Flood.
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % limit
    }

    fn one_of<T: Copy>(&self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// What becomes of each of many requests.
    fn fates(&self) -> Vec<Fate> {
        let fate = |_| match self.below(100) {
            0..85 => Fate::Work {
                pauses: self.one_of(&[0, 0, 0, 1, 2, 7]),
            },
            85..92 => Fate::FailBefore,
            92..99 => Fate::FailAfter,
            _ => Fate::Hang,
        };
        (0..OPERATIONS * 20).map(fate).collect()
    }
}

/// Events that are on their way to some instances of a function.
#[derive(Default)]
struct Queue {
    waiting: RefCell<Vec<ObjectEvent>>,
    in_work: Cell<usize>,
    handled: Cell<usize>,
}

impl Queue {
    fn send(&self, event: ObjectEvent, copies: usize) {
        let events = std::iter::repeat_n(event, copies);
        self.waiting.borrow_mut().extend(events);
    }

    fn take(&self, dice: &Dice) -> Vec<ObjectEvent> {
        let mut waiting = self.waiting.borrow_mut();
        let count = (dice.below(10) + 1).min(waiting.len());
        let take = |_| {
            let place = dice.below(waiting.len());
            waiting.remove(place)
        };
        let events: Vec<_> = (0..count).map(take).collect();
        self.in_work.set(self.in_work.get() + events.len());
        events
    }

    /// Gives back what failed.
    fn done(&self, events: usize, failed: impl IntoIterator<Item = ObjectEvent>) {
        self.in_work.set(self.in_work.get() - events);
        self.handled.set(self.handled.get() + events);
        self.waiting.borrow_mut().extend(failed);
    }

    fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty() && self.in_work.get() == 0
    }
}

struct Regions {
    dice: Dice,
    /// Each with its bucket and its index.
    worlds: [World; 2],
    /// What both indexes have yet to look at, and what has yet to be copied.
    indexes: [Queue; 2],
    copies: Queue,
    are_over: Cell<bool>,
}

impl Regions {
    fn new(seed: u64) -> Self {
        let dice = Dice(Cell::new(seed));
        let worlds = [LAG, Duration::ZERO].map(|lag| World::new(lag, dice.fates()));
        Self {
            dice,
            worlds,
            indexes: Default::default(),
            copies: Queue::default(),
            are_over: Cell::new(false),
        }
    }

    /// What people do to the first bucket.
    async fn happen(&self) {
        for _ in 0..OPERATIONS {
            let key = self.dice.one_of(&KEYS);
            let summary = self.dice.one_of(&["", "a", "b", "c"]);
            let event = match self.dice.below(5) {
                0..3 => self.worlds[0].put(key, &[("summary", summary)]),
                _ => self.worlds[0].delete(key),
            };
            for queue in [&self.indexes[0], &self.copies] {
                queue.send(event.clone(), self.dice.below(3) + 1);
            }
            let pause = self.dice.one_of(&[0, 0, 10, 100, 900]);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        self.are_over.set(true);
    }

    /// Copies what is there now, until what was copied is still there.
    async fn copy(&self) {
        let [from, to] = &self.worlds;
        self.serve(&self.copies, &[&self.copies], async |event| {
            loop {
                let Ok(object) = deadline().limit(from.look(&event.key)).await else {
                    return false;
                };
                self.indexes[1].send(to.copy(&event.key, object.as_ref()), 1);
                match deadline().limit(from.look(&event.key)).await {
                    Ok(now) if now == object => return true,
                    Ok(_) => {}
                    Err(_) => return false,
                }
            }
        })
        .await;
    }

    /// Takes events until there are none and `before` sends none any more.
    async fn serve(
        &self,
        queue: &Queue,
        before: &[&Queue],
        work: impl AsyncFn(&ObjectEvent) -> bool,
    ) {
        loop {
            let events = queue.take(&self.dice);
            if events.is_empty() && self.are_over.get() && before.iter().all(|one| one.is_empty()) {
                return;
            }
            let mut failed = Vec::new();
            for event in &events {
                if !work(event).await {
                    failed.push(event.clone());
                }
            }
            queue.done(events.len(), failed);
            tokio::time::sleep(Duration::from_millis(70)).await;
        }
    }

    /// An instance of `cache-sync` in a region.
    async fn index(&self, region: usize) {
        let (world, queue) = (&self.worlds[region], &self.indexes[region]);
        let handler = handler(world);
        loop {
            let events = queue.take(&self.dice);
            let are_all = self.are_over.get() && self.copies.is_empty() && queue.is_empty();
            if events.is_empty() && are_all {
                return;
            }
            let outcomes = handler.handle(&events, &deadline()).await;
            let count = events.len();
            let failed = events.into_iter().zip(outcomes);
            let failed = failed.filter(|(_, outcome)| outcome.is_err());
            queue.done(count, failed.map(|(event, _)| event));
            tokio::time::sleep(Duration::from_millis(70)).await;
        }
    }

    async fn run(&self) {
        tokio::join!(
            self.happen(),
            self.copy(),
            self.copy(),
            self.index(0),
            self.index(0),
            self.index(0),
            self.index(1),
            self.index(1),
        );
        for world in &self.worlds {
            world.calm();
            let (from, thorough) = (None, true);
            let (handler, command) = (handler(world), Rebuild { from, thorough });
            let rebuilt = through(
                handler
                    .rebuild(&command, Rebuilt::default(), &deadline())
                    .await,
            );
            assert_eq!(rebuilt.changed, 0, "a rebuild finds nothing to do");
            assert_eq!(world.index(), world.expected(PREFIX));
        }
        let copied = self.worlds.each_ref().map(World::keys);
        assert_eq!(copied[0], copied[1]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn the_indexes_of_two_regions_are_as_a_rebuild_makes_them(seed in any::<u64>()) {
        let regions = Regions::new(seed);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(regions.run());
        prop_assert!(regions.indexes.iter().all(|queue| queue.handled.get() > OPERATIONS));
    }
}
