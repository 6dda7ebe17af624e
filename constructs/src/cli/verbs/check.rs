//! `check`: every check, and nothing written.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cloudwright_synth::{Assembly, Diagnostics};
use serde_json::json;

use crate::cli::aws::{Checked, Checker};
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

With --aws the finished templates are shown to AWS's own engine as well (cloudformation-validate: the
schemas of all resource types and the rules that cfn-lint has), and to the rule files in the language
of Guard that --rules names. What they find is told at the construct and the line that it comes from.
Their errors are errors here; what the engine calls information is left out. What metadata accepts is
left out, too: `cfn-lint.config.ignore_checks` for the engine, `guard.SuppressedRules` for Guard, as
`acknowledge` writes them. The program has the engine when it is built with the cargo feature
`validate` of cloudwright, which asks for Rust 1.96 (with 1.95: `cargo run --ignore-rust-version`).

With --json: {version, stacks, resources, full, aws: {engine, guardRules} or null, diagnostics:
[{severity, code, title, message, help, construct, file, line}]}; when there are errors {version,
diagnostics}. `explain CODE` tells more about a diagnostic's code.

Examples:
  check                              check all stacks
  check --full                       check against every pattern, too
  check --aws                        ask AWS's engine, too
  check --aws --rules policies/      and the rule files of a folder
  check --deny warnings              stop at warnings, too, as CI does
  check --json                       the findings for another program to read";

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
        .arg(
            Arg::new("aws")
                .long("aws")
                .action(ArgAction::SetTrue)
                .help("Asks AWS's own engine about the templates, too"),
        )
        .arg(
            Arg::new("rules")
                .long("rules")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .num_args(1..)
                .action(ArgAction::Append)
                .requires("aws")
                .help("With --aws: asks the rules in files of Guard, or in folders of them, too"),
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
    let checker = checker(arguments, console)?;
    let denies_warnings = program.denies_warnings();
    let assembly = program.synthesize_unjudged()?;
    program::require_stacks(&assembly)?;
    let aws = checker.map(|checker| checker.check(&assembly));
    let more = aws.iter().flat_map(|aws| aws.found.iter());
    let found: Diagnostics = assembly.warnings().iter().chain(more).cloned().collect();
    if found.has_errors() {
        return Err(Stop::Findings(found));
    }
    if denies_warnings && !found.is_empty() {
        return Err(Stop::Denied(found));
    }
    let stacks = assembly.all_stacks();
    let resources = stacks
        .iter()
        .map(|stack| stack.template().resources().count())
        .sum();
    console.warnings(&found);
    if console.json {
        console.print_json(&json!({
            "version": 1,
            "stacks": stacks.len(),
            "resources": resources,
            "full": full,
            "aws": aws.as_ref().map(Checked::json),
            "diagnostics": findings::json(&found),
        }));
    } else if !console.quiet {
        let text = text(&assembly, &found, resources, full);
        console.print(&text);
        console.print(&aws.as_ref().map(Checked::text).unwrap_or_default());
    }
    Ok(SUCCESS)
}

/// AWS's engine with the rule files, where they are asked for.
fn checker(arguments: &ArgMatches, console: &Console<'_>) -> Result<Option<Checker>, Stop> {
    if !arguments.get_flag("aws") {
        return Ok(None);
    }
    let rules = arguments.get_many::<PathBuf>("rules").unwrap_or_default();
    let rules: Vec<PathBuf> = rules.map(|path| console.resolve(path)).collect();
    Checker::start(&rules).map(Some)
}

fn text(assembly: &Assembly, found: &Diagnostics, resources: usize, full: bool) -> String {
    let (stacks, resources) = (
        plural(assembly.all_stacks().len(), "stack"),
        plural(resources, "resource"),
    );
    let warnings = findings::count(found);
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
