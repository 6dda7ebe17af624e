//! The mark of a copy in two-way replication: which change, of which bucket, it is the copy of.

use std::collections::BTreeMap;

use super::super::marker::{METADATA_LIMIT, bytes, digest};
use super::super::store::Object;
use super::record::Entry;
use crate::failure::{Class, Failure};
use crate::intake::Sequencer;

/// The name of the entry, in S3 `x-amz-meta-cloudwright-origin`.
pub const ENTRY: &str = "cloudwright-origin";

/// What the mark of a copy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// When the change happened, in milliseconds since 1970.
    pub(super) time: i64,
    /// Orders the change in its bucket.
    pub(super) sequencer: Sequencer,
    /// The region of that bucket.
    pub(super) region: String,
    /// The bucket that somebody changed.
    pub(super) site: String,
}

impl Mark {
    /// The mark of the copies of a change.
    pub(super) fn of(site: &str, region: &str, entry: &Entry) -> Self {
        Self {
            time: entry.time,
            sequencer: entry.sequencer.clone(),
            region: region.to_owned(),
            site: site.to_owned(),
        }
    }

    /// The mark of an object, unless somebody has copied it here from elsewhere: it names its place.
    pub(super) fn read(object: &Object, bucket: &str, key: &str) -> Option<Self> {
        let mut words = object.metadata.get(ENTRY)?.split(' ');
        let is_here = words.next()? == digest(&[bucket, key]);
        let mark = Self {
            time: words.next()?.parse().ok()?,
            sequencer: Sequencer::new(words.next()?)?,
            region: words.next()?.to_owned(),
            site: words.next()?.to_owned(),
        };
        is_here.then_some(mark)
    }

    /// The metadata with this mark, for the copy that is called so.
    ///
    /// # Errors
    /// If there is no room for it. Without its mark a copy would count as somebody's change, and be
    /// copied back and forth.
    pub(super) fn put_on(
        &self,
        metadata: &BTreeMap<String, String>,
        bucket: &str,
        key: &str,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let Self {
            time,
            sequencer,
            region,
            site,
        } = self;
        let place = digest(&[bucket, key]);
        // Without its trailing zeros a sequencer of zeros is empty.
        let sequencer = match sequencer.as_str() {
            "" => "0",
            digits => digits,
        };
        let text = format!("{place} {time} {sequencer} {region} {site}");
        let mut marked = metadata.clone();
        marked.insert(ENTRY.to_owned(), text);
        let size = bytes(&marked);
        if size > METADATA_LIMIT {
            let message = format!(
                "the object's metadata leaves no room for the mark of a copy: got {size} bytes with it, \
                 expected at most {METADATA_LIMIT}; shorten the metadata"
            );
            return Err(Failure::new(Class::Refused, message));
        }
        Ok(marked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        Mark {
            time: 1_769_860_800_123,
            sequencer: Sequencer::new("0055AED6DC").unwrap(),
            region: "eu-central-1".to_owned(),
            site: "art-euc1".to_owned(),
        }
    }

    fn marked(mark: &Mark) -> Object {
        let metadata = mark.put_on(&BTreeMap::new(), "art-usw2", "a b");
        Object {
            metadata: metadata.unwrap(),
            ..Object::default()
        }
    }

    #[test]
    fn a_mark_is_read_where_it_was_written_and_nowhere_else() {
        let copy = marked(&mark());
        assert_eq!(Mark::read(&copy, "art-usw2", "a b"), Some(mark()));
        assert_eq!(Mark::read(&copy, "art-usw2", "other"), None);
        assert_eq!(Mark::read(&copy, "other", "a b"), None);
        assert_eq!(Mark::read(&Object::default(), "art-usw2", "a b"), None);
    }

    #[test]
    fn a_sequencer_of_zeros_is_one() {
        let zeros = Mark {
            sequencer: Sequencer::new("000").unwrap(),
            ..mark()
        };
        assert_eq!(
            Mark::read(&marked(&zeros), "art-usw2", "a b"),
            Some(zeros.clone())
        );
    }

    #[test]
    fn metadata_without_room_for_the_mark_is_refused() {
        let full = BTreeMap::from([("note".to_owned(), "x".repeat(2_000))]);
        let failure = mark().put_on(&full, "art-usw2", "a b").unwrap_err();
        assert_eq!(failure.class, Class::Refused);
        assert!(failure.message.contains("expected at most 2048"));
    }
}
