//! Logs of several functions in one row, and the numbers of one.

use std::rc::Rc;

use cloudwright_deploy::fault::Class;
use cloudwright_deploy::running::logs::{Source, look};
use cloudwright_deploy::running::metrics::of_function;
use cloudwright_deploy::running::services::LogEvent;

use crate::fake::{Fast, World, soon};

fn log(world: &World, group: &str, events: &[(i64, &str)]) {
    let mut logged = world.logged.borrow_mut();
    let known = logged.entry(group.to_owned()).or_default();
    known.extend(events.iter().map(|(time, message)| LogEvent {
        id: format!("{group}{message}"),
        time: *time,
        stream: "1".to_owned(),
        message: (*message).to_owned(),
    }));
}

/// What every look shows.
fn looks(world: &Rc<World>, filter: Option<&str>, between: &[&dyn Fn(&World)]) -> Vec<Vec<String>> {
    let logs = world.services().logs;
    let source = |group: &str| Source::new(&*logs, group.to_owned(), 10);
    let mut sources = vec![source("a"), source("b"), source("not there yet")];
    let mut all = Vec::new();
    for act in between {
        act(world);
        let new = soon(look(&mut sources, &Fast::default(), filter, &|_| ())).unwrap();
        all.push(
            new.into_iter()
                .map(|(at, event)| format!("{at} {}", event.message))
                .collect(),
        );
    }
    all
}

#[test]
fn lines_of_several_functions_are_in_the_order_of_time_through_all_pages() {
    let world = World::with(&[]);
    world.fail(
        "events",
        &[Some(Class::Throttled), None, Some(Class::Unreachable)],
    );
    let write = |world: &World| {
        log(
            world,
            "a",
            &[
                (5, "too old"),
                (10, "one"),
                (30, "three"),
                (50, "five"),
                (70, "seven"),
                (90, "nine"),
            ],
        );
        log(world, "b", &[(20, "two"), (30, "three too"), (40, "four")]);
    };
    assert_eq!(
        looks(&world, None, &[&write]),
        [[
            "0 one",
            "1 two",
            "0 three",
            "1 three too",
            "1 four",
            "0 five",
            "0 seven",
            "0 nine"
        ]]
    );
    assert_eq!(
        looks(&world, Some("three"), &[&|_| {}]),
        [["0 three", "1 three too"]]
    );
}

#[test]
fn every_line_is_shown_once_late_ones_included() {
    let world = World::with(&[]);
    let first = |world: &World| log(world, "a", &[(10_000, "one"), (20_000, "two")]);
    let late = |world: &World| log(world, "a", &[(15_000, "late"), (40_000, "three")]);
    let gone = |world: &World| {
        log(
            world,
            "a",
            &[(40_000, "same time"), (19_000, "later than we look back")],
        );
    };
    let none = |_: &World| {};
    assert_eq!(
        looks(&world, None, &[&first, &none, &late, &gone, &none]),
        [
            vec!["0 one", "0 two"],
            vec![],
            vec!["0 late", "0 three"],
            vec!["0 same time"],
            vec![]
        ]
    );
}

#[test]
fn counts_are_added_up_and_of_times_the_longest_counts() {
    let world = World::with(&[]);
    *world.values.borrow_mut() = vec![
        vec![2.0, 3.0],
        vec![0.0],
        vec![],
        vec![10.0, 12.5],
        vec![90.0, 80.0],
        vec![],
        vec![1.0],
    ];
    let metrics = world.services().metrics;
    let summary = soon(of_function(
        &*metrics,
        &Fast::default(),
        "resize",
        (0, 2 * 86_400),
    ))
    .unwrap();
    assert_eq!(
        summary.values,
        [
            ("invocations", Some(5.0)),
            ("errors", Some(0.0)),
            ("throttles", None),
            ("durationP50", Some(12.5)),
            ("durationP99", Some(90.0)),
            ("asyncAge", None),
            ("concurrency", Some(1.0)),
        ]
    );
    let asked = world.asked.borrow();
    assert_eq!(
        (asked[4].metric, asked[4].statistic, asked[4].period),
        ("Duration", "p99", 86_400)
    );
    assert_eq!(asked[0].dimension, ("FunctionName", "resize".to_owned()));
    drop(asked);
    soon(of_function(
        &*metrics,
        &Fast::default(),
        "resize",
        (0, 3_601),
    ))
    .unwrap();
    assert_eq!(world.asked.borrow()[0].period, 3_660);
}
