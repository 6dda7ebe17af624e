//! The deletion of a stack. Nothing that holds data goes without being named.

use std::collections::BTreeMap;

use super::follow::follow;
use super::losses::{require_named, way_at_deletion};
use super::{LOOKS, Work, before, causes, recover};
use crate::cloud::{StackResource, StackState};
use crate::event::{Done, Event, Outcome, Question};
use crate::pace::patiently;
use crate::problem::Problem;
use crate::review::{Operation, Review};
use crate::status::{OnDelete, Status};
use serde_json::Value;

const fn done(outcome: Outcome) -> Done {
    Done {
        outcome,
        outputs: BTreeMap::new(),
    }
}

/// Deletes the stack.
pub(super) async fn destroy(work: &Work<'_>) -> Result<Done, Problem> {
    for _ in 0..LOOKS {
        let Some(state) = work.look().await? else {
            return Ok(done(Outcome::Absent));
        };
        match state.status.on_delete() {
            OnDelete::Gone => return Ok(done(Outcome::Absent)),
            OnDelete::Explain => return Err(recover::stuck(work, &state)),
            OnDelete::Delete => return delete(work, &state).await,
            OnDelete::Attach if state.status == Status::DeleteInProgress => {
                return attach(work, &state).await;
            }
            OnDelete::Attach if work.options.wait => {
                work.event(Event::Attached {
                    status: state.status.clone(),
                    ours: false,
                });
                let token = recover::token_of_last(work, &state).await?;
                follow(work, &state.id, token.as_deref()).await?;
            }
            OnDelete::Attach => return Err(recover::held(work, &state).await?),
        }
    }
    let message = format!("others keep changing {}", work.stack.path);
    Err(Problem::busy(
        message,
        "see who it is by `events`, and run the command again",
    ))
}

/// Somebody deletes it already, which is what is wanted.
async fn attach(work: &Work<'_>, state: &StackState) -> Result<Done, Problem> {
    let left = work.skipped()?;
    if !left.is_empty() {
        let message = format!(
            "{} is being deleted already: {} cannot be left behind any more",
            work.stack.path,
            left.join(", ")
        );
        let help = "wait for the end; where it is DELETE_FAILED, run the command again";
        return Err(Problem::busy(message, help));
    }
    work.event(Event::Attached {
        status: state.status.clone(),
        ours: true,
    });
    let token = recover::token_of_last(work, state).await?;
    let end = follow(work, &state.id, token.as_deref()).await?;
    match end.status() {
        Status::DeleteComplete => Ok(done(Outcome::Deleted)),
        _ => Err(causes::problem(work, "the deletion", &end).await),
    }
}

async fn delete(work: &Work<'_>, state: &StackState) -> Result<Done, Problem> {
    if state.protected {
        let message = format!(
            "{} has termination protection, so its deletion is refused",
            work.stack.path
        );
        let help = "deploy it without termination protection first";
        return Err(Problem::refused(message, help));
    }
    let before = before::of(work, state).await?;
    let left = left_behind(work, state, &before.there)?;
    // What is left behind is not deleted: neither its data nor its objects are anybody's business.
    let mut template = before.template.clone();
    if let Some(resources) = template["Resources"].as_object_mut() {
        resources.retain(|id, _| !left.contains(id));
    }
    let mut review = Review::of_deletion(work.stack, &template, work.facts);
    review
        .losses
        .extend(before::nested_losses(work, &before, (&template, &Value::Null)).await?);
    work.event(Event::Planned(Box::new(review.clone())));
    require_named(work, &review, Some(state))?;
    require_unused(work, state).await?;
    let buckets = full_buckets(work, &before.there, &review).await?;
    let help = "say `--yes` to delete it";
    work.ask(&Question::Delete(&review), "the deletion", help)
        .await?;
    for bucket in buckets {
        patiently(work.clock, || work.cloud.storage.empty(&bucket)).await?;
    }
    work.event(Event::Executing(Operation::Delete));
    recover::delete(work, state, &left).await?;
    Ok(done(Outcome::Deleted))
}

/// What is to stay of this stack. CloudFormation leaves resources behind only where a deletion failed before, and drops
/// the list without a word everywhere else: what was to stay would be deleted.
fn left_behind(
    work: &Work<'_>,
    state: &StackState,
    there: &[StackResource],
) -> Result<Vec<String>, Problem> {
    let left = work.skipped()?;
    let path = &work.stack.path;
    for id in &left {
        if there.iter().all(|resource| resource.id != *id) {
            let message = format!("{path} has no resource {id} that could be left behind");
            return Err(Problem::usage(message, "`resources` lists what is there"));
        }
        if state.status != Status::DeleteFailed {
            let message = format!(
                "{path} is in {}: {id} can be left behind only where a deletion failed before",
                state.status
            );
            let help = format!("to keep it, {}", way_at_deletion(work, &state.status));
            return Err(Problem::usage(message, help));
        }
    }
    Ok(left)
}

/// Refuses to begin while another stack needs an output: CloudFormation would refuse it too, but only when the
/// buckets are empty already.
async fn require_unused(work: &Work<'_>, state: &StackState) -> Result<(), Problem> {
    for export in &state.exports {
        let importers = patiently(work.clock, || work.cloud.formation.importers(export)).await?;
        if importers.is_empty() {
            continue;
        }
        let message = format!(
            "{} cannot be deleted: its export {export} is used by {}",
            work.stack.path,
            importers.join(", ")
        );
        return Err(Problem::failed(
            message,
            "delete or change the stacks that use it first",
        ));
    }
    Ok(())
}

/// The buckets that hold objects and would be deleted: CloudFormation deletes empty ones only. They are emptied
/// when they were named for it, and refused otherwise.
async fn full_buckets(
    work: &Work<'_>,
    there: &[StackResource],
    review: &Review,
) -> Result<Vec<String>, Problem> {
    let goes = |id: &str| {
        review
            .diff
            .resources
            .iter()
            .any(|change| change.id == id && !change.is_kept)
    };
    let mut full = Vec::new();
    for bucket in there
        .iter()
        .filter(|resource| resource.kind == "AWS::S3::Bucket" && goes(&resource.id))
    {
        if patiently(work.clock, || work.cloud.storage.count(&bucket.physical_id)).await? == 0 {
            continue;
        }
        if !work.is_named(&work.options.empty_buckets, &bucket.id) {
            let path = work.stack.path_of(&bucket.id);
            let message = format!(
                "the bucket {} ({path}) is not empty, so it cannot be deleted",
                bucket.physical_id
            );
            return Err(Problem::refused(
                message,
                format!(
                    "empty it, or name it: `--empty-bucket {}`",
                    work.name_of(&bucket.id)
                ),
            ));
        }
        full.push(bucket.physical_id.clone());
    }
    Ok(full)
}
