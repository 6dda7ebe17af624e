//! The Cloud Development Kit for Rust: write a stack in Rust, review and deploy CloudFormation.

mod cli;
mod error;
mod main_fn;
mod package;

pub use cloudwright_cfn as cfn;
pub use cloudwright_synth::*;

pub use error::Error;
pub use main_fn::{Outcome, main};
