//! From facts to Rust: the generator of the L1 types.
//!
//! Three pure steps, each one module or two: `cloudwright_spec` parses a spec file, [`module`]
//! gives every type of a service its Rust name and shape, [`emit`] writes the source. The build
//! script calls [`service`] for the services whose feature is on; developer commands and tests
//! call it too. It reads no files itself: a [`Library`] hands it the text of a service.
//!
//! Nothing here looks at the clock, the environment or a hash map's order: the same facts give
//! the same bytes.

// A module of the build script and of tests: what is public, and what is used, differs between them.
#![allow(unreachable_pub, dead_code, unused_imports)]

mod dedupe;
mod docs;
mod emit;
mod features;
mod keyword;
mod library;
mod module;
mod names;
mod targets;
mod types;
mod variant;
mod words;

pub use emit::{Generated, root, service};
pub use features::{default_features, families, feature_of, manifest_section, passed_on};
pub use library::Library;
pub use module::{Field, Module, Nested, Shape, by_name, required};
pub use types::RustType;
