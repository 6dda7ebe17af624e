//! Conditions that are defined by each other.

use std::collections::HashMap;

use crate::check::cycle::Graph;
use crate::check::parts::{Part, Place};
use crate::check::references::{self, Reference};
use crate::check::report::Report;
use crate::check::walk::{Trail, walk};
use crate::rules;

/// Reports each circle of conditions.
pub(crate) fn check(report: &mut Report<'_>, parts: &[Part<'_>]) {
    let conditions: Vec<_> = parts
        .iter()
        .filter(|part| part.place == Place::Condition)
        .collect();
    let numbered = conditions.iter().enumerate();
    let place: HashMap<&str, usize> = numbered.map(|(i, part)| (part.id, i)).collect();
    let mut graph = Graph::new(conditions.len());
    for (index, part) in conditions.iter().enumerate() {
        walk(part.json, &mut Trail::default(), &mut |json, _| {
            references::each(json, &mut |reference| {
                if let Reference::Condition(name) = reference
                    && let Some(needed) = place.get(name)
                {
                    graph.add(index, *needed);
                }
            });
        });
    }
    for circle in graph.circles() {
        let names: Vec<&str> = circle.iter().map(|index| conditions[*index].id).collect();
        let message = format!(
            "{} -> {}: a condition that depends on itself",
            names.join(" -> "),
            names[0]
        );
        let node = conditions[circle[0]].node;
        report.error(
            node,
            &rules::CONDITION_CYCLE,
            message,
            "write the test out in one of them",
        );
    }
}
