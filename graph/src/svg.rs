//! SVG: a picture without scripts, fonts or references, in light and dark.

use std::fmt::Write as _;

use crate::layout::{Direction, Places, Rect, Sizes, Way, layout};
use crate::lines::{self, Line};
use crate::model::{FrameKind, Graph, Mark};
use crate::ways::bend;
use crate::width::{self, Weight};

const NAME: f64 = 13.0;
const SMALL: f64 = 11.0;
const HEIGHT: f64 = 44.0;
/// The coloured stripe of a box, and what is free beside its text.
const STRIPE: f64 = 6.0;
const PADDING: f64 = 12.0;
const NARROWEST: f64 = 84.0;
const LABEL_LINE: f64 = 14.0;
/// The room above what is in a frame.
const TITLE: f64 = 24.0;

/// Colours by class, light and then dark; each picture says them once.
const STYLE: &str = include_str!("svg.css");

/// Writes a graph as a picture of its own.
pub(crate) fn write(graph: &Graph) -> String {
    picture(graph, true)
}

/// Writes a graph as a part of a page.
pub(crate) fn part(graph: &Graph) -> String {
    picture(graph, false)
}

fn picture(graph: &Graph, is_whole: bool) -> String {
    let lines = lines::all(graph);
    let sizes = sizes(graph, &lines);
    let places = layout(graph, &lines, &sizes);
    let mut svg = String::new();
    head(&mut svg, graph, &places, is_whole);
    for (frame, rect) in graph.frames.iter().zip(&places.frames) {
        self::frame(&mut svg, frame.kind, (&frame.label, &frame.detail), rect);
    }
    for (line, way) in lines.iter().zip(&places.ways) {
        self::line(&mut svg, graph, line, way, places.direction);
    }
    for (place, rect) in places.nodes.iter().enumerate() {
        node(&mut svg, graph, place, rect);
    }
    // Texts are on top of all lines.
    let told = lines.iter().zip(&places.ways);
    for (line, way) in told.filter(|(_, way)| !way.is_straight) {
        label(&mut svg, &phrases(graph, line, &places), way);
    }
    svg + "</svg>\n"
}

/// The room for a name.
fn name(text: &str) -> f64 {
    width::of(text, NAME, Weight::Bold)
}

/// The room for what is said in small letters.
fn small(text: &str) -> f64 {
    width::of(text, SMALL, Weight::Plain)
}

fn sizes(graph: &Graph, lines: &[Line]) -> Sizes {
    let node = |node: &crate::model::Node| {
        let text = name(&node.label).max(small(&node.kind));
        ((text + STRIPE + 2.0 * PADDING).max(NARROWEST), HEIGHT)
    };
    let label = |line: &Line| {
        // Either way it is read: which one, only the layout tells.
        let ends = [line.start, line.end].map(|first| line.rows(graph, first));
        let widest = ends.iter().flatten().map(|row| small(row));
        let rows = ends.iter().map(Vec::len).max().unwrap_or_default() as f64;
        (widest.fold(0.0, f64::max) + 8.0, rows * LABEL_LINE)
    };
    let title = |frame: &crate::model::Frame| {
        let text = name(&frame.label) + small(&frame.detail);
        (text + 40.0, TITLE)
    };
    Sizes {
        nodes: graph.nodes.iter().map(node).collect(),
        labels: lines.iter().map(label).collect(),
        titles: graph.frames.iter().map(title).collect(),
    }
}

/// The phrases of a line, from the box that is read first: further left, or above.
fn phrases(graph: &Graph, line: &Line, places: &Places) -> Vec<String> {
    let [start, end] = [line.start, line.end].map(|place| {
        let (x, y) = places.nodes[place].center();
        match places.direction {
            Direction::Right => x,
            Direction::Down => y,
        }
    });
    let first = if start <= end { line.start } else { line.end };
    line.rows(graph, first)
}

fn head(svg: &mut String, graph: &Graph, places: &Places, is_whole: bool) {
    let (width, height) = (places.width.ceil(), places.height.ceil());
    let size = format!("width=\"{width}\" height=\"{height}\"");
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" {size} viewBox=\"0 0 {width} {height}\" role=\"img\" "
    );
    match is_whole {
        true => told(svg, graph),
        false => *svg += "aria-label=\"Who does what to whom\">\n",
    }
    let _ = write!(
        svg,
        "<defs>\n{}</defs>\n<rect class=\"paper\" {size} rx=\"8\"/>\n",
        ["trigger", "grant", "failure", "alarm"]
            .map(marker)
            .concat(),
    );
}

/// What is said of a picture that stands alone, and its colours.
fn told(svg: &mut String, graph: &Graph) {
    let sentences = graph.edges.iter().map(|edge| lines::sentence(graph, edge));
    let said = sentences.collect::<Vec<_>>().join(". ");
    let _ = write!(
        svg,
        "aria-labelledby=\"title desc\" data-level=\"{}\">\n<title id=\"title\">Who does what to whom</title>\n\
         <desc id=\"desc\">{}</desc>\n<style>\n{STYLE}</style>\n",
        graph.level.name(),
        escaped(&said),
    );
}

/// The head of an arrow, which looks back where a line starts with it.
fn marker(look: &str) -> String {
    format!(
        "<marker id=\"{look}\" class=\"head {look}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" \
         markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\"><path d=\"M0 0L10 5L0 10z\"/></marker>\n"
    )
}

