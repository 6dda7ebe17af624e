//! What the handler needs of tables and queues, as small traits; of buckets it needs
//! [`Listing`](crate::replicate::listing::Listing).

use crate::failure::Failure;
use crate::submit::ports::Delivery;

/// Tables of what became of objects.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Rows {
    /// The next rows of a table, those of one object only if it is named, and where to go on if these are not all.
    ///
    /// # Errors
    /// If the table does not tell, or holds something else.
    async fn rows(
        &self,
        table: &str,
        object: Option<&str>,
        after: Option<Mark>,
    ) -> Result<(Vec<Row>, Option<Mark>), Failure>;
}

/// Where a reader of a table is: the keys of the last row.
pub type Mark = (String, String);

/// A row: the object, the entity tag of its content if that is known, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Bucket and key.
    pub object: String,
    /// The entity tag with its quotes.
    pub etag: Option<String>,
    /// What became of it.
    pub delivery: Delivery,
}

/// Queues.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Letters {
    /// About how many messages a queue holds, hidden and delayed ones included.
    ///
    /// # Errors
    /// If the queue does not tell.
    async fn count(&self, url: &str) -> Result<u64, Failure>;

    /// Up to ten messages, by their ids; none only if no server of the queue has one that is not hidden. They stay in
    /// the queue, and may come again at once.
    ///
    /// # Errors
    /// If the queue does not tell.
    async fn look(&self, url: &str) -> Result<Vec<(String, String)>, Failure>;
}
