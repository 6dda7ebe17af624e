//! The verbs of deployment, as the user's own binary and `cargo cloudwright` have them.
//!
//! Each verb reads an assembly, so that both programs do the same. Progress and reviews go to standard error;
//! results go to standard output, as text or, with `--json`, as one document.

mod arguments;
#[cfg(feature = "baseline")]
mod baseline;
mod bootstrap;
mod chosen;
mod diff;
mod doctor;
mod drift;
mod fit;
mod import;
mod live;
mod local;
mod made;
mod operate;
mod publish;
mod report;
#[cfg(feature = "operate")]
mod running;
mod show;
mod swapped;
mod tables;
mod terminal;
mod text;
mod watch;
mod whole;

use std::cell::RefCell;
use std::convert::Infallible;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;

use clap::{ArgMatches, Command};
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use tokio::runtime::{Builder, Runtime};

use crate::problem::Problem;
use crate::review::Facts;
use terminal::Terminal;

#[cfg(feature = "baseline")]
pub use baseline::{deployed, review_arguments};
pub use diff::arguments as diff_arguments;

/// The exit codes of the verbs, for help texts.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done, or nothing had to be done
  1    AWS refused something, or an operation failed
  2    the command line makes no sense for these stacks
  3    a file or folder cannot be read or written
  4    not approved, or data would be lost that was not named
  5    somebody else's operation holds a stack
  130  stopped by Ctrl-C; operations that were begun go on in AWS";

/// What the process was stopped by Ctrl-C ends with.
const INTERRUPTED: u8 = 130;

/// The two streams.
pub trait Streams {
    /// Writes results.
    fn out(&self, text: &str);
    /// Writes progress, reviews, questions and problems, and sees to it that they are read at once.
    fn err(&self, text: &str);
    /// Whether everything that was written reached standard output.
    ///
    /// # Errors
    /// The first error of it.
    fn finish(&self) -> io::Result<()>;
}

/// Two writers as streams.
pub struct Writers<'a> {
    out: RefCell<&'a mut dyn Write>,
    err: RefCell<&'a mut dyn Write>,
    failed: RefCell<Option<io::Error>>,
}

impl<'a> Writers<'a> {
    /// Results go to `out`, all else to `err`.
    pub fn new(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        Self {
            out: RefCell::new(out),
            err: RefCell::new(err),
            failed: RefCell::default(),
        }
    }
}

impl Streams for Writers<'_> {
    fn out(&self, text: &str) {
        let mut failed = self.failed.borrow_mut();
        if failed.is_none() {
            *failed = self.out.borrow_mut().write_all(text.as_bytes()).err();
        }
    }

    fn err(&self, text: &str) {
        // There is nowhere to report that this failed.
        let mut err = self.err.borrow_mut();
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }

    fn finish(&self) -> io::Result<()> {
        let failed = self.failed.borrow_mut().take();
        failed.map_or_else(|| self.out.borrow_mut().flush(), Err)
    }
}

/// What a verb runs in.
pub struct Shell<'a> {
    /// Where it writes.
    pub streams: &'a dyn Streams,
    /// Whether standard error takes colours.
    pub color: bool,
    /// Whether standard output takes colours.
    pub out_color: bool,
    /// Whether standard error is a terminal, which has a live view.
    pub terminal: bool,
    /// Whether there is a person to ask: standard input and standard error are a terminal.
    pub interactive: bool,
    /// Whether the result is wanted as JSON.
    pub json: bool,
    /// Whether only results and problems are wanted.
    pub quiet: bool,
    /// Where sources of packages are looked for first.
    pub checkouts: Vec<PathBuf>,
    /// The facts about resource types.
    pub facts: Facts,
}

/// A verb.
#[derive(Clone, Copy)]
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    /// Its help and arguments.
    pub command: fn(Command) -> Command,
}

/// Every verb, in the order of the help.
pub const VERBS: &[Verb] = &[
    Verb {
        name: "deploy",
        command: operate::deploy_command,
    },
    Verb {
        name: watch::VERB,
        command: watch::command,
    },
    Verb {
        name: "destroy",
        command: operate::destroy_command,
    },
    Verb {
        name: "import",
        command: operate::import_command,
    },
    Verb {
        name: "rollback",
        command: operate::rollback_command,
    },
    Verb {
        name: "cancel",
        command: operate::cancel_command,
    },
    Verb {
        name: "publish",
        command: publish::command,
    },
    Verb {
        name: "bootstrap",
        command: bootstrap::command,
    },
    Verb {
        name: diff::VERB,
        command: diff::command,
    },
    Verb {
        name: "status",
        command: show::status_command,
    },
    Verb {
        name: "outputs",
        command: show::outputs_command,
    },
    Verb {
        name: "resources",
        command: show::resources_command,
    },
    Verb {
        name: "events",
        command: show::events_command,
    },
    Verb {
        name: "drift",
        command: drift::command,
    },
    Verb {
        name: doctor::VERB,
        command: doctor::command,
    },
    Verb {
        name: local::VERB,
        command: local::command,
    },
    #[cfg(feature = "operate")]
    running::VERBS[0],
    #[cfg(feature = "operate")]
    running::VERBS[1],
    #[cfg(feature = "operate")]
    running::VERBS[2],
    #[cfg(feature = "operate")]
    running::VERBS[3],
    #[cfg(feature = "operate")]
    running::VERBS[4],
    #[cfg(feature = "operate")]
    running::VERBS[5],
    #[cfg(feature = "operate")]
    running::VERBS[6],
];

