//! The mark of a copy: one entry of its user metadata.
//!
//! It says of which state of which object this is the copy, so that an event that comes twice copies
//! nothing the second time; and through which buckets the content has come, so that replication in a
//! circle ends. A mark that was carried elsewhere, by somebody's own copy of the copy, does not count:
//! it names the object that it was written for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hmac_sha256::Hash;

use super::store::{Object, Origin};

/// The name of the entry, in S3 `x-amz-meta-cloudwright-replica`.
pub const ENTRY: &str = "cloudwright-replica";

/// The most bytes that names and values of user metadata may have
/// ([limits](https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html)).
pub(super) const METADATA_LIMIT: usize = 2_048;

/// What the mark of an object says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// The state that was copied.
    state: String,
    /// The object that the mark is on.
    place: String,
    /// The object that was copied; copies of earlier releases do not say.
    from: Option<String>,
    /// The buckets that the content has come through, the first one first.
    trail: Vec<String>,
}

impl Marker {
    /// The mark of a copy of `origin` that is called so.
    pub(super) fn of(origin: &Origin<'_>, bucket: &str, key: &str) -> Self {
        let mut trail = trail(origin);
        if !trail.iter().any(|passed| passed == origin.bucket) {
            trail.push(origin.bucket.to_owned());
        }
        Self {
            state: state(origin),
            place: digest(&[bucket, key]),
            from: Some(digest(&[origin.bucket, origin.key])),
            trail,
        }
    }

    /// Whether `there`, found where this mark's copy is to be, is that copy already.
    pub(super) fn is_on(&self, there: &Object) -> bool {
        let found = read(there);
        found.is_some_and(|found| (&found.state, &found.place) == (&self.state, &self.place))
    }

    /// The metadata with this mark, instead of one that it came with; without a mark if it would
    /// then be more than S3 takes: the content matters more.
    pub(super) fn put_on(&self, metadata: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut marked = metadata.clone();
        marked.insert(ENTRY.to_owned(), self.text());
        if bytes(&marked) > METADATA_LIMIT {
            marked.remove(ENTRY);
        }
        marked
    }

    fn text(&self) -> String {
        let from = self.from.iter().map(|from| format!(":{from}"));
        let place = format!("{}{}", self.place, from.collect::<String>());
        format!("{} {place} {}", self.state, self.trail.join(" "))
    }
}

/// How much of [`METADATA_LIMIT`] this takes.
pub(super) fn bytes(metadata: &BTreeMap<String, String>) -> usize {
    let entries = metadata.iter();
    entries.map(|(name, value)| name.len() + value.len()).sum()
}

/// Whether the content of `origin` has come from or through a bucket.
pub(super) fn has_passed(origin: &Origin<'_>, bucket: &str) -> bool {
    trail(origin).iter().any(|passed| passed == bucket)
}

/// Whether an object, found at this place, is a copy of what was called so in a bucket. An older mark
/// that does not tell is nobody's.
pub(super) fn is_copy_of(there: &Object, source: [&str; 2], place: [&str; 2]) -> bool {
    read(there)
        .is_some_and(|found| (found.place, found.from) == (digest(&place), Some(digest(&source))))
}

fn trail(origin: &Origin<'_>) -> Vec<String> {
    let own = |marker: &Marker| marker.place == digest(&[origin.bucket, origin.key]);
    read(origin.object)
        .filter(own)
        .map(|marker| marker.trail)
        .unwrap_or_default()
}

fn read(object: &Object) -> Option<Marker> {
    let mut words = object.metadata.get(ENTRY)?.split(' ').map(str::to_owned);
    let (state, places) = (words.next()?, words.next()?);
    let (place, from) = match places.split_once(':') {
        Some((place, from)) => (place.to_owned(), Some(from.to_owned())),
        None => (places, None),
    };
    Some(Marker {
        state,
        place,
        from,
        trail: words.collect(),
    })
}

