//! JSON: the graph as data.

use serde_json::{Value, json};

use crate::model::{Edge, Frame, FrameKind, Graph, Node};

/// Writes a graph: `{version, level, frames, nodes, edges}`. Nodes and edges name others by path, frames by place.
pub(crate) fn write(graph: &Graph) -> String {
    let frames: Vec<Value> = graph.frames.iter().map(frame).collect();
    let nodes: Vec<Value> = graph.nodes.iter().map(node).collect();
    let edges: Vec<Value> = graph
        .edges
        .iter()
        .map(|edge| self::edge(graph, edge))
        .collect();
    let document = json!({
        "version": 1,
        "level": graph.level.name(),
        "frames": frames,
        "nodes": nodes,
        "edges": edges,
    });
    format!("{document:#}\n")
}

fn frame(frame: &Frame) -> Value {
    let kind = match frame.kind {
        FrameKind::Account => "account",
        FrameKind::Region => "region",
        FrameKind::Stack => "stack",
        FrameKind::Construct => "construct",
    };
    json!({ "kind": kind, "label": frame.label, "detail": frame.detail, "parent": frame.parent })
}

fn node(node: &Node) -> Value {
    json!({
        "path": node.path,
        "label": node.label,
        "kind": node.kind,
        "type": node.resource,
        "line": node.line,
        "frame": node.frame,
    })
}

fn edge(graph: &Graph, edge: &Edge) -> Value {
    let [from, to] = [edge.from, edge.to].map(|place| &graph.nodes[place].path);
    json!({ "from": from, "verb": edge.verb, "to": to, "details": edge.details })
}
