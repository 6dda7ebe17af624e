//! How long logs are kept: one of the spans that the service knows.

use std::time::Duration;

use cloudwright_synth::Scope;

use crate::units::whole_days;
use crate::{defaults, rules};

/// The [spans](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)
/// that a log group can keep events for, in days.
const SPANS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];
/// What is kept unless said, and in a strict stack.
const MONTH: i64 = 30;
const YEAR: i64 = 365;

/// How long a log group keeps events.
#[derive(Clone, Copy)]
pub(super) enum Retention {
    /// What the place has as its default; a month, or a year in a strict stack.
    Default,
    Span(Duration),
    Forever,
}

impl Retention {
    /// The span in days; `None` keeps events for ever.
    pub(super) fn days(self, scope: &Scope) -> Option<i64> {
        match self {
            Self::Forever => None,
            Self::Span(duration) => Some(checked(scope, duration)),
            Self::Default => Some(match defaults::log_retention(scope) {
                Some(duration) => checked(scope, duration),
                None if scope.is_strict() => YEAR,
                None => MONTH,
            }),
        }
    }
}

/// A span that the service knows; another one is reported with the next longer one.
fn checked(scope: &Scope, duration: Duration) -> i64 {
    let days = whole_days(scope, "a log group's retention", duration);
    if !SPANS.contains(&days) {
        let known = SPANS.map(|span| span.to_string()).join(", ");
        let message = format!("a log group keeps events for {known} days, got {days}");
        let help = match SPANS.iter().find(|span| **span > days) {
            Some(next) => format!("the next longer one is `days({next})`"),
            None => "say `.forever()` to keep them without an end".to_owned(),
        };
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
    days
}
