//! `check`: every check, and nothing written.

use clap::{Arg, ArgAction, ArgMatches, Command};
use cloudwright_synth::Assembly;
use serde_json::json;

use crate::cli::console::Console;
use crate::cli::findings::{self, plural};
use crate::cli::program::{self, Program};
use crate::cli::stop::{SUCCESS, Stop};

const AFTER_HELP: &str = "\
Checks what `synth` checks, without writing anything: construct ids and logical ids, references and
cycles within and across stacks, CloudFormation's limits, literal property values against the facts
about their resource types, and what AWS or an attacker would find in the finished templates (the
codes CW2..). With --full the literals are also checked against the patterns that need a regular
expression engine; the program has one when it is built with the cargo feature `full` of cloudwright,
which also knows the actions of every service of IAM.

With --json: {version, stacks, resources, full, diagnostics: [{severity, code, title, message, help,
construct, file, line}]}; when there are errors {version, diagnostics}. `explain CODE` tells more about a diagnostic's code.

Examples:
  check                  check all stacks
  check --full           check against every pattern, too
  check --deny warnings  stop at warnings, too, as CI does
  check --json           the findings for another program to read";

pub(crate) fn command(command: Command) -> Command {
    command
        .about("Runs every check without writing anything")
        .after_help(AFTER_HELP)
        .arg(
            Arg::new("full")
                .long("full")
                .action(ArgAction::SetTrue)
                .help("Checks patterns that need a regular expression engine, too"),
        )
}

pub(crate) fn run(
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    program: Program<'_>,
) -> Result<u8, Stop> {
    let full = arguments.get_flag("full");
    if full {
        program.check_every_pattern()?;
    }
    let assembly = program.synthesize()?;
    program::require_stacks(&assembly)?;
    let stacks = assembly.all_stacks();
    let resources = stacks
        .iter()
        .map(|stack| stack.template().resources().count())
        .sum();
    console.warnings(assembly.warnings());
    if console.json {
        console.print_json(&json!({
            "version": 1,
            "stacks": stacks.len(),
            "resources": resources,
            "full": full,
            "diagnostics": findings::json(assembly.warnings()),
        }));
    } else if !console.quiet {
        let text = text(&assembly, resources, full);
        console.print(&text);
    }
    Ok(SUCCESS)
}

fn text(assembly: &Assembly, resources: usize, full: bool) -> String {
    let (stacks, resources) = (
        plural(assembly.all_stacks().len(), "stack"),
        plural(resources, "resource"),
    );
    let warnings = findings::count(assembly.warnings());
    let patterns = if full {
        "against all patterns"
    } else {
        "against all patterns but the few that need `check --full`"
    };
    format!(
        "Checked {stacks} with {resources}: no errors, {warnings}\n\
         Looked at ids, references, cycles and limits, and at literals {patterns}\n"
    )
}
