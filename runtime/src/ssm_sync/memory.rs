//! What the handler remembers between invocations, as a small trait: the clients have it, and so has the
//! model of the tests.

use crate::failure::Failure;

/// What is remembered of a bucket's window, or of a marker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Until when the window is open, or somebody is at the marker: milliseconds since 1970.
    pub until: u64,
    /// The end of the window for which a change has been put back; 0 for none.
    pub waiting: u64,
    /// The command that a marker has started.
    pub command: Option<String>,
    /// When it may be forgotten, in seconds since 1970; 0 for never.
    pub expires: u64,
}

/// What is remembered, and where changes wait.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Memory {
    /// The time, in milliseconds since 1970.
    fn now(&self) -> u64;

    /// What is remembered under this name.
    ///
    /// # Errors
    /// If the table does not tell, or holds something else there.
    async fn read(&self, id: &str) -> Result<Option<Note>, Failure>;

    /// Writes what is known now in the place of what was; false if that has changed.
    ///
    /// # Errors
    /// If the table does not take it.
    async fn write(&self, id: &str, new: &Note, was: Option<&Note>) -> Result<bool, Failure>;

    /// Has this function get an event after so many seconds, up to 900.
    ///
    /// # Errors
    /// If the queue does not take it.
    async fn put_back(&self, event: String, seconds: u32) -> Result<(), Failure>;
}
