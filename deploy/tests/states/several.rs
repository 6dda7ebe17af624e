//! Several stacks in one run: how many at once, and in which order.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cloudwright_deploy::assembly::Stack;
use cloudwright_deploy::event::{Done, Outcome};
use cloudwright_deploy::problem::Problem;
use cloudwright_deploy::run::{Ending, Order, all};
use serde_json::json;

/// A stack that needs others.
fn stack(id: &str, needs: &[&str]) -> Stack {
    let place = ("000000000000", "eu-central-1");
    let mut stack = Stack::of_template(id, place, "files", json!({}));
    stack.id = id.to_owned();
    stack.path = id.to_owned();
    stack.needs = needs.iter().map(|need| (*need).to_owned()).collect();
    stack
}

/// Waits until everything else had its turn.
async fn a_while() {
    let mut is_over = false;
    poll_fn(|context| {
        if is_over {
            return Poll::Ready(());
        }
        is_over = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn to_the_end<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut context = Context::from_waker(Waker::noop());
    let mut turns = std::iter::from_fn(|| Some(work.as_mut().poll(&mut context))).take(10_000);
    let ended = turns.find_map(|poll| match poll {
        Poll::Ready(ended) => Some(ended),
        Poll::Pending => None,
    });
    ended.expect("it ends")
}

/// What became of the stacks, the order in which they were begun, and how many were under way at most.
fn run(
    stacks: &[Stack],
    order: Order,
    at_once: usize,
    fails: &str,
) -> (BTreeMap<String, Ending>, Vec<String>, usize) {
    let stacks: Vec<_> = stacks.iter().collect();
    let (begun, now, most) = (RefCell::default(), Cell::new(0), Cell::new(0));
    let work = |stack: &Stack| {
        let id = stack.id.clone();
        let (begun, now, most): (&RefCell<Vec<String>>, &Cell<usize>, &Cell<usize>) =
            (&begun, &now, &most);
        async move {
            begun.borrow_mut().push(id.clone());
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            a_while().await;
            now.set(now.get() - 1);
            let (outcome, outputs) = (Outcome::Created, BTreeMap::new());
            match id == fails {
                true => Err(Problem::failed("it fails", "mend it")),
                false => Ok(Done { outcome, outputs }),
            }
        }
    };
    let endings = to_the_end(all(&stacks, order, at_once, work));
    (endings, begun.into_inner(), most.get())
}

#[test]
fn no_more_are_under_way_than_may_be() {
    let stacks = ["A", "B", "C", "D", "E"].map(|id| stack(id, &[]));
    for (at_once, expected) in [(0, 1), (1, 1), (2, 2), (4, 4), (9, 5)] {
        let (endings, begun, most) = run(&stacks, Order::NeededFirst, at_once, "");
        assert_eq!((endings.len(), begun.len(), most), (5, 5, expected));
    }
}

#[test]
fn what_is_needed_comes_first_and_a_failure_stops_only_what_needs_it() {
    let stacks = [
        stack("Web", &["Net", "Data"]),
        stack("Data", &["Net"]),
        stack("Net", &[]),
        stack("Mail", &[]),
        stack("Ui", &["Web"]),
    ];
    let (_, begun, _) = run(&stacks, Order::NeededFirst, 1, "");
    assert_eq!(begun, ["Net", "Data", "Web", "Mail", "Ui"]);
    let (_, begun, _) = run(&stacks, Order::NeedingFirst, 1, "");
    assert_eq!(begun, ["Mail", "Ui", "Web", "Data", "Net"]);
    let (endings, begun, _) = run(&stacks, Order::NeededFirst, 3, "Data");
    assert_eq!(begun, ["Net", "Mail", "Data"]);
    let told = |id: &str| match &endings[id] {
        Ending::Done(_) => "done".to_owned(),
        Ending::Stopped(problem) => problem.message.clone(),
        Ending::NotBegun(after) => format!("after {after}"),
    };
    let told = ["Net", "Mail", "Data", "Web", "Ui"].map(told);
    assert_eq!(
        told,
        ["done", "done", "it fails", "after Data", "after Data"]
    );
}
