//! What works on any assembly of cloudwright: the library behind `cargo cloudwright` and behind the
//! verbs of a user's binary that do more than synthesize.
//!
//! - [`bundle`] makes the packages of assets, and [`folder`] finds assemblies. They are all there is without a feature.
//! - With the feature `deploy`, the life of a deployment: an assembly is read, its files are published
//!   (`publish`), each stack gets a change set that is reviewed (`review`) and executed (`stack`), several
//!   stacks in their order (`run`). All of it is written over the small traits of `cloud` and tells what it
//!   does as typed events (`event`); it prints nothing.
//! - With the feature `local`, a local AWS: prepared, started and found again (`local`).
//! - With the feature `shell`, scripts for shells and pages of the manual, made of a grammar (`shell`).
//! - With the feature `schemars`, the schemas of what the verbs print as JSON (`documents`); for the documentation.
//! - With the feature `aws`, the SDK behind those traits, and the verbs of the command line.

#[cfg(feature = "deploy")]
pub mod assembly;
#[cfg(feature = "aws")]
pub mod aws;
pub mod bundle;
#[cfg(feature = "deploy")]
pub mod capabilities;
#[cfg(feature = "aws")]
pub mod cli;
#[cfg(feature = "deploy")]
pub mod cloud;
#[cfg(feature = "deploy")]
pub mod deployed;
#[cfg(feature = "schemars")]
pub mod documents;
#[cfg(feature = "deploy")]
pub mod drift;
#[cfg(feature = "deploy")]
pub mod event;
#[cfg(feature = "deploy")]
pub mod fault;
pub mod folder;
#[cfg(feature = "local")]
pub mod local;
#[cfg(feature = "deploy")]
pub mod names;
#[cfg(feature = "deploy")]
pub mod operation;
#[cfg(feature = "deploy")]
mod pace;
#[cfg(feature = "deploy")]
pub mod parameters;
#[cfg(feature = "deploy")]
pub mod problem;
#[cfg(feature = "deploy")]
pub mod publish;
#[cfg(feature = "deploy")]
pub mod review;
#[cfg(feature = "deploy")]
pub mod run;
#[cfg(feature = "deploy")]
pub mod running;
#[cfg(feature = "shell")]
pub mod shell;
#[cfg(feature = "deploy")]
pub mod stack;
#[cfg(feature = "deploy")]
pub mod status;
#[cfg(feature = "deploy")]
mod token;
