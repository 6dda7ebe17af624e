//! What several patterns say alike.

use std::time::Duration;

use cloudwright_synth::{Scope, Text};

use crate::rules;

/// How many times as long as a call may take a failed event waits for the next one, as
/// [AWS](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html) wants it.
pub(super) const WAIT: u32 = 6;

/// A period as a schedule says it; one that it cannot say is reported.
pub(super) fn rate(scope: &Scope, period: Duration, help: &'static str) -> Text {
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
