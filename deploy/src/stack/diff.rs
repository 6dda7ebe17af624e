//! What a deployment would change. Nothing of the stack is changed: the change set that tells it is deleted again.

use serde_json::Value;

use super::changes::{self, Plan};
use super::desired::Desired;
use super::{Work, before};
use crate::cloud::{PlannedChange, StackState};
use crate::event::Event;
use crate::problem::Problem;
use crate::review::Review;
use crate::status::Next;

/// How a stack differs from what the assembly says.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Whether there is a stack that would be updated.
    pub exists: bool,
    /// Whether CloudFormation was asked; otherwise templates were compared.
    pub by_change_set: bool,
    /// What would be done; `None` where the stack is as it should be.
    pub review: Option<Review>,
}

/// What a deployment would change; CloudFormation is asked where `ask` says so, and the stack is at rest.
pub(super) async fn diff(work: &Work<'_>, ask: bool) -> Result<Difference, Problem> {
    let state = work.look().await?;
    let desired = Desired::of(work, state.as_ref())?;
    let is_new = |next| matches!(next, Next::Create | Next::Recreate);
    let Some(state) = state.filter(|state| !is_new(state.status.next())) else {
        let templates = (&Value::Null, &desired.template);
        let review = Review::of_changes(work.stack, templates, Vec::new(), work.facts);
        return Ok(Difference {
            exists: false,
            by_change_set: false,
            review: Some(review),
        });
    };
    let of = |by_change_set, review| Difference {
        exists: true,
        by_change_set,
        review,
    };
    if desired.is_deployed(work, &state).await? {
        return Ok(of(false, None));
    }
    // Nothing is uploaded for a look, so a template that is too large for a request is only compared.
    let ask = ask && state.status.next() == Next::Update && changes::fits(&desired.body);
    let planned = if ask {
        planned(work, &desired, &state).await?
    } else {
        None
    };
    let (by_change_set, changes) = match planned {
        Some(changes) if changes.is_empty() => return Ok(of(true, None)),
        Some(changes) => (true, changes),
        None => (false, Vec::new()),
    };
    let before = before::of(work, &state).await?;
    let templates = (&before.template, &desired.template);
    let mut review = Review::of_changes(work.stack, templates, changes, work.facts);
    let nested = before::nested_losses(work, &before, templates).await?;
    review.losses.extend(nested);
    let same = review.diff.is_empty() && review.changes.is_empty() && review.losses.is_empty();
    Ok(of(by_change_set, (!same).then_some(review)))
}

/// What CloudFormation would do; `None` where it does not say so to this caller, or not now.
async fn planned(
    work: &Work<'_>,
    desired: &Desired,
    state: &StackState,
) -> Result<Option<Vec<PlannedChange>>, Problem> {
    let mut order = changes::order(work, desired, Some(state)).await?;
    // Not that of a deployment, which may be about to execute it.
    order.name += "-look";
    let name = order.name.clone();
    work.event(Event::Planning);
    if !changes::may_be_made(work, &order).await? {
        return Ok(None);
    }
    match changes::read(work, order, Some(state)).await? {
        Plan::Ready(_, changes) => {
            changes::discard(work, &name, Some(state)).await?;
            Ok(Some(changes))
        }
        Plan::Empty => Ok(Some(Vec::new())),
        Plan::Overtaken => Ok(None),
    }
}
