//! The verbs that take stacks to AWS: the program is synthesized, its assembly is written where `synth` writes
//! it, and `cloudwright-deploy` does the rest, as `cargo cloudwright` does with an assembly.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use cloudwright_deploy::cli::{self, Shell};

use crate::cli::Run;
use crate::cli::console::Console;
use crate::cli::program::{self, Program};
use crate::cli::sources;
use crate::cli::stop::Stop;
use crate::cli::verbs::{DEFAULT_OUT, Verb};

/// A verb of this module by the name that `cloudwright-deploy` has for it.
macro_rules! verbs {
    ($($(#[$attribute:meta])? $function:ident = $name:literal;)*) => {
        /// The verbs, in the order of the help.
        pub(crate) const VERBS: &[Verb] = &[$($(#[$attribute])? $function::VERB),*];

        $(
            $(#[$attribute])?
            mod $function {
                use super::*;

                pub(super) const VERB: Verb = Verb { name: $name, command, run: run as Run };

                fn command(command: Command) -> Command {
                    grammar($name, command)
                }

                fn run(arguments: &ArgMatches, console: &mut Console<'_>, program: Program<'_>) -> Result<u8, Stop> {
                    operate($name, arguments, console, program)
                }
            }
        )*
    };
}

verbs! {
    deploy = "deploy";
    watch = "watch";
    destroy = "destroy";
    import = "import";
    rollback = "rollback";
    cancel = "cancel";
    publish = "publish";
    bootstrap = "bootstrap";
    status = "status";
    outputs = "outputs";
    resources = "resources";
    events = "events";
    drift = "drift";
    doctor = "doctor";
    local = "local";
    #[cfg(feature = "operate")]
    run = "run";
    #[cfg(feature = "operate")]
    invoke = "invoke";
    #[cfg(feature = "operate")]
    logs = "logs";
    #[cfg(feature = "operate")]
    dead_letters = "dead-letters";
    #[cfg(feature = "operate")]
    secret = "secret";
    #[cfg(feature = "operate")]
    alarms = "alarms";
    #[cfg(feature = "operate")]
    metrics = "metrics";
}

/// The switch of `diff` that compares with what is deployed.
pub(super) const DEPLOYED: &str = "deployed";

/// Adds to `diff` what compares with what is deployed.
pub(super) fn with_deployed(command: Command) -> Command {
    let own: Vec<_> = command
        .get_arguments()
        .map(|one| one.get_id().clone())
        .collect();
    let deployed = Arg::new(DEPLOYED)
        .long(DEPLOYED)
        .action(ArgAction::SetTrue)
        .conflicts_with_all(["against", "template"])
        .help(
            "Compares with what is deployed, as `deploy` would; the program's assembly is written",
        );
    let command = cli::diff_arguments(command.arg(deployed));
    command.mut_args(|argument| {
        let is_own = own.contains(argument.get_id()) || argument.get_id() == DEPLOYED;
        if is_own {
            argument
        } else {
            argument.requires(DEPLOYED)
        }
    })
}

/// The help and the arguments of a verb.
fn grammar(name: &str, command: Command) -> Command {
    let verb = cli::VERBS.iter().find(|verb| verb.name == name);
    verb.map_or(command.clone(), |verb| (verb.command)(command))
}

/// Synthesizes, where the verb wants that, and goes on with the assembly.
pub(super) fn operate(
    verb: &str,
    arguments: &ArgMatches,
    console: &mut Console<'_>,
    mut program: Program<'_>,
) -> Result<u8, Stop> {
    let wanted = cli::wanted(verb, arguments);
    let usual = console.resolve(Path::new(DEFAULT_OUT));
    let folder = wanted.folder.unwrap_or(usual);
    let mut checkouts = Vec::new();
    if wanted.anew {
        program.add_context(wanted.context);
        checkouts = write(program, &folder, console)?;
    }
    Ok(in_shell(console, checkouts, |shell| {
        cli::run(verb, arguments, &folder, shell)
    }))
}

/// Runs something in the shell that this process was started from.
pub(super) fn in_shell<T>(
    console: &mut Console<'_>,
    checkouts: Vec<PathBuf>,
    run: impl FnOnce(&Shell<'_>) -> T,
) -> T {
    let (json, quiet) = (console.json, console.quiet);
    let (color, out_color) = (console.notes.enabled, console.paint.enabled);
    let (terminal, interactive) = (console.is_terminal(), console.is_interactive());
    let streams = console.streams();
    run(&Shell {
        streams: &streams,
        color,
        out_color,
        terminal,
        interactive,
        json,
        quiet,
        checkouts,
        facts: cloudwright_cfn::schema,
    })
}

/// Writes the program's assembly and gives the checkouts of its sources.
fn write(
    program: Program<'_>,
    folder: &Path,
    console: &mut Console<'_>,
) -> Result<Vec<PathBuf>, Stop> {
    let assembly = program.synthesize()?;
    program::require_stacks(&assembly)?;
    console.warnings(assembly.warnings());
    assembly.write(folder).map_err(|error| {
        let help = "the assembly is written to the current folder: go to one that can be written";
        Stop::cannot(error.to_string(), help)
    })?;
    sources::remember(&assembly, console);
    Ok(assembly.checkouts().into_iter().map(Into::into).collect())
}
