//! `check`: every check, and nothing written.

use clap::{ArgMatches, Command};
use serde_json::json;

use crate::cli::console::Console;
use crate::cli::findings::{self, plural};
use crate::cli::program::{self, Program};
use crate::cli::stop::{SUCCESS, Stop};

const AFTER_HELP: &str = "\
Checks what `synth` checks, without writing anything: construct ids and logical ids, references and
cycles within and across stacks, CloudFormation's limits, and literal property values against the
facts about their resource types.

With --json: {version, stacks, resources, diagnostics: [{severity, code, title, message, help,
construct, file, line}]}; when there are errors {version, diagnostics}. `explain CODE` tells more about a diagnostic's code.

Examples:
  check         check all stacks
  check --json  the findings for another program to read";

pub(crate) fn command(command: Command) -> Command {
    command
        .about("Runs every check without writing anything")
        .after_help(AFTER_HELP)
}

pub(crate) fn run(
    _: &ArgMatches,
    console: &mut Console<'_>,
    program: Program<'_>,
) -> Result<u8, Stop> {
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
            "diagnostics": findings::json(assembly.warnings()),
        }));
    } else if !console.quiet {
        let (stacks, resources) = (plural(stacks.len(), "stack"), plural(resources, "resource"));
        let warnings = findings::count(assembly.warnings());
        console.print(&format!(
            "Checked {stacks} with {resources}: no errors, {warnings}\n"
        ));
    }
    Ok(SUCCESS)
}
