//! The picture of a system, made from its assembly.
//!
//! Constructs say what they do to each other, and the assembly carries what they said (`facts.json`). A picture of every
//! resource would show policies and permissions; people draw buckets, queues and functions, and lines between them. So:
//!
//! 1. [`Source`] reads the assembly: its constructs, stacks and edges.
//! 2. [`Graph::new`] draws at a [`Level`]: which constructs are boxes (`nodes`), in which one the others are
//!    (`fold`), which frames are around them (`frames`), and what that makes of the edges.
//! 3. [`Graph::render`] writes it in a [`Format`]. Only SVG needs places: they come from the crate `dagre` (`layout`).
//!
//! The same assembly gives the same bytes, so that pictures can be committed. There is no IO here: whoever has the
//! files of an assembly hands them over.
//!
//! ```
//! use cloudwright_graph::{Format, Graph, Level, Source};
//! let files = |name: &str| Ok(match name {
//!     "manifest.json" => r#"{"artifacts": {"Mail": {"type": "aws:cloudformation:stack", "displayName": "Mail",
//!         "environment": "aws://unknown-account/eu-central-1"}}}"#,
//!     "tree.json" => r#"{"tree": {"children": {"Mail": {"path": "Mail", "children": {
//!         "Inbox": {"path": "Mail/Inbox", "attributes": {"aws:cdk:cloudformation:type": "AWS::S3::Bucket"}},
//!         "Jobs": {"path": "Mail/Jobs", "attributes": {"aws:cdk:cloudformation:type": "AWS::SQS::Queue"}}}}}}}"#,
//!     _ => r#"{"version": 1, "edges": [{"from": "Mail/Inbox", "verb": "notifies", "to": "Mail/Jobs", "detail": "in/*"}]}"#,
//! }.to_owned());
//! let graph = Graph::new(&Source::read(&files)?, Level::System);
//! assert!(graph.render(Format::Mermaid).contains(r#"-- "notifies in/#42;" -->"#));
//! # Ok::<(), cloudwright_graph::Problem>(())
//! ```

mod aside;
pub mod cli;
mod dot;
mod edges;
mod fold;
mod frames;
mod json;
mod kinds;
mod labels;
mod layout;
mod lines;
mod mermaid;
mod model;
mod nodes;
mod problem;
mod since;
mod source;
mod svg;
mod told;
mod verbs;
mod ways;
mod width;

pub use aside::replace;
pub use model::{Edge, Format, Frame, FrameKind, Graph, Level, Mark, Node};
pub use problem::Problem;
pub use source::{Construct, Source, Stack};
