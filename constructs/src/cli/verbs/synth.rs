//! `synth`: writes the templates, or prints them.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cloudwright_synth::{Assembly, StackArtifact};
use serde_json::{Value, json};

use crate::cli::console::Console;
use crate::cli::findings;
use crate::cli::program::{self, Program};
use crate::cli::select::select;
use crate::cli::sources;
use crate::cli::stop::{SUCCESS, Stop};
use crate::cli::summary;
use crate::cli::verbs::{DEFAULT_OUT, patterns, stacks_argument};

const AFTER_HELP: &str = "\
All stacks are written whichever are named, because they refer to each other; the names choose what
is shown. When the program has errors nothing is written, and what was written before stays.

With --print nothing is written to disk unless --out is given. Several templates are printed one
after the other, in the order of the program, as `jq` and other readers of JSON streams take them.

With --json: {version, out, stacks: [{path, name, id, account, region, nested, template, bytes,
resources, types: {TYPE: COUNT}}], diagnostics: [{severity, code, title, message, help, construct,
file, line}]}; when there are errors {version, diagnostics}.

Examples:
  synth                       write all templates to cloudwright.out
  synth --out build/assembly  write them elsewhere
  synth 'Prod/*' --print      show the templates of the stage Prod";

pub(crate) fn command(command: Command) -> Command {
    command
        .visible_alias("synthesize")
        .about("Writes the templates to a folder, or prints them")
        .after_help(AFTER_HELP)
        .arg(stacks_argument())
        .arg(
            Arg::new("out")
                .long("out")
                .short('o')
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help(format!("The folder to write [default: {DEFAULT_OUT}]")),
        )
        .arg(
            Arg::new("print")
                .long("print")
                .action(ArgAction::SetTrue)
                .conflicts_with("json")
                .help("Prints the templates to standard output, and nothing else"),
        )
}

pub(crate) fn run(
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    program: Program<'_>,
) -> Result<u8, Stop> {
    let assembly = program.synthesize()?;
    let chosen = select(&assembly, &patterns(arguments))?;
    program::require_stacks(&assembly)?;
    let print = arguments.get_flag("print");
    let out = out_folder(arguments, print);
    if let Some(out) = &out {
        write(&assembly, out, console)?;
        sources::remember(&assembly, console);
    }
    let shown = out.as_deref().unwrap_or(Path::new(""));
    console.warnings(assembly.warnings());
    if print {
        chosen
            .iter()
            .for_each(|stack| console.print(&stack.template().to_json()));
    } else if console.json {
        console.print_json(&document(shown, &chosen, &assembly));
    } else if !console.quiet {
        let text = table(shown, &chosen, &assembly, console);
        console.print(&text);
    }
    Ok(SUCCESS)
}

/// Where to write; printing alone writes nothing.
fn out_folder(arguments: &ArgMatches, print: bool) -> Option<PathBuf> {
    let given = arguments.get_one::<PathBuf>("out").cloned();
    given.or_else(|| (!print).then(|| DEFAULT_OUT.into()))
}

fn write(assembly: &Assembly, out: &Path, console: &Console<'_>) -> Result<(), Stop> {
    if out.file_name().is_none() {
        let message = format!("cannot replace the folder \"{}\"", out.display());
        let help = "name a folder of its own: `--out build/assembly`";
        return Err(Stop::cannot(message, help));
    }
    assembly.write(&console.resolve(out)).map_err(|error| {
        let help = "name another folder: `--out DIR`; what was written before is unchanged";
        Stop::cannot(error.to_string(), help)
    })
}

fn table(out: &Path, chosen: &[&StackArtifact], all: &Assembly, console: &Console<'_>) -> String {
    let stacks = findings::plural(all.all_stacks().len(), "stack");
    let warnings = findings::count(all.warnings());
    format!(
        "Wrote {stacks} to {} ({warnings})\n\n{}\n{}{}",
        out.display(),
        summary::stacks(chosen, console.paint),
        summary::types(chosen, console.paint),
        sources::table(chosen, console.paint),
    )
}

fn document(out: &Path, chosen: &[&StackArtifact], assembly: &Assembly) -> Value {
    json!({
        "version": 1,
        "out": out.to_string_lossy(),
        "stacks": chosen.iter().map(|stack| summary::json(stack)).collect::<Value>(),
        "diagnostics": findings::json(assembly.warnings()),
    })
}
