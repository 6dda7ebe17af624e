//! What several patterns say alike.

#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
use std::time::Duration;

#[cfg(any(
    feature = "cache-sync",
    feature = "processing-pipeline",
    feature = "replicated-bucket"
))]
use cloudwright_synth::Scope;
#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
use cloudwright_synth::Text;
#[cfg(any(feature = "cache-sync", feature = "processing-pipeline"))]
use cloudwright_synth::{Json, ResourceRef as _};

#[cfg(any(
    feature = "cache-sync",
    feature = "processing-pipeline",
    feature = "replicated-bucket"
))]
use crate::rules;
#[cfg(any(feature = "cache-sync", feature = "processing-pipeline"))]
use crate::s3::BucketRef;

/// How many times as long as a call may take a failed event waits for the next one, as
/// [AWS](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html) wants it.
pub(super) const WAIT: u32 = 6;

#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
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

#[cfg(any(feature = "cache-sync", feature = "processing-pipeline"))]
/// Reports a bucket of the app that sends no events to EventBridge.
pub(super) fn on_bridge(scope: &Scope, bucket: &BucketRef) {
    let Some(cfn) = bucket.cfn() else { return };
    let told = cfn.handle().property("NotificationConfiguration");
    let is_on = matches!(told, Some(Json::Map(members))
        if members.iter().any(|(name, _)| name == "EventBridgeConfiguration"));
    if !is_on {
        let message = format!(
            "events of `{}` are wanted from EventBridge, and it sends none there",
            bucket.scope().path()
        );
        let help = "make it with `s3::Bucket::new().event_bridge()`";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}
