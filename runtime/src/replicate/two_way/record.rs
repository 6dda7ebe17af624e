//! What the table remembers of one key: the newest change of each bucket.

use std::collections::{BTreeMap, BTreeSet};

use crate::failure::Failure;
use crate::intake::Sequencer;

/// The table, as a small trait: the SDK's client has it, and so has the model of the tests.
#[allow(
    async_fn_in_trait,
    reason = "a function handles one event at a time, on one thread"
)]
pub trait Ledger {
    /// What is remembered of a key, everything that was written before included.
    ///
    /// # Errors
    /// If the table does not tell.
    async fn read(&self, key: &str) -> Result<Record, Failure>;

    /// Remembers a change of a bucket, unless a later one is remembered; adds `writer` to those who
    /// work on the key; and gives what is remembered then.
    ///
    /// # Errors
    /// If the table does not take it.
    async fn change(
        &self,
        key: &str,
        site: &str,
        entry: &Entry,
        writer: &str,
    ) -> Result<Record, Failure>;

    /// Adds `writer` to those who work on the key, and gives what is remembered then.
    ///
    /// # Errors
    /// If the table does not take it.
    async fn sign(&self, key: &str, writer: &str) -> Result<Record, Failure>;

    /// The second since 1970 before which the table may have forgotten what happened. It remembers for
    /// longer than events are on their way, so none of such a change is to be expected any more.
    fn horizon(&self) -> i64;
}

/// What is remembered of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The newest change of each bucket, by the bucket's name.
    pub sites: BTreeMap<String, Entry>,
    /// The functions that write copies of it and remove them, by their names.
    pub writers: BTreeSet<String>,
}

/// A change that somebody made in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Orders the changes of the key in this bucket.
    pub sequencer: Sequencer,
    /// When it happened, in milliseconds since 1970. Orders changes in different buckets.
    pub time: i64,
    /// The entity tag of the object, with quotes; nothing if it was removed.
    pub etag: Option<String>,
    /// The version of the object, or of the delete marker.
    pub version: Option<String>,
}

impl Record {
    /// The bucket with the newest change of all, and that change. Of two at the same time, that in the
    /// bucket with the later name.
    #[must_use]
    pub fn winner(&self) -> Option<(&str, &Entry)> {
        let entries = self.sites.iter();
        let newest = entries.max_by_key(|(site, entry)| (entry.time, *site));
        newest.map(|(site, entry)| (site.as_str(), entry))
    }

    /// Whether the newest change is a removal.
    #[must_use]
    pub fn removes(&self) -> bool {
        self.winner().is_some_and(|(_, entry)| entry.etag.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_change_wins_and_the_later_name_at_the_same_time() {
        let entry = |time| Entry {
            sequencer: Sequencer::new("1").unwrap(),
            time,
            etag: None,
            version: None,
        };
        let record = |here, there| Record {
            sites: BTreeMap::from([
                ("a".to_owned(), entry(here)),
                ("b".to_owned(), entry(there)),
            ]),
            ..Record::default()
        };
        assert_eq!(record(2, 1).winner().unwrap().0, "a");
        assert_eq!(record(1, 2).winner().unwrap().0, "b");
        assert_eq!(record(2, 2).winner().unwrap().0, "b");
        assert_eq!(Record::default().winner(), None);
    }
}
