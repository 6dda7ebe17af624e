//! `cargo xtask checks`: writes the reference of all checks, `docs/src/reference/checks.md`, from the registry and from
//! the examples that the tests run, and into the README of each example what it accepts. Tests fail where a file is not
//! what would be written.

use std::process::Command;

use clap::{ArgMatches, Command as Arguments};

use crate::process::run as run_command;
use crate::{Outcome, workspace_root};

/// The arguments of the verb.
pub(crate) fn command() -> Arguments {
    Arguments::new("checks")
        .about("Write the reference of all checks to docs/src/reference/checks.md")
}

pub(crate) fn run(_: &ArgMatches) -> Outcome {
    let mut test = Command::new("cargo");
    test.args(["test", "--quiet", "--package", "tests", "--test", "checks"]);
    run_command(test.env("UPDATE_CHECKS", "1").current_dir(workspace_root()))
}
