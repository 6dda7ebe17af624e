//! A picture of an assembly together with what it was: what is gone is still drawn, and all that differs is marked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::fold;
use crate::model::{self, Edge, Graph, Mark, Node};
use crate::nodes;
use crate::source::{Source, Stack};

impl Graph {
    /// What became of the picture of an assembly, which is that of `now`, since another one: what is gone is in it as well. `changed` tells of the path
    /// of a box that both have, whether anything in it is another; lines are compared here.
    #[must_use]
    pub fn since(self, (before, now): (&Source, &Source), changed: &dyn Fn(&str) -> bool) -> Self {
        let (old_nodes, old_edges) = model::drawn(before, self.level);
        let both = together(before, now).map(|both| Self::new(&both, self.level));
        let all = both.as_ref().unwrap_or(&self);
        let [was, is] = [&old_nodes, &self.nodes].map(|nodes| boxes(nodes));
        let node = |node: &Node| {
            let path = node.path.as_str();
            match (was.contains(path), is.contains(path)) {
                (false, true) => Some(Mark::Added),
                (true, false) => Some(Mark::Removed),
                _ => changed(path).then_some(Mark::Changed),
            }
        };
        let nodes: Vec<_> = all.nodes.iter().map(node).collect();
        let was = lines(&old_nodes, &old_edges);
        let is = lines(&self.nodes, &self.edges);
        let edge = |edge: &Edge| {
            let key = key(&all.nodes, edge);
            match (was.get(&key), is.get(&key)) {
                (None, Some(_)) => Some(Mark::Added),
                (Some(_), None) => Some(Mark::Removed),
                (was, is) => (was != is).then_some(Mark::Changed),
            }
        };
        let edges: Vec<_> = all.edges.iter().map(edge).collect();
        both.unwrap_or(self).marked(nodes, edges)
    }

    /// The picture with what is another in it, where the boxes and lines of before are not known.
    #[must_use]
    pub fn changed(self, changed: &dyn Fn(&str) -> bool) -> Self {
        let mark = |node: &Node| changed(&node.path).then_some(Mark::Changed);
        let nodes: Vec<_> = self.nodes.iter().map(mark).collect();
        self.marked(nodes, [])
    }

    fn marked(
        mut self,
        nodes: impl IntoIterator<Item = Option<Mark>>,
        edges: impl IntoIterator<Item = Option<Mark>>,
    ) -> Self {
        for (node, mark) in self.nodes.iter_mut().zip(nodes) {
            node.mark = mark;
        }
        for (edge, mark) in self.edges.iter_mut().zip(edges) {
            edge.mark = mark;
        }
        self
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

fn key<'a>(nodes: &'a [Node], edge: &'a Edge) -> Key<'a> {
    let path = |place: usize| nodes[place].path.as_str();
    (path(edge.from), &edge.verb, path(edge.to))
}

fn boxes(nodes: &[Node]) -> BTreeSet<&str> {
    nodes.iter().map(|node| node.path.as_str()).collect()
}

/// What boxes do to each other, with the details.
fn lines<'a>(nodes: &'a [Node], edges: &'a [Edge]) -> BTreeMap<Key<'a>, &'a [String]> {
    let line = |edge: &'a Edge| (key(nodes, edge), &edge.details[..]);
    edges.iter().map(line).collect()
}

/// Both assemblies in one; where they differ, as it is now. `None` if nothing is gone: then it is the one of now.
fn together(before: &Source, now: &Source) -> Option<Source> {
    let facts: BTreeSet<_> = now.facts.iter().collect();
    let gone = || before.facts.iter().filter(|fact| !facts.contains(fact));
    let mut constructs = before.constructs.keys();
    let is_all_there = constructs.all(|path| now.constructs.contains_key(path))
        && before.stacks.iter().all(|stack| has_all(now, stack))
        && gone().next().is_none();
    if is_all_there {
        return None;
    }
    let mut all = now.clone();
    for (path, construct) in &before.constructs {
        let construct = || construct.clone();
        all.constructs.entry(path.clone()).or_insert_with(construct);
    }
    for stack in &before.stacks {
        let known = all.stacks.iter_mut().find(|known| known.path == stack.path);
        match known {
            Some(known) => add_resources(Arc::make_mut(&mut known.template), &stack.template),
            None => all.stacks.push(stack.clone()),
        }
    }
    all.stacks.sort_by(|a, b| a.path.cmp(&b.path));
    all.facts.extend(gone().cloned());
    Some(all)
}

/// Whether a stack of before is still there with all of its resources.
fn has_all(now: &Source, before: &Stack) -> bool {
    let known = now.stacks.iter().find(|known| known.path == before.path);
    known.is_some_and(|known| {
        let mut ids = resources(&before.template);
        ids.all(|(id, _)| known.template["Resources"].get(id).is_some())
    })
}

fn resources(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    template["Resources"].as_object().into_iter().flatten()
}

/// Adds the resources that a template had before, for the sake of the roles that they act as.
fn add_resources(template: &mut Value, before: &Value) {
    let Some(known) = template["Resources"].as_object_mut() else {
        return;
    };
    for (id, body) in resources(before) {
        known.entry(id.clone()).or_insert_with(|| body.clone());
    }
}
