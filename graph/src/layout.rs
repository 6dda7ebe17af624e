//! Where everything goes: layers, as [dagre](https://docs.rs/dagre) computes them, from left to right, or from top to
//! bottom where that makes a picture that is easier to show.
//!
//! Dagre knows frames but leaves no room for their titles. So the picture is cut open above each frame afterwards, and
//! all below is moved down: nothing can overlap by that.

use std::cmp::Reverse;

use dagre::graph::{Graph as Dagre, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir, Ranker};

use crate::lines::Line;
use crate::model::Graph;
use crate::told;
use crate::ways::keep_clear;

/// Something with a place; `x` and `y` are its upper left corner, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn center(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// The way of a line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way {
    /// From its start to its end.
    pub(crate) points: Vec<(f64, f64)>,
    /// The middle of what is written at it.
    pub(crate) label: (f64, f64),
    /// Whether nothing gives way to it: then nothing is written at it, as that would be written over boxes.
    pub(crate) is_straight: bool,
}

/// Which way things flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From left to right.
    #[default]
    Right,
    /// From top to bottom.
    Down,
}

/// Where everything is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    pub(crate) direction: Direction,
    pub(crate) nodes: Vec<Rect>,
    pub(crate) frames: Vec<Rect>,
    pub(crate) ways: Vec<Way>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// How large things are, in pixels.
#[derive(Clone)]
pub(crate) struct Sizes {
    pub(crate) nodes: Vec<(f64, f64)>,
    /// The room for what is written at each line.
    pub(crate) labels: Vec<(f64, f64)>,
    /// The room for the title of each frame.
    pub(crate) titles: Vec<(f64, f64)>,
}

/// Up to so many boxes and lines, a picture is laid out with all care, and again for the sake of titles and of its shape: of
/// more, one such layout takes a fifth of a second.
const FEW: (usize, usize) = (40, 60);

/// Whether a picture is laid out with all care.
fn is_small(graph: &Graph, lines: &[Line]) -> bool {
    graph.nodes.len() <= FEW.0 && lines.len() <= FEW.1
}
/// What a frame is wider than the one box in it, at least.
const AROUND: f64 = 16.0;

/// What is left free around the picture.
const MARGIN: f64 = 16.0;

/// The width of a picture that is never too wide.
const WIDE: f64 = 1300.0;
/// The width of a large picture that is too wide to be looked at.
const FAR: f64 = 4.0 * WIDE;
/// A page: what a picture is shown on, scaled to fit.
const PAGE: (f64, f64) = (1000.0, 1400.0);

/// Finds a place for everything.
pub(crate) fn layout(graph: &Graph, lines: &[Line], sizes: &Sizes) -> Places {
    if graph.nodes.is_empty() {
        return Places::default();
    }
    let mut sizes = sizes.clone();
    fit_lonely(graph, &mut sizes);
    let right = directed(graph, lines, &sizes, Direction::Right);
    let most = if is_small(graph, lines) { WIDE } else { FAR };
    if right.width <= most {
        return right;
    }
    let down = directed(graph, lines, &sizes, Direction::Down);
    let shrinks = |places: &Places| (places.width / PAGE.0).max(places.height / PAGE.1);
    if shrinks(&down) < shrinks(&right) {
        down
    } else {
        right
    }
}

/// Makes the one box of a frame as wide as the frame's title.
fn fit_lonely(graph: &Graph, sizes: &mut Sizes) {
    let mut inside = vec![Vec::new(); graph.frames.len()];
    for (place, node) in graph.nodes.iter().enumerate() {
        let mut frame = node.frame;
        while let Some(at) = frame {
            inside[at].push(place);
            frame = graph.frames[at].parent;
        }
    }
    for (inside, (width, _)) in inside.iter().zip(&sizes.titles) {
        if let [only] = inside[..] {
            let node = &mut sizes.nodes[only];
            node.0 = node.0.max(width - AROUND);
        }
    }
}

