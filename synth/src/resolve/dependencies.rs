//! Stated dependencies between constructs, spelled out per resource and per stack.

use cloudwright_spec::sorted::{Map, Set, sort};

use crate::naming::Names;
use crate::resolve::body::Waits;
use crate::rules;
use crate::tree::Tree;

/// What waits for what.
pub(crate) struct Expanded {
    /// Within a stack: resources with the logical ids that they wait for, sorted.
    pub(crate) within: Waits,
    /// Between stacks: consumer and producer, with the construct that says so.
    pub(crate) across: Map<(u32, u32), String>,
}

pub(crate) fn expand(tree: &mut Tree, names: &Names) -> Expanded {
    let mut within = Vec::new();
    let mut across = Map::new();
    for (waiting, awaited) in std::mem::take(&mut tree.dependencies) {
        if awaited.app != tree.app {
            let message = "a construct of another app cannot be waited for";
            tree.error(
                waiting.index,
                &rules::FOREIGN_HANDLE,
                message.to_owned(),
                "build both in one app",
            );
            continue;
        }
        let sources = resources_below(tree, waiting.index);
        let targets = resources_below(tree, awaited.index);
        let own: Set<u32> = sources.iter().copied().collect();
        let others: Vec<_> = targets.iter().filter(|node| !own.contains(*node)).collect();
        for source in &sources {
            for target in &others {
                join(tree, *source, **target, &mut within, &mut across);
            }
        }
        // A stack, or a construct without resources, can still order stacks.
        if sources.is_empty() || targets.is_empty() {
            order_stacks(tree, waiting.index, awaited.index, &mut across);
        }
    }
    Expanded {
        within: ids_by_source(within, names),
        across,
    }
}

/// Groups pairs of resources by the first, with the logical ids of what each waits for.
fn ids_by_source(mut pairs: Vec<(u32, u32)>, names: &Names) -> Waits {
    sort(&mut pairs);
    pairs.dedup();
    let mut waits = Waits::new();
    for same in pairs.chunk_by(|a, b| a.0 == b.0) {
        let mut ids: Vec<_> = same.iter().map(|(_, id)| names.id(*id).clone()).collect();
        sort(&mut ids);
        waits.insert(same[0].0, ids);
    }
    waits
}

fn resources_below(tree: &Tree, top: u32) -> Vec<u32> {
    tree.below(top)
        .into_iter()
        .filter(|node| tree.resource(*node).is_some())
        .collect()
}

/// Orders two resources, or what stands for them where their stacks meet.
fn join(
    tree: &Tree,
    source: u32,
    target: u32,
    within: &mut Vec<(u32, u32)>,
    across: &mut Map<(u32, u32), String>,
) {
    if tree.node(source).stack == tree.node(target).stack {
        within.push((source, target));
        return;
    }
    match meeting_point(tree, source, target) {
        Some((source, target)) if source == target => {}
        Some((source, target)) => within.push((source, target)),
        None => order_stacks(tree, source, target, across),
    }
}

/// The resources that stand for two elements in the innermost stack that holds both, by way of the
/// resources that deploy nested stacks.
fn meeting_point(tree: &Tree, source: u32, target: u32) -> Option<(u32, u32)> {
    let sources = deploying_chain(tree, source);
    let targets = deploying_chain(tree, target);
    sources.iter().find_map(|(stack, source)| {
        let (_, target) = targets.iter().find(|(other, _)| other == stack)?;
        Some((*source, *target))
    })
}

/// An element with its stack, then the resource that deploys that stack with its own, outwards.
fn deploying_chain(tree: &Tree, element: u32) -> Vec<(u32, u32)> {
    let mut chain = Vec::new();
    let mut at = element;
    while let Some(stack) = tree.node(at).stack {
        chain.push((stack, at));
        match tree.stack(stack).and_then(|data| data.nested) {
            Some(resource) => at = resource,
            None => break,
        }
    }
    chain
}

fn order_stacks(tree: &Tree, source: u32, target: u32, across: &mut Map<(u32, u32), String>) {
    if let (Some(consumer), Some(producer)) = (tree.top_stack(source), tree.top_stack(target))
        && consumer != producer
    {
        across.or_insert_with((consumer, producer), || tree.path(source));
    }
}
