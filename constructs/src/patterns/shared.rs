//! What several patterns say alike.

#[cfg(any(feature = "cache-sync", feature = "processing-pipeline"))]
use cloudwright_synth::{Json, ResourceRef as _, Scope};

#[cfg(any(feature = "cache-sync", feature = "processing-pipeline"))]
use crate::rules;
#[cfg(any(feature = "cache-sync", feature = "processing-pipeline"))]
use crate::s3::BucketRef;

/// How many times as long as a call may take a failed event waits for the next one, as
/// [AWS](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html) wants it.
pub(super) const WAIT: u32 = 6;

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
