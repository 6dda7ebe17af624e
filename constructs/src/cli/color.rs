//! Colours: only where a person reads them.

use std::ffi::OsString;

use crate::cli::session::Session;

/// The looks that our output uses.
#[derive(Clone, Copy)]
pub(crate) enum Look {
    Error,
    Warning,
    Bold,
}

impl Look {
    /// The parameters of the terminal's "select graphic rendition" sequence.
    const fn code(self) -> &'static str {
        match self {
            Self::Error => "1;31",
            // Yellow is not read on white.
            Self::Warning => "1;35",
            Self::Bold => "1",
        }
    }
}

/// Whether a stream takes colours, and how to put them on.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    pub(crate) enabled: bool,
}

impl Paint {
    pub(crate) fn on(self, look: Look, text: &str) -> String {
        if self.enabled {
            format!("\x1b[{}m{text}\x1b[0m", look.code())
        } else {
            text.to_owned()
        }
    }
}

/// The paints of standard output and standard error.
///
/// The arguments are searched rather than parsed, because messages about arguments that cannot be
/// parsed have colours too.
pub(crate) fn choose(session: &Session<'_>) -> (Paint, Paint) {
    let forced = match asked(&session.arguments).as_deref() {
        Some("always") => Some(true),
        Some("never") => Some(false),
        _ => None,
    };
    let unwanted = (session.variable)("NO_COLOR").is_some()
        || (session.variable)("TERM").is_some_and(|term| term == "dumb");
    let paint = |terminal: bool| Paint {
        enabled: forced.unwrap_or(terminal && !unwanted),
    };
    (paint(session.out.terminal), paint(session.err.terminal))
}

/// The last `--color WHEN` or `--color=WHEN`.
fn asked(arguments: &[OsString]) -> Option<String> {
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let joined = words
        .iter()
        .filter_map(|word| word.strip_prefix("--color="));
    let separate = words
        .windows(2)
        .filter(|pair| pair[0] == "--color")
        .map(|pair| &*pair[1]);
    joined.chain(separate).last().map(str::to_owned)
}

/// Text of clap's, with its colours where they are wanted.
pub(crate) fn styled(text: &clap::builder::StyledStr, paint: Paint) -> String {
    if paint.enabled {
        text.ansi().to_string()
    } else {
        text.to_string()
    }
}
