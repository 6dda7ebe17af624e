//! `local`: a local AWS for the folder that the command is run in, and the verbs of deployment on it.
//!
//! `local deploy` is `deploy`, with three differences: the engine is started if it is not up, the buckets for
//! files are made unasked, and what the engine cannot do is told before anything is sent to it (`support.rs`).
//! The program is run for this machine's processor, since functions run on it.

mod support;

use std::env;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use cloudwright_bundle::checkout;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use serde_json::json;

use super::arguments::{option, stacks as stacks_argument, text, texts};
use super::chosen::{Along, assembly, choose};
use super::terminal::Terminal;
use super::{EXIT_CODES, VERBS, Verb, Wanted, bootstrap, dispatch, report, watch};
use crate::assembly::{Assembly, Stack};
use crate::aws::{LOCAL_KEY, LOCAL_REGION};
use crate::event::{Consent, Event, Host, Question};
use crate::local::environment;
use crate::local::project::{Project, Running, require_own_version};
use crate::problem::Problem;
use crate::stack::Options;

/// The name of the verb.
pub(super) const VERB: &str = "local";

const STORY: &str = "\
A local AWS (ministack) runs on this machine, in an environment of its own and on 127.0.0.1 only. It evaluates
IAM policies and runs functions as processes of this machine. It is prepared when it is first used, which
takes Python 3.11 and half a minute. Each folder has one of its own; it holds everything in memory.

Every user and every program of this machine can use it, so it does not belong on a machine that is shared;
pages of a browser are refused.

It is no judge of templates, and no proof of anything in AWS: it accepts some of what AWS refuses, and does
nothing with some of what AWS does. What of that concerns a stack is told before it is deployed.";

/// Verbs that are about this machine.
const NOT_LOCAL: [&str; 3] = [VERB, "diff", "doctor"];

