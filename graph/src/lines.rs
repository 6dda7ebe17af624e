//! Lines: all that two boxes do to each other is one line between them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{Edge, Graph, Mark};
use crate::verbs::{self, Look, Verb};

/// The most details that a phrase shows; further ones are counted.
const DETAILS: usize = 2;
/// The most letters of a row, longer words excepted.
const ROW: usize = 18;
/// Words of so many letters do not stand alone in the last row.
const SHORT: usize = 2;
/// The most letters of a detail.
const LETTERS: usize = 28;

/// A line between two boxes.
#[derive(Debug)]
pub(crate) struct Line {
    /// Where most of what flows comes from.
    pub(crate) start: usize,
    /// Where it goes.
    pub(crate) end: usize,
    /// Everything that one does to the other, by place in [`Graph::edges`].
    pub(crate) edges: Vec<usize>,
    pub(crate) look: Look,
    pub(crate) head_at_start: bool,
    pub(crate) head_at_end: bool,
}

/// The lines of a graph, in the order of its edges.
pub(crate) fn all(graph: &Graph) -> Vec<Line> {
    let mut pairs: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (place, edge) in graph.edges.iter().enumerate() {
        let pair = (edge.from.min(edge.to), edge.from.max(edge.to));
        pairs.entry(pair).or_default().push(place);
    }
    pairs
        .into_values()
        .filter_map(|edges| line(graph, edges))
        .collect()
}

fn line(graph: &Graph, edges: Vec<usize>) -> Option<Line> {
    let flows = || edges.iter().map(|place| flow(&graph.edges[*place]));
    // What happens by itself shows the way, and not what is merely allowed; who may read and write, writes.
    let strongest = edges.iter().max_by_key(|place| {
        let verb = verbs::of(&graph.edges[**place].verb);
        (verb.look, !verb.flows_back, Reverse(**place))
    })?;
    let (start, end, look) = flow(&graph.edges[*strongest]);
    Some(Line {
        start,
        end,
        look,
        head_at_start: flows().any(|(_, to, _)| to == start),
        head_at_end: flows().any(|(_, to, _)| to == end),
        edges,
    })
}

/// From where to where things flow by an edge.
fn flow(edge: &Edge) -> (usize, usize, Look) {
    let verb = verbs::of(&edge.verb);
    if verb.flows_back {
        (edge.to, edge.from, verb.look)
    } else {
        (edge.from, edge.to, verb.look)
    }
}

impl Line {
    /// What became of all that is said by the line, when that is the same.
    pub(crate) fn mark(&self, graph: &Graph) -> Option<Mark> {
        let mut marks = self.edges.iter().map(|place| graph.edges[*place].mark);
        let first = marks.next()?;
        match marks.all(|mark| mark == first) {
            true => first,
            false => Some(Mark::Changed),
        }
    }

    /// What is written at the line, in rows.
    pub(crate) fn rows(&self, graph: &Graph, first: usize) -> Vec<String> {
        self.phrases(graph, first)
            .iter()
            .flat_map(|phrase| rows(phrase))
            .collect()
    }

    /// What is written at the line, read from one of its boxes: a phrase for each verb.
    pub(crate) fn phrases(&self, graph: &Graph, first: usize) -> Vec<String> {
        let edges: Vec<_> = self
            .edges
            .iter()
            .map(|place| &graph.edges[*place])
            .collect();
        let does = |from: usize, verb: &str| {
            edges
                .iter()
                .any(|edge| edge.from == from && edge.verb == verb)
        };
        let both = |from: usize| does(from, READ) && does(from, WRITE);
        let mut phrases: Vec<String> = Vec::new();
        for edge in &edges {
            let phrase = match (&*edge.verb, both(edge.from), edge.from == first) {
                (READ, true, true) => "may read and write".to_owned(),
                (READ, true, false) => "may be read and written by".to_owned(),
                (WRITE, true, _) => continue,
                // Who gives up to somebody sends there, and needs the right to.
                (verbs::SENDS, ..)
                    if edge.details == [RIGHT] && does(edge.from, verbs::GIVES_UP) =>
                {
                    continue;
                }
                (name, _, is_active) => phrase(verbs::of(name), edge, is_active),
            };
            phrases.push(phrase);
        }
        phrases
    }
}

const READ: &str = "may-read";
const WRITE: &str = "may-write";
/// The detail of the right to send.
const RIGHT: &str = "send";

/// A verb with its details, read from who acts or from what it is done to.
fn phrase(verb: Verb, edge: &Edge, is_active: bool) -> String {
    let words = if is_active { verb.active } else { verb.passive };
    if !verb.tells || edge.details.is_empty() {
        return words.to_owned();
    }
    let shown = edge
        .details
        .iter()
        .take(DETAILS)
        .map(|detail| short(detail));
    let mut details = shown.collect::<Vec<_>>().join(", ");
    if edge.details.len() > DETAILS {
        details += &format!(" and {} more", edge.details.len() - DETAILS);
    }
    match (is_active, verb.look) {
        (true, Look::Trigger) => format!("{words} {details}"),
        _ => format!("{words} ({details})"),
    }
}

/// A phrase in rows of about so many letters.
fn rows(phrase: &str) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in phrase.split(' ') {
        let last = rows.len() - 1;
        if rows[last].is_empty() {
            rows[last] += word;
        } else if rows[last].chars().count() + word.chars().count() < ROW || word.len() <= SHORT {
            rows[last] += &format!(" {word}");
        } else {
            rows.push(word.to_owned());
        }
    }
    rows
}

/// A detail that fits a picture.
fn short(detail: &str) -> String {
    if detail.chars().count() <= LETTERS {
        return detail.to_owned();
    }
    detail.chars().take(LETTERS - 1).chain(['…']).collect()
}

/// A whole sentence for those who cannot see the picture.
pub(crate) fn sentence(graph: &Graph, edge: &Edge) -> String {
    let [from, to] = [edge.from, edge.to].map(|place| &graph.nodes[place].path);
    let verb = verbs::of(&edge.verb);
    let details = match &edge.details[..] {
        [] => String::new(),
        details => format!(" ({})", details.join(", ")),
    };
    format!("{from} {} {to}{details}", verb.active)
}
