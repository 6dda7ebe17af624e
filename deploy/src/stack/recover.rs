//! What is done with a stack that an operation left half-way, or that somebody else is working on.

use serde_json::Value;

use super::follow::{follow, is_start};
use super::losses::require_named;
use super::{Work, before, causes};
use crate::cloud::{StackEvent, StackResource, StackState};
use crate::deployed::Deployed;
use crate::event::{Done, Event, Outcome, Question};
use crate::fault::Class;
use crate::pace::patiently;
use crate::problem::Problem;
use crate::review::Review;
use crate::status::{Next, OnDelete, Status};
use crate::token::Token;

/// The token of an operation of ours on a stack in a state: the same for the same work, and another one after
/// anything happened to the stack.
async fn token(
    work: &Work<'_>,
    verb: &str,
    state: &StackState,
    list: &[String],
) -> Result<String, Problem> {
    let mut list = list.to_vec();
    list.sort();
    let page = patiently(work.clock, || work.cloud.formation.events(&state.id, None)).await?;
    let newest = page.events.first().map_or("", |event| &*event.id);
    let content = [verb, &state.id, &list.join(",")];
    Ok(Token::of(&content, &[&state.changed, state.status.name(), newest]).text())
}

/// Deletes what a failed attempt left. It says so before, and asks when something of it stays behind. What is
/// there still may hold data: an adopted bucket, or what an earlier deployment made. It is reviewed as any other
/// deletion is.
pub(super) async fn clean(work: &Work<'_>, state: &StackState) -> Result<Option<Done>, Problem> {
    let before = before::of(work, state).await?;
    let stays = |resource: &StackResource| stays(state, resource);
    let (kept, gone): (Vec<_>, Vec<_>) = before.there.iter().cloned().partition(stays);
    let names = kept
        .iter()
        .map(|resource| work.stack.path_of(&resource.id).to_owned());
    work.event(Event::Cleaning {
        status: state.status.clone(),
        kept: names.collect(),
    });
    if !gone.is_empty() {
        review_deletion(work, state, (&before, before.only(&gone))).await?;
    }
    if !kept.is_empty() {
        let question = Question::Recreate {
            status: &state.status,
            kept: &kept,
        };
        let help = "say `--yes`: the stack is deleted, these resources stay, and the new stack takes them over";
        work.ask(&question, "the deletion of the failed stack", help)
            .await?;
    }
    let retain: Vec<String> = kept.into_iter().map(|resource| resource.id).collect();
    delete(work, state, &retain).await?;
    Ok(None)
}

/// Shows a deletion of the resources of a template, which are there, and refuses it for data that was not named.
async fn review_deletion(
    work: &Work<'_>,
    state: &StackState,
    (before, template): (&Deployed, Value),
) -> Result<(), Problem> {
    let mut review = Review::of_deletion(work.stack, &template, work.facts);
    review
        .losses
        .extend(before::nested_losses(work, before, (&template, &Value::Null)).await?);
    work.event(Event::Planned(Box::new(review.clone())));
    require_named(work, &review, Some(state))
}

/// Refuses to roll back a creation that failed while something that it made may hold data by now: such a stack has nothing to go
/// back to, so all of it is deleted but what its policy retains even then.
async fn review_uncreation(work: &Work<'_>, state: &StackState) -> Result<(), Problem> {
    let before = before::of(work, state).await?;
    let mut template = before.only(&before.there);
    let resources = template["Resources"].as_object_mut().into_iter().flatten();
    for body in resources.filter_map(|(_, body)| body.as_object_mut()) {
        if body.get("DeletionPolicy").and_then(Value::as_str) == Some("RetainExceptOnCreate") {
            body.remove("DeletionPolicy");
        }
    }
    review_deletion(work, state, (&before, template)).await
}

/// Whether a resource is left behind: as its policy said before, or because it could not be deleted.
fn stays(state: &StackState, resource: &StackResource) -> bool {
    let could_not = state.status == Status::DeleteFailed && resource.status == "DELETE_FAILED";
    resource.status == "DELETE_SKIPPED" || could_not
}

/// Deletes a stack and waits for the end.
pub(super) async fn delete(
    work: &Work<'_>,
    state: &StackState,
    retain: &[String],
) -> Result<(), Problem> {
    // Only a stack whose deletion failed takes a list of what to leave behind.
    let retain = if state.status == Status::DeleteFailed {
        retain
    } else {
        &[]
    };
    let token = token(work, "delete", state, retain).await?;
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
        problem.help = format!(
            "mend what hinders it and run the command again, or leave resources behind by `destroy --skip {}`",
            work.name_of("LOGICAL_ID")
        );
    }
    Err(problem)
}

/// Rolls a failed update back, so that the stack can be updated again.
pub(super) async fn roll_back_first(
    work: &Work<'_>,
    state: &StackState,
) -> Result<Option<Done>, Problem> {
    let help = "say `--yes`, or run `rollback`";
    work.ask(
        &Question::RollBack,
        "the rollback of the failed update",
        help,
    )
    .await?;
    work.event(Event::RollingBack);
    roll_back(work, state, &[]).await?;
    Ok(None)
}

async fn roll_back(
    work: &Work<'_>,
    state: &StackState,
    skip: &[String],
) -> Result<Option<StackState>, Problem> {
    let formation = &work.cloud.formation;
    let token = token(work, "rollback", state, skip).await?;
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
    let skip = work.skipped()?;
    if let Some(first) = skip.first()
        && state.status != Status::UpdateRollbackFailed
    {
        let message = format!(
            "{} is in {}: only a rollback that failed goes on without {first}",
            work.stack.path, state.status
        );
        return Err(Problem::usage(message, "leave `--skip` out"));
    }
    if state.status == Status::CreateFailed {
        review_uncreation(work, &state).await?;
    }
    work.event(Event::RollingBack);
    let state = roll_back(work, &state, &skip).await?;
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
    let token = token(work, "cancel", &state, &[]).await?;
    patiently(work.clock, || {
        work.cloud.formation.cancel_update(&state.id, &token)
    })
    .await?;
    work.event(Event::RollingBack);
    // The update goes on as its rollback, whose events have the token of either. The stack is at rest only once all is
    // over, so no token has to tell that.
    let end = follow(work, &state.id, None).await?;
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

/// The newest event that tells whose operation it is: one with a token, or the one that a person without a token
/// began by.
async fn last_start(work: &Work<'_>, state: &StackState) -> Result<Option<StackEvent>, Problem> {
    let mut page = None::<String>;
    loop {
        let answer = patiently(work.clock, || {
            work.cloud.formation.events(&state.id, page.as_deref())
        })
        .await;
        let answer = match answer {
            Err(fault) if fault.class == Class::Missing => return Ok(None),
            answer => answer?,
        };
        let tells = |event: &StackEvent| event.token.is_some() || is_start(event);
        if let Some(event) = answer.events.into_iter().find(tells) {
            return Ok(Some(event));
        }
        page = answer.next;
        if page.is_none() {
            return Ok(None);
        }
    }
}

/// The stack is somebody else's for now.
pub(super) async fn held(work: &Work<'_>, state: &StackState) -> Result<Problem, Problem> {
    let event = last_start(work, state).await?;
    let who = match event.and_then(|event| event.token) {
        Some(token) => format!("the operation {token}"),
        None => "an operation that was begun elsewhere".to_owned(),
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
