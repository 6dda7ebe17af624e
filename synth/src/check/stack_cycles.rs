//! Stacks that need each other.

use std::fmt::Write;

use cloudwright_spec::sorted::Map;

use crate::check::cycle::Graph;
use crate::check::report::Report;
use crate::resolve::Draft;
use crate::rules;

/// Reports each circle of stacks with the constructs that cause its steps.
pub(crate) fn check(report: &mut Report<'_>, stacks: &[Draft]) {
    let numbered = stacks.iter().enumerate();
    let place: Map<u32, usize> = numbered.map(|(i, draft)| (draft.node, i)).collect();
    let mut graph = Graph::new(stacks.len());
    for (index, draft) in stacks.iter().enumerate() {
        for needed in draft.needs.keys().filter_map(|needed| place.get(needed)) {
            graph.add(index, *needed);
        }
    }
    for circle in graph.circles() {
        let message = told(report, stacks, &circle);
        let help = "move a construct to the other stack, or pass a name that is known beforehand";
        report.error(stacks[circle[0]].node, &rules::STACK_CYCLE, message, help);
    }
}

fn told(report: &Report<'_>, stacks: &[Draft], circle: &[usize]) -> String {
    let mut text = format!("{} stacks need each other in a circle", circle.len());
    for (position, index) in circle.iter().enumerate() {
        let consumer = &stacks[*index];
        let producer = &stacks[circle[(position + 1) % circle.len()]];
        let reason = consumer.needs.get(&producer.node);
        let _ = write!(
            text,
            "\n     `{}` needs `{}` because of `{}`",
            report.tree.path(consumer.node),
            report.tree.path(producer.node),
            reason.map_or("", String::as_str)
        );
    }
    text
}
