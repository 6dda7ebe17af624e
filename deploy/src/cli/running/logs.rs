//! `logs`: what functions log, of all that are meant in one row.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use super::super::EXIT_CODES;
use super::super::arguments::{aws, flag, option, text, texts};
use super::invoke::FUNCTION;
use super::letters::time;
use super::watch::since;
use super::{App, Spot};
use crate::pace::{Pace, patiently};
use crate::problem::Problem;
use crate::running::logs::{Source, look};
use crate::running::services::LogEvent;

const STORY: &str = "\
The functions are named by their construct's path, by that of a construct or stack around them, by logical id or
name. Lines are ordered by time and begin with the function's path.

--filter takes the pattern of CloudWatch Logs: `ERROR`, `\"out of memory\"`, `{ $.level = \"error\" }`; see
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html

With --json, each line is an object: {time, path, stack, group, stream, message}.";

pub(super) fn command(command: Command) -> Command {
    let constructs = Arg::new("constructs")
        .value_name("CONSTRUCT")
        .action(ArgAction::Append);
    let command = command
        .about("Shows what functions log")
        .after_help(format!("{STORY}\n\n{EXIT_CODES}"))
        .arg(
            constructs.help("Functions, or constructs and stacks with functions; all unless given"),
        )
        .arg(flag("follow", "Goes on until Ctrl-C").short('f'))
        .arg(
            option("since", "SPAN", "How far back, such as 90s, 10m, 2h or 1d")
                .default_value("10m"),
        )
        .arg(option(
            "filter",
            "PATTERN",
            "Only what this pattern lets through",
        ));
    aws(command)
}

pub(super) async fn run(arguments: &ArgMatches, app: &App<'_>) -> Result<u8, Problem> {
    let (_, from) = since(arguments)?;
    let spots = app
        .all(&texts(arguments, "constructs"), &[FUNCTION], "function")
        .await?;
    if spots.is_empty() {
        app.terminal.progress(&no_function(app).await?);
        return Ok(0);
    }
    let filter = text(arguments, "filter");
    let mut sources = Vec::new();
    for spot in &spots {
        let group = group(app, spot).await?;
        sources.push(Source::new(
            &*spot.services.logs,
            group,
            from.saturating_mul(1000),
        ));
    }
    let (mut pace, mut is_first) = (Pace::new(), true);
    let reading = |text: &str| app.terminal.progress(text);
    loop {
        let new = look(&mut sources, &app.clock, filter.as_deref(), &reading).await?;
        if !new.is_empty() {
            pace = Pace::new();
        } else if is_first {
            let span = text(arguments, "since").unwrap_or_default();
            hints(app, &spots, &sources, &span, filter.is_some());
        }
        is_first = false;
        for (number, event) in new {
            let line = line(app, &spots, number, &sources[number].group, &event);
            app.terminal.print(&line);
        }
        if !arguments.get_flag("follow") || !app.terminal.flush()? {
            return Ok(0);
        }
        pace.wait(&app.clock).await;
    }
}

/// Why there is no function to show the log of: it may be that of another region, or not there yet.
async fn no_function(app: &App<'_>) -> Result<String, Problem> {
    let mut absent = Vec::new();
    for stack in &app.assembly.stacks {
        if app.live_once(stack).await?.is_none() {
            absent.push(&*stack.path);
        }
    }
    Ok(if absent.is_empty() {
        "the app has no deployed function".to_owned()
    } else {
        let absent = absent.join(", ");
        format!("the app has no deployed function; not deployed: {absent}")
    })
}

/// Why nothing may have been shown, and where to look next.
fn hints(app: &App<'_>, spots: &[Spot<'_>], sources: &[Source<'_>], span: &str, filtered: bool) {
    for (spot, source) in spots.iter().zip(sources).filter(|(_, one)| !one.is_there) {
        let text = format!(
            "{} has no log yet ({}): it did not run since it was made",
            spot.path(),
            source.group
        );
        app.terminal.progress(&text);
    }
    if sources.iter().any(|source| source.is_there) {
        let what = if filtered {
            "nothing that the pattern lets through"
        } else {
            "nothing"
        };
        let text = format!("{what} was logged in the last {span}: `--since 1d` looks further back");
        app.terminal.progress(&text);
    }
}

/// The log group of a function: the one that its template names, or else the one that Lambda says.
async fn group(app: &App<'_>, spot: &Spot<'_>) -> Result<String, Problem> {
    if let [id] = &spot.live.ids[..] {
        let resource = &spot.stack.template["Resources"][id];
        let named = &resource["Properties"]["LoggingConfig"]["LogGroup"];
        if let Some(name) = named.as_str() {
            return Ok(name.to_owned());
        }
        let live = app.live_once(spot.stack).await?.unwrap_or_default();
        let reference = named["Ref"].as_str();
        let found = live
            .iter()
            .find(|one| reference.is_some_and(|id| one.ids == [id]));
        if let Some(found) = found {
            return Ok(found.name.clone());
        }
    }
    // In a nested stack, or behind another expression.
    let (account, region) = (spot.stack.account.as_deref(), spot.stack.region.as_deref());
    let lambda = app.clouds.lambda(account, region).await?;
    let state = patiently(&app.clock, || lambda.function(&spot.live.name)).await?;
    let usual = || format!("/aws/lambda/{}", spot.live.name);
    Ok(state.log_group.unwrap_or_else(usual))
}

/// The foreground colours of a terminal that are told apart on light and dark.
const COLORS: [u8; 4] = [36, 35, 32, 31];

fn line(app: &App<'_>, spots: &[Spot<'_>], number: usize, group: &str, event: &LogEvent) -> String {
    let spot = &spots[number];
    let at = time(u64::try_from(event.time).unwrap_or_default());
    let said = event.message.trim_end();
    if app.terminal.shell.json {
        let line = json!({ "time": at, "path": spot.path(), "stack": spot.stack.path, "group": group,
            "stream": event.stream, "message": said });
        return format!("{line}\n");
    }
    let path = spot.path();
    let path = if app.terminal.shell.out_color {
        format!("\x1b[{}m{path}\x1b[0m", COLORS[number % COLORS.len()])
    } else {
        path.to_owned()
    };
    // What a line break would begin belongs to the same event.
    let said = said.replace('\n', &format!("\n{path}  | "));
    format!("{path}  {at}  {said}\n")
}
