//! What the handler needs of the bucket and of the index, as small traits: the clients have them, and
//! so have the models of the tests.

use std::time::Duration;

use super::package::{Package, Summary};
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

    /// The keys of all objects that begin with the prefix.
    ///
    /// # Errors
    /// If S3 does not tell all of them.
    async fn keys(&self, prefix: &str) -> Result<Vec<String>, Failure>;
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

    /// The names of all files, each once.
    ///
    /// # Errors
    /// If the index does not tell all of them.
    async fn files(&self) -> Result<Vec<String>, Failure>;

    /// All names that something is said about, each once.
    ///
    /// # Errors
    /// If the index does not tell all of them.
    async fn names(&self) -> Result<Vec<String>, Failure>;
}
