//! What a deployment tells while it goes on, and what it asks.
//!
//! The library prints nothing. It hands typed events to a [`Host`], which shows them, and asks it where a
//! person has to decide.

use std::collections::BTreeMap;

use futures_util::future::LocalBoxFuture;

use crate::assembly::Stack;
use crate::cloud::{StackEvent, StackResource};
use crate::problem::Problem;
use crate::review::{Operation, Review};
use crate::status::Status;

/// Who watches a deployment and decides.
pub trait Host {
    /// Something happened to a stack.
    fn event(&self, stack: &Stack, event: &Event);
    /// A decision is wanted. It may take as long as a person does; everything else goes on meanwhile.
    fn consent<'a>(
        &'a self,
        stack: &'a Stack,
        question: &'a Question<'a>,
    ) -> LocalBoxFuture<'a, Consent>;
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// An operation is under way already, and is followed. `ours` is one for the very same content.
    Attached {
        /// The stack's status.
        status: Status,
        /// Whether it does what was asked for.
        ours: bool,
    },
    /// What a failed attempt left is deleted, because a stack of this status allows nothing else.
    Cleaning {
        /// The stack's status.
        status: Status,
        /// Resources that stay, as their policies say.
        kept: Vec<String>,
    },
    /// A failed update is rolled back first.
    RollingBack,
    /// A file is made and uploaded.
    Publishing {
        /// What it is.
        name: String,
    },
    /// A file is uploaded.
    Published {
        /// What it is.
        name: String,
        /// The key in the bucket.
        key: String,
    },
    /// CloudFormation works out the changes.
    Planning,
    /// The changes are known.
    Planned(Box<Review>),
    /// The operation began.
    Executing(Operation),
    /// An event of a resource, or of the stack itself.
    Resource {
        /// The event.
        event: Box<StackEvent>,
        /// The construct path of the resource.
        path: String,
    },
    /// What a hot swap leaves to CloudFormation, which therefore does everything.
    NotSwappable(Vec<String>),
    /// A function is updated past CloudFormation.
    Swapping {
        /// The path of its construct.
        path: String,
        /// What of it.
        settings: Vec<String>,
        /// Whether that makes it what the stack's template says, which it was not.
        back: bool,
    },
    /// These functions are not what the stack's template says.
    Swapped(Vec<String>),
    /// The stack is as it should be.
    Finished(Done),
    /// The work on the stack ended early.
    Stopped(Problem),
}

/// A stack that is as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What was done.
    pub outcome: Outcome,
    /// The stack's outputs.
    pub outputs: BTreeMap<String, String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing had to be.
    Unchanged,
    /// The stack is new.
    Created,
    /// The stack was changed.
    Updated,
    /// Functions were updated past CloudFormation, which knows nothing of it.
    Swapped,
    /// Resources that exist became part of it.
    Imported,
    /// The stack is gone.
    Deleted,
    /// There was no stack to delete.
    Absent,
}

impl Outcome {
    /// In one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Swapped => "swapped",
            Self::Imported => "imported",
            Self::Deleted => "deleted",
            Self::Absent => "absent",
        }
    }
}

/// A decision that is wanted.
#[derive(Debug)]
pub enum Question<'a> {
    /// Are these changes approved?
    Changes(&'a Review),
    /// May resources that exist become part of the stack?
    Adopt(&'a Review),
    /// May the rest of a failed attempt be deleted, though these resources of it stay behind?
    Recreate {
        /// The stack's status.
        status: &'a Status,
        /// The resources that stay.
        kept: &'a [StackResource],
    },
    /// May the stack be deleted?
    Delete(&'a Review),
    /// May the stack be deleted from now on by whoever may?
    Unprotect,
    /// May these functions be updated past CloudFormation?
    Swap(Vec<String>),
    /// May the failed update be rolled back?
    RollBack,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Go on.
    Yes,
    /// Stop.
    No,
    /// There is nobody to ask.
    Nobody,
}
