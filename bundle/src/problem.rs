//! What can be wrong with a source.

use std::fmt;
use std::path::Path;

/// What is wrong and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What was found, and what was expected.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Whether it is about a file or folder that cannot be read or written, such as on a full disk.
    pub is_of_file: bool,
}

impl Problem {
    /// A problem with a text of each kind.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            is_of_file: false,
        }
    }

    /// A file or folder that cannot be read or written.
    pub fn of_file(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            is_of_file: true,
            ..Self::new(message, help)
        }
    }

    /// A file or folder that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let message = format!("cannot read \"{}\": {error}", shown(path));
        Self::of_file(
            message,
            "check the path; `package!(\"..\")` starts at your package's folder",
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  help: {}", self.message, self.help)
    }
}

impl std::error::Error for Problem {}

/// The last two components of a path: enough to know it by, and the same on every machine.
pub(crate) fn shown(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}
