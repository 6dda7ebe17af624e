//! CloudFormation resource facts: the spec file format, its model, parser and writer, and the
//! check of literal properties against them.
//!
//! One `<Service>.spec` text file holds what is known about the resource types of a service:
//! names, types, required properties, closed value sets, ranges, patterns, replacement,
//! identifiers, attributes and relationships. The L1 generator reads them at build time, the
//! synth engine and the diff at run time, so this crate has no dependencies and parses fast:
//! names and patterns are slices of the file's text.
//!
//! ```
//! let text = "resource AWS::SQS::Queue\n  id QueueUrl\n  DelaySeconds int 0..900\n";
//! let service = cloudwright_spec::parse(text)?;
//! assert_eq!(service.resources[0].fields.property("DelaySeconds").unwrap().ty.to_string(), "int");
//! assert_eq!(cloudwright_spec::write(&service), text);
//! # Ok::<(), cloudwright_spec::ParseError>(())
//! ```

mod chars;
mod charset;
mod check;
mod escape;
#[doc(hidden)]
pub mod facts_file;
mod line;
mod model;
mod nearest;
mod parse;
mod release;
pub mod sorted;
pub mod stacks;
mod write;

pub use chars::Chars;
#[cfg(feature = "full")]
pub use check::Engine;
pub use check::{Finding, Kind, Literal, Shape, check};
pub use model::{
    Attribute, Enum, Facets, Fields, Number, Pattern, Property, Range, Regions, Replace, Resource,
    Rule, Scalar, Service, Struct, TagShape, Tags, Type,
};
pub use nearest::nearest;
pub use parse::{ParseError, find_resource, parse, parse_resource};
pub use write::write;
