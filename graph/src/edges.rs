//! What the edges of the facts are between the boxes of a level.

use std::collections::{BTreeMap, BTreeSet};

use crate::fold::Fold;
use crate::model::{Edge, Level, Node};
use crate::nodes;
use crate::source::Source;
use crate::verbs::WATCHES;

/// The edges between boxes, each pair and verb once. What a box does to itself is not drawn.
pub(crate) fn drawn(source: &Source, fold: &Fold<'_>, boxes: &[Node]) -> Vec<Edge> {
    let places = nodes::places(boxes);
    let mut found: BTreeMap<(usize, usize, &str), BTreeSet<String>> = BTreeMap::new();
    for fact in &source.facts {
        // An alarm that is in the box of what it watches watches itself.
        if fact.verb == WATCHES && !fold.draws_alarms() {
            continue;
        }
        for from in fold.boxes(&fact.from) {
            for to in fold.boxes(&fact.to) {
                let pair = places.get(&*from).zip(places.get(&*to));
                let Some((&from, &to)) = pair.filter(|(from, to)| from != to) else {
                    continue;
                };
                let details = found.entry((from, to, &fact.verb)).or_default();
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
    /// Whether alarms are boxes of their own.
    fn draws_alarms(&self) -> bool {
        self.level() == Level::Full
    }
}
