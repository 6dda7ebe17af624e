//! Runs over all objects: a function of their own, and the state machine that calls it to the end.
//!
//! A call answers with the event to go on with, or with what was counted
//! ([`Reconcile`](cloudwright_contract::Reconcile)). The state machine hands the one on and ends with the
//! other; it remembers nothing else, and a call that fails is made again. It is another function than
//! that of the events, so that a run that takes all of its time raises no alarm for them.

use std::time::Duration;

use cloudwright_contract::{Reconcile, Reconciled};
use cloudwright_synth::Builder as _;
use cloudwright_synth::{Arn, Json, ResourceRef, Scope, Text, Value};

use crate::events::{Rule, RuleRef, Target};
use crate::iam::{Principal, Role};
use crate::lambda::FunctionRef;
use crate::patterns::shared;
use crate::s3::{BucketRef, Filter};
use crate::{Operation, cfn, minutes};

/// The longest time that a call may take, which each call of a run gets.
pub(super) const CALL_TIME: Duration = minutes(15);
/// How often a call that fails is made again, and after how many seconds first.
const RETRIES: i64 = 6;
const RETRY_AFTER: i64 = 10;

/// What to do about a period that no schedule can say.
const ROUND: &str = "round it: `hours(24)`, or say `.reconcile_at(\"cron(15 3 * * ? *)\")`";

/// What the operation `reconcile` does.
const SUMMARY: &str = "compares all objects with their copies and repairs the replicas";

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
    /// What starts runs by itself.
    pub(super) rule: Option<RuleRef>,
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
    let inputs = filters.iter().map(|filter| input(source, filter)).collect();
    let machine = cfn::stepfunctions::StateMachine::new(&role)
        .raw("Definition", definition(&function, inputs));
    let machine = place.add("StateMachine", machine);
    // Else a run could start before the right to call the function is there.
    machine.handle().scope().depends_on(role.scope());
    shared::is_only_a_loop(&place);
    scope.add("reconcile", Operation::start(&machine).summary(SUMMARY));
    let mut reconciler = Reconciler {
        function,
        machine: machine.arn().cast(),
        rule: None,
    };
    let expression = match schedule {
        Schedule::OnDemand => return reconciler,
        Schedule::Every(period) => crate::events::rate(scope, *period, ROUND),
        Schedule::At(expression) => expression.clone(),
    };
    let starter = shared::starter(&place, &reconciler.machine);
    let target = Target::started_as(&starter, reconciler.machine.clone())
        .id("Run")
        .input("{}");
    let rule = Rule::at(expression).target(target);
    reconciler.rule = Some(place.add("Schedule", rule));
    reconciler
}

/// The event that the objects of a filter begin with.
fn input(source: &BucketRef, filter: &Filter) -> Json {
    let text = |text: &str| Json::Text(text.to_owned().into());
    let scope = Json::map([
        ("bucket", source.name().as_json().clone()),
        ("prefix", text(filter.beginning())),
        ("suffix", text(filter.end())),
    ]);
    Json::map([(Reconcile::MEMBER, scope)])
}

/// Calls the function for each filter until it answers that it is through
/// ([language](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html)).
fn definition(function: &FunctionRef, inputs: Vec<Json>) -> Json {
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
    let one = Json::map([("StartAt", text("Look")), ("States", states)]);
    let begin = Json::map([
        ("Type", text("Pass")),
        ("Result", Json::List(inputs)),
        ("Next", text("EachFilter")),
    ]);
    let each = Json::map([
        ("Type", text("Map")),
        ("ItemProcessor", one),
        ("MaxConcurrency", Json::Int(1)),
        ("End", Json::Bool(true)),
    ]);
    let states = Json::map([("Begin", begin), ("EachFilter", each)]);
    Json::map([("StartAt", text("Begin")), ("States", states)])
}
