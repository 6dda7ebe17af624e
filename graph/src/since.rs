//! A picture of an assembly together with what it was: what is gone is still drawn, and all that differs is marked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fold;
use crate::model::{Edge, Graph, Level, Mark};
use crate::nodes;
use crate::source::Source;

impl Graph {
    /// Draws an assembly since another one. `changed` tells of the path of a box that both have, whether anything in it
    /// is another; lines are compared here.
    #[must_use]
    pub fn since(
        before: &Source,
        now: &Source,
        changed: &dyn Fn(&str) -> bool,
        level: Level,
    ) -> Self {
        let (old, new) = (Self::new(before, level), Self::new(now, level));
        let mut all = Self::new(&together(before, now), level);
        let [was, is] = [&old, &new].map(boxes);
        for node in &mut all.nodes {
            let path = node.path.as_str();
            node.mark = match (was.contains(path), is.contains(path)) {
                (false, true) => Some(Mark::Added),
                (true, false) => Some(Mark::Removed),
                _ => changed(path).then_some(Mark::Changed),
            };
        }
        let [was, is] = [&old, &new].map(lines);
        let paths: Vec<_> = all.nodes.iter().map(|node| node.path.clone()).collect();
        for edge in &mut all.edges {
            let key = key(edge, |place| &paths[place]);
            edge.mark = match (was.get(&key), is.get(&key)) {
                (None, Some(_)) => Some(Mark::Added),
                (Some(_), None) => Some(Mark::Removed),
                (was, is) => (was != is).then_some(Mark::Changed),
            };
        }
        all
    }
}

impl Source {
    /// Who acts as each role that one construct alone acts as, by the role's path.
    #[must_use]
    pub fn actors(&self) -> BTreeMap<String, String> {
        fold::actors(self, &nodes::all(self))
    }
}

type Key<'a> = (&'a str, &'a str, &'a str);

fn key<'a>(edge: &'a Edge, path: impl Fn(usize) -> &'a str) -> Key<'a> {
    (path(edge.from), &edge.verb, path(edge.to))
}

fn boxes(graph: &Graph) -> BTreeSet<&str> {
    graph.nodes.iter().map(|node| node.path.as_str()).collect()
}

/// What boxes do to each other, with the details.
fn lines(graph: &Graph) -> BTreeMap<Key<'_>, &[String]> {
    let path = |place: usize| graph.nodes[place].path.as_str();
    let edges = graph.edges.iter();
    edges
        .map(|edge| (key(edge, path), &edge.details[..]))
        .collect()
}

/// Both assemblies in one; where they differ, as it is now.
fn together(before: &Source, now: &Source) -> Source {
    let mut all = now.clone();
    for (path, construct) in &before.constructs {
        let construct = || construct.clone();
        all.constructs.entry(path.clone()).or_insert_with(construct);
    }
    for stack in &before.stacks {
        let known = all.stacks.iter_mut().find(|known| known.path == stack.path);
        match known {
            Some(known) => add_resources(&mut known.template, &stack.template),
            None => all.stacks.push(stack.clone()),
        }
    }
    all.stacks.sort_by(|a, b| a.path.cmp(&b.path));
    let gone = before.facts.iter().filter(|fact| !now.facts.contains(fact));
    all.facts.extend(gone.cloned());
    all
}

/// Adds the resources that a template had before, for the sake of the roles that they act as.
fn add_resources(template: &mut Value, before: &Value) {
    let Some(resources) = template["Resources"].as_object_mut() else {
        return;
    };
    for (id, body) in before["Resources"].as_object().into_iter().flatten() {
        resources.entry(id.clone()).or_insert_with(|| body.clone());
    }
}
