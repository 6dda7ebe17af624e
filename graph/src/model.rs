//! A graph: boxes, lines and frames, before anything has a place.

use crate::kinds::Group;
use crate::source::Source;
use crate::{dot, edges, fold, frames, json, labels, mermaid, nodes, svg};

/// How much a picture shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// A box for each construct that the program added to a stack: a whole pattern is one.
    Overview,
    /// A box for each bucket, queue, topic, function, table and so on. What belongs to one of them (its dead letters, log
    /// group, role, alarms) is in its box.
    #[default]
    System,
    /// A box for all of these, alarms included.
    Full,
}

impl Level {
    /// Every level by its name on the command line.
    pub const ALL: [(&'static str, Self); 3] = [
        ("overview", Self::Overview),
        ("system", Self::System),
        ("full", Self::Full),
    ];

    pub(crate) fn name(self) -> &'static str {
        let named = Self::ALL.iter().find(|(_, level)| *level == self);
        named.map_or("", |(name, _)| *name)
    }
}

/// What a picture is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A picture of its own: light and dark, with a text for those who cannot see it.
    #[default]
    Svg,
    /// [Mermaid](https://mermaid.js.org/syntax/flowchart.html), which code hosts draw in Markdown.
    Mermaid,
    /// The language of [Graphviz](https://graphviz.org/doc/info/lang.html).
    Dot,
    /// Data for other programs.
    Json,
}

impl Format {
    /// Every format by its name on the command line.
    pub const ALL: [(&'static str, Self); 4] = [
        ("svg", Self::Svg),
        ("mermaid", Self::Mermaid),
        ("dot", Self::Dot),
        ("json", Self::Json),
    ];
}

/// A box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The path of its construct, such as `Prod/Uploads`.
    pub path: String,
    /// What it is called in its frame.
    pub label: String,
    /// What it is, such as `bucket`.
    pub kind: String,
    /// The CloudFormation type of its main resource, if it has one.
    pub resource: Option<String>,
    /// The `file:line` of the program that it comes from, if that is known.
    pub line: Option<String>,
    /// The innermost frame around it.
    pub frame: Option<usize>,
    /// What became of it, where the picture is drawn since another one.
    pub mark: Option<Mark>,
    pub(crate) group: Group,
}

/// What became of a box or of what it does, since an assembly of before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It is new.
    Added,
    /// It is another.
    Changed,
    /// It is no more.
    Removed,
}

impl Mark {
    /// Its name, which is also that of its class.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }

    /// What is written at a box, for those who tell no colours apart.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Changed => "~",
            Self::Removed => "\u{2212}",
        }
    }
}

/// What one box does to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The acting box, by its place in [`Graph::nodes`].
    pub from: usize,
    /// The box that it is done to.
    pub to: usize,
    /// What is done, as facts name it: `notifies`, `may-read`, ...
    pub verb: String,
    /// Filters, actions, thresholds; each once, sorted.
    pub details: Vec<String>,
    /// What became of it, where the picture is drawn since another one.
    pub mark: Option<Mark>,
}

/// What a frame stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// An account.
    Account,
    /// A region of an account.
    Region,
    /// A stack.
    Stack,
    /// A construct of several boxes: a pattern.
    Construct,
}

/// A frame around boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it stands for: where one frame is all that another holds, the inner one's kind.
    pub kind: FrameKind,
    /// Its title.
    pub label: String,
    /// What else there is to say, such as the region.
    pub detail: String,
    /// The frame around it.
    pub parent: Option<usize>,
}

/// Boxes, what they do to each other, and the frames around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// How much it shows.
    pub level: Level,
    /// In the order of their paths.
    pub nodes: Vec<Node>,
    /// Sorted.
    pub edges: Vec<Edge>,
    /// Each after the one around it.
    pub frames: Vec<Frame>,
}

impl Graph {
    /// Draws an assembly.
    #[must_use]
    pub fn new(source: &Source, level: Level) -> Self {
        let (mut nodes, edges) = drawn(source, level);
        let frames = frames::around_boxes(source, &mut nodes, level);
        labels::settle(&mut nodes, &frames);
        Self {
            level,
            nodes,
            edges,
            frames,
        }
    }

    /// Writes the picture as a part of a page: SVG without colours, which the page has by the same classes, and without
    /// the text for those who cannot see it, which the page says otherwise.
    #[must_use]
    pub fn part(&self) -> String {
        svg::part(self)
    }

    /// Writes the picture.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Svg => svg::write(self),
            Format::Mermaid => mermaid::write(self),
            Format::Dot => dot::write(self),
            Format::Json => json::write(self),
        }
    }
}

/// The boxes of a level and what they do to each other, before there are frames.
pub(crate) fn drawn(source: &Source, level: Level) -> (Vec<Node>, Vec<Edge>) {
    let all = nodes::all(source);
    let fold = fold::Fold::new(source, &all, level);
    let nodes = nodes::drawn(source, &all, &fold);
    let edges = edges::drawn(source, &fold, &nodes);
    (nodes, edges)
}
