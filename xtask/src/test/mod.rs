//! `cargo xtask test`: prepares the pinned tools, runs every check of the repository in order and
//! ends with a table of what passed. It is all that continuous integration runs.
//!
//! Every step runs even when an earlier one failed, so that one run names everything there is to
//! mend; only missing tools end the run at once, since they would fail the tests with noise.

mod cargo;
mod steps;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{Outcome, tidy, tools};
pub(crate) use cargo::WITH_SDK;
use steps::Steps;

/// The arguments of the verb.
pub(crate) fn command() -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    Command::new("test")
        .about("Prepare the pinned tools, then run every check and test")
        .arg(Arg::new("filter").help("Only run tests whose name contains this, and no other check"))
        .arg(flag("fast").help(
            "Leave out the tools, what needs the SDK or AWS's engine, and the tests that need them (`with_*`)",
        ))
}

/// Runs the steps and prints the table.
pub(crate) fn run(arguments: &ArgMatches) -> Outcome {
    let fast = arguments.get_flag("fast");
    let filter = arguments.get_one::<String>("filter").map(String::as_str);
    let mut steps = Steps::default();
    if !fast {
        steps.required("tools", prepare_tools)?;
    }
    match filter {
        Some(filter) => steps.add("tests", || cargo::tests(fast, Some(filter))),
        None => every_check(&mut steps, fast),
    }
    steps.finish()
}

fn every_check(steps: &mut Steps, fast: bool) {
    steps.add("format", cargo::format);
    steps.add("lints", cargo::lints);
    if !fast {
        steps.add("dependencies", cargo::dependencies);
        steps.add("with SDK", cargo::with_sdk);
    }
    steps.add("tests", || cargo::tests(fast, None));
    if !fast {
        steps.add("AWS", cargo::with_aws);
    }
    steps.add("docs", cargo::docs);
    steps.add("tidy", tidy::everything);
}

fn prepare_tools() -> Outcome {
    let home = tools::directory(&crate::target_dir());
    tools::prepare(&home, tools::REQUIRED)
}
