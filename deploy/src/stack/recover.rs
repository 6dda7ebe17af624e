//! What is done with a stack that an operation left half-way, or that somebody else is working on.

use super::follow::follow;
use super::{Work, causes};
use crate::cloud::{StackEvent, StackResource, StackState};
use crate::event::{Done, Event, Outcome, Question};
use crate::fault::Class;
use crate::pace::patiently;
use crate::problem::Problem;
use crate::status::{Next, OnDelete, Status};
use crate::token::Token;

/// The token of an operation of ours that has no content but a stack in a state.
fn token(verb: &str, state: &StackState) -> String {
    Token::of(&[verb, &state.id], &[&state.changed, state.status.name()]).text()
}

/// Deletes what a failed attempt left. It says so before, and asks when something of it stays behind.
pub(super) async fn clean(work: &Work<'_>, state: &StackState) -> Result<Option<Done>, Problem> {
    let resources = patiently(work.clock, || work.cloud.formation.resources(&state.id)).await?;
    let kept: Vec<StackResource> = resources.into_iter().filter(stays).collect();
    let names = kept
        .iter()
        .map(|resource| work.stack.path_of(&resource.id).to_owned());
    work.event(Event::Cleaning {
        status: state.status.clone(),
        kept: names.collect(),
    });
    if !kept.is_empty() {
        let question = Question::Recreate {
            status: &state.status,
            kept: &kept,
        };
        let help = "say `--yes`: the stack is deleted, these resources stay, and the new stack takes them over";
        work.ask(&question, "the deletion of the failed stack", help)?;
    }
    delete(work, state, &work.options.skip).await?;
    Ok(None)
}

/// Whether a resource of a failed stack is there still and stays when the stack is deleted.
fn stays(resource: &StackResource) -> bool {
    resource.status == "DELETE_SKIPPED" || resource.status == "DELETE_FAILED"
}

/// Deletes a stack and waits for the end.
pub(super) async fn delete(
    work: &Work<'_>,
    state: &StackState,
    retain: &[String],
) -> Result<(), Problem> {
    let token = token("delete", state);
    // Only a stack whose deletion failed takes a list of what to leave behind.
    let retain = if state.status == Status::DeleteFailed {
        retain
    } else {
        &[]
    };
    patiently(work.clock, || {
        work.cloud.formation.delete_stack(&state.id, retain, &token)
    })
    .await?;
    let end = follow(work, &state.id, Some(&token)).await?;
    if end.status() == Status::DeleteComplete {
        return Ok(());
    }
    let mut problem = causes::problem(work, "the deletion", &end).await;
    if end.status() == Status::DeleteFailed {
        "mend what hinders it and run the command again, or leave resources behind by `destroy --skip LOGICAL_ID`"
            .clone_into(&mut problem.help);
    }
    Err(problem)
}

/// Rolls a failed update back, so that the stack can be updated again.
pub(super) async fn roll_back_first(
    work: &Work<'_>,
    state: &StackState,
) -> Result<Option<Done>, Problem> {
    work.event(Event::RollingBack);
    roll_back(work, state).await?;
    Ok(None)
}

async fn roll_back(work: &Work<'_>, state: &StackState) -> Result<Option<StackState>, Problem> {
    let token = token("rollback", state);
    let (formation, skip) = (&work.cloud.formation, &work.options.skip);
    if state.status.next() == Next::ContinueRollback {
        patiently(work.clock, || {
            formation.continue_rollback(&state.id, skip, &token)
        })
        .await?;
    } else {
        patiently(work.clock, || formation.rollback(&state.id, &token)).await?;
    }
    let end = follow(work, &state.id, Some(&token)).await?;
    let is_back = matches!(
        end.status(),
        Status::UpdateRollbackComplete
            | Status::RollbackComplete
            | Status::DeleteComplete
            | Status::ImportRollbackComplete
    );
    if is_back {
        Ok(end.state)
    } else {
        Err(causes::problem(work, "the rollback", &end).await)
    }
}

