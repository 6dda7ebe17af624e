//! `doctor`: looks at all that a deployment needs, before one is begun, and says what to do about what is
//! missing.
//!
//! Every check is made, whatever the others find. It changes nothing: in AWS it asks whose the credentials are
//! and whether the buckets for files are there.

mod clock;

use std::collections::BTreeSet;
use std::path::Path;

use clap::{ArgMatches, Command};
use cloudwright_bundle::{Target, build};
use serde_json::{Value, json};

use super::EXIT_CODES;
use super::arguments::{aws, stacks, texts};
use super::chosen::{Along, choose};
use super::local;
use super::terminal::Terminal;
use crate::assembly::{Assembly, Source, Stack, in_place};
use crate::aws::{Clouds, RealClock};
use crate::local::environment;
use crate::pace::patiently;
use crate::problem::Problem;
use crate::publish::unusable;

/// The name of the verb.
pub(super) const VERB: &str = "doctor";

const STORY: &str = "\
Checks: the assembly; for each account and region of it the credentials, the region and the bucket for files;
the clock, since AWS refuses requests that are five minutes off; for each processor of its handlers the
compiler's target and a linker; Python, and the local AWS of this folder. A `warning` stops some commands
only. With --json: {version, checks: [{name, state: ok | warning | error, detail, help}]}. The exit code is 1
when a check has the state `error`.";

pub(super) fn command(command: Command) -> Command {
    aws(stacks(command)
        .about("Looks at all that a deployment needs, and says what is missing")
        .after_help(format!("{STORY}\n\n{EXIT_CODES}")))
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ok,
    Warning,
    Error,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What was looked at, and what it is like.
#[derive(Debug)]
struct Check {
    name: String,
    state: State,
    detail: String,
    /// What to do; empty for what is fine.
    help: String,
}

impl Check {
    fn ok(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            state: State::Ok,
            detail: detail.into(),
            help: String::new(),
        }
    }

    fn bad(name: impl Into<String>, state: State, detail: &str, help: &str) -> Self {
        Self {
            name: name.into(),
            state,
            detail: detail.to_owned(),
            help: help.to_owned(),
        }
    }

    fn line(&self) -> String {
        let Self {
            name,
            state,
            detail,
            help,
        } = self;
        let line = format!("{:<8} {name}: {detail}\n", state.name());
        if help.is_empty() {
            line
        } else {
            format!("{line}         = help: {help}\n")
        }
    }

    fn object(&self) -> Value {
        let Self {
            name,
            state,
            detail,
            help,
        } = self;
        let help = (!help.is_empty()).then_some(help);
        json!({ "name": name, "state": state.name(), "detail": detail, "help": help })
    }
}

pub(super) async fn run(
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    let read = Assembly::read(app);
    let found = read
        .as_ref()
        .map(|assembly| stacks_text(assembly.stacks.len()));
    let mut report = Report {
        terminal,
        checks: Vec::new(),
    };
    report.add(match found {
        Ok(count) => Check::ok("assembly", format!("{count} in \"{}\"", app.display())),
        Err(problem) => Check::bad("assembly", State::Warning, &problem.message, &problem.help),
    });
    // Without an assembly there is nothing to choose from, and all else is looked at.
    let patterns = read
        .as_ref()
        .map_or_else(|_| Vec::new(), |_| texts(arguments, "stacks"));
    let assembly = read.unwrap_or_default();
    let chosen = choose(&assembly, &patterns, Along::Nobody)?;
    places(&chosen, &terminal.clouds(arguments)?, &mut report).await;
    report.add(clock::check(terminal.endpoint(arguments)?).await);
    for target in processors(&chosen) {
        report.add(builder(target));
    }
    report.add(python());
    report.add(engine());
    Ok(report.end())
}

/// The checks so far. Each is told as it ends, since one that waits for the network may take its time.
struct Report<'a> {
    terminal: &'a Terminal<'a>,
    checks: Vec<Check>,
}

impl Report<'_> {
    fn add(&mut self, check: Check) {
        if !self.terminal.shell.json {
            self.terminal.print(&check.line());
        }
        self.checks.push(check);
    }

    /// The exit code.
    fn end(&self) -> u8 {
        if self.terminal.shell.json {
            let checks: Value = self.checks.iter().map(Check::object).collect();
            let document = json!({ "version": 1, "checks": checks });
            self.terminal.print(&format!("{document:#}\n"));
        }
        let fails = self.checks.iter().any(|check| check.state == State::Error);
        u8::from(fails)
    }
}

fn stacks_text(count: usize) -> String {
    if count == 1 {
        "1 stack".to_owned()
    } else {
        format!("{count} stacks")
    }
}

