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

/// Milliseconds since 1970 of a time as S3 writes it, such as `2026-01-31T12:00:00.000Z`.
pub(super) fn epoch_millis(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = numbers(clock, ':')?;
    let is_date = (1970..=9999).contains(&year) && (1..=12).contains(&month);
    let is_time = hour < 24 && minute < 60 && second <= 60;
    if !is_date || !(1..=31).contains(&day) || !is_time {
        return None;
    }
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(seconds * 1_000 + millis)
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let parts = text.split(separator).map(|part| {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| is_number)
    });
    parts.collect::<Option<Vec<i64>>>()?.try_into().ok()
}

/// Of the Gregorian calendar. Years begin in March here, so that the leap day is their last.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let days_of_months = (153 * month + 2) / 5;
    365 * year + year / 4 - year / 100 + year / 400 + days_of_months + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_to_the_millisecond() {
        let table = [
            ("1970-01-01T00:00:00.000Z", 0),
            ("1970-01-01T00:00:01Z", 1_000),
            ("2000-02-29T23:59:59.9Z", 951_868_799_900),
            ("2026-01-31T12:00:00.123456Z", 1_769_860_800_123),
            ("2100-03-01T00:00:00.001Z", 4_107_542_400_001),
        ];
        for (text, millis) in table {
            assert_eq!(epoch_millis(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026-01-31",
            "2026-01-31T12:00:00",
            "2026-13-01T00:00:00Z",
            "2026-01-31T25:00:00Z",
            "2026-01-31T12:00:00.-1Z",
            "2026-+1-31T12:00:00Z",
            "yesterday",
        ] {
            assert_eq!(epoch_millis(text), None, "{text}");
        }
    }

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
