//! The operation `reload`, and the schedule of rebuilds: a state machine that calls the rebuild function to the end.
//!
//! A call answers with the event to go on with, or with what was counted
//! ([`Rebuild`](cloudwright_contract::Rebuild)). The state machine hands the one on and ends with the other; it
//! remembers nothing else, and a call that fails is made again.

use cloudwright_contract::Rebuild;
use cloudwright_synth::{Arn, Builder as _, Json, ResourceRef, Scope, Value};

use super::worker::Settings;
use crate::events::{Rule, RuleRef, Target};
use crate::iam::{Principal, Role};
use crate::lambda::FunctionRef;
use crate::patterns::shared;
use crate::{Operation, cfn};

/// What the operation does.
const SUMMARY: &str = "makes the whole index equal to the whole bucket";
/// How often a call that fails is made again, and after how many seconds first.
const RETRIES: i64 = 3;
const RETRY_AFTER: i64 = 10;

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
    let made = || {
        let role = Role::assumed_by(Principal::service("states.amazonaws.com"));
        place.add("Role", role)
    };
    let role = settings.reload_role.clone().unwrap_or_else(made);
    rebuild.grant_invoke(&role);
    let machine =
        cfn::stepfunctions::StateMachine::new(&role).raw("Definition", definition(rebuild));
    let machine = place.add("StateMachine", machine);
    shared::is_only_a_loop(&place);
    // Else a run could start before the right to call the function is there. The policy of a given role is to start
    // the machine too, and waits for it: then a call that comes too early is made again.
    if settings.reload_role.is_none() {
        machine.handle().scope().depends_on(role.scope());
    }
    let mut reload = Operation::start(&machine).summary(SUMMARY);
    if let Ok(schema) = serde_json::from_str::<serde_json::Value>(Rebuild::SCHEMA) {
        reload = reload.payload(Json::from(schema));
    }
    scope.add("reload", reload);
    let machine: Machine = machine.arn().cast();
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

/// Calls the function until it answers that it is through
/// ([language](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html)).
fn definition(rebuild: &FunctionRef) -> Json {
    let text = |text: &'static str| Json::Text(text.into());
    let path = |text: String| Json::Text(text.into());
    let wrapped = Json::Map(vec![(format!("{}.$", Rebuild::MEMBER).into(), text("$"))]);
    let begin = Json::map([
        ("Type", text("Pass")),
        ("Parameters", wrapped),
        ("Next", text("Compare")),
    ]);
    let retry = Json::map([
        ("ErrorEquals", Json::List(vec![text("States.ALL")])),
        ("IntervalSeconds", Json::Int(RETRY_AFTER)),
        ("BackoffRate", Json::Int(2)),
        ("MaxAttempts", Json::Int(RETRIES)),
    ]);
    let compare = Json::map([
        ("Type", text("Task")),
        ("Resource", rebuild.arn().as_json().clone()),
        ("Retry", Json::List(vec![retry])),
        ("Next", text("IsThrough")),
    ]);
    let goes_on = Json::map([
        ("Variable", path(format!("$.{}", Rebuild::MEMBER))),
        ("IsPresent", Json::Bool(true)),
        ("Next", text("Compare")),
    ]);
    let some_failed = Json::map([
        ("Variable", text("$.failed")),
        ("IsPresent", Json::Bool(true)),
        ("Next", text("SomeFailed")),
    ]);
    // To make the call again would compare everything once more, for single files that cannot be read.
    let failed = Json::map([
        ("Type", text("Fail")),
        ("Error", text("SomeFailed")),
        (
            "Cause",
            text(
                "some files could not be brought up to date; the function's log says which and why",
            ),
        ),
    ]);
    let choice = Json::map([
        ("Type", text("Choice")),
        ("Choices", Json::List(vec![goes_on, some_failed])),
        ("Default", text("Done")),
    ]);
    let states = Json::map([
        ("Begin", begin),
        ("Compare", compare),
        ("IsThrough", choice),
        ("SomeFailed", failed),
        ("Done", Json::map([("Type", text("Succeed"))])),
    ]);
    Json::map([("StartAt", text("Begin")), ("States", states)])
}
