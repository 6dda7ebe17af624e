//! The error that a program hands to `cloudwright::main`.

use std::error::Error as StdError;
use std::fmt;

use cloudwright_synth::SourceLocation;

/// Why a program could not be built: any error, and the line where `?` met it.
///
/// Everything that the `?` operator meets becomes one: errors of other crates, a `&str` or a
/// `String`. It is for what happens around the constructs, such as reading a file; mistakes in what
/// constructs are told are collected and shown together, they never stop a program.
///
/// ```
/// fn owner() -> Result<String, cloudwright::Error> {
///     let owner = std::env::var("OWNER")?;
///     if owner.is_empty() {
///         return Err("OWNER is empty, expected a team's name".into());
///     }
///     Ok(owner)
/// }
/// # let _ = owner();
/// ```
pub struct Error {
    cause: Box<dyn StdError>,
    location: SourceLocation,
}

impl Error {
    /// What happened, followed by its causes, outermost first.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        let mut messages = vec![self.cause.to_string()];
        let mut next = self.cause.source();
        while let Some(cause) = next {
            messages.push(cause.to_string());
            next = cause.source();
        }
        messages
    }

    /// The line of the program that turned the cause into this error.
    #[must_use]
    pub const fn location(&self) -> SourceLocation {
        self.location
    }
}

impl<E: Into<Box<dyn StdError>>> From<E> for Error {
    #[track_caller]
    fn from(cause: E) -> Self {
        Self {
            cause: cause.into(),
            location: SourceLocation::caller(),
        }
    }
}

impl fmt::Display for Error {
    /// The message and its causes on one line, joined by `: `.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.messages().join(": "))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self} ({})", self.location)
    }
}