/// Finds a place for everything, in a direction.
fn directed(graph: &Graph, lines: &[Line], sizes: &Sizes, direction: Direction) -> Places {
    let mut sizes = sizes.clone();
    let mut places = placed(graph, lines, &sizes, direction);
    if is_small(graph, lines) && widen(graph, &places, &mut sizes) {
        places = placed(graph, lines, &sizes, direction);
    }
    anchor(&mut places, lines);
    cut_open(&mut places, &sizes);
    if is_small(graph, lines) {
        keep_clear(graph, lines, &sizes, &mut places);
    }
    move_to_margin(&mut places);
    places
}

/// Has dagre place everything.
fn placed(graph: &Graph, lines: &[Line], sizes: &Sizes, direction: Direction) -> Places {
    let turned = turned(graph.nodes.len(), lines);
    let told = Told::of(graph, lines, &turned);
    let mut dagre = asked(graph, (lines, &told), sizes, &turned);
    let options = LayoutOptions {
        rankdir: match direction {
            Direction::Right => RankDir::LR,
            Direction::Down => RankDir::TB,
        },
        nodesep: 24.0,
        edgesep: 14.0,
        ranksep: 40.0,
        ranker: match is_small(graph, lines) {
            true => Ranker::NetworkSimplex,
            false => Ranker::TightTree,
        },
        ..LayoutOptions::default()
    };
    dagre::layout(&mut dagre, Some(options));
    let mut places = Places {
        direction,
        ..answered(&dagre, graph, (lines, &told), &turned)
    };
    enclose(&mut places, &told);
    places
}

/// What is left free between a frame and what is in it, where dagre was not told of the frame.
const INSIDE: f64 = 24.0;

/// Draws the frames around everything that dagre was not told of, the innermost first: a frame comes after those around it.
fn enclose(places: &mut Places, told: &Told) {
    for place in (0..places.frames.len()).rev() {
        if told.frames[place] {
            continue;
        }
        let inner = places.frames[place + 1..].iter().chain(&places.nodes);
        let corners = inner.flat_map(|rect| {
            [
                (rect.x, rect.y),
                (rect.x + rect.width, rect.y + rect.height),
            ]
        });
        let points = places
            .ways
            .iter()
            .flat_map(|way| way.points.iter().copied());
        let all: Vec<(f64, f64)> = corners.chain(points).collect();
        let least =
            |of: fn(&(f64, f64)) -> f64| all.iter().map(of).fold(f64::MAX, f64::min) - INSIDE;
        let most =
            |of: fn(&(f64, f64)) -> f64| all.iter().map(of).fold(f64::MIN, f64::max) + INSIDE;
        let (x, y) = (least(|point| point.0), least(|point| point.1));
        places.frames[place] = Rect {
            x,
            y,
            width: most(|point| point.0) - x,
            height: most(|point| point.1) - y,
        };
    }
}

/// What dagre is told of a picture: lines and frames, by place.
struct Told {
    lines: Vec<bool>,
    frames: Vec<bool>,
}

impl Told {
    fn of(graph: &Graph, lines: &[Line], turned: &[bool]) -> Self {
        match is_small(graph, lines) {
            true => Self {
                lines: vec![true; lines.len()],
                frames: vec![true; graph.frames.len()],
            },
            false => Self {
                lines: told::lines(graph.nodes.len(), lines, turned),
                frames: told::frames(graph),
            },
        }
    }
}

fn node_id(place: usize) -> String {
    format!("n{place}")
}

fn frame_id(place: usize) -> String {
    format!("f{place}")
}

/// The boxes of a line as dagre is told them.
fn ends(line: &Line, turned: bool) -> (String, String) {
    let (start, end) = (node_id(line.start), node_id(line.end));
    if turned { (end, start) } else { (start, end) }
}

/// Which lines dagre is told the other way round, so that there is no circle: what happens by itself keeps its way, and
/// what is merely allowed gives way. Left to itself, dagre turns any line of a circle.
fn turned(nodes: usize, lines: &[Line]) -> Vec<bool> {
    let mut order: Vec<_> = (0..lines.len()).collect();
    order.sort_by_key(|place| (Reverse(lines[*place].look), *place));
    let mut turned = vec![false; lines.len()];
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for place in order {
        let Line { start, end, .. } = lines[place];
        turned[place] = leads(&after, end, start);
        match turned[place] {
            true => after[end].push(start),
            false => after[start].push(end),
        }
    }
    turned
}

