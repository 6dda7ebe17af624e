//! What the layout of a large picture is not told of, since that would take its time: a line over many layers needs a place in
//! each of them. Such a line is drawn straight, and without words.

use crate::layout::is_in;
use crate::lines::Line;
use crate::model::Graph;
use crate::verbs::Look;

/// A box of so many lines and more is shared by many, such as the topic of all alarms.
const SHARED: usize = 9;

/// A line over more layers than these is far.
const FAR: usize = 2;

/// Which lines of a large picture are told: what happens by itself, and what is neither far nor to what many share; and lines of
/// boxes that have no other one. `turned` tells the lines whose start comes after their end.
pub(crate) fn lines(nodes: usize, lines: &[Line], turned: &[bool]) -> Vec<bool> {
    let mut count = vec![0_usize; nodes];
    for end in lines.iter().flat_map(|line| [line.start, line.end]) {
        count[end] += 1;
    }
    let is_shared = |line: &Line| count[line.start].max(count[line.end]) >= SHARED;
    let mut told: Vec<bool> = lines
        .iter()
        .map(|line| line.look == Look::Trigger || !is_shared(line))
        .collect();
    let layers = layers(nodes, lines, turned, &told);
    let is_far = |line: &Line| layers[line.start].abs_diff(layers[line.end]) > FAR;
    for (line, told) in lines.iter().zip(&mut told) {
        *told = *told && (line.look == Look::Trigger || !is_far(line));
    }
    let mut has_line = vec![false; nodes];
    for (line, _) in lines.iter().zip(&told).filter(|(_, told)| **told) {
        (has_line[line.start], has_line[line.end]) = (true, true);
    }
    for (line, told) in lines.iter().zip(&mut told) {
        if !has_line[line.start] || !has_line[line.end] {
            *told = true;
            (has_line[line.start], has_line[line.end]) = (true, true);
        }
    }
    told
}

/// The layer of each box: the length of the longest way to it. Lines have no circle once some are turned.
fn layers(nodes: usize, lines: &[Line], turned: &[bool], told: &[bool]) -> Vec<usize> {
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    let mut waits = vec![0_usize; nodes];
    let lines = lines.iter().zip(turned).zip(told);
    for ((line, turned), _) in lines.filter(|(_, told)| **told) {
        let (from, to) = match turned {
            true => (line.end, line.start),
            false => (line.start, line.end),
        };
        after[from].push(to);
        waits[to] += 1;
    }
    let mut layers = vec![0; nodes];
    let mut open: Vec<_> = (0..nodes).filter(|place| waits[*place] == 0).collect();
    while let Some(at) = open.pop() {
        for next in &after[at] {
            layers[*next] = layers[*next].max(layers[at] + 1);
            waits[*next] -= 1;
            if waits[*next] == 0 {
                open.push(*next);
            }
        }
    }
    layers
}

/// Which frames of a large picture are told: those around all boxes are drawn around what was placed.
pub(crate) fn frames(graph: &Graph) -> Vec<bool> {
    let is_told = |place| {
        let mut nodes = graph.nodes.iter();
        !nodes.all(|node| is_in(graph, node.frame, place))
    };
    (0..graph.frames.len()).map(is_told).collect()
}
