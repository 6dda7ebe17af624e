//! Assets that are made when they are deployed: what people see of them, and where the command that
//! makes them will find their sources.

use cloudwright_synth::sorted::Map;

use cloudwright_bundle::checkout;
use cloudwright_synth::{Assembly, StackArtifact};

use crate::cli::color::Paint;
use crate::cli::console::Console;
use crate::cli::table::Table;

/// Where the path of the source is in the command of a recipe.
const SOURCE: usize = 5;

/// Remembers the checkouts of an assembly that has been written, outside of it. Where that cannot
/// be done the command still finds them when it is run inside, so it is worth a note and no more.
pub(crate) fn remember(assembly: &Assembly, console: &mut Console<'_>) {
    let Some(home) = checkout::home(|name| console.variable(name)) else {
        return;
    };
    for folder in assembly.checkouts() {
        if let Err(error) = checkout::remember(&home, folder) {
            console.note(&format!(
                "note: cannot remember where the sources are ({error}): deploy from inside of them"
            ));
        }
    }
}

/// What is made into a package by `cargo-cloudwright bundle --key HASH --cargo DIR ..` and the like.
pub(crate) fn source(command: &[String]) -> String {
    let source = command.get(SOURCE).map_or("", String::as_str);
    match command.get(SOURCE - 1).map(String::as_str) {
        Some("--runtime") => format!("cloudwright-runtime {source}"),
        _ => source.to_owned(),
    }
}

/// One line per asset that is made: which processor it is for is part of its name.
pub(crate) fn table(stacks: &[&StackArtifact], paint: Paint) -> String {
    let assets = stacks.iter().flat_map(|stack| stack.assets());
    let made: Map<_, _> = assets
        .filter_map(|asset| Some((asset.name(), source(asset.command()?))))
        .collect();
    if made.is_empty() {
        return String::new();
    }
    let mut table = Table::new(["Made when it is deployed", "From"]);
    for (name, source) in made {
        table.row([name.to_owned(), source]);
    }
    format!("\n{}", table.text(paint))
}
