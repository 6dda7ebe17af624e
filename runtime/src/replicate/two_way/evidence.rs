//! What lies in the buckets, as changes that the table does not know.
//!
//! The table knows of what events told, for a month. What was there before, what an event was lost of,
//! and what is older than the month, only the buckets tell. A run over all objects decides by both: by
//! the table's record, read first, and by what is found after that.
//!
//! | found | taken for |
//! |---|---|
//! | a copy of a later change than the table knows of that bucket | that change, by the copy's [mark](super::mark) |
//! | an object without a mark that a known change of its bucket left | that change |
//! | another object without a mark | a change later than the known one of its bucket, at the time at which S3 dates it |
//! | nothing | nothing: it may not have come yet |
//!
//! S3 dates an object by the second, and one that was uploaded in parts by its beginning, so a change
//! that was found has happened at that time or later. It wins against what is surely older, and nothing
//! that may be newer gives way to it ([`verdict`](super::verdict)): that stays as it is until its own
//! event comes. For longer than the table remembers no event comes any more, and the date decides.
//!
//! A found change is not written into the table, which would have to hold every object of the buckets.
//! Its copies bear it, with a place in the order of its bucket: directly after the change that was known,
//! so before any later one. Its own event, if it does come, tells of a later one, and all copies are
//! made again with it.

use super::super::Found;
use super::super::store::Object;
use super::mark::Mark;
use super::record::{Entry, Record};
use crate::intake::Sequencer;

/// How many digits the place of a found change has. Those of S3 have fewer than half of them.
const DIGITS: usize = 40;

/// A bucket, and what is in it under the key.
pub(super) type Seen<'a> = (&'a str, &'a Found);

