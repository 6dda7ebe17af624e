//! Mermaid: text that code hosts draw in Markdown.

use std::fmt::Write as _;

use crate::lines::{self, Line};
use crate::model::Graph;
use crate::verbs::Look;

/// Writes a graph as a flowchart.
pub(crate) fn write(graph: &Graph) -> String {
    let mut text = "flowchart LR\n".to_owned();
    inside(&mut text, graph, None, 1);
    for line in lines::all(graph) {
        let phrases = line
            .phrases(graph, line.start)
            .iter()
            .map(|phrase| escaped(phrase))
            .collect::<Vec<_>>();
        let (before, after) = arrow(&line);
        let _ = writeln!(
            text,
            "  n{} {before} \"{}\" {after} n{}",
            line.start,
            phrases.join("<br/>"),
            line.end
        );
    }
    text
}

/// The frames and boxes of a frame.
fn inside(text: &mut String, graph: &Graph, frame: Option<usize>, depth: usize) {
    let indent = "  ".repeat(depth);
    for (place, inner) in graph.frames.iter().enumerate() {
        if inner.parent == frame {
            let title = format!("{} ({})", inner.label, inner.detail);
            let _ = writeln!(text, "{indent}subgraph f{place} [\"{}\"]", escaped(&title));
            inside(text, graph, Some(place), depth + 1);
            let _ = writeln!(text, "{indent}end");
        }
    }
    for (place, node) in graph.nodes.iter().enumerate() {
        if node.frame == frame {
            let (label, kind) = (escaped(&node.label), escaped(&node.kind));
            let _ = writeln!(text, "{indent}n{place}[\"<b>{label}</b><br/>{kind}\"]");
        }
    }
}

/// What is before and behind the words of a line.
fn arrow(line: &Line) -> (&'static str, &'static str) {
    match (line.look, line.head_at_start) {
        (Look::Trigger, false) => ("--", "-->"),
        (Look::Trigger, true) => ("<--", "-->"),
        (_, false) => ("-.", ".->"),
        (_, true) => ("<-.", ".->"),
    }
}

/// A text as it may stand between quotes: what means something to Mermaid or to HTML is a number.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '&' | '<' | '>' | '#' | '`' | '\\' | '*' | '_' | ';' => {
                let _ = write!(safe, "#{};", u32::from(letter));
            }
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}