/// Credentials, region and bucket of each place that the stacks are in; of the caller's own when there is none.
async fn places(stacks: &[&Stack], clouds: &Clouds, report: &mut Report<'_>) {
    let place = |stack: &&Stack| (stack.account.clone(), stack.region.clone(), stack.bucket());
    let mut places: BTreeSet<_> = stacks.iter().map(place).collect();
    if places.is_empty() {
        places.insert((None, None, String::new()));
    }
    for (account, region, bucket) in places {
        let named = |part: &Option<String>| part.clone().unwrap_or_else(|| "any".to_owned());
        let name = format!("credentials ({}, {})", named(&account), named(&region));
        let cloud = match clouds.cloud(account.as_deref(), region.as_deref()).await {
            Ok(cloud) => cloud,
            Err(problem) => {
                report.add(Check::bad(
                    name,
                    State::Error,
                    &problem.message,
                    &problem.help,
                ));
                continue;
            }
        };
        let own = format!("account {}, region {}", cloud.account, cloud.region);
        report.add(Check::ok(name, own));
        if bucket.is_empty() {
            continue;
        }
        let bucket = in_place(&bucket, &cloud.account, &cloud.region);
        let name = format!("bootstrap ({}, {})", cloud.account, cloud.region);
        let clock = RealClock::start();
        let is_there = patiently(&clock, || cloud.storage.has_bucket(&bucket)).await;
        let is_there = is_there.map_err(|fault| unusable(&cloud, &bucket, fault));
        report.add(match is_there {
            Ok(true) => Check::ok(name, format!("the bucket {bucket} is there")),
            Ok(false) => {
                let detail = format!("there is no bucket {bucket}");
                let help = "`bootstrap` makes it; so does `deploy`, when a stack needs it and it is approved";
                Check::bad(name, State::Warning, &detail, help)
            }
            Err(problem) => Check::bad(name, State::Error, &problem.message, &problem.help),
        });
    }
}

/// The processors that handlers of these stacks are built for.
fn processors(stacks: &[&Stack]) -> Vec<Target> {
    let words = stacks
        .iter()
        .flat_map(|stack| &stack.assets)
        .filter_map(|asset| match &asset.source {
            Source::Command(words) => Some(words),
            Source::File(_) => None,
        });
    let all: BTreeSet<Target> = words
        .flat_map(|words| words.iter().filter_map(|word| word.parse().ok()))
        .collect();
    all.into_iter().collect()
}

fn builder(target: Target) -> Check {
    let name = format!("handlers for {}", target.name());
    match build::builder(target, Path::new(".")) {
        Ok(program) => Check::ok(name, format!("{program} builds for {}", target.triple())),
        Err(problem) => Check::bad(name, State::Error, &problem.message, &problem.help),
    }
}

fn python() -> Check {
    match environment::python_version() {
        Ok(version) => Check::ok("python", version),
        Err(problem) => Check::bad("python", State::Warning, &problem.message, &problem.help),
    }
}

fn engine() -> Check {
    let found = local::project().and_then(|project| Ok(project.running()?));
    match found {
        Ok(Some(running)) => Check::ok("local AWS", format!("is up at {}", running.endpoint())),
        Ok(None) => Check::ok(
            "local AWS",
            "is not up in this folder; `local up` starts it",
        ),
        Err(problem) => Check::bad("local AWS", State::Warning, &problem.message, &problem.help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_is_not_fine_says_what_to_do() {
        assert_eq!(
            Check::ok("python", "Python 3.11.7").line(),
            "ok       python: Python 3.11.7\n"
        );
        let bad = Check::bad("clock", State::Error, "is an hour off", "set it");
        assert_eq!(
            bad.line(),
            "error    clock: is an hour off\n         = help: set it\n"
        );
        let expected = json!({ "name": "clock", "state": "error", "detail": "is an hour off", "help": "set it" });
        assert_eq!(bad.object(), expected);
    }

    #[test]
    fn processors_are_those_of_the_commands_of_assets() {
        let mut stack = Stack::of_template("App", ("1", "r"), "b", json!({}));
        let asset = |words: &[&str]| crate::assembly::Asset {
            name: "a".to_owned(),
            hash: "h".to_owned(),
            bucket: "b".to_owned(),
            key: "k".to_owned(),
            source: Source::Command(words.iter().map(|word| (*word).to_owned()).collect()),
        };
        stack.assets = vec![
            asset(&[
                "cargo-cloudwright",
                "bundle",
                "--target",
                "aarch64-unknown-linux-gnu",
            ]),
            asset(&[
                "cargo-cloudwright",
                "bundle",
                "--target",
                "aarch64-unknown-linux-gnu",
            ]),
        ];
        assert_eq!(processors(&[&stack]), [Target::Arm64]);
    }
}
