//! What the edges of the facts are between the boxes of a level.

use std::collections::{BTreeMap, BTreeSet};

use crate::fold::Fold;
use crate::model::{Edge, Level, Node};
use crate::nodes;
use crate::source::{Fact, Source};
use crate::verbs::{GIVES_UP, SENDS, WATCHES};

/// The edges between boxes, each pair and verb once. What a box does to itself is not drawn.
pub(crate) fn drawn(source: &Source, fold: &Fold<'_>, boxes: &[Node]) -> Vec<Edge> {
    let places = nodes::places(boxes);
    let mut found: BTreeMap<(usize, usize, &str), BTreeSet<String>> = BTreeMap::new();
    for fact in &source.facts {
        // An alarm that is in the box of what it watches watches itself.
        if fact.verb == WATCHES && !fold.draws_alarms() {
            continue;
        }
        let verb = match fold.gives_up(fact) {
            true => GIVES_UP,
            false => fact.verb.as_str(),
        };
        for from in fold.boxes(&fact.from) {
            for to in fold.boxes(&fact.to) {
                let pair = places.get(&*from).zip(places.get(&*to));
                let Some((&from, &to)) = pair.filter(|(from, to)| from != to) else {
                    continue;
                };
                let details = found.entry((from, to, verb)).or_default();
                details.extend((!fact.detail.is_empty()).then(|| fact.detail.clone()));
            }
        }
    }
    let edge = |((from, to, verb), details): ((usize, usize, &str), BTreeSet<String>)| Edge {
        from,
        to,
        verb: verb.to_owned(),
        details: details.into_iter().collect(),
        mark: None,
    };
    found.into_iter().map(edge).collect()
}

impl Fold<'_> {
    /// Whether somebody sends to the dead letters of the box that these are drawn in: the box itself gets nothing, and what
    /// is sent is given up.
    fn gives_up(&self, fact: &Fact) -> bool {
        let facts = || self.source().facts.iter();
        let is_inner = !self.boxes(&fact.to).contains(&fact.to);
        fact.verb == SENDS
            && is_inner
            && facts().any(|other| {
                other.verb == GIVES_UP
                    && other.to == fact.to
                    && self.boxes(&other.from) == self.boxes(&fact.to)
            })
    }

    /// Whether alarms are boxes of their own.
    fn draws_alarms(&self) -> bool {
        self.level() == Level::Full
    }
}
