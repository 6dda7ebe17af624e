//! `import`: which resources a person means, by arguments or by answers.

use clap::ArgMatches;

use super::arguments::texts;
use super::terminal::Terminal;
use crate::event::Done;
use crate::problem::Problem;
use crate::running::find::construct;
use crate::stack::Work;
use crate::stack::import::{Existing, Importable};

/// Takes the resources over that the arguments name, or a person.
pub(super) async fn run(
    arguments: &ArgMatches,
    work: &Work<'_>,
    terminal: &Terminal<'_>,
) -> Result<Done, Problem> {
    let told = |problem: &Problem| terminal.problem(Some(work.stack), problem);
    let given = texts(arguments, "resource");
    let named = given.iter().map(|text| existing(text));
    let mut named: Vec<_> = named.collect::<Result<_, _>>().inspect_err(told)?;
    if named.is_empty() {
        let possible = work.importable().await.inspect_err(told)?;
        named = asked(terminal, &possible).await;
        if named.is_empty() {
            return Err(nothing(&possible)).inspect_err(told);
        }
    }
    work.import(&named).await
}

fn existing(text: &str) -> Result<Existing, Problem> {
    let Some((resource, identifier)) = text.split_once('=') else {
        let message = format!("`--resource` takes LOGICAL_ID=ID, got \"{text}\"");
        return Err(Problem::usage(
            message,
            "name both: `--resource Jobs=https://..`",
        ));
    };
    Ok(Existing {
        resource: resource.to_owned(),
        identifier: identifier.to_owned(),
    })
}

/// Asks a person for every resource, if there is one.
async fn asked(terminal: &Terminal<'_>, possible: &[Importable]) -> Vec<Existing> {
    let mut named = Vec::new();
    for one in possible {
        let known = one.properties.join("|");
        let path = construct(&one.path);
        let question = format!(
            "{path} ({}): its {known}, nothing to leave it out:",
            one.kind
        );
        let answer = terminal.ask_for(&question).await.unwrap_or_default();
        if !answer.is_empty() {
            named.push(Existing {
                resource: one.id.clone(),
                identifier: answer,
            });
        }
    }
    named
}

fn nothing(possible: &[Importable]) -> Problem {
    if possible.is_empty() {
        let message = "every resource of the program is part of the stack already";
        return Problem::usage(message, "there is nothing to import");
    }
    let option = |one: &Importable| format!("--resource {}={}", one.id, one.properties.join("|"));
    let options: Vec<String> = possible.iter().take(12).map(option).collect();
    let help = format!("name what exists: `{}`", options.join(" "));
    Problem::usage("no resource is named that becomes part of the stack", help)
}
