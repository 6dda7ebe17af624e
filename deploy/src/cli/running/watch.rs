//! `alarms` and `metrics`: how the systems of an app are doing.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value, json};

use super::super::EXIT_CODES;
use super::super::arguments::{aws, flag, option, texts};
use super::super::text::table;
use super::invoke::FUNCTION;
use super::{App, Spot};
use crate::pace::patiently;
use crate::problem::{Kind, Problem};
use crate::running::logs::span;
use crate::running::metrics::{Summary, columns, of_function};
use crate::running::services::Alarm;

const ALARMS: [&str; 2] = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];

/// How many of the last values are shown, unless said.
const SINCE: &str = "1h";

fn constructs(help: &'static str) -> Arg {
    Arg::new("constructs")
        .value_name("CONSTRUCT")
        .action(ArgAction::Append)
        .help(help)
}

pub(super) fn alarms_command(command: Command) -> Command {
    let story = "\
With --json: {version, alarms: [{path, stack, name, state: OK | ALARM | INSUFFICIENT_DATA |
MISSING, since, reason}]}.";
    let command = command
        .about("Shows the state of the app's alarms")
        .after_help(format!("{story}\n\n{EXIT_CODES}"))
        .arg(constructs(
            "Paths of constructs, logical ids or names; all alarms unless given",
        ))
        .arg(flag(
            "fail",
            "Exits with 1 where an alarm is raised or missing",
        ));
    aws(command)
}

pub(super) fn metrics_command(command: Command) -> Command {
    let story = "\
Counts are sums over the span; durations and the age of asynchronous events are in milliseconds, the highest of
any day where the span is longer than one. What was not measured is empty.

With --json: {version, since, functions: [{path, stack, name, invocations, errors, throttles, durationP50,
durationP99, asyncAge, concurrency}]}, a number or null each.";
    let command = command
        .about("Shows how functions did")
        .after_help(format!("{story}\n\n{EXIT_CODES}"))
        .arg(constructs(
            "Paths of constructs, logical ids or names; all functions unless given",
        ))
        .arg(
            option("since", "SPAN", "How far back, such as 90s, 10m, 2h or 1d")
                .default_value(SINCE),
        );
    aws(command)
}

pub(super) async fn alarms(arguments: &ArgMatches, app: &App<'_>) -> Result<u8, Problem> {
    let spots = app
        .all(&texts(arguments, "constructs"), &ALARMS, "alarm")
        .await?;
    let mut found: Vec<(&Spot<'_>, Alarm)> = Vec::new();
    for spots in by_stack(&spots) {
        let names: Vec<_> = spots.iter().map(|spot| spot.live.name.clone()).collect();
        let metrics = &spots[0].services.metrics;
        let known = patiently(&app.clock, || metrics.alarms(&names)).await?;
        let known: BTreeMap<_, _> = known
            .into_iter()
            .map(|one| (one.name.clone(), one))
            .collect();
        // An alarm that somebody deleted is the worst of all.
        let missing = |name: &str| Alarm {
            name: name.to_owned(),
            state: "MISSING".to_owned(),
            reason: "the stack has it, CloudWatch does not".to_owned(),
            ..Alarm::default()
        };
        let alarm = |name: &str| known.get(name).cloned().unwrap_or_else(|| missing(name));
        found.extend(spots.into_iter().map(|spot| (spot, alarm(&spot.live.name))));
    }
    let is_raised = |alarm: &Alarm| matches!(&*alarm.state, "ALARM" | "MISSING");
    let raised = found.iter().any(|(_, alarm)| is_raised(alarm));
    if app.terminal.shell.json {
        let object = |(spot, alarm): &(&Spot<'_>, Alarm)| {
            json!({ "path": spot.path(), "stack": spot.stack.path, "name": alarm.name, "state": alarm.state,
                "since": alarm.since, "reason": alarm.reason })
        };
        let all: Value = found.iter().map(object).collect();
        app.terminal
            .print(&format!("{:#}\n", json!({ "version": 1, "alarms": all })));
    } else if found.is_empty() {
        app.terminal.progress("the app has no deployed alarm");
    } else {
        let row = |(spot, alarm): &(&Spot<'_>, Alarm)| {
            vec![
                alarm.state.clone(),
                spot.path().to_owned(),
                alarm.since.clone(),
                alarm.reason.clone(),
            ]
        };
        app.terminal
            .print(&table(&found.iter().map(row).collect::<Vec<_>>()));
    }
    let fails = arguments.get_flag("fail") && raised;
    Ok(if fails { Kind::Failed.exit_code() } else { 0 })
}

/// The spots of each stack.
fn by_stack<'s, 'a>(spots: &'s [Spot<'a>]) -> Vec<Vec<&'s Spot<'a>>> {
    let mut stacks: BTreeMap<&str, Vec<&Spot<'_>>> = BTreeMap::new();
    for spot in spots {
        stacks.entry(&spot.stack.id).or_default().push(spot);
    }
    stacks.into_values().collect()
}

pub(super) async fn metrics(arguments: &ArgMatches, app: &App<'_>) -> Result<u8, Problem> {
    let (since, from) = since(arguments)?;
    let to = from + since;
    let spots = app
        .all(&texts(arguments, "constructs"), &[FUNCTION], "function")
        .await?;
    let mut found = Vec::new();
    for spot in &spots {
        let metrics = &*spot.services.metrics;
        let summary = of_function(metrics, &app.clock, &spot.live.name, (from, to)).await?;
        found.push((spot, summary));
    }
    if app.terminal.shell.json {
        let all: Value = found
            .iter()
            .map(|(spot, summary)| object(spot, summary))
            .collect();
        let document = json!({ "version": 1, "since": since, "functions": all });
        app.terminal.print(&format!("{document:#}\n"));
        return Ok(0);
    }
    let head: Vec<String> = ["function"]
        .into_iter()
        .chain(columns())
        .map(str::to_owned)
        .collect();
    let row = |(spot, summary): &(&Spot<'_>, Summary)| {
        let value = |(_, value): &(&str, Option<f64>)| value.map(number).unwrap_or_default();
        let values = summary.values.iter().map(value);
        [spot.path().to_owned()].into_iter().chain(values).collect()
    };
    let rows: Vec<Vec<String>> = [head].into_iter().chain(found.iter().map(row)).collect();
    app.terminal.print(&table(&rows));
    Ok(0)
}

fn object(spot: &Spot<'_>, summary: &Summary) -> Value {
    let values = summary
        .values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)));
    let mut object: Map<String, Value> = values.collect();
    object.insert("path".to_owned(), json!(spot.path()));
    object.insert("stack".to_owned(), json!(spot.stack.path));
    object.insert("name".to_owned(), json!(spot.live.name));
    Value::Object(object)
}

/// A number without more digits than it is worth.
fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value}")
    } else {
        format!("{value:.1}")
    }
}

/// The span that is asked for and when it began, in seconds.
pub(super) fn since(arguments: &ArgMatches) -> Result<(i64, i64), Problem> {
    let given = texts(arguments, "since").pop().unwrap_or_default();
    let span = span(&given).ok_or_else(|| {
        let message = format!("a span is a number and its unit, got \"{given}\"");
        Problem::usage(message, "write it as `90s`, `10m`, `2h` or `1d`")
    })?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    Ok((span, now.saturating_sub(span)))
}
