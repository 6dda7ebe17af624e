//! Systems Manager: documents that run commands on servers, and parameters.
//!
//! A [`Document`] is written in Rust: its [`DocumentParameter`]s say what they may hold, its [`Step`]s are
//! scripts for Linux and Windows. What a command is given reaches a script as the environment variable
//! `SSM_` and its name, so that it is never read as a part of the script. A [`Parameter`] is a setting
//! that programs and templates look up by its name.

mod document;
mod document_parameter;
mod grants;
mod handle;
mod parameter;
mod pattern;
mod step;
mod store;

pub use document::Document;
pub use document_parameter::DocumentParameter;
pub use grants::Servers;
pub use handle::DocumentRef;
pub use parameter::Parameter;
pub use step::Step;
pub use store::ParameterRef;
