//! Several stacks in one run: those that others wait for first, independent ones together, and after a failure
//! everything that does not depend on it.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::assembly::Stack;
use crate::event::Done;
use crate::problem::Problem;

/// In which order stacks are worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// What is needed comes first.
    NeededFirst,
    /// What needs others comes first: for deletions.
    NeedingFirst,
}

/// What became of a stack.
#[derive(Clone, Debug)]
pub enum Ending {
    /// It was worked on.
    Done(Done),
    /// The work stopped.
    Stopped(Problem),
    /// It was not begun, because the stack of this path stopped.
    NotBegun(String),
}

/// Works on the stacks, at most `at_once` at the same time, and tells what became of each by its id.
pub async fn all<'a, W, F>(
    stacks: &[&'a Stack],
    order: Order,
    at_once: usize,
    work: W,
) -> BTreeMap<String, Ending>
where
    W: Fn(&'a Stack) -> F,
    F: Future<Output = Result<Done, Problem>>,
{
    let mut plan = Plan::new(stacks, order);
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < at_once.max(1)
            && let Some(stack) = plan.next()
        {
            let work = work(stack);
            running.push(async move { (stack, work.await) });
        }
        let Some((stack, result)) = running.next().await else {
            return plan.endings;
        };
        plan.end(stack, result);
    }
}

/// Who waits for whom.
struct Plan<'a> {
    waiting: Vec<&'a Stack>,
    /// The ids that each stack waits for.
    needs: BTreeMap<String, BTreeSet<String>>,
    endings: BTreeMap<String, Ending>,
}

impl<'a> Plan<'a> {
    fn new(stacks: &[&'a Stack], order: Order) -> Self {
        let ids: BTreeSet<&str> = stacks.iter().map(|stack| &*stack.id).collect();
        let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for stack in stacks {
            needs.entry(stack.id.clone()).or_default();
            for need in stack
                .needs
                .iter()
                .filter(|need| ids.contains(need.as_str()))
            {
                let (waits, for_it) = match order {
                    Order::NeededFirst => (&stack.id, need),
                    Order::NeedingFirst => (need, &stack.id),
                };
                needs
                    .entry(waits.clone())
                    .or_default()
                    .insert(for_it.clone());
            }
        }
        Self {
            waiting: stacks.to_vec(),
            needs,
            endings: BTreeMap::new(),
        }
    }

    /// The next stack that waits for nothing more.
    fn next(&mut self) -> Option<&'a Stack> {
        let is_ready = |stack: &&Stack| self.needs[&stack.id].iter().all(|need| self.is_done(need));
        let index = self.waiting.iter().position(is_ready)?;
        Some(self.waiting.remove(index))
    }

    fn is_done(&self, id: &str) -> bool {
        matches!(self.endings.get(id), Some(Ending::Done(_)))
    }

    fn end(&mut self, stack: &Stack, result: Result<Done, Problem>) {
        let ending = match result {
            Ok(done) => Ending::Done(done),
            Err(problem) => {
                self.drop_those_after(&stack.id, &stack.path);
                Ending::Stopped(problem)
            }
        };
        self.endings.insert(stack.id.clone(), ending);
    }

    /// Takes out the stacks that wait for this one, and those that wait for them.
    fn drop_those_after(&mut self, id: &str, path: &str) {
        let after = |stack: &&Stack| self.needs[&stack.id].contains(id);
        let (dropped, kept): (Vec<_>, Vec<_>) = self.waiting.iter().copied().partition(after);
        self.waiting = kept;
        for stack in dropped {
            self.endings
                .insert(stack.id.clone(), Ending::NotBegun(path.to_owned()));
            self.drop_those_after(&stack.id, path);
        }
    }
}
