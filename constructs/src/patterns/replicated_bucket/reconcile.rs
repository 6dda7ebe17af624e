//! Runs over all objects: a function of their own, and the state machine that calls it to the end.
//!
//! A call answers with the event to go on with, or with what was counted
//! ([`Reconcile`](cloudwright_contract::Reconcile)). The state machine hands the one on and ends with the
//! other; it remembers nothing else, and a call that fails is made again. It is another function than
//! that of the events, so that a run that takes all of its time raises no alarm for them.

use std::time::Duration;

use cloudwright_contract::{Reconcile, Reconciled};
use cloudwright_synth::{Arn, Json, Scope, Text, Value};

use crate::events::{Rule, RuleRef, Target};
use crate::lambda::FunctionRef;
use crate::patterns::shared::{self, UntilThrough};
use crate::s3::{BucketRef, Filter};
use crate::stepfunctions::{Each, Flow, Pass, StateMachine, When};
use crate::{Operation, cfn, minutes};

/// The longest time that a call may take, which each call of a run gets.
pub(super) const CALL_TIME: Duration = minutes(15);
/// How often a call that fails is made again.
const RETRIES: u32 = 6;

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
    let inputs = filters.iter().map(|filter| input(source, filter)).collect();
    // It only calls a function, which logs what it does and is traced.
    let machine = StateMachine::new(flow(&function, inputs));
    let machine = place.add("StateMachine", machine.unlogged().untraced());
    scope.add("reconcile", Operation::start(&machine).summary(SUMMARY));
    let mut reconciler = Reconciler {
        function,
        machine: machine.arn(),
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

/// Calls the function for each filter until it answers that it is through.
fn flow(function: &FunctionRef, inputs: Vec<Json>) -> Flow {
    let calls = UntilThrough {
        step: "Look",
        function,
        retries: RETRIES,
        goes_on: Reconcile::MEMBER,
        some_failed: When::above(format!("$.{}.failed", Reconciled::MEMBER), 0.0),
        cause: "some replicas could not be repaired; the function's log says which and why",
    };
    let one = calls.add_to(Flow::new());
    let begin = Pass::new().result(Json::List(inputs)).next("EachFilter");
    Flow::new()
        .state("Begin", begin)
        .state("EachFilter", Each::new(one).at_once(1))
}
