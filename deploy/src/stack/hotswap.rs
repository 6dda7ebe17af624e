//! Hot swaps: functions get their code and settings from Lambda's own API, in seconds, while CloudFormation is
//! told nothing.
//!
//! That is only done where nothing else differs between the deployed template and the one that is to be; else
//! CloudFormation does everything. What was swapped is remembered on this machine, before it is done, because the
//! stack cannot tell: its template says one thing and its functions are another. The next deployment, with a
//! swap or without, brings back what the template no longer says. So only what can be said of both
//! templates without CloudFormation is swapped at all (`values.rs`).

mod plan;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::Value;

use super::before::original;
use super::desired::{Desired, depends_on_elsewhere};
use super::{LOOKS, Work, deploy as plain};
use crate::cloud::{FunctionState, Lambda, StackState};
use crate::event::{Done, Event, Outcome, Question};
use crate::fault::Class;
use crate::pace::{Pace, patiently};
use crate::problem::Problem;
use crate::review::Approval;
use crate::running::find::construct;
use crate::status::Next;
use plan::Plan;
use values::Names;

/// What was swapped of each function, by its logical id: `Code`, `Timeout`, `Environment/NAME`, ..
pub type Swapped = BTreeMap<String, BTreeSet<String>>;

/// How functions are updated past CloudFormation.
#[derive(Clone, Copy)]
pub struct Swaps<'a> {
    /// Whether that is wanted now; else what was swapped before is only brought back.
    pub wanted: bool,
    /// Lambda where the stack is.
    pub lambda: &'a dyn Lambda,
    /// What was swapped before.
    pub memory: &'a dyn Memory,
}

/// What of one stack was swapped and not brought back.
pub trait Memory {
    /// What this machine knows.
    ///
    /// # Errors
    /// When it cannot be read.
    fn swapped(&self) -> Result<Swapped, Problem>;
    /// Remembers this instead; nothing is remembered of an empty map.
    ///
    /// # Errors
    /// When it cannot be written.
    fn remember(&self, swapped: &Swapped) -> Result<(), Problem>;
}

/// Deploys the stack, past CloudFormation where nothing but functions changes.
pub(super) async fn deploy(work: &Work<'_>, swaps: &Swaps<'_>) -> Result<Done, Problem> {
    let state = work.look().await?;
    let Some(state) = state.filter(|state| state.status.next() == Next::Update) else {
        return deploy_and_bring_back(work, swaps).await;
    };
    let there = There::of(work, &state).await?;
    let plan = difference(work, &state, &there).await?;
    if !plan.rest.is_empty() {
        work.event(Event::NotSwappable(plan.rest));
        return deploy_and_bring_back(work, swaps).await;
    }
    let before = swaps.memory.swapped()?;
    if plan.swaps.is_empty() && before.is_empty() {
        return plain::deploy(work).await;
    }
    if work.options.approval == Approval::AnyChange {
        let help = "say `--yes`, or choose another `--require-approval`";
        let question = Question::Swap(paths(work, &united(&plan.swaps, &before)));
        work.ask(&question, "the swap", help).await?;
    }
    work.publisher.publish(work).await?;
    let all = united(&plan.swaps, &before);
    swaps.memory.remember(&all)?;
    swap(work, swaps, &there, &all, false).await?;
    swaps.memory.remember(&plan.swaps)?;
    let outcome = if plan.swaps.is_empty() {
        Outcome::Updated
    } else {
        work.event(Event::Swapped(paths(work, &plan.swaps)));
        Outcome::Swapped
    };
    Ok(Done {
        outcome,
        outputs: state.outputs,
    })
}

/// Deploys the stack by CloudFormation, and then makes everything that was swapped what its template says:
/// CloudFormation itself touches only what differs from the template before.
pub(super) async fn deploy_and_bring_back(
    work: &Work<'_>,
    swaps: &Swaps<'_>,
) -> Result<Done, Problem> {
    let mut done = plain::deploy(work).await?;
    let swapped = swaps.memory.swapped()?;
    if swapped.is_empty() {
        return Ok(done);
    }
    if let Some(state) = work.look().await? {
        let there = There::of(work, &state).await?;
        swap(work, swaps, &there, &swapped, true).await?;
        if done.outcome == Outcome::Unchanged {
            done.outcome = Outcome::Updated;
        }
    }
    swaps.memory.remember(&Swapped::new())?;
    Ok(done)
}

/// What the stack is to be, and what is there.
struct There {
    desired: Desired,
    names: Names,
}

impl There {
    async fn of(work: &Work<'_>, state: &StackState) -> Result<Self, Problem> {
        let desired = Desired::of(work, Some(state))?;
        let formation = &work.cloud.formation;
        let resources = patiently(work.clock, || formation.resources(&state.id)).await?;
        let names = Names::of(work.cloud, state, &desired.template, &resources);
        Ok(Self { desired, names })
    }

    /// The properties of a function.
    fn properties(&self, id: &str) -> &Value {
        &self.desired.template["Resources"][id]["Properties"]
    }
}

