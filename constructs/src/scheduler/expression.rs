//! When a schedule runs, and how that is written.

use std::time::Duration;

use cloudwright_synth::{Scope, Text};

use crate::events::{check, rate};
use crate::rules;

/// What to do about a period that no schedule can say.
const ROUND: &str = "round it: `hours(6)`, or say `Schedule::at(\"cron(15 3 * * ? *)\", ..)`";
/// What to do about an expression that the service refuses.
const HELP: &str = "such as `cron(15 3 * * ? *)`; for a single time say `Schedule::once(\"2027-03-14T01:59:00\", ..)`";
/// A time of day as a schedule says it.
const MOMENT: &str = "0000-00-00T00:00:00";

/// When a schedule runs.
#[derive(Clone)]
pub(super) enum When {
    Every(Duration),
    /// A `rate(..)` or a `cron(..)`.
    At(Text),
    Once(Text),
}

impl When {
    /// As it is written; one that the service would refuse is reported.
    pub(super) fn render(&self, scope: &Scope) -> Text {
        match self {
            Self::Every(period) => rate(scope, *period, ROUND),
            Self::At(expression) => {
                check(scope, expression, &rules::BAD_SCHEDULE, HELP);
                expression.clone()
            }
            Self::Once(time) => {
                check_time(scope, time, "");
                Text::Owned(format!("at({time})"))
            }
        }
    }
}

/// Reports what is no moment, with what the service wants behind it: nothing, or `Z`.
pub(super) fn check_time(scope: &Scope, time: &str, zone: &str) {
    if !is_moment(time.strip_suffix(zone)) {
        let message = format!("a time is like `2027-03-14T01:59:00{zone}`, got \"{time}\"");
        let help = match zone {
            "" => "leave the zone out and say it with `.time_zone(\"Europe/Berlin\")`",
            _ => "say it in UTC, with a `Z` at its end",
        };
        scope.error(&rules::BAD_SCHEDULE, message, help);
    }
}

/// Whether it has the form of a moment, and its parts the right sizes.
fn is_moment(time: Option<&str>) -> bool {
    let Some(time) = time.filter(|time| time.len() == MOMENT.len()) else {
        return false;
    };
    let fits = |(byte, form): (u8, u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    };
    let part = |from: usize, most: u32| {
        let number = time.get(from..from + 2).and_then(|part| part.parse().ok());
        number.is_some_and(|number: u32| number <= most)
    };
    time.bytes().zip(MOMENT.bytes()).all(fits)
        && [(5, 12), (8, 31), (11, 23), (14, 59), (17, 59)]
            .into_iter()
            .all(|(from, most)| part(from, most))
}

#[cfg(test)]
mod tests {
    use super::is_moment;

    #[test]
    fn moments_are_told_from_other_texts() {
        assert!(is_moment(Some("2027-03-14T01:59:00")));
        for wrong in [
            "",
            "2027-03-14",
            "2027-03-14 01:59:00",
            "2027-13-14T01:59:00",
            "2027-03-14T24:59:00",
            "2027-03-14T01:59:0ö",
        ] {
            assert!(!is_moment(Some(wrong)), "{wrong}");
        }
    }
}
