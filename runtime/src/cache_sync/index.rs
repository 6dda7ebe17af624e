//! What the handler needs of the bucket and of the index, as small traits: the clients have them, and
//! so have the models of the tests.

use std::collections::BTreeMap;
use std::time::Duration;

use super::package::{Moment, Package, Summary};
use crate::failure::Failure;
use crate::replicate::store::Object;

/// The bucket of the packages.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Names of files, or of packages.
    pub entries: Vec<String>,
    /// What the next page is asked for by; nothing if this is the last.
    pub next: Option<String>,
}

/// What an index says of a file that tells whether it is still that of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The key of the object; empty if the index does not say.
    pub path: String,
    /// When the object was written.
    pub modified: Moment,
}

/// A package index. Every write names what it replaces, and does nothing if that is no longer there:
/// pypicloud and other instances of the function write too.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Index {
    /// How long [`Index::newest`] may go on telling of what has changed.
    fn lag(&self) -> Duration;

    /// The file of this name, as it was last written.
    ///
    /// # Errors
    /// If the index does not tell, or holds something else than a package there.
    async fn package(&self, file: &str) -> Result<Option<Package>, Failure>;

    /// Writes a file in the place of what was there; false if that has changed.
    ///
    /// # Errors
    /// If the index does not take it.
    async fn put(&self, package: &Package, was: Option<&Package>) -> Result<bool, Failure>;

    /// Removes a file; false if it has changed.
    ///
    /// # Errors
    /// If the index does not remove it.
    async fn remove(&self, was: &Package) -> Result<bool, Failure>;

    /// What the index says about a name, as it was last written.
    ///
    /// # Errors
    /// If the index does not tell.
    async fn summary(&self, name: &str) -> Result<Option<Summary>, Failure>;

    /// Says this about a name, or nothing any more, in the place of what was said; false if that has
    /// changed.
    ///
    /// # Errors
    /// If the index does not take it.
    async fn say(
        &self,
        name: &str,
        summary: Option<&Summary>,
        was: Option<&Summary>,
    ) -> Result<bool, Failure>;

    /// The newest file of a name besides the one called `except`: what is to be said about the name.
    ///
    /// # Errors
    /// If the index does not tell of all its files.
    async fn newest(&self, name: &str, except: &str) -> Result<Option<Summary>, Failure>;

    /// The marks of those of the files that are there, as they were last written; without those that
    /// cannot be read.
    ///
    /// # Errors
    /// If the index does not tell.
    async fn marks(&self, files: &[String]) -> Result<BTreeMap<String, Mark>, Failure>;

    /// A page of the names of all files: the first, or the one that the page before named. A name may come
    /// twice.
    ///
    /// # Errors
    /// If the index does not tell.
    async fn files(&self, from: Option<&str>) -> Result<Page, Failure>;

    /// A page of all names that something is said about, in the same way.
    ///
    /// # Errors
    /// If the index does not tell.
    async fn names(&self, from: Option<&str>) -> Result<Page, Failure>;
}
