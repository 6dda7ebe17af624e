//! The statuses of a stack, and what may be done from each.
//!
//! CloudFormation refuses what a status does not allow, often in words that name no way out. So the
//! way out is a table: [`Status::next`] says for each status what a deployment does, and
//! [`Status::on_delete`] what a deletion does. A status that AWS adds later is [`Status::Other`], which is
//! explained and never acted on.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html>

use std::fmt;

/// Declares the enum, its names on the wire and the list of all statuses from one table.
macro_rules! statuses {
    ($($variant:ident = $name:literal, $next:ident, $delete:ident;)*) => {
        /// The status of a stack.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Status {
            $(
                #[doc = concat!("`", $name, "`.")]
                $variant,
            )*
            /// One that this version does not know.
            Other(String),
        }

        impl Status {
            /// Every status that is known.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The status of this name.
            #[must_use]
            pub fn named(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }

            /// The name that CloudFormation has for it.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name,
                }
            }

            /// What a deployment does.
            #[must_use]
            pub const fn next(&self) -> Next {
                match self {
                    $(Self::$variant => Next::$next,)*
                    Self::Other(_) => Next::Explain,
                }
            }

            /// What a deletion does.
            #[must_use]
            pub const fn on_delete(&self) -> OnDelete {
                match self {
                    $(Self::$variant => OnDelete::$delete,)*
                    Self::Other(_) => OnDelete::Explain,
                }
            }
        }
    };
}

statuses! {
    CreateInProgress = "CREATE_IN_PROGRESS", Attach, Attach;
    CreateFailed = "CREATE_FAILED", Recreate, Delete;
    CreateComplete = "CREATE_COMPLETE", Update, Delete;
    RollbackInProgress = "ROLLBACK_IN_PROGRESS", Attach, Attach;
    RollbackFailed = "ROLLBACK_FAILED", Recreate, Delete;
    RollbackComplete = "ROLLBACK_COMPLETE", Recreate, Delete;
    DeleteInProgress = "DELETE_IN_PROGRESS", Attach, Attach;
    DeleteFailed = "DELETE_FAILED", Recreate, Delete;
    DeleteComplete = "DELETE_COMPLETE", Create, Gone;
    UpdateInProgress = "UPDATE_IN_PROGRESS", Attach, Attach;
    UpdateCompleteCleanupInProgress = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Attach, Attach;
    UpdateComplete = "UPDATE_COMPLETE", Update, Delete;
    UpdateFailed = "UPDATE_FAILED", RollBack, Delete;
    UpdateRollbackInProgress = "UPDATE_ROLLBACK_IN_PROGRESS", Attach, Attach;
    UpdateRollbackFailed = "UPDATE_ROLLBACK_FAILED", ContinueRollback, Delete;
    UpdateRollbackCompleteCleanupInProgress = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", Attach, Attach;
    UpdateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE", Update, Delete;
    ReviewInProgress = "REVIEW_IN_PROGRESS", Create, Delete;
    ImportInProgress = "IMPORT_IN_PROGRESS", Attach, Attach;
    ImportComplete = "IMPORT_COMPLETE", Update, Delete;
    ImportRollbackInProgress = "IMPORT_ROLLBACK_IN_PROGRESS", Attach, Attach;
    ImportRollbackFailed = "IMPORT_ROLLBACK_FAILED", Explain, Delete;
    ImportRollbackComplete = "IMPORT_ROLLBACK_COMPLETE", Update, Delete;
}

/// What a deployment does with a stack of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Creates it: there is none, or only the shell that a change set was made in.
    Create,
    /// Updates it.
    Update,
    /// Follows the operation that is under way; nothing else is allowed until it ends.
    Attach,
    /// Deletes what a failed attempt left, then creates it: such a stack can only be deleted.
    Recreate,
    /// Rolls the failed update back first.
    RollBack,
    /// Stops: a person has to continue the rollback, perhaps without the resources that hinder it.
    ContinueRollback,
    /// Stops and explains.
    Explain,
}

/// What a deletion does with a stack of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// Deletes it.
    Delete,
    /// Follows the operation that is under way.
    Attach,
    /// Nothing: it is gone.
    Gone,
    /// Stops and explains.
    Explain,
}

impl Status {
    /// Whether an operation is under way. A shell that waits for its change set is not.
    #[must_use]
    pub const fn is_moving(&self) -> bool {
        matches!(self.next(), Next::Attach)
    }

    /// Whether the last operation did what it was told to.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(
            self,
            Self::CreateComplete
                | Self::UpdateComplete
                | Self::DeleteComplete
                | Self::ImportComplete
        )
    }

    /// The next legal step, in words, for a person who stands before a stack of this status.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self.next() {
            Next::Create => "deploy it: it will be created",
            Next::Update => "deploy it again when the cause is mended",
            Next::Attach => {
                "follow it by `events --follow`; an update can be cancelled by `cancel`"
            }
            Next::Recreate => {
                "deploy it again when the cause is mended: what is left of it is deleted first"
            }
            Next::RollBack => {
                "run `rollback`, or deploy again: the failed update is rolled back first"
            }
            Next::ContinueRollback => {
                "mend what hinders the rollback (`events` names it) and run `rollback`, or leave resources out of it by `rollback --skip LOGICAL_ID`"
            }
            Next::Explain => {
                "look at the stack in the console: no deployment is allowed from this status"
            }
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_23_statuses_are_there_and_read_back() {
        assert_eq!(Status::ALL.len(), 23);
        for status in Status::ALL {
            assert_eq!(Status::named(status.name()), *status);
        }
    }

    #[test]
    fn what_is_under_way_is_waited_for_and_nothing_else() {
        for status in Status::ALL {
            let moves = status.name().ends_with("_IN_PROGRESS");
            let shell = *status == Status::ReviewInProgress;
            assert_eq!(status.is_moving(), moves && !shell, "{status}");
            assert_eq!(
                status.on_delete() == OnDelete::Attach,
                moves && !shell,
                "{status}"
            );
        }
    }

    #[test]
    fn an_unknown_status_is_explained_and_left_alone() {
        let status = Status::named("MELTED");
        assert_eq!(
            (status.next(), status.on_delete()),
            (Next::Explain, OnDelete::Explain)
        );
        assert_eq!(status.to_string(), "MELTED");
    }

    #[test]
    fn a_rollback_that_is_complete_is_a_failure() {
        for name in [
            "ROLLBACK_COMPLETE",
            "UPDATE_ROLLBACK_COMPLETE",
            "IMPORT_ROLLBACK_COMPLETE",
        ] {
            assert!(!Status::named(name).is_success(), "{name}");
        }
    }
}
