//! The verbs, one module each.

#[cfg(feature = "bundle")]
mod bundle;
mod check;
#[cfg(feature = "completions")]
mod completions;
#[cfg(feature = "deploy")]
mod deployment;
mod diff;
mod explain;
mod for_cdk;
#[cfg(feature = "graph")]
mod graph;
mod ls;
#[cfg(feature = "review")]
mod review;
mod synth;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::cli::Run;

/// A verb of the command line.
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    /// Its help and arguments.
    pub(crate) command: fn(Command) -> Command,
    pub(crate) run: Run,
}

/// The verbs that need no AWS.
const VERBS: &[Verb] = &[
    Verb {
        name: "synth",
        command: synth::command,
        run: synth::run,
    },
    Verb {
        name: "ls",
        command: ls::command,
        run: ls::run,
    },
    Verb {
        name: "check",
        command: check::command,
        run: check::run,
    },
    Verb {
        name: "diff",
        command: diff::command,
        run: diff::run,
    },
    #[cfg(feature = "graph")]
    Verb {
        name: cloudwright_graph::cli::VERB,
        command: cloudwright_graph::cli::command,
        run: graph::run,
    },
    #[cfg(feature = "review")]
    Verb {
        name: cloudwright_review::cli::VERB,
        command: review::command,
        run: review::run,
    },
    #[cfg(feature = "bundle")]
    Verb {
        name: "bundle",
        command: bundle::command,
        run: bundle::run,
    },
    Verb {
        name: "explain",
        command: explain::command,
        run: explain::run,
    },
    #[cfg(feature = "completions")]
    completions::VERB,
];

pub(crate) use explain::explains;
pub(crate) use for_cdk::called_by_cdk;

/// What runs when the official `cdk` CLI starts the program.
pub(crate) const SYNTH_FOR_CDK: Run = for_cdk::run;

/// What runs for a verb.
pub(crate) fn find(name: &str) -> Option<Run> {
    let verb = all().find(|verb| verb.name == name);
    verb.map(|verb| verb.run)
}

/// The verbs of this build, in the order of the help.
pub(crate) fn all() -> impl Iterator<Item = &'static Verb> {
    VERBS.iter().chain(DEPLOYMENT)
}

/// The verbs that take stacks to AWS.
#[cfg(feature = "deploy")]
const DEPLOYMENT: &[Verb] = deployment::VERBS;
/// Without the feature there are none.
#[cfg(not(feature = "deploy"))]
const DEPLOYMENT: &[Verb] = &[];

/// The folder that assemblies are written to and read from unless another is named.
const DEFAULT_OUT: &str = "cloudwright.out";

/// The stacks that a verb is about.
fn stacks_argument() -> Arg {
    Arg::new("stacks")
        .value_name("STACK")
        .action(ArgAction::Append)
        .help("Paths or names of stacks, `*` standing for anything; all stacks unless given")
}

/// What [`stacks_argument`] was given.
fn patterns(arguments: &ArgMatches) -> Vec<String> {
    let given = arguments.get_many::<String>("stacks").unwrap_or_default();
    given.cloned().collect()
}