fn frame(svg: &mut String, kind: FrameKind, (label, detail): (&str, &str), rect: &Rect) {
    let class = match kind {
        FrameKind::Account => "account",
        FrameKind::Region => "region",
        FrameKind::Stack => "stack",
        FrameKind::Construct => "construct",
    };
    let (x, y) = (rect.x + 10.0, rect.y + 17.0);
    let _ = writeln!(
        svg,
        "<g class=\"frame {class}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\
         <text x=\"{}\" y=\"{}\"><tspan class=\"name\">{}</tspan><tspan class=\"small\" dx=\"6\">{}</tspan></text></g>",
        px(rect.x),
        px(rect.y),
        px(rect.width),
        px(rect.height),
        px(x),
        px(y),
        escaped(label),
        escaped(detail),
    );
}

fn line(svg: &mut String, graph: &Graph, line: &Line, way: &Way, direction: Direction) {
    let look = line.look.name();
    let head = |is_there: bool, end: &str| match is_there {
        true => format!(" marker-{end}=\"url(#{look})\""),
        false => String::new(),
    };
    let _ = writeln!(svg, "<g class=\"line {look}{}\">", class(line.mark(graph)));
    for place in &line.edges {
        let edge = &graph.edges[*place];
        let [from, to] = [edge.from, edge.to].map(|place| escaped(&graph.nodes[place].path));
        let _ = writeln!(
            svg,
            "<g data-from=\"{from}\" data-verb=\"{}\" data-to=\"{to}\"><title>{}</title></g>",
            escaped(&edge.verb),
            escaped(&lines::sentence(graph, edge)),
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"{}\"{}{}/></g>",
        curve(&way.points, direction),
        head(line.head_at_start, "start"),
        head(line.head_at_end, "end"),
    );
}

/// A path through the points, which leaves each of them in the direction of the picture: what is written there is on
/// the line.
fn curve(points: &[(f64, f64)], direction: Direction) -> String {
    let at = |(x, y): (f64, f64)| format!("{} {}", px(x), px(y));
    let Some(first) = points.first() else {
        return String::new();
    };
    let mut path = format!("M{}", at(*first));
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let (leave, arrive) = bend(from, to, direction);
        let _ = write!(path, "C{} {} {}", at(leave), at(arrive), at(to));
    }
    path
}

fn node(svg: &mut String, graph: &Graph, place: usize, rect: &Rect) {
    let node = &graph.nodes[place];
    let text = rect.x + STRIPE + PADDING;
    let place = node.line.as_deref().map(|line| format!(" at {line}"));
    let _ = writeln!(
        svg,
        "<g class=\"node {}{}\" data-path=\"{}\"><title>{}{}</title>\
         <rect class=\"box\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\
         <path class=\"stripe\" d=\"{}\"/>\
         <text class=\"name\" x=\"{}\" y=\"{}\">{}</text><text class=\"small\" x=\"{}\" y=\"{}\">{}</text>{}</g>",
        node.group.name(),
        class(node.mark),
        escaped(&node.path),
        escaped(&node.path),
        escaped(&place.unwrap_or_default()),
        px(rect.x),
        px(rect.y),
        px(rect.width),
        px(rect.height),
        stripe(rect),
        px(text),
        px(rect.y + 19.0),
        escaped(&node.label),
        px(text),
        px(rect.y + 35.0),
        escaped(&node.kind),
        sign(node.mark, rect),
    );
}

/// The class of a mark, after others.
fn class(mark: Option<Mark>) -> String {
    mark.map_or_else(String::new, |mark| format!(" {}", mark.name()))
}

/// A mark at the upper right corner of a box.
fn sign(mark: Option<Mark>, rect: &Rect) -> String {
    let Some(mark) = mark else {
        return String::new();
    };
    let (x, y) = (px(rect.x + rect.width), px(rect.y));
    format!(
        "<circle class=\"mark\" cx=\"{x}\" cy=\"{y}\" r=\"8\"/><text class=\"sign\" x=\"{x}\" y=\"{}\">{}</text>",
        px(rect.y + 4.0),
        mark.sign()
    )
}

/// The left edge of a box, round where the box is round.
fn stripe(rect: &Rect) -> String {
    let (x, y) = (px(rect.x + STRIPE), px(rect.y));
    format!(
        "M{x} {y}a6 6 0 0 0 -6 6v{}a6 6 0 0 0 6 6z",
        px(rect.height - 12.0)
    )
}

fn label(svg: &mut String, phrases: &[String], way: &Way) {
    let (x, y) = way.label;
    let top = y - (phrases.len() as f64 - 1.0) * LABEL_LINE / 2.0 + SMALL / 3.0;
    for (row, phrase) in phrases.iter().enumerate() {
        let _ = writeln!(
            svg,
            "<text class=\"label\" x=\"{}\" y=\"{}\">{}</text>",
            px(x),
            px(top + row as f64 * LABEL_LINE),
            escaped(phrase),
        );
    }
}

/// A number of pixels, to the tenth: the same on every machine.
fn px(number: f64) -> String {
    let text = format!("{number:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0" } else { text }.to_owned()
}

/// A text as it may stand in XML, whatever is in it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            // XML has no way to write most control characters.
            letter if letter.is_control() => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}
