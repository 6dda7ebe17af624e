//! Units: durations and sizes that say what they are.

use std::ops::RangeInclusive;
use std::time::Duration;

use cloudwright_synth::{Json, Scope};

use crate::rules;

/// A size in mebibytes (1,048,576 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(non_snake_case, reason = "reads like the unit")]
pub struct MiB(pub u32);

/// A number as people write it: without a fraction when it has none.
#[allow(clippy::cast_possible_truncation, reason = "checked to be exact")]
pub(crate) fn number(value: f64) -> Json {
    /// Up to here every whole number has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        Json::Int(value as i64)
    } else {
        Json::Float(value)
    }
}

/// A duration of whole seconds.
#[must_use]
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A duration of whole minutes.
#[must_use]
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(60))
}

/// A duration of whole hours.
#[must_use]
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(3600))
}

/// A duration of whole days.
#[must_use]
pub const fn days(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(86_400))
}

/// A duration as CloudFormation counts it; a fraction of a second is reported.
#[track_caller]
pub(crate) fn whole_seconds(scope: &Scope, what: &str, duration: Duration) -> i64 {
    if duration.subsec_nanos() != 0 {
        let message = format!("{what} is whole seconds, got {duration:?}");
        scope.error(
            &rules::BAD_DURATION,
            message,
            "round it: `seconds(30)`, `minutes(5)`",
        );
    }
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// A duration as CloudFormation counts it; one outside of the range, in seconds, is reported.
#[track_caller]
pub(crate) fn check_seconds(
    scope: &Scope,
    what: &str,
    duration: Duration,
    range: RangeInclusive<i64>,
) -> i64 {
    let given = whole_seconds(scope, what, duration);
    if !range.contains(&given) {
        let (least, most) = (range.start(), range.end());
        let message = format!("{what} is {least} to {most} seconds, got {given}");
        scope.error(
            &rules::OUT_OF_RANGE,
            message,
            "choose a duration in this range",
        );
    }
    given
}

/// A duration in whole days; anything else is reported.
#[track_caller]
pub(crate) fn whole_days(scope: &Scope, what: &str, duration: Duration) -> i64 {
    const DAY: u64 = 86_400;
    if !duration.as_secs().is_multiple_of(DAY) || duration.subsec_nanos() != 0 {
        let message = format!("{what} is whole days, got {duration:?}");
        scope.error(&rules::BAD_DURATION, message, "round it: `days(30)`");
    }
    i64::try_from(duration.as_secs() / DAY).unwrap_or(i64::MAX)
}
