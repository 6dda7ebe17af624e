//! The command line of the user's own binary.
//!
//! A program is its own tool: no configuration file, no second process. [`run`] reads the
//! arguments, finds the verb in the table of `verbs` and lets it build the app, which only the verbs
//! that need templates do. Verbs return text or a reason to stop; this file turns the latter into
//! messages and exit codes, so that both are the same everywhere.
//!
//! Nothing here touches the process: arguments, variables, the current folder and the two streams
//! come in a [`Session`], and the exit code is a return value. Tests run sessions by the dozen.

mod arguments;
mod aws;
mod color;
mod comparison;
mod console;
mod findings;
mod previous;
mod program;
mod select;
mod session;
mod sources;
mod stop;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod verbs;

use std::process::ExitCode;

use clap::ArgMatches;

use crate::app::App;
use crate::error::Error;
use arguments::Request;
use console::Console;
use program::Program;
use session::Session;
use stop::Stop;

/// The program's closure, whatever it returns.
pub(crate) type Build<'a> = Box<dyn FnOnce(&App) -> Result<(), Error> + 'a>;

/// What a verb does with its arguments: the exit code of its own, or why it had to stop.
type Run = fn(&ArgMatches, &mut Console<'_>, Program<'_>) -> Result<u8, Stop>;

/// Runs the command line of this process.
pub(crate) fn run_process(app: App, build: Build<'_>) -> ExitCode {
    session::of_process(|session| ExitCode::from(run(session, app, build)))
}

/// Runs one command line and yields its exit code.
pub(crate) fn run(session: Session<'_>, app: App, build: Build<'_>) -> u8 {
    let request = arguments::read(&session);
    let mut console = Console::new(session);
    let done = request.and_then(|request| dispatch(request, &mut console, app, build));
    let code = match done {
        Ok(code) => code,
        Err(stop) => {
            console.stop(&stop);
            stop.exit_code()
        }
    };
    console.finish(code)
}

fn dispatch(
    request: Request,
    console: &mut Console<'_>,
    app: App,
    build: Build<'_>,
) -> Result<u8, Stop> {
    console.configure(&request);
    let program = Program::new(app, build, request.context, request.deny_warnings);
    (request.run)(&request.verb, console, program)
}
