//! Units: durations and sizes that say what they are.

use std::time::Duration;

use cloudwright_synth::Scope;

use crate::rules;

/// A size in mebibytes (1,048,576 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(non_snake_case, reason = "reads like the unit")]
pub struct MiB(pub u32);

/// A duration of whole seconds.
#[must_use]
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A duration of whole minutes.
#[must_use]
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// A duration of whole hours.
#[must_use]
pub const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

/// A duration of whole days.
#[must_use]
pub const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
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
