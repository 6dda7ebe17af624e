//! The objects of a bucket in the order of their keys, a page at a time.

use std::collections::VecDeque;

use crate::deadline::Deadline;
use crate::failure::Failure;

/// Buckets that tell what is in them, in the order of the keys' bytes.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Listing {
    /// The next objects whose keys begin so and come after a key.
    ///
    /// # Errors
    /// If S3 does not tell.
    async fn list(&self, bucket: &str, prefix: &str, after: Option<&str>) -> Result<Page, Failure>;
}

/// Some objects of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Them, by key.
    pub entries: Vec<Entry>,
    /// Whether there are no more.
    pub is_last: bool,
}

/// What a list says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// The entity tag, with quotes.
    pub etag: String,
    /// The size in bytes.
    pub size: u64,
    /// When it was written, in seconds since 1970.
    pub modified: i64,
}

impl Entry {
    /// Whether a list of another bucket shows the same content.
    pub(super) fn is_alike(&self, there: Option<&Self>) -> bool {
        there.is_some_and(|there| (&there.etag, there.size) == (&self.etag, self.size))
    }
}

/// A place in the list of a bucket. It holds one page, however many objects there are.
pub(super) struct Reader<'a, L> {
    store: L,
    bucket: &'a str,
    prefix: String,
    after: Option<String>,
    page: VecDeque<Entry>,
    is_last: bool,
    /// Objects whose keys begin like one of these belong to others.
    except: Vec<&'a str>,
}

impl<'a, L: Listing> Reader<'a, L> {
    pub(super) const fn new(
        store: L,
        bucket: &'a str,
        prefix: String,
        after: Option<String>,
    ) -> Self {
        Self {
            store,
            bucket,
            prefix,
            after,
            page: VecDeque::new(),
            is_last: false,
            except: Vec::new(),
        }
    }

    /// Leaves out what begins like one of these.
    pub(super) fn except(mut self, beginnings: Vec<&'a str>) -> Self {
        self.except = beginnings;
        self
    }

    /// The key of the next object.
    pub(super) async fn key(&mut self, deadline: &Deadline) -> Result<Option<&str>, Failure> {
        while self.page.is_empty() && !self.is_last {
            let next = self
                .store
                .list(self.bucket, &self.prefix, self.after.as_deref());
            let page = deadline.limit(next).await?;
            self.after = page.entries.last().map(|entry| entry.key.clone());
            // A page of nothing that is not the last one would be asked for again and again.
            self.is_last = page.is_last || page.entries.is_empty();
            let is_ours =
                |entry: &Entry| !self.except.iter().any(|other| entry.key.starts_with(other));
            self.page = page.entries.into_iter().filter(is_ours).collect();
        }
        Ok(self.page.front().map(|entry| &*entry.key))
    }

    /// Takes the next object, if it has this key.
    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        let is_next = self.page.front().is_some_and(|entry| entry.key == key);
        is_next.then(|| self.page.pop_front()).flatten()
    }
}
