//! What the handler needs of the bucket and of the index, as small traits: the clients have them, and
//! so have the models of the tests.

use std::collections::BTreeMap;
use std::time::Duration;

use super::projection::{Moment, Object, Row, Summary, Tags};
use crate::failure::Failure;

/// The bucket of the objects.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Shelf {
    /// The object as it is now; nothing if it is surely not there.
    ///
    /// # Errors
    /// If S3 does not tell.
    async fn look(&self, key: &str) -> Result<Option<Object>, Failure>;

    /// The tags of an object, in the state that was looked at; nothing if it has changed since.
    ///
    /// # Errors
    /// If S3 does not tell.
    async fn tags(&self, key: &str, object: &Object) -> Result<Option<Tags>, Failure>;

    /// A page of the objects whose keys begin with the prefix, in the order of their keys: those after a
    /// key, or the first if it is empty.
    ///
    /// # Errors
    /// If S3 does not tell.
    async fn list(&self, prefix: &str, after: &str) -> Result<List, Failure>;
}

/// A page of a bucket's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The objects.
    pub objects: Vec<Listed>,
    /// Whether there are no others after them.
    pub is_last: bool,
}

/// An object as a list tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// When it was written, in seconds since 1970.
    pub modified: i64,
}

/// A page of what an index holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Ids of rows, or names of groups.
    pub entries: Vec<String>,
    /// What the next page is asked for by; nothing if this is the last.
    pub next: Option<String>,
}

/// What an index says of a row that tells whether it is still that of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The key of the object; empty if the index does not say.
    pub key: String,
    /// When the object was written.
    pub modified: Moment,
}

/// What became of a row that was to be a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added<R> {
    /// It is in the index.
    Written,
    /// There was a row already: this one, if it is still there.
    Not(Option<R>),
}

#[cfg(feature = "index")]
impl<T> Added<T> {
    /// The row that a service's answer holds, or where the service does not tell what is there, the one that is read.
    pub(crate) async fn or_read<R>(
        self,
        row: impl FnOnce(T) -> Result<R, Failure>,
        read: impl Future<Output = Result<Option<R>, Failure>>,
    ) -> Result<Added<R>, Failure> {
        Ok(match self {
            Self::Written => Added::Written,
            Self::Not(Some(there)) => Added::Not(Some(row(there)?)),
            Self::Not(None) => Added::Not(read.await?),
        })
    }
}

/// An index. Every write names what it replaces, and does nothing if that is no longer there: pypicloud and
/// other instances of the function write too.
///
/// What is said about groups of rows is left out by an index whose rows have none.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Index {
    /// What it holds of one object.
    type Row: Row;

    /// The row of this id, as it was last written.
    ///
    /// # Errors
    /// If the index does not tell, or holds something else there.
    async fn row(&self, id: &str) -> Result<Option<Self::Row>, Failure>;

    /// Writes a row in the place of what was there; false if that has changed.
    ///
    /// # Errors
    /// If the index does not take it.
    async fn put(&self, row: &Self::Row, was: Option<&Self::Row>) -> Result<bool, Failure>;

    /// Writes a row where none is. Asks for what is there if one is, unless the index tells that at once.
    ///
    /// # Errors
    /// If the index does not take it, or holds something else there.
    async fn add(&self, row: &Self::Row) -> Result<Added<Self::Row>, Failure> {
        Ok(match self.put(row, None).await? {
            true => Added::Written,
            false => Added::Not(self.row(row.id()).await?),
        })
    }

    /// Removes a row; false if it has changed.
    ///
    /// # Errors
    /// If the index does not remove it.
    async fn remove(&self, was: &Self::Row) -> Result<bool, Failure>;

    /// The marks of those of the ids that are there, as they were last written; without those that
    /// cannot be read.
    ///
    /// # Errors
    /// If the index does not tell.
    async fn marks(&self, ids: &[String]) -> Result<BTreeMap<String, Mark>, Failure>;

    /// A page of the ids of all rows: the first, or the one that the page before named. An id may come
    /// twice.
    ///
    /// # Errors
    /// If the index does not tell.
    async fn ids(&self, from: Option<&str>) -> Result<Page, Failure>;

    /// How long [`Index::newest`] may go on telling of what has changed.
    fn lag(&self) -> Duration {
        Duration::ZERO
    }

    /// What the index says about a group, as it was last written.
    ///
    /// # Errors
    /// If the index does not tell.
    async fn summary(&self, _group: &str) -> Result<Option<Summary>, Failure> {
        Ok(None)
    }

    /// Says this about a group, or nothing any more, in the place of what was said; false if that has
    /// changed.
    ///
    /// # Errors
    /// If the index does not take it.
    async fn say(
        &self,
        _group: &str,
        _summary: Option<&Summary>,
        _was: Option<&Summary>,
    ) -> Result<bool, Failure> {
        Ok(true)
    }

    /// The newest row of a group besides the one called `except`: what is to be said about the group.
    ///
    /// # Errors
    /// If the index does not tell of all its rows.
    async fn newest(&self, _group: &str, _except: &str) -> Result<Option<Summary>, Failure> {
        Ok(None)
    }

    /// A page of the names of all groups that something is said about, in the same way as of ids.
    ///
    /// # Errors
    /// If the index does not tell.
    async fn groups(&self, _from: Option<&str>) -> Result<Page, Failure> {
        Ok(Page::default())
    }
}
