//! Runs over all objects: a function of their own, and the state machine that calls it to the end.
//!
//! A call answers with the event to go on with, or with what was counted
//! ([`Reconcile`](cloudwright_contract::Reconcile)). The state machine hands the one on and ends with the
//! other; it remembers nothing else, and a call that fails is made again. It is another function than
//! that of the events, so that a run that takes all of its time raises no alarm for them.

use std::time::Duration;

use cloudwright_contract::{Reconcile, Reconciled};
use cloudwright_synth::{Arn, Json, ResourceRef, Scope, Text, Value};

use super::check;
use crate::cfn::events::rule;
use crate::iam::{Principal, Role, RoleRef, Statement};
use crate::lambda::FunctionRef;
use crate::s3::{BucketRef, Filter};
use crate::{cfn, minutes};

/// The longest time that a call may take, which each call of a run gets.
pub(super) const CALL_TIME: Duration = minutes(15);
/// How often a call that fails is made again, and after how many seconds first.
const RETRIES: i64 = 6;
const RETRY_AFTER: i64 = 10;

/// When all objects are looked at.
#[derive(Clone)]
pub(super) enum Schedule {
    /// When somebody starts it.
    OnDemand,
    Every(Duration),
    /// As an expression of the scheduler's.
    At(Text),
}

/// The state machine, and what starts it.
#[derive(Clone)]
pub(super) struct Reconciler {
    pub(super) function: FunctionRef,
    pub(super) machine: Value<Arn<cfn::stepfunctions::StateMachine>>,
    /// What it is started with, for each filter.
    pub(super) inputs: Vec<Value<String>>,
}

/// Adds the state machine, and its schedule.
pub(super) fn add(
    scope: &Scope,
    schedule: &Schedule,
    source: &BucketRef,
    filters: &[Filter],
    function: FunctionRef,
) -> Reconciler {
    let place = scope.place("Reconciliation");
    let role = place.add(
        "Role",
        Role::assumed_by(Principal::service("states.amazonaws.com")),
    );
    function.grant_invoke(&role);
    let machine =
        cfn::stepfunctions::StateMachine::new(&role).raw("Definition", definition(&function));
    let machine = place.add("StateMachine", machine);
    // Else a run could start before the right to call the function is there.
    machine.handle().scope().depends_on(role.scope());
    let inputs: Vec<_> = filters.iter().map(|filter| input(source, filter)).collect();
    let reconciler = Reconciler {
        function,
        machine: machine.arn().cast(),
        inputs,
    };
    let expression = match schedule {
        Schedule::OnDemand => return reconciler,
        Schedule::Every(period) => check::rate(scope, *period),
        Schedule::At(expression) => expression.clone(),
    };
    check::targets(scope, reconciler.inputs.len());
    let starter = starter(&place, &reconciler.machine);
    let inputs = (1..).zip(&reconciler.inputs);
    let targets = inputs.map(|(number, input)| {
        rule::Target::new(
            reconciler.machine.clone().cast::<String>(),
            format!("Run{number}"),
        )
        .role_arn(starter.arn())
        .input(input)
    });
    let rule = cfn::events::Rule::new()
        .schedule_expression(expression)
        .targets(targets.collect::<Vec<_>>());
    place.add("Schedule", rule);
    reconciler
}

/// The role that the scheduler starts runs as.
fn starter(place: &Scope, machine: &Value<Arn<cfn::stepfunctions::StateMachine>>) -> RoleRef {
    let start = Statement::allow(["states:StartExecution"]).on_all([machine.as_json().clone()]);
    let role = Role::assumed_by(Principal::service("events.amazonaws.com")).statement(start);
    place.add("Starter", role)
}

/// The event that a run begins with.
fn input(source: &BucketRef, filter: &Filter) -> Value<String> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let (prefix, suffix) = (quoted(filter.beginning()), quoted(filter.end()));
    let member = Reconcile::MEMBER;
    Value::from_json(Json::concat(vec![
        Json::Text(format!("{{\"{member}\":{{\"bucket\":\"").into()),
        source.name().as_json().clone(),
        Json::Text(format!("\",\"prefix\":{prefix},\"suffix\":{suffix}}}}}").into()),
    ]))
}

/// Calls the function until it answers that it is through
/// ([language](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html)).
fn definition(function: &FunctionRef) -> Json {
    let text = |text: &'static str| Json::Text(text.into());
    let path = |text: String| Json::Text(text.into());
    let retry = Json::map([
        ("ErrorEquals", Json::List(vec![text("States.ALL")])),
        ("IntervalSeconds", Json::Int(RETRY_AFTER)),
        ("BackoffRate", Json::Int(2)),
        ("MaxAttempts", Json::Int(RETRIES)),
    ]);
    let look = Json::map([
        ("Type", text("Task")),
        ("Resource", function.arn().as_json().clone()),
        ("Retry", Json::List(vec![retry])),
        ("Next", text("IsThrough")),
    ]);
    let goes_on = Json::map([
        ("Variable", path(format!("$.{}", Reconcile::MEMBER))),
        ("IsPresent", Json::Bool(true)),
        ("Next", text("Look")),
    ]);
    let some_failed = Json::map([
        ("Variable", path(format!("$.{}.failed", Reconciled::MEMBER))),
        ("NumericGreaterThan", Json::Int(0)),
        ("Next", text("SomeFailed")),
    ]);
    let choice = Json::map([
        ("Type", text("Choice")),
        ("Choices", Json::List(vec![goes_on, some_failed])),
        ("Default", text("Done")),
    ]);
    let failed = Json::map([
        ("Type", text("Fail")),
        ("Error", text("SomeFailed")),
        (
            "Cause",
            text("some replicas could not be repaired; the function's log says which and why"),
        ),
    ]);
    let states = Json::map([
        ("Look", look),
        ("IsThrough", choice),
        ("SomeFailed", failed),
        ("Done", Json::map([("Type", text("Succeed"))])),
    ]);
    Json::map([("StartAt", text("Look")), ("States", states)])
}
