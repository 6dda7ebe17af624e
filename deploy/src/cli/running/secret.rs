//! `secret`: fills secrets that a template only declares, and looks at what is in them without showing it.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::super::EXIT_CODES;
use super::super::arguments::{aws, option, text};
use super::{App, Spot};
use crate::assembly::Stack;
use crate::pace::patiently;
use crate::problem::{Kind, Problem};
use crate::running::find::construct;
use crate::running::secrets::{
    Needs, Rotated, SECRET, check, declared_only, is_empty, keys, needed, put as fill, rotate,
};

const STORY: &str = "\
`put` fills a secret with what standard input or a file holds; a line break at its end does not count. A value that
lacks a key which a program of the app reads is refused. `show-keys` tells which keys the secret has and which are
needed; it ends with 1 if one is missing. `rotate` has the secret's own function make a new value, and waits for it, ten minutes at most; then
it ends with 1.
No value is ever printed, nor taken from the command line, which other users of a machine can see.

With --json, of `put` and `rotate`: {version, secret, stack, outcome: filled | rotated | rotating}; of `show-keys`:
{version, secret, stack, holds: nothing | object | text | bytes, keys, needed: [{key, by}], missing}.";

pub(super) fn command(command: Command) -> Command {
    let action = Arg::new("action").value_name("ACTION").required(true);
    let secret = Arg::new("secret").value_name("SECRET").required(true);
    let file = option(
        "from-file",
        "FILE",
        "Of `put`: the file that holds the value",
    );
    let command = command
        .about("Fills secrets, tells their keys, rotates them")
        .after_help(format!("{STORY}\n\n{EXIT_CODES}"))
        .arg(
            action
                .value_parser(["put", "show-keys", "rotate"])
                .help("What to do"),
        )
        .arg(secret.help("Its construct's path, its logical id, or its name"))
        .arg(file.value_parser(value_parser!(PathBuf)));
    aws(command)
}

pub(super) async fn run(arguments: &ArgMatches, app: &App<'_>) -> Result<u8, Problem> {
    let named = text(arguments, "secret").unwrap_or_default();
    let file = arguments.get_one::<PathBuf>("from-file");
    let action = text(arguments, "action").unwrap_or_default();
    if file.is_some() && action != "put" {
        let help = "leave it out";
        return Err(Problem::usage(
            format!("`secret {action}` reads no file"),
            help,
        ));
    }
    // What cannot be read is told before AWS is asked for anything.
    let value = if action == "put" {
        Some(value(file)?)
    } else {
        None
    };
    let spot = app.one(&named, &[SECRET], "secret").await?;
    let needs = needed(app.assembly, &spot.stack.id, &spot.live.ids);
    match value {
        Some(value) => put(app, &spot, &needs, &value).await,
        None if action == "rotate" => again(app, &spot).await,
        None => show(app, &spot, &needs).await,
    }
}

/// What is to be in the secret.
fn value(file: Option<&PathBuf>) -> Result<String, Problem> {
    let (bytes, from) = match file {
        Some(file) => (fs::read(file), format!("\"{}\"", file.display())),
        None if io::stdin().is_terminal() => {
            let help = "name a file (`--from-file FILE`), or lead one in: `secret put NAME < FILE`";
            return Err(Problem::usage(
                "a value is not typed where others can read it",
                help,
            ));
        }
        None => {
            let mut bytes = Vec::new();
            let read = io::stdin().read_to_end(&mut bytes);
            (read.map(|_| bytes), "standard input".to_owned())
        }
    };
    let help = "a secret is filled with a text in UTF-8";
    let bytes =
        bytes.map_err(|why| Problem::unreadable(format!("cannot read {from}: {why}"), help))?;
    // Whatever is wrong with it, the error shows none of it.
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| Problem::unreadable(format!("{from} is not UTF-8"), help))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

async fn put(
    app: &App<'_>,
    spot: &Spot<'_>,
    needs: &Needs<'_>,
    value: &str,
) -> Result<u8, Problem> {
    check(value, needs)?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let mark = since.unwrap_or_default().as_nanos();
    let named = (spot.live.name.as_str(), value);
    fill(&*spot.services.secrets, &app.clock, named, mark).await?;
    told(app, spot, "filled", &format!("{} is filled", spot.path()));
    Ok(0)
}

