//! A program that was built without AWS's engine: it says so.

use std::path::PathBuf;

use cloudwright_synth::{Assembly, Rule};

use crate::cli::aws::Checked;
use crate::cli::stop::Stop;

/// There is none: it is never made.
pub(crate) enum Checker {}

impl Checker {
    pub(crate) fn start(_: &[PathBuf]) -> Result<Self, Stop> {
        Err(Stop::usage(
            "this program was built without AWS's engine, which `--aws` needs",
            "turn on the feature: `cargo add cloudwright --features validate`; the engine asks for Rust 1.96\n\
             (1.95 compiles it, too: `cargo run --ignore-rust-version -- check --aws`)",
        ))
    }

    pub(crate) fn check(self, _: &Assembly) -> Checked {
        match self {}
    }
}

/// The rule of the engine with a code: without the engine, none.
pub(crate) const fn rule(_: &str) -> Option<&'static Rule> {
    None
}