pub(super) fn command(command: Command) -> Command {
    let command = command
        .about("Runs the stacks on this machine: a local AWS, without an account")
        .after_help(format!("{STORY}\n\n{EXIT_CODES}"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(told(
            Command::new("up").about("Starts the local AWS of this folder, or finds it"),
            "{version, state: started | running, endpointUrl, process, folder}",
        ))
        .subcommand(told(
            Command::new("down").about("Ends it; what was deployed to it is gone"),
            "{version, state: stopped | absent}",
        ))
        .subcommand(
            told(
                stacks_argument(Command::new("env")),
                "{version, unset: [NAME], variables: {NAME: value}}",
            )
            .about("Prints what makes other programs use it: `eval \"$(.. local env)\"`")
            .arg(option(
                "account",
                "ACCOUNT",
                "Whose caller to be; else the stacks' account",
            )),
        );
    command.subcommands(also_local().map(|verb| {
        let command = (verb.command)(Command::new(verb.name));
        command.mut_args(|argument| {
            // Where requests go, and as whom, is known.
            let hidden = ["profile", "assume-role", "endpoint-url"];
            let hides = hidden.contains(&argument.get_id().as_str());
            argument.hide(hides)
        })
    }))
}

/// The help of a verb about the local AWS itself, by what it prints as JSON.
fn told(command: Command, json: &str) -> Command {
    command.after_help(format!("With --json: {json}\n\n{EXIT_CODES}"))
}

/// Verbs that do on the local AWS what they do on AWS.
pub(super) fn also_local() -> impl Iterator<Item = &'static Verb> {
    VERBS.iter().filter(|verb| !NOT_LOCAL.contains(&verb.name))
}

/// What is deployed is written anew, for this machine, and beside the engine: it is not what goes to AWS.
pub(super) fn wanted(arguments: &ArgMatches) -> Wanted {
    let project = project().ok();
    let verb = arguments.subcommand_name().map(watch::in_this_process);
    let anew = verb == Some("deploy");
    let folder = project.and_then(|project| {
        if anew {
            Some(project.assembly())
        } else {
            project.deployed()
        }
    });
    let pair = |key: &str, value: &str| (format!("cloudwright:{key}"), value.to_owned());
    let context = if anew {
        vec![
            pair("architecture", support::own_processor()),
            pair("handlers", "development"),
        ]
    } else {
        Vec::new()
    };
    Wanted {
        anew,
        context,
        folder,
    }
}

pub(super) async fn run(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let project = project()?;
    match arguments.subcommand() {
        Some(("up", _)) => up(&project, terminal).await,
        Some(("down", _)) => down(project, terminal).await,
        Some(("env", arguments)) => env_lines(arguments, app, &require_up(&project)?, terminal),
        Some((verb, arguments)) => {
            on_engine(
                watch::in_this_process(verb),
                arguments,
                app,
                &project,
                terminal,
            )
            .await
        }
        None => Err(Problem::usage(
            "`local` does nothing by itself",
            "say what: `local deploy`",
        )),
    }
}

/// The project of the folder that this is run in.
pub(super) fn project() -> Result<Project, Problem> {
    let run_in = env::current_dir().map_err(|why| {
        Problem::unreadable(
            format!("cannot tell the current folder: {why}"),
            "go to one that is there",
        )
    })?;
    Ok(Project::new(&home()?, &run_in))
}

fn home() -> Result<PathBuf, Problem> {
    let home = checkout::home(|name| env::var(name).ok());
    let home =
        home.ok_or_else(|| Problem::unreadable("there is no home folder", "set CLOUDWRIGHT_HOME"))?;
    std::path::absolute(&home)
        .map_err(|why| Problem::unreadable(why.to_string(), "set CLOUDWRIGHT_HOME"))
}

fn require_up(project: &Project) -> Result<Running, Problem> {
    project.running()?.ok_or_else(|| {
        Problem::usage(
            "there is no local AWS for this folder",
            "start it: `local up`",
        )
    })
}

/// The engine of the project, prepared and started if need be.
async fn started(project: &Project, terminal: &Terminal<'_>) -> Result<(Running, bool), Problem> {
    if let Some(running) = project.running()? {
        require_own_version(&running)?;
        return Ok((running, false));
    }
    terminal.starts_local();
    // Half a minute of downloads: Ctrl-C and the live view go on.
    let (project, home) = (project.clone(), home()?);
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let work = tokio::task::spawn_blocking(move || {
        let python = environment::prepare(&home, |text| {
            // Who listens no more has been stopped.
            let _ = sender.send(text.to_owned());
        })?;
        project.up(&python)
    });
    while let Some(text) = receiver.recv().await {
        terminal.progress(&text);
    }
    let ended = |_| {
        Problem::failed(
            "the start of the local AWS was ended",
            "run the command again",
        )
    };
    Ok(work.await.map_err(ended)??)
}

async fn up(project: &Project, terminal: &Terminal<'_>) -> Result<u8, Problem> {
    let (running, is_new) = started(project, terminal).await?;
    let endpoint = running.endpoint();
    if terminal.shell.json {
        let state = if is_new { "started" } else { "running" };
        let document = json!({ "version": 1, "state": state, "endpointUrl": endpoint,
            "process": running.process, "folder": project.folder() });
        terminal.print(&format!("{document:#}\n"));
    } else {
        let how = if is_new { "is up" } else { "was up already" };
        terminal.print(&format!(
            "the local AWS {how} at {endpoint} (process {}, log {})\n",
            running.process,
            project.folder().join("log").display()
        ));
    }
    Ok(0)
}

async fn down(project: Project, terminal: &Terminal<'_>) -> Result<u8, Problem> {
    let work = tokio::task::spawn_blocking(move || project.down()).await;
    let ended = |_| {
        Problem::failed(
            "the wait for the local AWS was ended",
            "run the command again",
        )
    };
    let was_up = work.map_err(ended)??;
    if terminal.shell.json {
        let state = if was_up { "stopped" } else { "absent" };
        terminal.print(&format!("{:#}\n", json!({ "version": 1, "state": state })));
    } else if was_up {
        terminal.print("the local AWS is down, and what was deployed to it is gone\n");
    } else {
        terminal.print("there is no local AWS for this folder\n");
    }
    Ok(0)
}

/// The variables that every program with an SDK of AWS reads.
fn env_lines(
    arguments: &ArgMatches,
    app: &Path,
    running: &Running,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    // What is deployed says whose it is; without it there is the engine's own account.
    let assembly = Assembly::read(app).unwrap_or_default();
    let patterns = texts(arguments, "stacks");
    let stacks = choose(&assembly, &patterns, Along::Nobody)?;
    let account =
        text(arguments, "account").or_else(|| sole(&stacks, |stack| stack.account.as_deref()));
    let region = sole(&stacks, |stack| stack.region.as_deref());
    let region = region.unwrap_or_else(|| LOCAL_REGION.to_owned());
    let variables = [
        ("AWS_ENDPOINT_URL", running.endpoint()),
        (
            "AWS_ACCESS_KEY_ID",
            account.unwrap_or_else(|| LOCAL_KEY.to_owned()),
        ),
        ("AWS_SECRET_ACCESS_KEY", LOCAL_KEY.to_owned()),
        ("AWS_REGION", region.clone()),
        // What version 1 of the AWS CLI and boto3 read.
        ("AWS_DEFAULT_REGION", region),
    ];
    let text = if terminal.shell.json {
        let pairs = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)));
        let variables: serde_json::Map<_, _> = pairs.collect();
        let document = json!({ "version": 1, "unset": elsewhere(), "variables": variables });
        format!("{document:#}\n")
    } else {
        let exports = variables.map(|(name, value)| format!("export {name}={}\n", quoted(&value)));
        format!("unset {}\n{}", elsewhere().join(" "), exports.concat())
    };
    terminal.print(&text);
    Ok(0)
}

