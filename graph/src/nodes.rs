//! Which constructs can be boxes.

use std::collections::{BTreeMap, BTreeSet};

use crate::fold::{Fold, around};
use crate::kinds::{self, Group};
use crate::model::Node;
use crate::source::{MAIN, Source};
use crate::verbs::SENDS;

/// Everything that can be a box, by its path: constructs with a resource that is no tie, those outside to whom a
/// subscription sends, and constructs that act as a whole.
pub(crate) fn all(source: &Source) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (path, construct) in &source.constructs {
        let Some((kind, _)) = &construct.resource else {
            continue;
        };
        if !kinds::is_tie(kind) {
            all.insert(owner(path).to_owned());
        }
    }
    let told = source.facts.iter().filter(|fact| fact.verb == SENDS);
    all.extend(
        told.filter(|fact| endpoint(source, &fact.to).is_some())
            .map(|fact| fact.to.clone()),
    );
    let acting = source.facts.iter().flat_map(|fact| [&fact.from, &fact.to]);
    let known: Vec<_> = acting
        .filter(|path| source.constructs.contains_key(*path))
        .collect();
    // One that is a tie, or that is within a box, is folded.
    let wholes = known
        .into_iter()
        .filter(|path| source.resource(path).is_none());
    all.extend(wholes.cloned().collect::<Vec<_>>());
    let stray = stray(source, &all);
    all.extend(stray);
    all
}

/// What acts, or is acted upon, and is in no box, tie or not: without a box of its own, its lines would be missing.
fn stray(source: &Source, all: &BTreeSet<String>) -> Vec<String> {
    let ends = source.facts.iter().flat_map(|fact| [&fact.from, &fact.to]);
    let stray = ends.filter(|path| {
        let is_known = source.constructs.contains_key(*path);
        is_known && !around(path).any(|path| all.contains(path))
    });
    stray.map(|path| owner(path).to_owned()).collect()
}

/// The construct that a resource is the main one of, or itself.
fn owner(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((owner, last)) if MAIN.contains(&last) => owner,
        _ => path,
    }
}

/// Whom a subscription sends to, when that is somebody outside: the protocol and the address.
pub(crate) fn endpoint<'a>(source: &'a Source, path: &str) -> Option<(&'a str, Option<&'a str>)> {
    let (kind, _) = source.resource(path)?;
    if kind != "AWS::SNS::Subscription" {
        return None;
    }
    let properties = &source.body(path)?["Properties"];
    let protocol = properties["Protocol"].as_str().unwrap_or("subscriber");
    Some((protocol, properties["Endpoint"].as_str()))
}

/// The boxes of a level, in the order of their paths. Frames and short labels come later.
pub(crate) fn drawn(source: &Source, all: &BTreeSet<String>, fold: &Fold<'_>) -> Vec<Node> {
    let boxes: BTreeSet<_> = all.iter().flat_map(|path| fold.boxes(path)).collect();
    boxes.into_iter().map(|path| node(source, &path)).collect()
}

fn node(source: &Source, path: &str) -> Node {
    let resource = source.resource(path).map(|(kind, _)| kind.clone());
    let last = path.rsplit('/').next().unwrap_or(path);
    let (label, kind, group) = match (endpoint(source, path), &resource) {
        (Some((protocol, address)), _) => {
            (address.unwrap_or(last), protocol.to_owned(), Group::Outside)
        }
        (None, Some(resource)) => {
            let (word, group) = kinds::of(resource);
            (last, word, group)
        }
        (None, None) => (last, whole(source, path), Group::Other),
    };
    Node {
        path: path.to_owned(),
        label: label.to_owned(),
        kind,
        resource,
        line: source
            .line(path)
            .or_else(|| line_within(source, path))
            .cloned(),
        frame: None,
        mark: None,
        group,
    }
}

/// What a construct without a resource of its own is; one that has nothing but a path stands for what exists elsewhere.
fn whole(source: &Source, path: &str) -> String {
    match &*type_name(source, path) {
        "Place" => "imported".to_owned(),
        name => words(name),
    }
}

/// `ImportedRole` as `imported role`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// The line of the first resource within a construct.
fn line_within<'a>(source: &'a Source, path: &str) -> Option<&'a String> {
    let below = format!("{path}/");
    let mut lines = source.lines.range(below.clone()..);
    lines
        .next()
        .filter(|(path, _)| path.starts_with(&below))
        .map(|(_, line)| line)
}

/// The name of a construct's Rust type, without its path and parameters.
pub(crate) fn type_name(source: &Source, path: &str) -> String {
    let name = source
        .constructs
        .get(path)
        .map_or("", |construct| &construct.name);
    let plain = name.split('<').next().unwrap_or_default();
    plain.rsplit("::").next().unwrap_or_default().to_owned()
}

/// Every box by its path.
pub(crate) fn places(nodes: &[Node]) -> BTreeMap<&str, usize> {
    nodes
        .iter()
        .enumerate()
        .map(|(place, node)| (node.path.as_str(), place))
        .collect()
}
