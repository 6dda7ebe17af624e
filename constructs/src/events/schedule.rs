//! When a rule runs.

use std::time::Duration;

use cloudwright_synth::{Rule, Scope, Text};

use crate::rules;

/// The fields of a `cron(..)`: minutes, hours, day of the month, month, day of the week, year.
const FIELDS: usize = 6;
/// Where the two fields are that say a day.
const DAYS: [usize; 2] = [2, 4];

/// A period as a schedule says it; one that it cannot say is reported.
pub(crate) fn rate(scope: &Scope, period: Duration, help: &'static str) -> Text {
    const MINUTE: u64 = 60;
    let seconds = period.as_secs();
    if seconds == 0 || !seconds.is_multiple_of(MINUTE) || period.subsec_nanos() != 0 {
        let message = format!("a schedule repeats every one or more whole minutes, got {period:?}");
        scope.error(&rules::BAD_DURATION, message, help);
    }
    match seconds / MINUTE {
        1 => "rate(1 minute)".into(),
        minutes => Text::Owned(format!("rate({minutes} minutes)")),
    }
}

/// Reports an expression that EventBridge would refuse, of rules and of schedules alike
/// ([AWS](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html)).
pub(crate) fn check(scope: &Scope, expression: &str, rule: &'static Rule, help: &'static str) {
    let inside = |name: &str| expression.strip_prefix(name)?.strip_suffix(')');
    let is_right = match (inside("rate("), inside("cron(")) {
        (Some(period), _) => is_rate(period),
        (_, Some(fields)) => is_cron(fields),
        (None, None) => false,
    };
    if !is_right {
        let message = format!(
            "a schedule is `rate(5 minutes)` or a `cron(..)` of six fields, one of whose two days is `?`, got \"{expression}\""
        );
        scope.error(rule, message, help);
    }
}

fn is_rate(period: &str) -> bool {
    let Some((count, unit)) = period.split_once(' ') else {
        return false;
    };
    let one = match unit {
        "minute" | "hour" | "day" => true,
        "minutes" | "hours" | "days" => false,
        _ => return false,
    };
    count
        .parse()
        .is_ok_and(|count: u32| count > 0 && (count == 1) == one)
}

fn is_cron(fields: &str) -> bool {
    let fields: Vec<&str> = fields.split(' ').collect();
    let unsaid = DAYS.iter().filter(|day| fields.get(**day) == Some(&"?"));
    fields.len() == FIELDS && fields.iter().all(|field| !field.is_empty()) && unsaid.count() == 1
}

#[cfg(test)]
mod tests {
    use super::{is_cron, is_rate};

    #[test]
    fn expressions_are_told_from_what_eventbridge_refuses() {
        for right in ["1 minute", "5 minutes", "1 hour", "2 days"] {
            assert!(is_rate(right), "{right}");
        }
        for wrong in [
            "",
            "5",
            "0 minutes",
            "1 minutes",
            "5 minute",
            "-1 day",
            "1 week",
            "5  days",
        ] {
            assert!(!is_rate(wrong), "{wrong}");
        }
        for right in ["15 3 * * ? *", "0/5 8-17 ? * MON-FRI *", "0 8 1 * ? 2026"] {
            assert!(is_cron(right), "{right}");
        }
        for wrong in [
            "",
            "15 3 * * ?",
            "15 3 * * * *",
            "15 3 ? * ? *",
            "15  3 * * ?",
        ] {
            assert!(!is_cron(wrong), "{wrong}");
        }
    }
}