/// Variables that would lead requests elsewhere, or to the engine with a real session's token.
fn elsewhere() -> Vec<String> {
    let always = [
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ];
    let services = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let is_plain = |name: &String| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let mut services: Vec<_> = services
        .filter(|name| name.starts_with("AWS_ENDPOINT_URL_") && is_plain(name))
        .collect();
    services.sort_unstable();
    always
        .into_iter()
        .map(str::to_owned)
        .chain(services)
        .collect()
}

/// A value as a shell takes it literally.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// What all stacks say that say anything, if they agree.
fn sole<'a>(stacks: &[&'a Stack], part: impl Fn(&'a Stack) -> Option<&'a str>) -> Option<String> {
    let mut parts: Vec<_> = stacks.iter().filter_map(|stack| part(stack)).collect();
    parts.sort_unstable();
    parts.dedup();
    match parts[..] {
        [one] => Some(one.to_owned()),
        _ => None,
    }
}

/// A verb of deployment, on the engine.
async fn on_engine(
    verb: &str,
    arguments: &ArgMatches,
    app: &Path,
    project: &Project,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let is_given = |name: &str| {
        matches!(arguments.try_contains_id(name), Ok(true))
            && arguments.value_source(name) == Some(ValueSource::CommandLine)
    };
    let ignored = ["profile", "assume-role", "endpoint-url"];
    if let Some(name) = ignored.into_iter().find(|name| is_given(name)) {
        let message = format!("`local {verb}` goes to the local AWS, so it takes no --{name}");
        return Err(Problem::usage(
            message,
            format!("leave it out, or run `{verb}`"),
        ));
    }
    if verb != "deploy" {
        terminal.go_to_local(require_up(project)?.endpoint());
        if !app.join("manifest.json").exists() {
            let message = "nothing was deployed to the local AWS of this folder";
            return Err(Problem::usage(message, "deploy to it: `local deploy`"));
        }
        return dispatch(verb, arguments, app, terminal).boxed_local().await;
    }
    let assembly = assembly(app)?;
    let chosen = choose(&assembly, &texts(arguments, "stacks"), Along::Needed)?;
    let (running, _) = started(project, terminal).await?;
    terminal.progress(&format!("the local AWS is at {}", running.endpoint()));
    for note in support::judge(&chosen, &running)? {
        terminal.progress(&note);
    }
    terminal.go_to_local(running.endpoint());
    project.note_deployed(app)?;
    let clouds = terminal.clouds(arguments)?;
    let options = Options {
        yes: true,
        sole: true,
        ..Options::default()
    };
    let silent = Silent(terminal);
    let places = bootstrap::places(&chosen, &clouds, None).await?;
    let facts = terminal.shell.facts;
    let made = bootstrap::make_all(places, false, &clouds, &options, (&silent, facts)).await;
    let code = report::exit_code(&made.1);
    if code != 0 {
        return Ok(code);
    }
    dispatch(verb, arguments, app, terminal).boxed_local().await
}

/// Tells of problems alone: that buckets for files are made is nothing to look at here.
struct Silent<'a>(&'a Terminal<'a>);

impl Host for Silent<'_> {
    fn event(&self, stack: &Stack, event: &Event) {
        if let Event::Stopped(problem) = event {
            self.0.problem(Some(stack), problem);
        }
    }

    fn consent<'a>(&'a self, _: &'a Stack, _: &'a Question<'a>) -> LocalBoxFuture<'a, Consent> {
        async { Consent::Nobody }.boxed_local()
    }
}
