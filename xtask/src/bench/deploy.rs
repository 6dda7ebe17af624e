//! `cargo xtask bench --deploy`: a deployment that has nothing to do, and a first one, next to the official
//! `cdk deploy` on the same engine in the same run.
//!
//! The stack has 400 topics, which the engine creates at once and whose template is small enough for both tools
//! to send it as it is. Each tool deploys it in a region of its own, and is measured when it finds it there
//! again. `cargo-cloudwright` is in its quick build, as the tests use it: a release is faster.
//!
//! What the rows mean:
//!
//! - *no-op* (CPU seconds) and the memory beside it: of the tool's process.
//! - *no-op in s*: clock seconds of as many other runs.
//! - *first deploy*: CPU seconds of a first deployment, the review and 800 events included: what the tool itself adds,
//!   since all else is waiting for the engine.
//! - *first deploy in s*: its clock seconds, most of which are the engine's.
//! - *memory in MB*: the largest resident set of all these runs.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use cloudwright_deploy::local::engine::{Launch, SCRIPT};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Settings;
use super::measure::{Costs, Spread, clock};
use super::report::{Figure, OURS, Row};
use crate::process::run as run_command;
use crate::test::WITH_SDK;
use crate::{Outcome, target_dir, tools, workspace_root};

/// On the engine an access key of 12 digits is the root of that account.
const ACCOUNT: &str = "123456789012";
const RESOURCES: usize = 400;
const OFFICIAL: &str = "cdk deploy";

/// Measures both tools.
pub(super) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let home = tools::directory(&target_dir());
    tools::prepare(&home, tools::REQUIRED)?;
    build()?;
    let folder = TempDir::new().map_err(|e| e.to_string())?;
    let engine = Engine::start(&home, folder.path())?;
    let mut rows = Vec::new();
    for (subject, region, tool) in [
        (OURS, "eu-central-1", ours as Tool),
        (OFFICIAL, "us-west-2", official),
    ] {
        let app = folder.path().join(region);
        write(&app, region)?;
        let command = || tool(&home, &app, region, &engine);
        let started = Instant::now();
        let first = Costs::of(1, |_| Ok(command()))?;
        let took = Spread::of(vec![started.elapsed().as_secs_f64()]);
        let again = Costs::of(settings.runs, |_| Ok(command()))?;
        let clock: Outcome<Vec<f64>> = (0..settings.runs).map(|_| clock(&mut command())).collect();
        let row = |work: &str, figure| {
            Row::new(&format!("{work}, {RESOURCES} resources"), subject, figure)
        };
        let memory = Spread::of(vec![first.peak().max(again.peak())]);
        rows.extend([
            judged(row("no-op", Figure::Costs(again)), Some(20.0), None),
            judged(
                row("no-op in s", Figure::Spread(Spread::of(clock?))),
                Some(5.0),
                None,
            ),
            judged(row("first deploy", Figure::Costs(first)), None, Some(1.0)),
            judged(row("first deploy in s", Figure::Spread(took)), None, None),
            judged(
                row("memory in MB", Figure::Spread(memory)),
                None,
                Some(60.0),
            ),
        ]);
    }
    Ok(rows)
}

/// A row with what it is to be: times our own for the official tool, at most so much for ours.
fn judged(row: Row, least: Option<f64>, most: Option<f64>) -> Row {
    match (&*row.subject, least, most) {
        (OFFICIAL, Some(least), _) => row.at_least(least),
        (OURS, _, Some(most)) => row.goal(most),
        _ => row,
    }
}

fn build() -> Outcome {
    let program = ["build", "--quiet", "--bin", "cargo-cloudwright"];
    run_command(
        Command::new("cargo")
            .args(program)
            .args(WITH_SDK)
            .current_dir(workspace_root()),
    )
}

/// The command of a tool, in front of an engine.
type Tool = fn(&Path, &Path, &str, &Engine) -> Command;

fn ours(_: &Path, app: &Path, region: &str, engine: &Engine) -> Command {
    let mut command = isolated(
        &target_dir().join("handlers-dev/cargo-cloudwright"),
        region,
        engine,
    );
    command
        .args(["deploy", "--yes", "--quiet", "--app"])
        .arg(app);
    command
}

fn official(tools: &Path, app: &Path, region: &str, engine: &Engine) -> Command {
    let mut command = isolated(&tools.join("aws-cdk/node_modules/.bin/cdk"), region, engine);
    command.env("CDK_DISABLE_CLI_TELEMETRY", "true");
    command
        .args([
            "--no-notices",
            "--no-color",
            "--no-version-reporting",
            "--app",
        ])
        .arg(app);
    command.args(["deploy", "--require-approval", "never"]);
    command
}

fn isolated(program: &Path, region: &str, engine: &Engine) -> Command {
    let mut command = Command::new(program);
    let home = engine.home.path();
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null());
    command
        .env("AWS_ACCESS_KEY_ID", ACCOUNT)
        .env("AWS_SECRET_ACCESS_KEY", "test");
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", region);
    command.env(
        "AWS_ENDPOINT_URL",
        format!("http://127.0.0.1:{}", engine.port),
    );
    command
}

/// Writes an assembly of one stack.
fn write(app: &Path, region: &str) -> Outcome {
    fs::create_dir_all(app).map_err(|e| e.to_string())?;
    let write = |name: &str, content: &Value| {
        fs::write(app.join(name), format!("{content:#}")).map_err(|e| format!("{name}: {e}"))
    };
    let topics: serde_json::Map<_, _> = (0..RESOURCES)
        .map(|n| (format!("T{n}"), json!({ "Type": "AWS::SNS::Topic" })))
        .collect();
    write("Bench.template.json", &json!({ "Resources": topics }))?;
    let stack = json!({ "type": "aws:cloudformation:stack", "environment": format!("aws://{ACCOUNT}/{region}"),
        "properties": { "templateFile": "Bench.template.json" } });
    write(
        "manifest.json",
        &json!({ "version": "36.0.0", "artifacts": { "Bench": stack } }),
    )
}

/// A local AWS, as the tests start it. It ends when its standard input closes.
struct Engine {
    process: Child,
    port: u16,
    home: TempDir,
}

impl Engine {
    fn start(tools: &Path, folder: &Path) -> Outcome<Self> {
        let own = folder.join("engine");
        fs::create_dir_all(&own).map_err(|e| e.to_string())?;
        let launch = Launch {
            python: &tools.join("ministack/bin/python"),
            script: SCRIPT,
            folder: &own,
            stays: false,
        };
        let (process, port) = launch.start().map_err(|why| why.to_string())?;
        let home = TempDir::new().map_err(|e| e.to_string())?;
        Ok(Self {
            process,
            port,
            home,
        })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
