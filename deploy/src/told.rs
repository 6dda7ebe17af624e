//! What the program writes by itself: results to standard output, problems to standard error.

use std::io::{self, Write as _};
use std::process::ExitCode;

/// What is wrong, with the exit code that says so.
pub(crate) type Stop = (u8, String);

/// What is wrong, and what to do.
pub(crate) fn stop(code: u8, message: &str, help: &str) -> Stop {
    (code, format!("{message}\n   = help: {help}"))
}

/// Writes a result. Who closes the stream early has read enough.
pub(crate) fn print(content: &str) -> Result<(), Stop> {
    let mut out = io::stdout();
    match out.write_all(content.as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
            let help = "free space on the disk, or write elsewhere";
            let message = format!("cannot write to standard output: {why}");
            Err(stop(3, &message, help))
        }
        _ => Ok(()),
    }
}

/// The exit code of a verb. What is wrong is told; where even that cannot be written, the code still says it.
pub(crate) fn ended(result: Result<u8, Stop>) -> ExitCode {
    let code = result.unwrap_or_else(|(code, message)| {
        note(&format!("error: {message}"));
        code
    });
    ExitCode::from(code)
}

/// Writes a line to standard error. There is nowhere to report that this failed.
pub(crate) fn note(text: &str) {
    #[cfg(feature = "full")]
    let text = cloudwright_deploy::cli::fitting(text);
    let _ = writeln!(io::stderr(), "{text}");
}
