//! What several patterns say alike.

#[cfg(any(
    feature = "cache-sync",
    feature = "processing-pipeline",
    feature = "replicated-bucket"
))]
use cloudwright_synth::Scope;
#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
use cloudwright_synth::{Arn, Value};
#[cfg(any(feature = "cache-sync", feature = "processing-pipeline"))]
use cloudwright_synth::{Json, ResourceRef as _};

#[cfg(any(feature = "cache-sync", feature = "processing-pipeline"))]
use crate::rules;
#[cfg(any(feature = "cache-sync", feature = "processing-pipeline"))]
use crate::s3::BucketRef;
#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
use crate::{
    cfn,
    iam::{Principal, Role, RoleRef, Statement},
};

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

#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
/// The role as which a schedule starts a state machine.
pub(super) fn starter(
    place: &Scope,
    machine: &Value<Arn<cfn::stepfunctions::StateMachine>>,
) -> RoleRef {
    let role = Role::assumed_by(Principal::service("events.amazonaws.com"));
    place.add("Starter", role.statement(may_start(machine)))
}

#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
/// Lets somebody start a state machine.
pub(super) fn may_start(machine: &Value<Arn<cfn::stepfunctions::StateMachine>>) -> Statement {
    Statement::allow(["states:StartExecution"]).on_all([machine.as_json().clone()])
}

#[cfg(any(
    feature = "cache-sync",
    feature = "processing-pipeline",
    feature = "replicated-bucket"
))]
/// Says in a strict stack why a state machine of these patterns neither logs nor is traced.
pub(super) fn is_only_a_loop(place: &Scope) {
    use crate::acknowledge::{Finding, residuals};
    let open = [Finding::NoStateMachineLog, Finding::NoStateMachineTrace];
    residuals(place, &open);
}
