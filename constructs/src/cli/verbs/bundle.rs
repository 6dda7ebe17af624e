//! `bundle`: the packages that functions are deployed with, made now.
//!
//! Synthesis hashes sources and starts no compiler; whoever deploys makes what is not there yet. This
//! verb makes it before: to see that it builds, how large it is, or to fill the cache in CI.

use cloudwright_synth::sorted::Map;

use clap::{ArgMatches, Command};
use cloudwright_bundle::build::Workshop;
use cloudwright_bundle::{Problem, checkout};
use cloudwright_deploy::bundle::{Made, Order};
use cloudwright_synth::{Asset, StackArtifact};
use serde_json::{Value, json};

use crate::cli::color::Paint;
use crate::cli::console::Console;
use crate::cli::program::{self, Program};
use crate::cli::select::select;
use crate::cli::sources;
use crate::cli::stop::{SUCCESS, Stop};
use crate::cli::table::{Table, grouped};
use crate::cli::verbs::{patterns, stacks_argument};

const AFTER_HELP: &str = "\
Makes the packages of code that is built, installed or packed: `Code::cargo`, `Code::python`,
`Code::dir` and `Code::bundled`. A package that is there already under its key is not made again.
What cargo and pip say goes to standard error.

With --json: {version, packages: [{name, from, key, path, bytes}]}.

Examples:
  bundle          make all packages
  bundle 'Prod/*'  make those of the stacks of the stage Prod";

pub(crate) fn command(command: Command) -> Command {
    command
        .about("Makes the packages that functions are deployed with")
        .after_help(AFTER_HELP)
        .arg(stacks_argument())
}

pub(crate) fn run(
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    program: Program<'_>,
) -> Result<u8, Stop> {
    let assembly = program.synthesize()?;
    let chosen = select(&assembly, &patterns(arguments))?;
    program::require_stacks(&assembly)?;
    console.warnings(assembly.warnings());
    let variable = console.variables();
    let home = checkout::home(variable).ok_or_else(|| {
        let help = "set CLOUDWRIGHT_HOME to a folder for what is made";
        Stop::cannot("there is no home folder", help)
    })?;
    let checkouts: Vec<_> = assembly.checkouts().into_iter().map(Into::into).collect();
    let mut workshop = Workshop {
        home,
        target_dir: variable("CARGO_TARGET_DIR").map(Into::into),
        log: console.log(),
    };
    let make = |asset: &'_ Asset| -> Result<Made, Problem> {
        let order = Order::read(asset.command().unwrap_or_default())?;
        order.make(&mut workshop, &checkouts, variable)
    };
    let assets = assets(&chosen);
    let made: Result<Vec<_>, _> = assets.values().copied().map(make).collect();
    let made = made.map_err(|problem| {
        if problem.is_of_file {
            Stop::Unreadable(problem.message, problem.help)
        } else {
            Stop::Failed(problem.message, problem.help)
        }
    })?;
    let packages: Vec<_> = assets.values().copied().zip(made).collect();
    if console.json {
        let packages: Value = packages.iter().map(object).collect();
        console.print_json(&json!({ "version": 1, "packages": packages }));
    } else {
        let text = text(&packages, console.paint);
        console.print(&text);
    }
    Ok(SUCCESS)
}

/// What is made, each once: several functions may share a package.
fn assets<'a>(stacks: &[&'a StackArtifact]) -> Map<(&'a str, &'a str), &'a Asset> {
    let assets = stacks.iter().flat_map(|stack| stack.assets());
    let made = assets.filter(|asset| asset.command().is_some());
    made.map(|asset| ((asset.name(), asset.key()), asset))
        .collect()
}

fn object((asset, made): &(&Asset, Made)) -> Value {
    json!({
        "name": asset.name(),
        "from": asset.command().map(sources::source),
        "key": asset.key(),
        "path": made.path.display().to_string(),
        "bytes": made.bytes,
    })
}

fn text(packages: &[(&Asset, Made)], paint: Paint) -> String {
    if packages.is_empty() {
        return "No function has code that is made: there is nothing to do\n".to_owned();
    }
    let mut table = Table::new(["Package", "From", ">Bytes", "File"]);
    for (asset, made) in packages {
        table.row([
            asset.name().to_owned(),
            asset.command().map(sources::source).unwrap_or_default(),
            grouped(usize::try_from(made.bytes).unwrap_or(usize::MAX)),
            made.path.display().to_string(),
        ]);
    }
    table.text(paint)
}
