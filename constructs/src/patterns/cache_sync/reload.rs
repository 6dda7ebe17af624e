//! The operation `reload`, and the schedule of rebuilds: a state machine that calls the rebuild function to the end.
//!
//! A call answers with the event to go on with, or with what was counted
//! ([`Rebuild`](cloudwright_contract::Rebuild)). The state machine hands the one on and ends with the other; it
//! remembers nothing else, and a call that fails is made again.

use cloudwright_contract::Rebuild;
use cloudwright_synth::{Arn, Json, Scope, Value};

use super::worker::Settings;
use crate::events::{Rule, RuleRef, Target};
use crate::lambda::FunctionRef;
use crate::patterns::shared::{self, UntilThrough};
use crate::stepfunctions::{Flow, Pass, StateMachine, When};
use crate::{Operation, cfn};

/// What the operation does.
const SUMMARY: &str = "makes the whole index equal to the whole bucket";
/// What one call does.
const STEP: &str = "Compare";
/// How often a call that fails is made again.
const RETRIES: u32 = 3;

/// The state machine that rebuilds.
pub(super) type Machine = Value<Arn<cfn::stepfunctions::StateMachine>>;

/// What calls the rebuild function.
#[derive(Clone)]
pub(super) struct Reload {
    pub(super) machine: Machine,
    /// What starts the state machine by itself.
    pub(super) rule: Option<RuleRef>,
}

/// Adds the state machine, the operation and the schedule.
pub(super) fn add(scope: &Scope, rebuild: &FunctionRef, settings: &Settings) -> Reload {
    let place = scope.place("Reload");
    // It only calls a function, which logs what it does and is traced.
    let machine = StateMachine::new(flow(rebuild)).unlogged().untraced();
    // The policy of a given role is to start the machine too, so that it waits for the machine: a call that comes too
    // early is made again.
    let machine = match &settings.reload_role {
        Some(role) => machine.role(role),
        None => machine,
    };
    let machine = place.add("StateMachine", machine);
    let mut reload = Operation::start(&machine).summary(SUMMARY);
    if let Ok(schema) = serde_json::from_str::<serde_json::Value>(Rebuild::SCHEMA) {
        reload = reload.payload(Json::from(schema));
    }
    scope.add("reload", reload);
    let machine: Machine = machine.arn();
    let rule = settings.schedule.as_ref().map(|schedule| {
        let starter = match &settings.reload_role {
            Some(role) => {
                role.add_statement(shared::may_start(&machine));
                role.clone()
            }
            None => shared::starter(&place, &machine),
        };
        let target = Target::started_as(&starter, machine.clone())
            .id("Rebuild")
            .input("{}");
        // A run that could not be started lies in a queue of the rule's: among the dead letters of the events it would be
        // given to a function that takes events alone.
        let rule = Rule::at(schedule.expression(scope)).target(target);
        scope.add("Schedule", rule)
    });
    Reload { machine, rule }
}

/// Calls the function until it answers that it is through.
fn flow(rebuild: &FunctionRef) -> Flow {
    let wrapped = Json::Map(vec![(
        format!("{}.$", Rebuild::MEMBER).into(),
        Json::Text("$".into()),
    )]);
    let begin = Pass::new().parameters(wrapped).next(STEP);
    let calls = UntilThrough {
        step: STEP,
        function: rebuild,
        retries: RETRIES,
        goes_on: Rebuild::MEMBER,
        some_failed: When::present("$.failed"),
        cause: "some files could not be brought up to date; the function's log says which and why",
    };
    calls.add_to(Flow::new().state("Begin", begin))
}