/// The table's record, with the changes that the buckets tell of; `horizon` is the second since 1970
/// before which no event is to be expected any more.
pub(super) fn whole(record: &Record, key: &str, seen: &[Seen<'_>], horizon: i64) -> Record {
    let mut whole = record.clone();
    for (bucket, object) in objects(seen) {
        if let Some(mark) = Mark::read(object, bucket, key) {
            told_by_copy(&mut whole, mark, object);
        }
    }
    for (bucket, object) in objects(seen) {
        if Mark::read(object, bucket, key).is_some() {
            continue;
        }
        let told = whole.sites.get(bucket);
        let is_by_copy = told != record.sites.get(bucket);
        let entry = match told {
            None => Some(after(None, object)),
            Some(known) if known.left(object) => None,
            Some(known) if !is_by_copy => Some(after(Some(known), object)),
            Some(known) => beside_copies(known, object, horizon),
        };
        if let Some(entry) = entry {
            whole.sites.insert(bucket.to_owned(), entry);
        }
    }
    whole
}

fn objects<'a>(seen: &'a [Seen<'_>]) -> impl Iterator<Item = (&'a str, &'a Object)> {
    let found = seen.iter();
    found.filter_map(|(bucket, found)| Some((*bucket, found.as_ref().ok()?.as_ref()?)))
}

/// The change that a copy is of, if it is later than the known one.
fn told_by_copy(whole: &mut Record, mark: Mark, copy: &Object) {
    let known = whole.sites.get(&mark.site);
    if known.is_none_or(|known| known.sequencer < mark.sequencer) {
        let entry = Entry {
            sequencer: mark.sequencer,
            time: mark.time,
            etag: Some(copy.etag.clone()),
            version: None,
        };
        whole.sites.insert(mark.site, entry);
    }
}

/// The change that left an object in the bucket of a change that only copies tell of. It may have been
/// looked at before that change and the copies after it, unless that was long ago.
fn beside_copies(known: &Entry, object: &Object, horizon: i64) -> Option<Entry> {
    let second = known.time.div_euclid(1_000);
    let is_later = object.modified > second + 1;
    if !is_later && is_alike(known, object) {
        return Some(Entry {
            etag: Some(object.etag.clone()),
            version: object.version_id.clone(),
            ..known.clone()
        });
    }
    (is_later || second < horizon).then(|| after(Some(known), object))
}

/// Whether an object may be what a copy was made of: entity tags of parts depend on the parts.
fn is_alike(known: &Entry, object: &Object) -> bool {
    let etag = known.etag.as_deref().unwrap_or_default();
    let is_in_parts = etag.contains('-') || object.etag.contains('-');
    is_in_parts || etag == object.etag
}

/// The change that left an object, later than the known one of the bucket.
fn after(known: Option<&Entry>, object: &Object) -> Entry {
    let time = object.modified.saturating_mul(1_000);
    Entry {
        sequencer: next(known.map(|known| &known.sequencer)),
        time: known.map_or(time, |known| known.time.max(time)),
        etag: Some(object.etag.clone()),
        version: object.version_id.clone(),
    }
}

/// The next place in the order of a bucket, before all that S3 gives later.
fn next(known: Option<&Sequencer>) -> Sequencer {
    let known = known.map_or("", Sequencer::as_str);
    // What has more digits, or no higher number of them, gets another one.
    let is_full = known.len() > DIGITS || known.len() == DIGITS && !known.contains(|d| d != 'f');
    let width = if is_full { known.len() + 1 } else { DIGITS };
    let mut digits: Vec<u8> = format!("{known:0<width$}").into_bytes();
    for digit in digits.iter_mut().rev() {
        match *digit {
            b'f' => *digit = b'0',
            b'9' => {
                *digit = b'a';
                break;
            }
            _ => {
                *digit += 1;
                break;
            }
        }
    }
    let text = String::from_utf8(digits).expect("digits stay digits");
    Sequencer::new(&text).expect("the text is hexadecimal")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const SECOND: i64 = 1_769_860_800;

    fn sequencer(text: &str) -> Sequencer {
        Sequencer::new(text).unwrap()
    }

    fn change(order: &str, second: i64, etag: &str) -> Entry {
        Entry {
            sequencer: sequencer(order),
            time: second * 1_000 + 400,
            etag: Some(etag.to_owned()),
            version: None,
        }
    }

    fn object(second: i64, etag: &str) -> Object {
        Object {
            etag: etag.to_owned(),
            modified: second,
            ..Object::default()
        }
    }

    /// The copy of a change of `site` that lies in `bucket`.
    fn copy(site: &str, entry: &Entry, bucket: &str, etag: &str) -> Object {
        let mark = Mark::of(site, "eu-central-1", entry);
        Object {
            metadata: mark.put_on(&BTreeMap::new(), bucket, "k").unwrap(),
            ..object(SECOND, etag)
        }
    }

    fn record(sites: &[(&str, Entry)]) -> Record {
        let sites = sites.iter();
        Record {
            sites: sites
                .map(|(site, entry)| ((*site).to_owned(), entry.clone()))
                .collect(),
            ..Record::default()
        }
    }

    fn seen(record: &Record, objects: &[(&str, Option<Object>)], horizon: i64) -> Record {
        let found: Vec<_> = objects
            .iter()
            .map(|(bucket, object)| (*bucket, Ok(object.clone())))
            .collect();
        let seen: Vec<_> = found
            .iter()
            .map(|(bucket, found)| (*bucket, found))
            .collect();
        whole(record, "k", &seen, horizon)
    }

    #[test]
    fn the_next_place_is_after_the_known_one_and_before_all_that_s3_gives() {
        let known = sequencer("0055AED6DCD90281E5");
        let one = next(Some(&known));
        let two = next(Some(&one));
        let later = sequencer("0055AED6DCD90281E6");
        assert!(known < one && one < two && two < later);
        assert!(next(None) < sequencer("0000000000000001"));
        let carried = next(Some(&sequencer(&format!("{}f", "0".repeat(39)))));
        assert_eq!(carried, sequencer(&format!("{}10", "0".repeat(38))));
        for count in [40, 60] {
            let long = sequencer(&"f".repeat(count));
            assert!(next(Some(&long)) > long);
        }
    }

    #[test]
    fn what_nobody_told_of_is_a_change_at_its_date_and_after_the_known_one() {
        let known = change("5", SECOND, "\"old\"");
        let none = seen(
            &Record::default(),
            &[("east", Some(object(SECOND, "\"new\"")))],
            0,
        );
        assert_eq!(none.sites["east"].time, SECOND * 1_000);
        let there = [("east", Some(object(SECOND + 9, "\"new\"")))];
        let later = seen(&record(&[("east", known.clone())]), &there, 0);
        assert_eq!(later.sites["east"].time, (SECOND + 9) * 1_000);
        assert_eq!(later.sites["east"].sequencer, next(Some(&known.sequencer)));
        // An older version shows again: that came after the known change, too.
        let there = [("east", Some(object(SECOND - 9, "\"older\"")))];
        let again = seen(&record(&[("east", known.clone())]), &there, 0);
        assert_eq!(again.sites["east"].time, known.time);
        assert_eq!(again.sites["east"].etag.as_deref(), Some("\"older\""));
        let there = [("east", Some(object(SECOND, "\"old\"")))];
        let told = record(&[("east", known)]);
        assert_eq!(seen(&told, &there, 0), told);
    }

    #[test]
    fn a_copy_tells_of_the_change_that_the_table_forgot() {
        let change = change("5", SECOND, "\"e\"");
        let there = [
            ("east", None),
            ("west", Some(copy("east", &change, "west", "\"e\""))),
        ];
        let whole = seen(&Record::default(), &there, 0);
        assert_eq!(whole.sites["east"], change);
        // But not of one that is older than what the table knows.
        let mut gone = self::change("6", SECOND, "");
        gone.etag = None;
        let newer = record(&[("east", gone)]);
        assert_eq!(seen(&newer, &there, 0), newer);
    }

    #[test]
    fn the_original_beside_its_copy_is_not_another_change() {
        let change = change("5", SECOND, "\"e\"");
        for original in ["\"e\"", "\"e-2\""] {
            let there = [
                ("east", Some(object(SECOND, original))),
                ("west", Some(copy("east", &change, "west", "\"e\""))),
            ];
            let whole = seen(&Record::default(), &there, 0);
            assert_eq!(whole.sites["east"].sequencer, change.sequencer);
            assert_eq!(whole.sites["east"].etag.as_deref(), Some(original));
        }
    }

    #[test]
    fn something_else_beside_a_copy_counts_if_it_is_later_or_long_ago() {
        let change = change("5", SECOND, "\"e\"");
        let found = |second, horizon| {
            let there = [
                ("east", Some(object(second, "\"x\""))),
                ("west", Some(copy("east", &change, "west", "\"e\""))),
            ];
            let whole = seen(&Record::default(), &there, horizon);
            whole.sites["east"].etag.clone().unwrap()
        };
        assert_eq!(found(SECOND + 2, 0), "\"x\"");
        assert_eq!(found(SECOND - 2, 0), "\"e\"");
        assert_eq!(found(SECOND - 2, SECOND + 1), "\"x\"");
    }
}
