//! `diff`: what a deployment of the program's templates would change.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cloudwright_diff::{Diff, Style, compare};
use cloudwright_synth::{Assembly, StackArtifact};
use serde_json::{Value, json};

use crate::cli::color::Look;
use crate::cli::comparison::{Comparison, Status};
use crate::cli::console::Console;
use crate::cli::findings::plural;
use crate::cli::previous::{self, Previous};
use crate::cli::program::{self, Program};
use crate::cli::select::select;
use crate::cli::stop::{FOUND, SUCCESS, Stop};
use crate::cli::verbs::{DEFAULT_OUT, patterns, stacks_argument};

const AFTER_HELP: &str = "\
Compares what the program describes now with the assembly that `synth` wrote before, with another
assembly (also one of the AWS CDK), or with a template. Nothing is written, and no network is used:
what a change replaces is known from the facts about resource types.

--fail-on makes the exit code 1 for scripts that review a change:
  any          anything differs
  broadening   an IAM policy or a security group lets through what it did not before
  destructive  data is lost, or may be: a resource that holds data is deleted or replaced

With --json: {version, against, broadening, destructive, stacks: [{path, name, status: unchanged |
changed | added | removed, broadening, destructive, resources: [{id, oldId, type, action: add |
remove | modify | rename, replacement: no | maybe | yes | impossible, because, dataLoss: null |
deleted | replaced | maybeReplaced, kept, properties, attributes}], elements: [{section, name,
action, changes}], permissions: [{access: opened | closed, holder, kind, reason, denies, actions,
resources, principals, conditions}], network: [{access, group, direction: in | out, protocol, ports,
peer}]}]}; properties, attributes and changes are lists of {path, old, new, replacement}.

Examples:
  diff                                   what changed since the last synth
  diff --against main/cloudwright.out    what changed since another assembly
  diff Mail --template deployed.json     what changed since a template
  diff --fail-on broadening,destructive  stop a pipeline where a person has to look";

pub(crate) fn command(command: Command) -> Command {
    let command = command
        .about("Compares the templates with what they were before")
        .after_help(AFTER_HELP)
        .arg(stacks_argument())
        .arg(
            Arg::new("against")
                .long("against")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help(format!(
                    "The assembly to compare with [default: {DEFAULT_OUT}]"
                )),
        )
        .arg(
            Arg::new("template")
                .long("template")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with("against")
                .help("A template in JSON to compare one stack with"),
        )
        .arg(
            Arg::new("fail-on")
                .long("fail-on")
                .value_name("CHANGE")
                .action(ArgAction::Append)
                .value_delimiter(',')
                .value_parser(["any", "broadening", "destructive"])
                .help("Exits with 1 where there is such a change"),
        );
    #[cfg(feature = "deploy")]
    let command = super::deployment::with_deployed(command);
    command
}

pub(crate) fn run(
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    program: Program<'_>,
) -> Result<u8, Stop> {
    #[cfg(feature = "deploy")]
    if arguments.get_flag(super::deployment::DEPLOYED) {
        return super::deployment::operate("diff", arguments, console, program);
    }
    let assembly = program.synthesize()?;
    let patterns = patterns(arguments);
    let chosen = select(&assembly, &patterns)?;
    program::require_stacks(&assembly)?;
    let against = against(arguments);
    let file = console.resolve(&against);
    let compared = if arguments.contains_id("template") {
        vec![with_template(&file, &chosen)?]
    } else {
        with_assembly(&file, &assembly, &chosen, patterns.is_empty())?
    };
    console.warnings(assembly.warnings());
    if console.json {
        console.print_json(&document(&against, &compared));
    } else {
        let text = text(&against, &compared, console);
        console.print(&text);
    }
    Ok(verdict(arguments, &compared, console))
}

/// What to compare with, as the user wrote it.
fn against(arguments: &ArgMatches) -> PathBuf {
    let given = ["template", "against"].map(|name| arguments.get_one::<PathBuf>(name));
    let given = given.into_iter().flatten().next();
    given.cloned().unwrap_or_else(|| DEFAULT_OUT.into())
}

