//! `ls`: the stacks of the program.

use clap::{Arg, ArgAction, ArgMatches, Command};
use cloudwright_synth::{Assembly, StackArtifact};
use serde_json::{Value, json};

use crate::cli::console::Console;
use crate::cli::program::{self, Program};
use crate::cli::select::select;
use crate::cli::stop::{SUCCESS, Stop};
use crate::cli::summary;
use crate::cli::table::Table;
use crate::cli::verbs::{patterns, stacks_argument};

/// The flag for the resources that hold data.
const STATEFUL: &str = "stateful";

const AFTER_HELP: &str = "\
With --quiet only the paths are listed, one per line, for use in scripts.

With --json: {version, stacks: [{path, name, id, account, region, needs: [ID]}]}; with --stateful
too: {version, stateful: [LINE]}.

Examples:
  ls             list all stacks
  ls -q 'Prod/*'  list the paths of the stacks of the stage Prod
  ls --stateful > stateful.txt  write down which resources hold data";

pub(crate) fn command(command: Command) -> Command {
    command
        .visible_alias("list")
        .about("Lists the stacks, their environments, and the stacks they wait for")
        .after_help(AFTER_HELP)
        .arg(stacks_argument())
        .arg(
            Arg::new(STATEFUL)
                .long(STATEFUL)
                .action(ArgAction::SetTrue)
                .help(
                    "Lists the resources that hold data instead, as `App::stateful_ids` takes them",
                ),
        )
}

pub(crate) fn run(
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    mut program: Program<'_>,
) -> Result<u8, Stop> {
    if arguments.get_flag(STATEFUL) {
        program.forget_stateful_ids();
    }
    let assembly = program.synthesize()?;
    let mut chosen = select(&assembly, &patterns(arguments))?;
    program::require_stacks(&assembly)?;
    if arguments.get_flag(STATEFUL) {
        print_stateful(&chosen, console);
        return Ok(SUCCESS);
    }
    chosen.retain(|stack| !stack.is_nested());
    if console.json {
        let stacks: Value = chosen.iter().map(|stack| object(stack)).collect();
        console.print_json(&json!({ "version": 1, "stacks": stacks }));
    } else if console.quiet {
        chosen
            .iter()
            .for_each(|stack| console.print(&format!("{}\n", stack.path())));
    } else {
        let text = table(&chosen, &assembly).text(console.paint);
        console.print(&text);
    }
    Ok(SUCCESS)
}

/// One line per resource that holds data.
fn print_stateful(stacks: &[&StackArtifact], console: &mut Console<'_>) {
    let lines: Vec<String> = stacks
        .iter()
        .flat_map(|stack| stack.stateful_ids())
        .collect();
    if console.json {
        console.print_json(&json!({ "version": 1, "stateful": lines }));
    } else {
        for line in lines {
            console.print(&format!("{line}\n"));
        }
    }
}

fn table(stacks: &[&StackArtifact], assembly: &Assembly) -> Table<4> {
    let mut table = Table::new(["Stack", "Name", "Environment", "Waits for"]);
    for stack in stacks {
        table.row([
            stack.path().to_owned(),
            stack.name().to_owned(),
            summary::environment(stack.environment()),
            needs(stack, assembly).join(", "),
        ]);
    }
    table
}

/// The paths of the stacks that must be deployed first.
fn needs<'a>(stack: &StackArtifact, assembly: &'a Assembly) -> Vec<&'a str> {
    let needed = |other: &&StackArtifact| stack.dependencies().iter().any(|id| id == other.id());
    let all = assembly.all_stacks().iter();
    all.filter(needed).map(StackArtifact::path).collect()
}

fn object(stack: &StackArtifact) -> Value {
    json!({
        "path": stack.path(),
        "name": stack.name(),
        "id": stack.id(),
        "account": stack.environment().account_id(),
        "region": stack.environment().region_name(),
        "needs": stack.dependencies(),
    })
}
