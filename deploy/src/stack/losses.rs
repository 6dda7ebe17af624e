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
        ways(work, review, &unnamed, state),
        named.join(" ")
    );
    Err(Problem::refused(message, help))
}

/// How to keep what would be lost: once where one way does for all.
fn ways(work: &Work<'_>, review: &Review, losses: &[&Loss], state: Option<&StackState>) -> String {
    let mut ways: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for loss in losses {
        let way = match state.filter(|_| review.operation == Operation::Delete) {
            Some(state) => way_at_deletion(work, &state.status),
            None => way(review, loss).to_owned(),
        };
        let paths = ways.entry(way).or_default();
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

/// How to keep a resource of a stack that is to be deleted: a policy counts once it is deployed, and not every stack
/// takes a deployment.
pub(super) fn way_at_deletion(work: &Work<'_>, status: &Status) -> String {
    match status.next() {
        _ if *status == Status::DeleteFailed => {
            let id = work.name_of("LOGICAL_ID");
            format!("leave it behind by `destroy --skip {id}`")
        }
        Next::Recreate | Next::Explain => "copy it elsewhere first".to_owned(),
        Next::ContinueRollback => {
            "end the rollback by `rollback`, then deploy a retention policy".to_owned()
        }
        Next::Create | Next::Update | Next::Attach | Next::RollBack => {
            "deploy a retention policy first".to_owned()
        }
    }
}

/// How to keep the data of a resource at an update: what left the template can be given no policy any more.
fn way(review: &Review, loss: &Loss) -> &'static str {
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
