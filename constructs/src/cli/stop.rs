//! Why a verb stops, and the exit code that says so.

use clap::builder::StyledStr;
use cloudwright_synth::Diagnostics;
use cloudwright_synth::stacks::{ADD_A_STACK, NoStack};
use serde_json::{Value, json};

use crate::cli::color::{Look, Paint, styled};
use crate::cli::findings;
use crate::cli::verbs;
use crate::error::Error;

/// All went well.
pub(crate) const SUCCESS: u8 = 0;
/// The program or its templates have errors, or `diff --fail-on` found what it was told to find.
pub(crate) const FOUND: u8 = 1;
/// The command line makes no sense.
pub(crate) const USAGE: u8 = 2;
/// Something could not be read or written.
pub(crate) const UNREADABLE: u8 = 3;

const NO_STACKS: &str = "the program has no stack, so there is no template";

impl From<NoStack> for Stop {
    fn from(problem: NoStack) -> Self {
        Self::usage(problem.message, problem.help)
    }
}

/// A reason to stop.
pub(crate) enum Stop {
    /// Help or the version, which were asked for.
    Shown(StyledStr),
    /// A command line that clap refuses, or help that was needed.
    Refused(StyledStr),
    /// A command line that we refuse: what was given and expected, and what to do.
    Usage(String, String),
    /// A file or folder that cannot be read or written, and what to do.
    Unreadable(String, String),
    /// A package that cannot be made, and what to do.
    #[cfg(feature = "bundle")]
    Failed(String, String),
    /// The program ended with an error of its own.
    Program(Error),
    /// The program has no stack.
    Empty,
    /// The program's constructs were told something wrong.
    Findings(Diagnostics),
    /// Warnings, where the command line denies them.
    Denied(Diagnostics),
}

impl Stop {
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage(message.into(), help.into())
    }

    pub(crate) fn cannot(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Unreadable(message.into(), help.into())
    }

    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Shown(_) => SUCCESS,
            Self::Findings(_) | Self::Denied(_) | Self::Program(_) | Self::Empty => FOUND,
            #[cfg(feature = "bundle")]
            Self::Failed(..) => FOUND,
            Self::Refused(_) | Self::Usage(..) => USAGE,
            Self::Unreadable(..) => UNREADABLE,
        }
    }

    /// The reason as `--json` shows it on standard output, when it is about the program.
    pub(crate) fn json(&self) -> Option<Value> {
        let diagnostics = match self {
            Self::Findings(found) | Self::Denied(found) => findings::json(found),
            Self::Program(error) => json!([findings::uncoded(
                &error.to_string(),
                "",
                Some(error.location())
            )]),
            Self::Empty => json!([findings::uncoded(NO_STACKS, ADD_A_STACK, None)]),
            _ => return None,
        };
        Some(json!({ "version": 1, "diagnostics": diagnostics }))
    }

    /// The reason as a person reads it, without a final line feed.
    pub(crate) fn text(&self, paint: Paint) -> String {
        match self {
            Self::Shown(text) | Self::Refused(text) => {
                styled(text, paint).trim_end_matches('\n').to_owned()
            }
            Self::Usage(message, help) | Self::Unreadable(message, help) => {
                error_text(message, help, paint)
            }
            #[cfg(feature = "bundle")]
            Self::Failed(message, help) => error_text(message, help, paint),
            Self::Program(error) => program_text(error, paint),
            Self::Empty => error_text(NO_STACKS, ADD_A_STACK, paint),
            Self::Findings(findings) => findings_text(findings, "no template was written", paint),
            Self::Denied(findings) => {
                findings_text(findings, "`--deny warnings` stops here", paint)
            }
        }
    }
}

fn error_text(message: &str, help: &str, paint: Paint) -> String {
    let error = paint.on(Look::Error, "error");
    let message = paint.on(Look::Bold, &format!(": {message}"));
    let help = help.replace('\n', "\n          ");
    format!("{error}{message}\n   = help: {help}")
}

fn program_text(error: &Error, paint: Paint) -> String {
    let messages = error.messages();
    let label = paint.on(Look::Error, "error");
    let message = paint.on(Look::Bold, &format!(": {}", messages[0]));
    let mut text = format!("{label}{message}\n  --> {}", error.location());
    for cause in &messages[1..] {
        text += &format!("\n   = caused by: {cause}");
    }
    text + "\n\nthe program ended early: nothing was written"
}

fn findings_text(found: &Diagnostics, end: &str, paint: Paint) -> String {
    let count = findings::count(found);
    let shown = findings::text(found, paint);
    let mut codes = found.iter().map(|finding| finding.rule.code);
    let more = codes
        .find(|code| verbs::explains(code))
        .map_or_else(String::new, |code| {
            format!("; `explain {code}` tells more about a code")
        });
    format!("{shown}\n\n{count}: {end}{more}")
}