/// Whether there is a way from a box to another one.
fn leads(after: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; after.len()];
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if !std::mem::replace(&mut seen[at], true) {
            open.extend(&after[at]);
        }
    }
    false
}

/// The graph as dagre takes it.
fn asked(
    graph: &Graph,
    (lines, told): (&[Line], &Told),
    sizes: &Sizes,
    turned: &[bool],
) -> Dagre<NodeLabel, EdgeLabel> {
    let mut dagre = Dagre::with_options(GraphOptions {
        directed: true,
        multigraph: false,
        compound: true,
    });
    let frames = || graph.frames.iter().enumerate();
    let frames = || frames().filter(|(place, _)| told.frames[*place]);
    for (place, _) in frames() {
        dagre.set_node(frame_id(place), Some(NodeLabel::default()));
    }
    for (place, (width, height)) in sizes.nodes.iter().enumerate() {
        let label = NodeLabel {
            width: *width,
            height: *height,
            ..NodeLabel::default()
        };
        dagre.set_node(node_id(place), Some(label));
    }
    for (place, frame) in frames() {
        if let Some(parent) = frame.parent.filter(|parent| told.frames[*parent]) {
            dagre.set_parent(&frame_id(place), Some(&frame_id(parent)));
        }
    }
    for (place, node) in graph.nodes.iter().enumerate() {
        if let Some(frame) = node.frame.filter(|frame| told.frames[*frame]) {
            dagre.set_parent(&node_id(place), Some(&frame_id(frame)));
        }
    }
    let lines = lines.iter().zip(&sizes.labels).zip(turned).zip(&told.lines);
    for (((line, (width, height)), turned), _) in lines.filter(|(_, told)| **told) {
        let label = EdgeLabel {
            width: *width,
            height: *height,
            labelpos: dagre::layout::types::LabelPos::Center,
            ..EdgeLabel::default()
        };
        let (from, to) = ends(line, *turned);
        dagre.set_edge(from, to, Some(label), None);
    }
    dagre
}

/// What dagre found, with the frames as it left them.
fn answered(
    dagre: &Dagre<NodeLabel, EdgeLabel>,
    graph: &Graph,
    (lines, told): (&[Line], &Told),
    turned: &[bool],
) -> Places {
    let rect = |id: String| {
        let label = dagre.node(&id);
        label.map_or_else(Rect::default, |label| Rect {
            x: label.x.unwrap_or_default() - label.width / 2.0,
            y: label.y.unwrap_or_default() - label.height / 2.0,
            width: label.width,
            height: label.height,
        })
    };
    let way = |((line, turned), told): ((&Line, &bool), &bool)| {
        if !told {
            let [start, end] = [line.start, line.end].map(|place| rect(node_id(place)).center());
            let middle = ((start.0 + end.0) / 2.0, (start.1 + end.1) / 2.0);
            return Way {
                points: vec![start, middle, end],
                label: middle,
                is_straight: true,
            };
        }
        let (from, to) = ends(line, *turned);
        let label = dagre.edge(&from, &to, None);
        let mut way = label.map_or_else(Way::default, |label| Way {
            points: label
                .points
                .iter()
                .map(|point| (point.x, point.y))
                .collect(),
            label: (label.x.unwrap_or_default(), label.y.unwrap_or_default()),
            is_straight: false,
        });
        if *turned {
            way.points.reverse();
        }
        way
    };
    Places {
        nodes: (0..graph.nodes.len())
            .map(|place| rect(node_id(place)))
            .collect(),
        frames: (0..graph.frames.len())
            .map(|place| rect(frame_id(place)))
            .collect(),
        ways: lines.iter().zip(turned).zip(&told.lines).map(way).collect(),
        ..Places::default()
    }
}

