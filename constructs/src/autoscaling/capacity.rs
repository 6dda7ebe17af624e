//! How many servers a group has.

use std::ops::RangeInclusive;

use cloudwright_synth::Scope;

use crate::rules;

/// How many servers a group has at least and at most.
pub(super) struct Capacity {
    pub(super) least: u32,
    pub(super) most: u32,
}

/// The numbers; those that cannot be are reported.
pub(super) fn capacity(
    scope: &Scope,
    servers: &RangeInclusive<u32>,
    desired: Option<u32>,
) -> Capacity {
    let (least, most) = (*servers.start(), *servers.end());
    if least > most {
        let message =
            format!("a group has at least {least} and at most {most} servers, which no number is");
        scope.error(
            &rules::OUT_OF_RANGE,
            message,
            "say the smaller number first: `1..=4`",
        );
    }
    if let Some(desired) = desired.filter(|desired| !servers.contains(desired)) {
        let message = format!("a group of {least} to {most} servers cannot start with {desired}");
        scope.error(&rules::OUT_OF_RANGE, message, "choose a number in between");
    }
    Capacity { least, most }
}
