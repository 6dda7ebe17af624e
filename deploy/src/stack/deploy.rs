//! The life of a deployment, step by step.

use super::changes::{self, Plan};
use super::desired::Desired;
use super::follow::{End, follow};
use super::{LOOKS, Work, causes, recover};
use crate::cloud::StackState;
use crate::event::{Done, Event, Outcome, Question};
use crate::fault::Class;
use crate::pace::{Pace, patiently};
use crate::problem::Problem;
use crate::review::Operation;
use crate::status::{Next, Status};

/// Makes the stack what the assembly says.
pub(super) async fn deploy(work: &Work<'_>) -> Result<Done, Problem> {
    for _ in 0..LOOKS {
        let state = work.look().await?;
        let step = match &state {
            None => change(work, None).await?,
            Some(state) => match state.status.next() {
                Next::Create => change(work, Some(state)).await?,
                Next::Update => update(work, state).await?,
                Next::Attach => attach(work, state).await?,
                Next::Recreate => recover::clean(work, state).await?,
                Next::RollBack => recover::roll_back_first(work, state).await?,
                Next::ContinueRollback | Next::Explain => return Err(recover::stuck(work, state)),
            },
        };
        if let Some(done) = step {
            return Ok(done);
        }
    }
    let message = format!("others keep changing {}", work.stack.path);
    Err(Problem::busy(
        message,
        "see who it is by `events`, and run the command again",
    ))
}

/// Updates a stack, unless it is as it should be.
async fn update(work: &Work<'_>, state: &StackState) -> Result<Option<Done>, Problem> {
    let desired = Desired::of(work, Some(state))?;
    if !desired.is_deployed(work, state).await? {
        return change(work, Some(state)).await;
    }
    let outcome = if protect(work, state).await? {
        Outcome::Updated
    } else {
        Outcome::Unchanged
    };
    Ok(Some(Done {
        outcome,
        outputs: state.outputs.clone(),
    }))
}

/// Turns termination protection on or off where it is not as it should be.
async fn protect(work: &Work<'_>, state: &StackState) -> Result<bool, Problem> {
    let differs = state.protected != work.stack.protected;
    if differs {
        let on = work.stack.protected;
        if !on {
            let help = "say `--yes`, or turn protection on in the program";
            work.ask(
                &Question::Unprotect,
                "turning termination protection off",
                help,
            )
            .await?;
        }
        patiently(work.clock, || work.cloud.formation.protect(&state.id, on)).await?;
    }
    Ok(differs)
}

/// Creates or updates a stack by a change set.
async fn change(work: &Work<'_>, state: Option<&StackState>) -> Result<Option<Done>, Problem> {
    let desired = Desired::of(work, state)?;
    work.publisher.publish(work).await?;
    let (token, review) = match changes::plan(work, &desired, state).await? {
        Plan::Empty => return unchanged(work, state).await.map(Some),
        // A run of the same content is followed at the next look; another one's holder is told then.
        Plan::Overtaken => {
            Pace::new().wait(work.clock).await;
            return Ok(None);
        }
        Plan::Ready(token, planned) => (
            token,
            changes::review(work, &desired, planned, state).await?,
        ),
    };
    if let Err(refused) = changes::approve(work, &review, state).await {
        // That it was refused counts more than what is left of it, which the next run takes up.
        let _ = changes::discard(work, &token, state).await;
        return Err(refused);
    }
    execute(work, &token, review.operation).await
}

/// Nothing to change after all; the stack may still need its protection.
async fn unchanged(work: &Work<'_>, state: Option<&StackState>) -> Result<Done, Problem> {
    let Some(state) = state else {
        let message = format!(
            "{} has nothing to create: its template has no resource",
            work.stack.path
        );
        return Err(Problem::failed(message, "add a resource to the stack"));
    };
    let outcome = if protect(work, state).await? {
        Outcome::Updated
    } else {
        Outcome::Unchanged
    };
    Ok(Done {
        outcome,
        outputs: state.outputs.clone(),
    })
}

/// Starts the operation and follows it. `None` when somebody else was quicker.
pub(super) async fn execute(
    work: &Work<'_>,
    token: &str,
    operation: Operation,
) -> Result<Option<Done>, Problem> {
    let formation = &work.cloud.formation;
    let started = patiently(work.clock, || {
        formation.execute_change_set(&work.stack.name, token, token)
    })
    .await;
    match started {
        // A lost answer leads here as well: the next look finds the operation by its token.
        Err(fault) if fault.class == Class::Busy || fault.class == Class::Missing => {
            return Ok(None);
        }
        started => started?,
    }
    work.event(Event::Executing(operation));
    let Some(state) = work.look().await? else {
        return Ok(None);
    };
    let end = follow(work, &state.id, Some(token)).await?;
    finish(work, operation, &end).await.map(Some)
}

/// What an operation ended in.
async fn finish(work: &Work<'_>, operation: Operation, end: &End) -> Result<Done, Problem> {
    let (what, outcome) = match operation {
        Operation::Create => ("the creation", Outcome::Created),
        Operation::Update => ("the update", Outcome::Updated),
        Operation::Delete => ("the deletion", Outcome::Deleted),
        Operation::Import => ("the import", Outcome::Imported),
    };
    match &end.state {
        Some(state) if state.status.is_success() && state.status != Status::DeleteComplete => {
            // An import changes nothing else.
            if operation != Operation::Import {
                protect(work, state).await?;
            }
            Ok(Done {
                outcome,
                outputs: state.outputs.clone(),
            })
        }
        _ => Err(causes::problem(work, what, end).await),
    }
}

/// Follows an operation that is under way: to its result when it is for the same content, or else, when told
/// to wait, to its end.
async fn attach(work: &Work<'_>, state: &StackState) -> Result<Option<Done>, Problem> {
    let desired = Desired::of(work, Some(state)).ok();
    let token = recover::token_of_last(work, state).await?;
    let ours = token
        .as_ref()
        .zip(desired)
        .is_some_and(|(token, desired)| desired.token(work, None).is_same_work(token));
    if !ours && !work.options.wait {
        return Err(recover::held(work, state).await?);
    }
    work.event(Event::Attached {
        status: state.status.clone(),
        ours,
    });
    let end = follow(work, &state.id, token.as_deref()).await?;
    if !ours {
        return Ok(None);
    }
    let operation = if state.status.name().starts_with("UPDATE") {
        Operation::Update
    } else {
        Operation::Create
    };
    finish(work, operation, &end).await.map(Some)
}
