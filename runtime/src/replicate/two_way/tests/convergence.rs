//! Both buckets end equal and the last writer wins, whatever happens in them while events come late,
//! twice and in any order to several instances of both functions, whatever requests fail, and whatever
//! runs over all objects there are in between.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use cloudwright_contract::Reconcile;
use proptest::prelude::*;
use serde_json::json;

use super::super::Synchronizer;
use super::table::Table;
use super::{SITES, plan_of};
use crate::deadline::Deadline;
use crate::intake::ObjectEvent;
use crate::replicate::tests::model::{Fate, World};
use crate::work::Work as _;

/// What somebody does, and how long it is until the next.
#[derive(Clone, Copy, Debug)]
struct Happening {
    /// The content, or nothing for a removal.
    put: Option<u8>,
    site: usize,
    key: usize,
    copies: usize,
    millis: i64,
    pauses: u8,
}

const KEYS: [&str; 6] = ["a b", "c++/%2B", "c", "d/", "ü", "z"];

/// Something that happens to one of so many keys.
fn happening(keys: usize) -> impl Strategy<Value = Happening> {
    let put = prop_oneof![3 => (0..8_u8).prop_map(Some), 2 => Just(None)];
    let times = (1..700_i64, 0..40_u8);
    (put, 0..SITES.len(), 0..keys, 1..=3_usize, times).prop_map(
        |(put, site, key, copies, (millis, pauses))| Happening {
            put,
            site,
            key,
            copies,
            millis,
            pauses,
        },
    )
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        8 => (0..12_u8).prop_map(|pauses| Fate::Work { pauses }),
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

/// The last change of a key: when it happened, in which bucket, and what it left.
type Last = BTreeMap<(usize, usize), (String, Option<String>)>;

/// What happens in the buckets, one step after another. Gives the last change of each key and bucket.
async fn happen(world: &World, log: &[Happening], deliveries: &RefCell<Deliveries>) -> Last {
    let mut last = Last::new();
    for step in log {
        world.wait(step.millis);
        let (site, key) = (SITES[step.site], KEYS[step.key]);
        let event = match step.put {
            Some(content) => world.put(site, key, content),
            None => world.delete(site, key),
        };
        let time = event.time.clone().unwrap();
        let left = step.put.and(event.etag.clone());
        last.insert((step.key, step.site), (time, left));
        let events = std::iter::repeat_n(event, step.copies);
        deliveries.borrow_mut().waiting.extend(events);
        for _ in 0..step.pauses {
            tokio::task::yield_now().await;
        }
    }
    deliveries.borrow_mut().is_over = true;
    last
}

/// One instance of the function of a bucket: takes some waiting events of that bucket, in an order of
/// its own, and gives back those that failed.
async fn work(
    world: &World,
    table: &Table<'_>,
    site: usize,
    deliveries: &RefCell<Deliveries>,
    choices: &[usize],
) {
    let handler = Synchronizer::new(world, table, plan_of(site), "sync".to_owned());
    let mut choices = choices.iter().copied().cycle();
    let mut choose = move |from: usize| choices.next().unwrap_or_default() % from;
    loop {
        let events = {
            let mut deliveries = deliveries.borrow_mut();
            deliveries.waiting.extend(world.take_echoes());
            let mut events = Vec::new();
            for _ in 0..=choose(3) {
                let own = |event: &ObjectEvent| event.bucket == SITES[site];
                let waiting = deliveries.waiting.iter().enumerate();
                let own: Vec<_> = waiting.filter(|(_, event)| own(event)).collect();
                if own.is_empty() {
                    break;
                }
                let index = own[choose(own.len())].0;
                events.push(deliveries.waiting.remove(index));
            }
            let is_idle = deliveries.waiting.is_empty() && deliveries.in_work == 0;
            if events.is_empty() && deliveries.is_over && is_idle {
                return;
            }
            deliveries.in_work += events.len();
            events
        };
        let deadline = Deadline::within(Duration::from_secs(60));
        let outcomes = handler.handle(&events, &deadline).await;
        {
            let mut deliveries = deliveries.borrow_mut();
            deliveries.waiting.extend(world.take_echoes());
            deliveries.in_work -= events.len();
            let failed = events.into_iter().zip(outcomes);
            let failed = failed.filter(|(_, outcome)| outcome.is_err());
            deliveries.waiting.extend(failed.map(|(event, _)| event));
        }
        tokio::task::yield_now().await;
    }
}

/// Runs over all objects, one after another as long as anything happens; a call that fails is made
/// again, as a state machine does it.
async fn reconcile(world: &World, table: &Table<'_>, deliveries: &RefCell<Deliveries>, pauses: u8) {
    let handler = Synchronizer::new(world, table, plan_of(0), "sync".to_owned());
    let begin = json!({ Reconcile::MEMBER: { "bucket": SITES[0] } });
    let mut event = begin.clone();
    while !deliveries.borrow().is_over {
        deliveries.borrow_mut().in_work += 1;
        let deadline = Deadline::within(Duration::from_secs(60));
        match handler.command(&event, &deadline).await {
            Some(Ok(answer)) if answer.get(Reconcile::MEMBER).is_some() => event = answer,
            Some(Ok(_)) => event = begin.clone(),
            Some(Err(_)) => {}
            None => panic!("it is a command"),
        }
        deliveries.borrow_mut().in_work -= 1;
        for _ in 0..=pauses {
            tokio::task::yield_now().await;
        }
    }
}

/// What both buckets have to hold: the key and the entity tag of each object.
fn expected(last: &Last) -> BTreeMap<String, String> {
    let mut newest: BTreeMap<usize, (&str, &str, &Option<String>)> = BTreeMap::new();
    for ((key, site), (time, left)) in last {
        let change = (time.as_str(), SITES[*site], left);
        let known = newest.entry(*key).or_insert(change);
        if (known.0, known.1) < (change.0, change.1) {
            *known = change;
        }
    }
    let left = newest.into_iter();
    left.filter_map(|(key, (_, _, left))| {
        Some((KEYS[key].to_owned(), format!("\"{}\"", left.as_ref()?)))
    })
    .collect()
}

/// What is different from case to case, besides what happens.
#[derive(Debug)]
struct Case {
    has_versions: bool,
    /// By how much the clocks of the buckets differ, in milliseconds.
    skew: i64,
    script: Vec<Fate>,
    choices: Vec<usize>,
    /// How long it is between runs over all objects, if there are any.
    runs: Option<u8>,
}

fn case(fates: usize) -> impl Strategy<Value = Case> {
    (
        any::<bool>(),
        prop_oneof![Just(0), -1_500..1_500_i64],
        prop::collection::vec(fate(), 0..fates),
        prop::collection::vec(any::<usize>(), 4..40),
        prop::option::of(0..60_u8),
    )
        .prop_map(|(has_versions, skew, script, choices, runs)| Case {
            has_versions,
            skew,
            script,
            choices,
            runs,
        })
}

/// Lets all of it happen, and compares both buckets with what the last writers left.
fn converges(case: Case, log: &[Happening]) -> Result<(), TestCaseError> {
    let skews = [(SITES[0], 5_000), (SITES[1], 5_000 + case.skew)];
    let world = World::timed(case.has_versions, case.script, &skews);
    let table = Table::new(&world);
    let deliveries = RefCell::default();
    let choices = &case.choices;
    let instance = |site, skipped| work(&world, &table, site, &deliveries, &choices[skipped..]);
    let runs = async {
        if let Some(pauses) = case.runs {
            reconcile(&world, &table, &deliveries, pauses).await;
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let (last, ..) = runtime.block_on(async {
        tokio::join!(
            happen(&world, log, &deliveries),
            runs,
            instance(0, 0),
            instance(0, 1),
            instance(1, 2),
            instance(1, 3),
        )
    });
    let expected = expected(&last);
    for site in SITES {
        let found = world.content(site).into_iter();
        let found: BTreeMap<_, _> = found
            .map(|(key, stored)| (key, stored.object.etag))
            .collect();
        prop_assert_eq!(&found, &expected, "{}", site);
    }
    prop_assert_eq!(world.content(SITES[0]), world.content(SITES[1]));
    prop_assert_eq!(world.open_uploads(), 0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_buckets_end_equal_and_the_last_writer_wins(
        case in case(250),
        log in prop::collection::vec(happening(2), 1..14),
    ) {
        converges(case, &log)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_thousand_operations_end_equal_too(
        case in case(6_000),
        log in prop::collection::vec(happening(KEYS.len()), 1_000),
    ) {
        converges(case, &log)?;
    }
}