/// `rollback`: from a status that allows it.
pub(super) async fn rollback(work: &Work<'_>) -> Result<Done, Problem> {
    let state = present(work).await?;
    let allowed = matches!(
        state.status,
        Status::CreateFailed | Status::UpdateFailed | Status::UpdateRollbackFailed
    );
    if !allowed {
        let message = format!(
            "{} is in {}, from which nothing can be rolled back",
            work.stack.path, state.status
        );
        return Err(Problem::usage(message, state.status.advice()));
    }
    work.event(Event::RollingBack);
    let state = roll_back(work, &state).await?;
    Ok(Done {
        outcome: Outcome::Updated,
        outputs: state.map(|state| state.outputs).unwrap_or_default(),
    })
}

/// `cancel`: of an update under way.
pub(super) async fn cancel(work: &Work<'_>) -> Result<Done, Problem> {
    let state = present(work).await?;
    if state.status != Status::UpdateInProgress {
        let message = format!(
            "{} is in {}: only an update can be cancelled",
            work.stack.path, state.status
        );
        return Err(Problem::usage(message, state.status.advice()));
    }
    let token = token("cancel", &state);
    patiently(work.clock, || {
        work.cloud.formation.cancel_update(&state.id, &token)
    })
    .await?;
    // The operation is that of the update: it goes on as its rollback.
    let running = token_of_last(work, &state).await?;
    let end = follow(work, &state.id, running.as_deref()).await?;
    if end.status() != Status::UpdateRollbackComplete {
        return Err(causes::problem(work, "the cancellation", &end).await);
    }
    Ok(Done {
        outcome: Outcome::Updated,
        outputs: end.state.map(|state| state.outputs).unwrap_or_default(),
    })
}

async fn present(work: &Work<'_>) -> Result<StackState, Problem> {
    let state = work
        .look()
        .await?
        .filter(|state| state.status.on_delete() != OnDelete::Gone);
    state.ok_or_else(|| {
        let message = format!(
            "there is no stack {} in {}",
            work.stack.name, work.cloud.region
        );
        Problem::usage(
            message,
            "deploy it first, or check the account and the region",
        )
    })
}

/// The token of the last operation of a stack.
pub(super) async fn token_of_last(
    work: &Work<'_>,
    state: &StackState,
) -> Result<Option<String>, Problem> {
    Ok(last_start(work, state).await?.and_then(|event| event.token))
}

/// The newest event of the stack itself, of the first page: an operation under way has one.
async fn last_start(work: &Work<'_>, state: &StackState) -> Result<Option<StackEvent>, Problem> {
    let page = patiently(work.clock, || work.cloud.formation.events(&state.id, None)).await;
    match page {
        Err(fault) if fault.class == Class::Missing => Ok(None),
        page => Ok(page?.events.into_iter().find(StackEvent::is_of_stack)),
    }
}

/// The stack is somebody else's for now.
pub(super) async fn held(work: &Work<'_>, state: &StackState) -> Result<Problem, Problem> {
    let event = last_start(work, state).await?;
    let who = match event.and_then(|event| event.token) {
        Some(token) => format!("the operation {token}"),
        None => "an operation without a token".to_owned(),
    };
    let message = format!(
        "{} is in {}: {who} holds it; the stack was last changed at {}",
        work.stack.path, state.status, state.changed
    );
    Ok(Problem::busy(
        message,
        "add `--wait` to go on after it, or follow it by `events --follow`",
    ))
}

/// A status from which only a person can lead on.
pub(super) fn stuck(work: &Work<'_>, state: &StackState) -> Problem {
    let reason = state
        .reason
        .as_ref()
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    let message = format!("{} is in {}{reason}", work.stack.path, state.status);
    Problem::failed(message, state.status.advice()).with(state.status.clone(), Vec::new())
}
