//! What several patterns say alike.

#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
use crate::lambda::FunctionRef;
#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
use crate::stepfunctions::{Choice, Fail, Flow, Retry, Succeed, Task, When};
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

#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
/// How long a call that failed waits for the first new try.
const RETRY_AFTER: std::time::Duration = crate::seconds(10);
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

#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
/// A function that is called with its own answer until it is through: its answer is the event to go on with, or what was
/// counted. The flow remembers nothing else, and a call that fails is made again.
pub(super) struct UntilThrough<'a> {
    /// What one call does.
    pub(super) step: &'static str,
    pub(super) function: &'a FunctionRef,
    /// How often a call that fails is made again.
    pub(super) retries: u32,
    /// The member of an answer that is to be gone on with.
    pub(super) goes_on: &'static str,
    /// Whether what was counted is a failure. To make the call again would compare everything once more, for single
    /// objects that cannot be mended.
    pub(super) some_failed: When,
    /// What people read then.
    pub(super) cause: &'static str,
}

#[cfg(any(feature = "cache-sync", feature = "replicated-bucket"))]
impl UntilThrough<'_> {
    /// Adds the states of the loop to a flow.
    pub(super) fn add_to(self, flow: Flow) -> Flow {
        let retry = Retry::always().first_after(RETRY_AFTER).times(self.retries);
        let goes_on = When::present(format!("$.{}", self.goes_on));
        let is_through = Choice::new()
            .when(goes_on, self.step)
            .when(self.some_failed, "SomeFailed")
            .otherwise("Done");
        let call = Task::call(self.function).retry(retry).next("IsThrough");
        flow.state(self.step, call)
            .state("IsThrough", is_through)
            .state("SomeFailed", Fail::new("SomeFailed", self.cause))
            .state("Done", Succeed::new())
    }
}