fn with_template(file: &Path, chosen: &[&StackArtifact]) -> Result<Comparison, Stop> {
    let mut stacks = chosen.iter().filter(|stack| !stack.is_nested());
    let (Some(stack), None) = (stacks.next(), stacks.next()) else {
        let paths: Vec<&str> = chosen.iter().map(|stack| stack.path()).collect();
        return Err(Stop::usage(
            format!(
                "a template is compared with one stack, got {}",
                paths.join(", ")
            ),
            format!("name the stack: `diff {} --template FILE`", paths[0]),
        ));
    };
    let before = previous::template(file)?;
    Ok(changed(stack, &before))
}

fn with_assembly(
    folder: &Path,
    assembly: &Assembly,
    chosen: &[&StackArtifact],
    all: bool,
) -> Result<Vec<Comparison>, Stop> {
    let before = previous::of_folder(folder)?;
    let mut compared = Vec::new();
    for stack in chosen {
        let template = previous::template_of(folder, &before, stack)?;
        compared.push(match template {
            Some(template) => changed(stack, &template),
            None => Comparison::of(stack, Status::Added, differences(&json!({}), stack)),
        });
    }
    let stacks = assembly.all_stacks();
    let is_gone = |old: &&Previous| all && !stacks.iter().any(|stack| old.is(stack));
    let gone = before.iter().filter(is_gone);
    compared.extend(gone.map(|old| Comparison::removed(old.path(), old.name())));
    Ok(compared)
}

fn changed(stack: &StackArtifact, before: &Value) -> Comparison {
    let diff = differences(before, stack);
    let status = if diff.is_empty() {
        Status::Unchanged
    } else {
        Status::Changed
    };
    Comparison::of(stack, status, diff)
}

fn differences(before: &Value, stack: &StackArtifact) -> Diff {
    // A template always serializes: its keys are texts.
    let now = serde_json::to_value(stack.template()).unwrap_or_default();
    compare(before, &now, &|kind| cloudwright_cfn::schema(kind))
}

fn document(against: &Path, compared: &[Comparison]) -> Value {
    json!({
        "version": 1,
        "against": against.to_string_lossy(),
        "broadening": compared.iter().any(Comparison::is_broadening),
        "destructive": compared.iter().any(Comparison::is_destructive),
        "stacks": compared.iter().map(Comparison::json).collect::<Value>(),
    })
}

fn text(against: &Path, compared: &[Comparison], console: &Console<'_>) -> String {
    let changed = compared
        .iter()
        .filter(|one| one.status != Status::Unchanged);
    let mut parts: Vec<String> = changed.map(|one| stack_text(one, console)).collect();
    if !console.quiet {
        parts.push(summary(parts.len(), compared.len(), against));
    }
    parts.join("\n")
}

fn stack_text(comparison: &Comparison, console: &Console<'_>) -> String {
    let style = if console.paint.enabled {
        Style::Colored
    } else {
        Style::Plain
    };
    let remark = match comparison.status {
        Status::Unchanged | Status::Changed => "",
        Status::Added => " is new",
        Status::Removed => " is no longer in the program, and stays until it is deleted",
    };
    let heading = format!("Stack {}{remark}", comparison.path);
    let mut text = console.paint.on(Look::Bold, &heading) + "\n";
    for line in comparison.diff.to_text(style).lines() {
        let indent = if line.is_empty() { "" } else { "  " };
        text += &format!("{indent}{line}\n");
    }
    text
}

fn summary(changed: usize, all: usize, against: &Path) -> String {
    let against = against.display();
    if changed == 0 {
        return format!(
            "No differences in {} since {against}\n",
            plural(all, "stack")
        );
    }
    let same = all - changed;
    format!(
        "{} changed since {against}, {same} unchanged\n",
        plural(changed, "stack")
    )
}

fn verdict(arguments: &ArgMatches, compared: &[Comparison], console: &mut Console<'_>) -> u8 {
    let asked = arguments.get_many::<String>("fail-on").unwrap_or_default();
    let found: Vec<&str> = asked
        .map(String::as_str)
        .filter(|change| compared.iter().any(|comparison| comparison.has(change)))
        .collect();
    if found.is_empty() {
        return SUCCESS;
    }
    let label = console.notes.on(Look::Error, "error");
    console.note(&format!(
        "{label}: found what `--fail-on {}` looks for",
        found.join(",")
    ));
    FOUND
}
