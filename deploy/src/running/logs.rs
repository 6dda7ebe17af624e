//! What functions log, of several of them in one row.

use std::collections::BTreeMap;

use super::services::{LogEvent, Logs};
use crate::cloud::Clock;
use crate::fault::{Class, Fault};
use crate::pace::patiently;

/// How far back a look goes that follows another, in milliseconds: events come in late and out of order.
const OVERLAP: i64 = 15_000;
/// After how many pages of a log it is told that it is being read.
const LONG: u32 = 20;

/// The log of one function.
pub struct Source<'a> {
    /// Where it is.
    pub logs: &'a dyn Logs,
    /// The name of its log group.
    pub group: String,
    /// Whether the group is there: a function that never ran may have none.
    pub is_there: bool,
    since: i64,
    /// The events that were shown and may come again, with their times.
    shown: BTreeMap<String, i64>,
}

impl<'a> Source<'a> {
    /// The events since a time, in milliseconds since 1970.
    #[must_use]
    pub const fn new(logs: &'a dyn Logs, group: String, since: i64) -> Self {
        Self {
            logs,
            group,
            is_there: true,
            since,
            shown: BTreeMap::new(),
        }
    }

    /// What is new since the last look. A group that is not there yet has nothing.
    async fn look(
        &mut self,
        clock: &dyn Clock,
        filter: Option<&str>,
        reading: &dyn Fn(&str),
    ) -> Result<Vec<LogEvent>, Fault> {
        let (mut new, mut page) = (Vec::new(), None::<String>);
        for number in 1_u32.. {
            if number % LONG == 0 {
                reading(&format!("{}: {} lines so far", self.group, new.len()));
            }
            let call = || {
                self.logs
                    .events(&self.group, self.since, filter, page.as_deref())
            };
            let found = match patiently(clock, call).await {
                Err(fault) if fault.class == Class::Missing => {
                    self.is_there = false;
                    return Ok(new);
                }
                found => found?,
            };
            self.is_there = true;
            new.extend(
                found
                    .events
                    .into_iter()
                    .filter(|event| !self.shown.contains_key(&event.id)),
            );
            page = found.next;
            if page.is_none() {
                break;
            }
        }
        self.shown
            .extend(new.iter().map(|event| (event.id.clone(), event.time)));
        let newest = self.shown.values().max().copied().unwrap_or(self.since);
        self.since = self.since.max(newest - OVERLAP);
        let since = self.since;
        self.shown.retain(|_, time| *time >= since);
        Ok(new)
    }
}

/// What is new in all sources, by time, each with the number of its source. `reading` is told of a log that takes its
/// time: CloudWatch Logs gives pages of a megabyte, or empty ones while it looks for what a filter lets through.
///
/// # Errors
/// When CloudWatch Logs does not answer.
pub async fn look(
    sources: &mut [Source<'_>],
    clock: &dyn Clock,
    filter: Option<&str>,
    reading: &dyn Fn(&str),
) -> Result<Vec<(usize, LogEvent)>, Fault> {
    let mut all = Vec::new();
    for (number, source) in sources.iter_mut().enumerate() {
        let new = source.look(clock, filter, reading).await?;
        all.extend(new.into_iter().map(|event| (number, event)));
    }
    // Within one function the order is that of the service.
    all.sort_by_key(|(number, event)| (event.time, *number));
    Ok(all)
}

/// A span of time such as `90s`, `10m`, `2h` or `1d`, in seconds; `None` for anything else.
#[must_use]
pub fn span(text: &str) -> Option<i64> {
    let at = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(at);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let span = number.parse::<i64>().ok()?.checked_mul(seconds)?;
    (span > 0 && span <= 455 * 86_400).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit() {
        let table = [("90s", 90), ("10m", 600), ("2h", 7_200), ("1d", 86_400)];
        for (text, seconds) in table {
            assert_eq!(span(text), Some(seconds), "{text}");
        }
        for text in [
            "",
            "10",
            "m",
            "-1m",
            "1.5h",
            "0s",
            "1w",
            "500d",
            "99999999999999999999s",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
    }
}
