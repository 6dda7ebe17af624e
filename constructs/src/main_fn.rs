//! `cloudwright::main`: a program's `main` in one call.

use std::process::ExitCode;

use crate::app::App;
use crate::cli;
use crate::error::Error;

/// Runs a program's command line: `synth`, `ls`, `check`, `diff` and `explain`.
///
/// The closure builds the app's stacks; it is run by the verbs that need them. It returns nothing,
/// or `Ok(())` where it uses `?`. Run the program with `--help` for its verbs and exit codes.
///
/// ```no_run
/// use cloudwright::{App, Environment, RawResource};
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     cloudwright::main(|app| {
///         let stack = app.stack("Mail", Environment::new("123456789012", "eu-central-1"));
///         stack.add("Inbox", RawResource::new("AWS::SQS::Queue"));
///     })
/// }
/// ```
#[track_caller]
#[must_use = "return it from `main`, or a shell never learns of errors: `fn main() -> ExitCode`"]
pub fn main<R: Outcome>(program: impl FnOnce(&App) -> R) -> ExitCode {
    let app = App::new();
    cli::run_process(app, Box::new(|app| program(app).into_result()))
}

/// What the closure given to [`main`] may return: `()`, or `Result<(), cloudwright::Error>`.
///
/// Exactly these two, so that a closure that ends in `Ok(())` needs no type annotation.
#[diagnostic::on_unimplemented(
    message = "a program given to `cloudwright::main` cannot return `{Self}`",
    label = "returns `{Self}`, expected `()` or `Result<(), cloudwright::Error>`",
    note = "end the closure in `;` to return nothing, or in `Ok(())` to use `?` within it"
)]
pub trait Outcome: sealed::IntoResult {}

impl Outcome for () {}
impl Outcome for Result<(), Error> {}

mod sealed {
    use crate::error::Error;

    /// Keeps the two outcomes the only ones.
    pub trait IntoResult {
        /// The outcome as the command line handles it.
        fn into_result(self) -> Result<(), Error>;
    }

    impl IntoResult for () {
        fn into_result(self) -> Result<(), Error> {
            Ok(())
        }
    }

    impl IntoResult for Result<(), Error> {
        fn into_result(self) -> Result<(), Error> {
            self
        }
    }
}
