//! The ways of lines beside what is not theirs.
//!
//! Dagre leaves room for a line at each box and frame that it passes. But the piece between the last place that a line passes
//! and its box is as short as the edge of a frame is thick: where the line has far to turn there, it turns over the corner of
//! that frame. So such a line turns one piece earlier, where there is room.

use std::ops::Range;

use crate::layout::{Direction, Places, Rect, Sizes, Way, is_in};
use crate::lines::Line;
use crate::model::Graph;

/// At how many places of a piece of a line it is looked whether something is there.
const LOOKS: u8 = 16;

/// How much of an edge a line may touch, in pixels.
const EDGE: f64 = 1.0;

type Point = (f64, f64);

/// Turns lines elsewhere that would run over a frame that holds none of their boxes, or over another box; and if there is room
/// for that, those that would run over a title.
pub(crate) fn keep_clear(graph: &Graph, lines: &[Line], sizes: &Sizes, places: &mut Places) {
    let titles: Vec<_> = places.frames.iter().zip(&sizes.titles).map(title).collect();
    for (place, line) in lines.iter().enumerate() {
        let others = others(graph, line, places);
        let all = [&others[..], &titles].concat();
        let way = &places.ways[place];
        let turned = [all, others].iter().find_map(|things| {
            let is_clear = |points: &[Point]| is_clear(points, things, places.direction);
            let as_it_is = std::iter::once(way.points.clone());
            let mut ways = as_it_is.chain(turned(way, places.direction));
            ways.find(|points| is_clear(points))
        });
        if let Some(points) = turned {
            places.ways[place].points = points;
        }
    }
}

/// Where the title of a frame is written.
fn title((frame, (width, height)): (&Rect, &(f64, f64))) -> Rect {
    Rect {
        width: width.min(frame.width),
        height: *height,
        ..*frame
    }
}

/// Everything that a line has no business with.
fn others(graph: &Graph, line: &Line, places: &Places) -> Vec<Rect> {
    let ends = [line.start, line.end];
    let holds = |frame| {
        let mut ends = ends.iter();
        ends.any(|end| is_in(graph, graph.nodes[*end].frame, frame))
    };
    let frames = places.frames.iter().enumerate();
    let frames = frames.filter(|(frame, _)| !holds(*frame));
    let nodes = places.nodes.iter().enumerate();
    let nodes = nodes.filter(|(node, _)| !ends.contains(node));
    let frames = frames.map(|(_, rect)| *rect);
    frames.chain(nodes.map(|(_, rect)| *rect)).collect()
}

fn is_clear(points: &[Point], others: &[Rect], direction: Direction) -> bool {
    let within = |(x, y): Point, rect: &Rect| {
        let is_between = |at, from, long| from + EDGE < at && at < from + long - EDGE;
        is_between(x, rect.x, rect.width) && is_between(y, rect.y, rect.height)
    };
    let pieces = points.windows(2).map(|pair| (pair[0], pair[1]));
    let mut drawn = pieces.flat_map(|piece| along(piece, direction));
    drawn.all(|point| !others.iter().any(|rect| within(point, rect)))
}

/// Places along a piece of a line.
fn along((from, to): (Point, Point), direction: Direction) -> impl Iterator<Item = Point> {
    let (leave, arrive) = bend(from, to, direction);
    (0..=LOOKS).map(move |look| {
        let after = f64::from(look) / f64::from(LOOKS);
        let before = 1.0 - after;
        let shares = [
            before.powi(3),
            3.0 * before.powi(2) * after,
            3.0 * before * after.powi(2),
            after.powi(3),
        ];
        let points = [from, leave, arrive, to].into_iter().zip(shares);
        points.fold((0.0, 0.0), |(x, y), (point, share)| {
            (x + point.0 * share, y + point.1 * share)
        })
    })
}

/// How a piece of a line is bent: it leaves and arrives in the direction of the picture.
pub(crate) fn bend(from: Point, to: Point, direction: Direction) -> (Point, Point) {
    match direction {
        Direction::Right => {
            let middle = (from.0 + to.0) / 2.0;
            ((middle, from.1), (middle, to.1))
        }
        Direction::Down => {
            let middle = (from.1 + to.1) / 2.0;
            ((from.0, middle), (to.0, middle))
        }
    }
}

/// The same line, turned elsewhere: sooner before its end, or later after its start. Where something is written at it, it
/// stays.
fn turned(way: &Way, direction: Direction) -> impl Iterator<Item = Vec<Point>> {
    let points = &way.points;
    let last = points.len().saturating_sub(1);
    let written = points.iter().position(|point| *point == way.label);
    let (before, after) = written.map_or((last, 0), |place| (place, place));
    let sooner = (after + 1..last)
        .rev()
        .map(move |first| (first..last, last));
    let later = (1..before).map(|end| (1..end + 1, 0));
    sooner
        .chain(later)
        .map(move |(range, like)| level(points, range, points[like], direction))
}

/// The points with some of them on the level of another one.
fn level(points: &[Point], range: Range<usize>, like: Point, direction: Direction) -> Vec<Point> {
    let mut points = points.to_vec();
    for point in &mut points[range] {
        match direction {
            Direction::Right => point.1 = like.1,
            Direction::Down => point.0 = like.0,
        }
    }
    points
}