/// What differs between the stack and what it is to be.
async fn difference(work: &Work<'_>, state: &StackState, there: &There) -> Result<Plan, Problem> {
    let Some(deployed) = original(work, &state.id).await? else {
        let rest = vec!["a template that is not JSON".to_owned()];
        return Ok(Plan {
            rest,
            ..Plan::default()
        });
    };
    let templates = (&deployed, &there.desired.template);
    let mut plan = Plan::of(work.stack, templates, &there.names);
    if !there.desired.has_same_values(state) {
        plan.rest.push("values of parameters".to_owned());
    }
    let others = [
        (state.tags != work.stack.tags, "tags"),
        // A stack that somebody protects is nobody's to try things on.
        (
            state.protected || work.stack.protected,
            "it has termination protection, or is to have it",
        ),
        // What is read there may be other today, and only CloudFormation would notice.
        (
            depends_on_elsewhere(&there.desired.template),
            "values from elsewhere",
        ),
    ];
    let others = others.into_iter().filter(|(differs, _)| *differs);
    plan.rest.extend(others.map(|(_, what)| what.to_owned()));
    Ok(plan)
}

fn united(some: &Swapped, others: &Swapped) -> Swapped {
    let mut all = some.clone();
    for (id, settings) in others {
        all.entry(id.clone()).or_default().extend(settings.clone());
    }
    all
}

fn paths(work: &Work<'_>, swapped: &Swapped) -> Vec<String> {
    let path = |id: &String| construct(work.stack.path_of(id)).to_owned();
    swapped.keys().map(path).collect()
}

/// Updates functions, all at the same time. One that left the stack needs nothing.
async fn swap(
    work: &Work<'_>,
    swaps: &Swaps<'_>,
    there: &There,
    swapped: &Swapped,
    back: bool,
) -> Result<(), Problem> {
    let still = |(id, _): &(&String, &BTreeSet<String>)| !there.properties(id).is_null();
    let updates = swapped.iter().filter(still).map(|(id, settings)| {
        work.event(Event::Swapping {
            path: construct(work.stack.path_of(id)).to_owned(),
            settings: settings.iter().cloned().collect(),
            back,
        });
        update(work, swaps.lambda, there, (id, settings))
    });
    // Each function tells its own failure, the last one as that of the stack.
    let mut failures: Vec<Problem> = join_all(updates)
        .await
        .into_iter()
        .filter_map(Result::err)
        .collect();
    let Some(mut last) = failures.pop() else {
        return Ok(());
    };
    for failure in failures {
        last.message = format!("{}; {}", failure.message, last.message);
    }
    Err(last)
}

/// Updates one function.
async fn update(
    work: &Work<'_>,
    lambda: &dyn Lambda,
    there: &There,
    (id, wanted): (&str, &BTreeSet<String>),
) -> Result<(), Problem> {
    let path = construct(work.stack.path_of(id));
    let (properties, names) = (there.properties(id), &there.names);
    let Some(name) = names.get(id) else {
        return Ok(());
    };
    // What is not known was changed in the template, so CloudFormation itself wrote it since it was swapped.
    let is_known = |setting: &&String| plan::is_known(setting, properties, names);
    let wanted: BTreeSet<String> = wanted.iter().filter(is_known).cloned().collect();
    if let Some(code) = plan::code(properties, names).filter(|_| wanted.contains("Code")) {
        until_let_in(work, lambda, name, async |_| {
            Ok(patiently(work.clock, || lambda.update_code(name, &code)).await)
        })
        .await?;
        settled(work, lambda, (name, path)).await?;
    }
    if wanted.iter().any(|setting| setting != "Code") {
        until_let_in(work, lambda, name, async |state| {
            if let Some(why) = &state.unreadable {
                return Err(unreadable(path, why));
            }
            let settings = plan::settings(properties, &wanted, &state.variables, names);
            let (settings, revision) = (settings.unwrap_or_default(), &state.revision);
            Ok(patiently(work.clock, || {
                lambda.update_settings(name, revision, &settings)
            })
            .await)
        })
        .await?;
        settled(work, lambda, (name, path)).await?;
    }
    Ok(())
}

/// Makes an update of a function in its latest state, again while another update is under way or was quicker.
async fn until_let_in(
    work: &Work<'_>,
    lambda: &dyn Lambda,
    name: &str,
    update: impl AsyncFn(FunctionState) -> Result<Result<(), crate::fault::Fault>, Problem>,
) -> Result<(), Problem> {
    let mut pace = Pace::new();
    for attempt in 1.. {
        let state = at_rest(work, lambda, name).await?;
        match update(state).await? {
            Err(fault) if fault.class == Class::Busy && attempt < LOOKS => {
                pace.wait(work.clock).await;
            }
            answer => return Ok(answer?),
        }
    }
    unreachable!("the last attempt returns its answer")
}

/// A function once no update of it is under way.
async fn at_rest(
    work: &Work<'_>,
    lambda: &dyn Lambda,
    name: &str,
) -> Result<FunctionState, Problem> {
    let mut pace = Pace::new();
    loop {
        let state = patiently(work.clock, || lambda.function(name)).await?;
        if !state.is_moving {
            return Ok(state);
        }
        pace.wait(work.clock).await;
    }
}

/// Waits for the end of an update of ours.
async fn settled(
    work: &Work<'_>,
    lambda: &dyn Lambda,
    (name, path): (&str, &str),
) -> Result<(), Problem> {
    match at_rest(work, lambda, name).await?.failure {
        None => Ok(()),
        Some(why) => Err(Problem::failed(
            format!("the update of {path} failed: {why}"),
            "mend what the message names, then run the command again; `deploy` without `--hotswap` brings back the \
             template's, from this machine",
        )),
    }
}

fn unreadable(path: &str, why: &str) -> Problem {
    Problem::failed(
        format!("the environment of {path} cannot be read: {why}"),
        "the caller needs to decrypt with the function's key; or deploy without `--hotswap`",
    )
}