/// Everything that is known of the object: two writes of the same content within a second can still
/// differ in their headers or metadata.
fn state(origin: &Origin<'_>) -> String {
    let object = origin.object;
    let modified = object.modified.to_string();
    let mut texts = vec![origin.bucket, origin.key, &object.etag, &modified];
    texts.extend([&object.version_id, &object.storage_class].map(or_nothing));
    texts.extend(object.headers.all().map(or_nothing));
    let entries = object.metadata.iter();
    texts.extend(entries.flat_map(|(name, value)| [name.as_str(), value]));
    digest(&texts)
}

fn or_nothing(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// 32 hexadecimal digits for a list of texts.
pub(super) fn digest(texts: &[&str]) -> String {
    let mut hasher = Hash::new();
    for text in texts {
        hasher.update(format!("{} ", text.len()));
        hasher.update(text);
    }
    let mut digits = String::with_capacity(32);
    for byte in &hasher.finalize()[..16] {
        // Writing into a `String` cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin<'a>(bucket: &'a str, object: &'a Object) -> Origin<'a> {
        Origin {
            bucket,
            key: "a b",
            region: "eu-central-1",
            object,
        }
    }

    /// The object that is in `bucket` after `object` was copied there from `from`.
    fn copied(from: &str, object: &Object, bucket: &str) -> Object {
        let marker = Marker::of(&origin(from, object), bucket, "a b");
        Object {
            metadata: marker.put_on(&object.metadata),
            ..object.clone()
        }
    }

    #[test]
    fn content_does_not_return_to_a_bucket_that_it_has_passed() {
        let first = Object::default();
        let second = copied("one", &first, "two");
        let third = copied("two", &second, "three");
        assert!(!has_passed(&origin("one", &first), "two"));
        assert!(has_passed(&origin("two", &second), "one"));
        assert!(has_passed(&origin("three", &third), "one"));
        assert!(has_passed(&origin("three", &third), "two"));
        assert!(!has_passed(&origin("three", &third), "four"));
    }

    #[test]
    fn a_mark_that_somebody_carried_elsewhere_does_not_count() {
        let copy = copied("one", &Object::default(), "two");
        let elsewhere = Origin {
            key: "other",
            ..origin("two", &copy)
        };
        assert!(!has_passed(&elsewhere, "one"));
    }

    #[test]
    fn a_copy_says_of_which_object_it_is_and_an_older_mark_does_not() {
        let mut copy = copied("one", &Object::default(), "two");
        let there = ["two", "a b"];
        assert!(is_copy_of(&copy, ["one", "a b"], there));
        for source in [["one", "a"], ["two", "a b"], ["other", "a b"]] {
            assert!(!is_copy_of(&copy, source, there), "{source:?}");
        }
        assert!(!is_copy_of(&copy, ["one", "a b"], ["two", "elsewhere"]));
        let mark = copy.metadata.get_mut(ENTRY).unwrap();
        let (before, after) = mark.split_once(':').unwrap();
        *mark = format!("{before} {}", after.split_once(' ').unwrap().1);
        assert!(!is_copy_of(&copy, ["one", "a b"], there));
        // It is the copy all the same, and ends circles.
        let marker = Marker::of(&origin("one", &Object::default()), "two", "a b");
        assert!(marker.is_on(&copy));
        assert!(has_passed(&origin("two", &copy), "one"));
    }

    #[test]
    fn another_state_is_another_copy() {
        let old = Object {
            etag: "\"1\"".to_owned(),
            ..Object::default()
        };
        let new = Object {
            etag: "\"2\"".to_owned(),
            ..Object::default()
        };
        let there = copied("one", &old, "two");
        assert!(Marker::of(&origin("one", &old), "two", "a b").is_on(&there));
        assert!(!Marker::of(&origin("one", &new), "two", "a b").is_on(&there));
        assert!(!Marker::of(&origin("one", &old), "two", "a b").is_on(&old));
    }

    #[test]
    fn metadata_that_is_full_is_kept_and_the_mark_left_out() {
        let full = BTreeMap::from([("note".to_owned(), "x".repeat(2_000))]);
        let marker = Marker::of(&origin("one", &Object::default()), "two", "a b");
        assert_eq!(marker.put_on(&full), full);
    }
}
