//! DOT: for Graphviz and what reads its language.

use std::fmt::Write as _;

use crate::lines::{self, Line};
use crate::model::Graph;
use crate::verbs::Look;

/// Writes a graph.
pub(crate) fn write(graph: &Graph) -> String {
    let mut text = "digraph system {\n  rankdir=LR;\n  compound=true;\n  fontname=\"Helvetica\";\n  \
                    node [shape=box, style=rounded, fontname=\"Helvetica\"];\n  edge [fontname=\"Helvetica\", fontsize=10];\n"
        .to_owned();
    inside(&mut text, graph, None, 1);
    for line in lines::all(graph) {
        let phrases = line.phrases(graph, line.start);
        let _ = writeln!(
            text,
            "  n{} -> n{} [label={}{}];",
            line.start,
            line.end,
            quoted(&phrases.join("\n")),
            look(&line)
        );
    }
    text + "}\n"
}

/// The frames and boxes of a frame.
fn inside(text: &mut String, graph: &Graph, frame: Option<usize>, depth: usize) {
    let indent = "  ".repeat(depth);
    for (place, inner) in graph.frames.iter().enumerate() {
        if inner.parent == frame {
            let title = quoted(&format!("{} ({})", inner.label, inner.detail));
            let _ = writeln!(
                text,
                "{indent}subgraph cluster_{place} {{\n{indent}  label={title};"
            );
            inside(text, graph, Some(place), depth + 1);
            let _ = writeln!(text, "{indent}}}");
        }
    }
    for (place, node) in graph.nodes.iter().enumerate() {
        if node.frame == frame {
            let label = quoted(&format!("{}\n{}", node.label, node.kind));
            let path = quoted(&node.path);
            let _ = writeln!(text, "{indent}n{place} [label={label}, tooltip={path}];");
        }
    }
}

fn look(line: &Line) -> String {
    let style = match line.look {
        Look::Trigger => "",
        Look::Grant => ", style=dashed",
        Look::Failure => ", style=dotted, color=red",
        Look::Alarm => ", style=dotted, color=purple",
    };
    let heads = match (line.head_at_start, line.head_at_end) {
        (true, true) => ", dir=both",
        (true, false) => ", dir=back",
        _ => "",
    };
    format!("{style}{heads}")
}

/// A text between quotes. A backslash is doubled, for Graphviz reads escapes in labels.
fn quoted(text: &str) -> String {
    let mut safe = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' => safe += "\\\"",
            '\\' => safe += "\\\\",
            '\n' => safe += "\\n",
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe + "\""
}
