//! `cargo xtask bench`: what cloudwright costs, in CPU seconds and memory of whole processes, next
//! to its limit and its peers.
//!
//! CPU seconds and not the clock, since the machine may be busy with other work; several runs, since
//! one run says nothing. A bench informs; it never gates.

mod aws;
mod compile;
mod deploy;
mod handlers;
mod measure;
mod peers;
mod report;
mod synth;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::Outcome;
use report::{Report, Row};

/// How the benches are run.
struct Settings {
    runs: usize,
    peers: bool,
}

type Bench = (&'static str, fn(&Settings) -> Outcome<Vec<Row>>);

/// Every bench; each gives rows of the report.
const BENCHES: &[Bench] = &[
    ("synth", synth::run),
    ("compile", compile::run),
    ("all", compile::all),
    (HANDLERS, handlers::run),
    (INDEX, handlers::index),
    (SERVERS, handlers::servers),
    (SUBMISSIONS, handlers::submissions),
    (FORWARD, handlers::forwarding),
    (WORKER, handlers::carrying),
    (RECONCILE, handlers::reconcile),
    (SIZES, handlers::sizes),
    (DEPLOY, deploy::run),
    (AWS, aws::run),
];

/// What is not run unless asked for: it builds the SDK, the sizes several times, or AWS's engine.
const AWS: &str = "check-aws";
const HANDLERS: &str = "handlers";
const INDEX: &str = "cache-sync";
const RECONCILE: &str = "reconcile";
const SERVERS: &str = "ssm-sync";
const SUBMISSIONS: &str = "submit";
const FORWARD: &str = "forward";
const WORKER: &str = "worker";
const SIZES: &str = "handler-sizes";
const DEPLOY: &str = "deploy";

/// What the flag of handlers stands for.
const HANDLER_BENCHES: [&str; 8] = [
    HANDLERS,
    INDEX,
    RECONCILE,
    SERVERS,
    SUBMISSIONS,
    FORWARD,
    WORKER,
    SIZES,
];

/// The arguments of the verb.
pub(crate) fn command() -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let names = BENCHES.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    Command::new("bench")
        .about("Measure synth and compile times, next to the limit and the peers")
        .arg(
            Arg::new("benches")
                .num_args(0..)
                .value_parser(names)
                .help("Only these benches"),
        )
        .arg(flag("peers").help("Install aws-cdk-lib and troposphere and measure them too"))
        .arg(flag(HANDLERS).help("Measure the bundled handlers next to the same work in Python"))
        .arg(flag(DEPLOY).help("Measure deployments next to `cdk deploy`, on a local AWS"))
        .arg(flag("json").help("Print the report as JSON"))
        .arg(
            flag("markdown")
                .help("Print the ratios to others, as the README shows them")
                .conflicts_with("json"),
        )
        .arg(
            Arg::new("runs")
                .long("runs")
                .value_parser(value_parser!(u16).range(1..))
                .default_value("5")
                .help("Runs per measurement (compile benches take at most 3)"),
        )
}

/// Runs the benches and prints the report; a bench that cannot run does not stop the others.
pub(crate) fn run(arguments: &ArgMatches) -> Outcome {
    let runs = arguments.get_one::<u16>("runs").copied().unwrap_or(5);
    let settings = Settings {
        runs: usize::from(runs),
        peers: arguments.get_flag("peers"),
    };
    let named = arguments.get_many::<String>("benches").unwrap_or_default();
    let mut chosen: Vec<_> = named.map(String::as_str).collect();
    if arguments.get_flag(HANDLERS) {
        chosen.extend(HANDLER_BENCHES);
    }
    if arguments.get_flag(DEPLOY) {
        chosen.push(DEPLOY);
    }
    let mut report = Report::default();
    for (name, bench) in BENCHES {
        let is_asked_for = [AWS, DEPLOY].contains(name) || HANDLER_BENCHES.contains(name);
        let usual = chosen.is_empty() && !is_asked_for;
        if usual || chosen.contains(name) {
            eprintln!("==> {name}");
            report.add(name, bench(&settings));
        }
    }
    if arguments.get_flag("json") {
        println!("{}", report.json());
    } else if arguments.get_flag("markdown") {
        print!("{}", report.markdown());
    } else {
        print!("{}", report.table());
    }
    report.outcome()
}
