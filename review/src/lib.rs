//! The review of a change: what a pull request does to stacks, for the person who says yes or no.
//!
//! A difference of templates is a list of properties. What a reviewer asks is something else: will data be lost? Who may
//! do more than before? Where in the program does this come from? A [`Review`] answers in that order:
//!
//! 1. [`Baseline`] is what is compared with: an assembly, a template, what a git revision has, or what is deployed (`baseline`).
//! 2. [`Review::new`] compares (`compare`), says rights and network rules in words (`access`), and keeps the warnings
//!    of the checks with their lines.
//! 3. [`Review::to_html`] writes one page that needs nothing else, [`Review::to_markdown`] a comment for a pull request,
//!    [`Review::to_json`] data.
//!
//! The verb `review` of a user's program and of `cargo cloudwright` is the same code (`cli`). Everything that comes
//! from a program is escaped by the one type that writes the page (`html`), whatever a construct is called.
//!
//! ```
//! use cloudwright_graph::Source;
//! use cloudwright_review::{Baseline, Review};
//! use serde_json::json;
//!
//! let bucket = |name: &str| json!({ "Resources": { "Uploads": {
//!     "Type": "AWS::S3::Bucket", "Properties": { "BucketName": name } } } });
//! let template = bucket("new").to_string();
//! let files = |name: &str| Ok(match name {
//!     "manifest.json" => r#"{"artifacts": {"Mail": {"type": "aws:cloudformation:stack", "displayName": "Mail",
//!         "environment": "aws://unknown-account/eu-central-1", "properties": {"templateFile": "Mail.template.json"}}}}"#,
//!     "tree.json" => r#"{"tree": {"path": "", "children": {}}}"#,
//!     "facts.json" => r#"{"version": 1, "edges": [], "lines": {}}"#,
//!     _ => &template,
//! }.to_owned());
//! let facts = "resource AWS::S3::Bucket\n  id BucketName\n  stateful\n  BucketName string replace\n";
//! let before = Baseline::template("deployed.json", bucket("old"));
//! let review = Review::new(&Source::read(&files)?, Some(&before), &|_| Some(facts));
//! assert!(review.is_destructive());
//! assert!(review.to_markdown().contains("is replaced, and the old one is deleted"));
//! # Ok::<(), cloudwright_graph::Problem>(())
//! ```

mod access;
mod baseline;
mod chosen;
pub mod cli;
mod compare;
mod findings;
mod html;
mod json;
mod markdown;
mod model;
mod names;
mod words;

pub use baseline::Baseline;
pub use model::{Finding, Part, Resource, Review, Sentence, StackReview, Status};