/// The assembly that a verb works on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether the program runs first, and writes it anew.
    pub anew: bool,
    /// Context values for that run, which those of the command line win over.
    pub context: Vec<(String, String)>,
    /// The folder that it is in, where that is not the usual one.
    pub folder: Option<PathBuf>,
}

/// The assembly that a verb with these arguments works on.
#[must_use]
pub fn wanted(verb: &str, arguments: &ArgMatches) -> Wanted {
    if watch::asked(verb, arguments).is_some() {
        return Wanted::default();
    }
    match verb {
        local::VERB => local::wanted(arguments),
        // It tells what is wrong also where the program does not compile a template.
        doctor::VERB => Wanted::default(),
        _ => Wanted {
            anew: true,
            ..Wanted::default()
        },
    }
}

/// What a program says to standard error by itself, as it fits the terminal there, if it is one.
#[must_use]
pub fn fitting(text: &str) -> String {
    if io::stderr().is_terminal() {
        fit::wrapped(text, terminal::columns())
    } else {
        text.to_owned()
    }
}

/// Runs a verb on the assembly in a folder and yields the exit code.
pub fn run(verb: &str, arguments: &ArgMatches, app: &Path, shell: &Shell<'_>) -> u8 {
    let terminal = Terminal::new(shell);
    let result = runtime().and_then(|runtime| {
        let result = runtime.block_on(run_until_stopped(verb, arguments, app, &terminal));
        // A question that nobody answers, or a build that is being stopped, is not waited for.
        runtime.shutdown_background();
        result
    });
    let result = result.and_then(|code| {
        let written = shell.streams.finish();
        written
            .map(|()| code)
            .or_else(|why| closed_or_full(&why, code))
    });
    result.unwrap_or_else(|problem| {
        terminal.problem(None, &problem);
        problem.kind.exit_code()
    })
}

/// What waits for AWS.
fn runtime() -> Result<Runtime, Problem> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|why| {
        let help = "free memory or file handles";
        Problem::unreadable(format!("cannot start: {why}"), help)
    })
}

/// Who closes the stream early has read enough. A full disk is a failure.
fn closed_or_full(why: &io::Error, code: u8) -> Result<u8, Problem> {
    if why.kind() == io::ErrorKind::BrokenPipe {
        return Ok(code);
    }
    let message = format!("cannot write to standard output: {why}");
    Err(Problem::unreadable(
        message,
        "free space on the disk, or write elsewhere",
    ))
}

/// A verb, until it is done or Ctrl-C is pressed.
async fn run_until_stopped(
    verb: &str,
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    if let Some(arguments) = watch::asked(verb, arguments) {
        return watch::run(arguments, terminal).await;
    }
    let work = pin!(dispatch(verb, arguments, app, terminal));
    let ctrl_c = pin!(tokio::signal::ctrl_c());
    let drawing = pin!(terminal.keep_drawing());
    let stop = select(ctrl_c, drawing).map(first);
    // Ctrl-C is listened to before anything is begun.
    match select(stop, work).await {
        Either::Right((result, _)) => result,
        Either::Left((Ok(()), _)) => {
            // `local deploy` is a `deploy`.
            let own = (verb == local::VERB)
                .then(|| arguments.subcommand_name())
                .flatten();
            terminal.interrupted(watch::in_this_process(own.unwrap_or(verb)));
            Ok(INTERRUPTED)
        }
        // Where no signal can be waited for, Ctrl-C ends the process as ever.
        Either::Left((Err(_), work)) => work.await,
    }
}

/// Ctrl-C; the drawing goes on for ever.
fn first<A, B>(either: Either<(io::Result<()>, B), (Infallible, A)>) -> io::Result<()> {
    match either {
        Either::Left((stopped, _)) => stopped,
        Either::Right((never, _)) => match never {},
    }
}

async fn dispatch(
    verb: &str,
    arguments: &ArgMatches,
    app: &Path,
    terminal: &Terminal<'_>,
) -> Result<u8, Problem> {
    match watch::in_this_process(verb) {
        "publish" => publish::run(arguments, app, terminal).await,
        "bootstrap" => bootstrap::run(arguments, app, terminal).await,
        diff::VERB => diff::run(arguments, app, terminal).await,
        "status" => show::status(arguments, app, terminal).await,
        "outputs" => show::outputs(arguments, app, terminal).await,
        "resources" => show::resources(arguments, app, terminal).await,
        "events" => show::events(arguments, app, terminal).await,
        "drift" => drift::run(arguments, app, terminal).await,
        local::VERB => local::run(arguments, app, terminal).await,
        doctor::VERB => doctor::run(arguments, app, terminal).await,
        #[cfg(feature = "operate")]
        verb if running::has(verb) => running::dispatch(verb, arguments, app, terminal).await,
        verb => operate::run(verb, arguments, app, terminal).await,
    }
}
