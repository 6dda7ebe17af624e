//! What lies in a bucket, against what the table says.

use super::super::store::Object;
use super::mark::Mark;
use super::record::{Entry, Record};

/// How long ago an object that was uploaded in parts may have been begun, while its event is still to
/// come: S3 dates it by its beginning.
const LONGEST_UPLOAD_SECONDS: i64 = 86_400;

/// What is to be done about what lies in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is what the newest change left.
    Fine,
    /// It is older than the newest change.
    Behind,
    /// It is newer, or may be: the event of it is still to come.
    Ahead,
}

/// A place that the newest change is brought to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    /// Whether an object that is missing in the bucket of its own change is put back.
    pub(super) is_restoring: bool,
    /// The second since 1970 before which no event is to be expected any more.
    pub(super) horizon: i64,
}

/// The verdict on what is in a place, or is not. The record is the table's; the winner is its newest
/// change, or one that was found.
pub(super) fn verdict(
    record: &Record,
    (origin, winner): (&str, &Entry),
    place: Place<'_>,
    there: Option<&Object>,
) -> Verdict {
    let is_origin = place.bucket == origin;
    let Some(object) = there else {
        return match &winner.etag {
            None => Verdict::Fine,
            // Somebody has removed it since, if it was not a handler.
            Some(_) if is_origin && !place.is_restoring => Verdict::Ahead,
            Some(_) => Verdict::Behind,
        };
    };
    if let Some(mark) = Mark::read(object, place.bucket, place.key) {
        return of_copy(record, (origin, winner), &mark);
    }
    // Whatever is in the bucket of the change and is not what it left has come after it.
    if is_origin {
        return match winner.left(object) {
            true => Verdict::Fine,
            false => Verdict::Ahead,
        };
    }
    let known = record.sites.get(place.bucket);
    let is_known = known.is_some_and(|entry| entry.left(object));
    let is_older = if object.modified < place.horizon {
        // Nothing will tell more than its date.
        (object.modified.saturating_mul(1_000), place.bucket) < (winner.time, origin)
    } else {
        surely_by(object) < winner.time.div_euclid(1_000)
    };
    match is_known || is_older {
        true => Verdict::Behind,
        false => Verdict::Ahead,
    }
}

fn of_copy(record: &Record, (origin, winner): (&str, &Entry), mark: &Mark) -> Verdict {
    if mark.site == origin && mark.sequencer == winner.sequencer {
        return match winner.etag {
            Some(_) => Verdict::Fine,
            None => Verdict::Behind,
        };
    }
    let newest = record.sites.get(&mark.site);
    // The table forgets after a while; then their times decide, as between buckets.
    let is_past = newest.is_some_and(|newest| newest.sequencer >= mark.sequencer);
    match is_past || (mark.time, &*mark.site) < (winner.time, origin) {
        true => Verdict::Behind,
        false => Verdict::Ahead,
    }
}

impl Entry {
    /// Whether this change left the object, which has no mark. The same content, written again later,
    /// is told by its time.
    pub(super) fn left(&self, object: &Object) -> bool {
        let is_version = match (&self.version, &object.version_id) {
            (Some(left), Some(there)) => left == there,
            _ => true,
        };
        is_version
            && self.etag.as_ref() == Some(&object.etag)
            && object.modified <= self.time.div_euclid(1_000) + 1
    }
}

/// The second by which the event of an object without a mark has surely happened.
fn surely_by(object: &Object) -> i64 {
    // Only the tags of objects that were uploaded in parts have a hyphen.
    match object.etag.contains('-') {
        true => object.modified.saturating_add(LONGEST_UPLOAD_SECONDS),
        false => object.modified,
    }
}

/// An entity tag with the quotes that events leave out.
pub(super) fn quoted(etag: &str) -> String {
    format!("\"{}\"", etag.trim_matches('"'))
}
