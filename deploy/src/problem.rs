//! Why a command stops: one line that says what is wrong, and the next step.

use std::fmt;

use crate::fault::{Class, Fault};
use crate::folder::Unread;
use crate::status::Status;

/// What kind of stop it is. Each has an exit code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// AWS refused something, or an operation failed.
    Failed,
    /// The command makes no sense for these stacks.
    Usage,
    /// A file or folder cannot be read or written.
    Unreadable,
    /// Nobody approved it, or it would lose data that was not named.
    Refused,
    /// Somebody else's operation holds the stack.
    Busy,
}

impl Kind {
    /// The exit code of the process.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreadable => 3,
            Self::Refused => 4,
            Self::Busy => 5,
        }
    }

    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
            Self::Busy => "busy",
        }
    }
}

/// Why a command stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The kind.
    pub kind: Kind,
    /// What is wrong, in one line.
    pub message: String,
    /// The next step.
    pub help: String,
    /// The status that the stack was left in, where an operation failed.
    pub status: Option<Status>,
    /// What failed, the first cause first.
    pub causes: Vec<Cause>,
}

/// A resource that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The logical id.
    pub id: String,
    /// The CloudFormation type.
    pub kind: String,
    /// The construct path.
    pub path: String,
    /// The `file:line` of the program.
    pub line: Option<String>,
    /// The status, or the check that found it.
    pub status: String,
    /// What CloudFormation says.
    pub reason: String,
    /// What the function of a custom resource logged last, line by line; empty for any other resource.
    pub log: Vec<String>,
}

impl Problem {
    fn new(kind: Kind, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: help.into(),
            status: None,
            causes: Vec::new(),
        }
    }

    /// An operation that failed.
    pub fn failed(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message, help)
    }

    /// A command that makes no sense.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message, help)
    }

    /// A file that cannot be read or written.
    pub fn unreadable(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Kind::Unreadable, message, help)
    }

    /// Something that was not approved.
    pub fn refused(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message, help)
    }

    /// A stack that somebody else's operation holds.
    pub fn busy(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Kind::Busy, message, help)
    }

    /// The same with the status that the stack was left in and what failed.
    #[must_use]
    pub fn with(mut self, status: Status, causes: Vec<Cause>) -> Self {
        self.status = Some(status);
        self.causes = causes;
        self
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let kind = if matches!(fault.class, Class::Busy | Class::Exists) {
            Kind::Busy
        } else {
            Kind::Failed
        };
        Self::new(kind, fault.to_string(), fault.help())
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        Self::unreadable(unread.message, unread.help)
    }
}

impl From<cloudwright_bundle::Problem> for Problem {
    fn from(problem: cloudwright_bundle::Problem) -> Self {
        let kind = if problem.is_of_file {
            Kind::Unreadable
        } else {
            Kind::Failed
        };
        Self::new(kind, problem.message, problem.help)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}
