//! What a run of the command line is given, and where it writes.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

/// The surroundings of one run.
pub(crate) struct Session<'a> {
    /// The program's own name first, as the operating system gives them.
    pub(crate) arguments: Vec<OsString>,
    /// Looks up an environment variable; empty ones count as unset.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<String>,
    /// Where relative paths start; empty for the process's current folder.
    pub(crate) folder: PathBuf,
    /// What was asked for.
    pub(crate) out: Stream<'a>,
    /// What a person should know.
    pub(crate) err: Stream<'a>,
}

/// One of the two streams.
pub(crate) struct Stream<'a> {
    pub(crate) writer: &'a mut dyn Write,
    pub(crate) terminal: bool,
}

/// Calls `run` with the surroundings of this process. The streams are not locked, since the program
/// may write to them from threads of its own.
pub(crate) fn of_process<T>(run: impl FnOnce(Session<'_>) -> T) -> T {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let (out_terminal, err_terminal) = (out.is_terminal(), err.is_terminal());
    run(Session {
        arguments: std::env::args_os().collect(),
        variable: &|name| std::env::var(name).ok().filter(|value| !value.is_empty()),
        folder: PathBuf::new(),
        out: Stream {
            writer: &mut out,
            terminal: out_terminal,
        },
        err: Stream {
            writer: &mut err,
            terminal: err_terminal,
        },
    })
}
