//! `cargo xtask spec`: refreshes the CloudFormation facts from the two upstream packages.
//!
//! The only command that touches the network for facts; it takes the packages by version.

mod download;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::Outcome;

/// The arguments of `cargo xtask spec`.
pub(crate) fn command() -> Command {
    Command::new("spec")
        .about("Refresh constructs/cfn/spec from its upstream packages")
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Change nothing; fail when the checked-in files differ"),
        )
}

/// Downloads the sources.
pub(crate) fn run(_arguments: &ArgMatches) -> Outcome {
    let sources = download::sources()?;
    println!(
        "{}\n{}",
        sources.cfn_lint.display(),
        sources.service_spec.display()
    );
    Ok(())
}
