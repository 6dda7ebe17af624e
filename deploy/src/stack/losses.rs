//! Data that a change or a deletion would lose: refused unless it was named, with the way to keep it.

use std::collections::BTreeMap;

use cloudwright_diff::DataLoss;

use super::Work;
use crate::cloud::StackState;
use crate::problem::Problem;
use crate::review::{Loss, Operation, Review};
use crate::status::{Next, Status};

/// Refuses to lose data that was not named.
pub(super) fn require_named(
    work: &Work<'_>,
    review: &Review,
    state: Option<&StackState>,
) -> Result<(), Problem> {
    let is_named = |id: &str| work.is_named(&work.options.allow_data_loss, id);
    let unnamed: Vec<_> = review
        .losses
        .iter()
        .filter(|loss| !is_named(&loss.id))
        .collect();
    if unnamed.is_empty() {
        return Ok(());
    }
    let paths: Vec<_> = unnamed.iter().map(|loss| &*loss.path).collect();
    let named: Vec<_> = unnamed
        .iter()
        .map(|loss| format!("--allow-data-loss {}", work.name_of(&loss.id)))
        .collect();
    let message = format!(
        "{} would lose the data of {}",
        work.stack.path,
        paths.join(", ")
    );
    let help = format!(
        "{}; to lose it, name it: `{}`",
        ways(review, &unnamed, state),
        named.join(" ")
    );
    Err(Problem::refused(message, help))
}

/// How to keep what would be lost: once where one way does for all.
fn ways(review: &Review, losses: &[&Loss], state: Option<&StackState>) -> String {
    let mut ways: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for loss in losses {
        let paths = ways.entry(way(review, loss, state)).or_default();
        paths.push(&loss.path);
    }
    let is_one = ways.len() == 1;
    let told = ways.into_iter().map(|(way, paths)| {
        let paths = paths.join(", ");
        let what = if is_one { "it" } else { &paths };
        format!("to keep {what}, {way}")
    });
    told.collect::<Vec<_>>().join("; ")
}

/// How to keep the data of a resource: a policy counts once it is deployed, and what left the template can be given none.
fn way(review: &Review, loss: &Loss, state: Option<&StackState>) -> &'static str {
    if review.operation == Operation::Delete {
        let status = state.map(|state| &state.status);
        return match status {
            Some(Status::DeleteFailed) => "leave it behind by `destroy --skip LOGICAL_ID`",
            // Such a stack takes no update any more.
            Some(status) if status.next() == Next::Recreate => "copy it elsewhere first",
            _ => "deploy a retention policy first",
        };
    }
    let is_old = |id: &Option<String>| id.as_ref() == Some(&loss.id);
    let mut changes = review.diff.resources.iter();
    match loss.how {
        DataLoss::Deleted if changes.any(|change| is_old(&change.old_id)) => {
            "give it back the logical id that it had"
        }
        DataLoss::Deleted => {
            "put it back with a retention policy, deploy that, and take it out afterwards"
        }
        DataLoss::Replaced | DataLoss::MaybeReplaced => {
            "give it a retention policy, or take the change back"
        }
    }
}