/// Widens a box in each frame that is narrower than its title; whether there was one.
fn widen(graph: &Graph, places: &Places, sizes: &mut Sizes) -> bool {
    let mut widened = vec![false; sizes.nodes.len()];
    // Frames come after those around them, whose title may fit once theirs does.
    for (place, frame) in places.frames.iter().enumerate().rev() {
        let missing = sizes.titles[place].0 - frame.width;
        let within = |node: &usize| is_in(graph, graph.nodes[*node].frame, place);
        let inside: Vec<_> = (0..graph.nodes.len()).filter(within).collect();
        let is_narrow = missing > 0.5 && !inside.iter().any(|node| widened[*node]);
        if let Some(node) = inside.first().filter(|_| is_narrow) {
            sizes.nodes[*node].0 += missing;
            widened[*node] = true;
        }
    }
    widened.contains(&true)
}

/// Whether a frame is another one or in it.
pub(crate) fn is_in(graph: &Graph, frame: Option<usize>, around: usize) -> bool {
    frame.is_some_and(|at| at == around || is_in(graph, graph.frames[at].parent, around))
}

/// Has lines begin and end in the middle of the sides of boxes: dagre takes them where they meet a box on the way to
/// its middle.
fn anchor(places: &mut Places, lines: &[Line]) {
    let direction = places.direction;
    let side = |rect: &Rect, next: (f64, f64)| {
        let (x, y) = rect.center();
        match direction {
            Direction::Right => (x + (rect.width / 2.0).copysign(next.0 - x), y),
            Direction::Down => (x, y + (rect.height / 2.0).copysign(next.1 - y)),
        }
    };
    for (way, line) in places.ways.iter_mut().zip(lines) {
        let count = way.points.len();
        if count > 2 {
            way.points[0] = side(&places.nodes[line.start], way.points[1]);
            way.points[count - 1] = side(&places.nodes[line.end], way.points[count - 2]);
        }
    }
}

/// Makes room for the title of each frame above what is in it.
fn cut_open(places: &mut Places, sizes: &Sizes) {
    let mut cuts: Vec<(f64, f64)> = places
        .frames
        .iter()
        .zip(&sizes.titles)
        .map(|(frame, (_, height))| (frame.y, *height))
        .collect();
    cuts.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Whatever is at or below a frame's upper edge moves down, its own edge by the titles of those around it.
    let moved = |y: f64, is_edge: bool| {
        let above = cuts
            .iter()
            .filter(|(at, _)| *at < y || (!is_edge && *at <= y));
        y + above.map(|(_, height)| height).sum::<f64>()
    };
    for frame in &mut places.frames {
        let bottom = moved(frame.y + frame.height, false);
        frame.y = moved(frame.y, true);
        frame.height = bottom - frame.y;
    }
    for node in &mut places.nodes {
        // A box keeps its height: it is moved by what is above its middle.
        node.y = moved(node.y + node.height / 2.0, false) - node.height / 2.0;
    }
    for way in &mut places.ways {
        way.points
            .iter_mut()
            .for_each(|point| point.1 = moved(point.1, false));
        way.label.1 = moved(way.label.1, false);
    }
}

/// Puts the upper left corner of all at the margin, and says how large the picture is.
fn move_to_margin(places: &mut Places) {
    let rects = || places.nodes.iter().chain(&places.frames);
    let left = rects().map(|rect| rect.x).fold(f64::MAX, f64::min) - MARGIN;
    let top = rects().map(|rect| rect.y).fold(f64::MAX, f64::min) - MARGIN;
    let right = rects().map(|rect| rect.x + rect.width).fold(0.0, f64::max) + MARGIN;
    let bottom = rects().map(|rect| rect.y + rect.height).fold(0.0, f64::max) + MARGIN;
    for rect in places.nodes.iter_mut().chain(&mut places.frames) {
        rect.x -= left;
        rect.y -= top;
    }
    for way in &mut places.ways {
        for point in way.points.iter_mut().chain([&mut way.label]) {
            point.0 -= left;
            point.1 -= top;
        }
    }
    places.width = right - left;
    places.height = bottom - top;
}