async fn again(app: &App<'_>, spot: &Spot<'_>) -> Result<u8, Problem> {
    let path = spot.path();
    app.terminal.lasts(&format!(
        "a rotation of {path} that was begun goes on without this program"
    ));
    let named = (path, spot.live.name.as_str());
    match rotate(&*spot.services.secrets, &app.clock, named).await? {
        Rotated::Done => told(app, spot, "rotated", &format!("{path} has a new value")),
        Rotated::GoesOn => {
            let text = format!("the rotation of {path} goes on; `logs` of its function tells how");
            told(app, spot, "rotating", &text);
            return Ok(Kind::Failed.exit_code());
        }
    }
    Ok(0)
}

/// Tells what was done with a secret.
fn told(app: &App<'_>, spot: &Spot<'_>, outcome: &str, text: &str) {
    if app.terminal.shell.json {
        let document = json!({ "version": 1, "secret": spot.path(), "stack": spot.stack.path, "outcome": outcome });
        app.terminal.print(&format!("{document:#}\n"));
    } else {
        app.terminal.progress(text);
    }
}

async fn show(app: &App<'_>, spot: &Spot<'_>, needs: &Needs<'_>) -> Result<u8, Problem> {
    let (secrets, name) = (&*spot.services.secrets, &spot.live.name);
    let holds = if is_empty(secrets, &app.clock, name).await? {
        ("nothing", Vec::new())
    } else {
        match patiently(&app.clock, || secrets.value(name)).await? {
            None => ("bytes", Vec::new()),
            Some(value) => keys(&value).map_or(("text", Vec::new()), |keys| ("object", keys)),
        }
    };
    let missing: Vec<&str> = needs.keys().copied().collect();
    let is_missing = |key: &&str| !holds.1.iter().any(|one| one == key);
    let missing: Vec<&str> = missing.into_iter().filter(is_missing).collect();
    if app.terminal.shell.json {
        let needed: Value = needs
            .iter()
            .map(|(key, by)| json!({ "key": key, "by": by }))
            .collect();
        let document = json!({ "version": 1, "secret": spot.path(), "stack": spot.stack.path,
            "holds": holds.0, "keys": holds.1, "needed": needed, "missing": missing });
        app.terminal.print(&format!("{document:#}\n"));
    } else {
        app.terminal
            .print(&lines(holds.0, &holds.1, needs, &missing));
    }
    let is_short = holds.0 == "nothing" || !missing.is_empty();
    Ok(if is_short {
        Kind::Failed.exit_code()
    } else {
        0
    })
}

fn lines(holds: &str, keys: &[String], needs: &Needs<'_>, missing: &[&str]) -> String {
    let by = |key: &str| {
        let all: Vec<&str> = needs.get(key).into_iter().flatten().copied().collect();
        if all.is_empty() {
            String::new()
        } else {
            format!("  read by {}", all.join(", "))
        }
    };
    let mut text = match holds {
        "object" => String::new(),
        "nothing" => "it holds nothing yet\n".to_owned(),
        other => format!("it holds {other} without keys\n"),
    };
    text.extend(keys.iter().map(|key| format!("{key}{}\n", by(key))));
    text.extend(
        missing
            .iter()
            .map(|key| format!("{key}  is missing{}\n", by(key))),
    );
    text
}

/// The secrets of a stack that was deployed just now which hold nothing yet, by their paths.
pub(in super::super) async fn empty(
    stack: &Stack,
    (clouds, clock): (&crate::aws::Clouds, &crate::aws::RealClock),
) -> Result<Vec<String>, Problem> {
    let declared = declared_only(stack);
    if declared.is_empty() {
        return Ok(Vec::new());
    }
    let place = (stack.account.as_deref(), stack.region.as_deref());
    let cloud = clouds.cloud(place.0, place.1).await?;
    let services = clouds.services(place.0, place.1).await?;
    let resources = patiently(clock, || cloud.formation.resources(&stack.name)).await?;
    let mut empty = Vec::new();
    for resource in resources
        .iter()
        .filter(|one| declared.contains(&one.id.as_str()))
    {
        if is_empty(&*services.secrets, clock, &resource.physical_id).await? {
            empty.push(construct(stack.path_of(&resource.id)).to_owned());
        }
    }
    Ok(empty)
}
