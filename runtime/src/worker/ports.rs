//! What the worker needs of queue, bucket and sink, as small traits: the clients have them, and so have the models
//! of the tests.

use std::time::Duration;

use crate::failure::Failure;
pub use crate::submit::ports::Head;

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its id, the same each time that it is received.
    pub id: String,
    /// By what it is hidden and removed; another one each time.
    pub receipt: String,
    /// What stands in it.
    pub body: String,
    /// Its group, in a FIFO queue.
    pub group: Option<String>,
    /// How often it was received, this time included.
    pub receives: u32,
}

/// A queue with a dead-letter queue.
#[allow(async_fn_in_trait, reason = "a worker does all its work on one thread")]
pub trait Mailbox {
    /// Up to ten messages, in order; none if none comes in time.
    ///
    /// # Errors
    /// If the queue does not answer.
    async fn receive(&self, most: usize, wait: Duration) -> Result<Vec<Letter>, Failure>;

    /// Hides a message for so long from now on; for no time at all to return it.
    ///
    /// # Errors
    /// If the queue does not, or the message is somebody else's by now.
    async fn hide(&self, letter: &Letter, time: Duration) -> Result<(), Failure>;

    /// Removes a message for good.
    ///
    /// # Errors
    /// If the queue does not.
    async fn remove(&self, letter: &Letter) -> Result<(), Failure>;

    /// Sends a message to the dead-letter queue, with the reason. It is still in the queue.
    ///
    /// # Errors
    /// If the dead-letter queue does not take it.
    async fn bury(&self, letter: &Letter, reason: &Failure) -> Result<(), Failure>;
}

/// Where objects are.
#[allow(async_fn_in_trait, reason = "a worker does all its work on one thread")]
pub trait Source {
    /// What is read of an object bit by bit.
    type Content;

    /// An object as it is now; nothing if it is surely not there.
    ///
    /// # Errors
    /// If S3 does not tell.
    async fn look(&self, bucket: &str, key: &str) -> Result<Option<Head>, Failure>;

    /// As [`look`](Self::look), with the beginning of its content.
    ///
    /// # Errors
    /// If S3 does not give it.
    async fn open(&self, bucket: &str, key: &str)
    -> Result<Option<(Head, Self::Content)>, Failure>;
}

/// Where objects are to be.
#[allow(async_fn_in_trait, reason = "a worker does all its work on one thread")]
pub trait Sink<C> {
    /// Where an object of this key is.
    ///
    /// # Errors
    /// If no object of this key can be there, ever.
    fn place(&self, key: &str) -> Result<String, Failure>;

    /// Puts the content there, in place of what may be there.
    ///
    /// # Errors
    /// If that is not sure.
    async fn put(&self, place: &str, head: &Head, content: C) -> Result<(), Failure>;

    /// Takes away what may be there.
    ///
    /// # Errors
    /// If that is not sure.
    async fn remove(&self, place: &str) -> Result<(), Failure>;

    /// Whether it lets this worker in and is set up, as far as that is known beforehand.
    ///
    /// # Errors
    /// If not, or if nobody knows.
    async fn check(&self) -> Result<(), Failure>;
}
