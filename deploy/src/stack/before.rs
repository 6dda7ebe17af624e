//! What is lost within nested stacks before one is changed or deleted. What cannot be seen counts as lost: then a person has
//! to name it.

use cloudwright_diff::keeps_data;
use serde_json::Value;

use super::Work;
use crate::assembly::NESTED;
use crate::cloud::StackState;
use crate::deployed::{self, Deployed};
use crate::problem::Problem;
use crate::review::{self, Loss};

/// What a stack is now.
pub(super) async fn of(work: &Work<'_>, state: &StackState) -> Result<Deployed, Problem> {
    Deployed::read(&*work.cloud.formation, work.clock, &state.id).await
}

/// The template as it was sent; `None` when it is no JSON.
pub(super) async fn original(work: &Work<'_>, stack: &str) -> Result<Option<Value>, Problem> {
    deployed::original(&*work.cloud.formation, work.clock, stack).await
}

/// The nested stacks within which data is lost, or may be, when one template takes the place of the other.
/// CloudFormation's change set says of them only that they change.
pub(super) async fn nested_losses(
    work: &Work<'_>,
    before: &Deployed,
    (old, new): (&Value, &Value),
) -> Result<Vec<Loss>, Problem> {
    let mut losses = Vec::new();
    for (id, body) in old["Resources"].as_object().into_iter().flatten() {
        let after = &new["Resources"][id];
        if body["Type"] != NESTED || body == after {
            continue;
        }
        let stays = after.is_null() && body["DeletionPolicy"].as_str().is_some_and(keeps_data);
        if !stays && may_lose(work, before, id, (body, after)).await? {
            losses.push(review::within(work.stack, id, after.is_null()));
        }
    }
    Ok(losses)
}

/// Whether data may be lost within a nested stack; what cannot be compared may.
async fn may_lose(
    work: &Work<'_>,
    before: &Deployed,
    id: &str,
    (old, new): (&Value, &Value),
) -> Result<bool, Problem> {
    let Some(resource) = before.there.iter().find(|resource| resource.id == id) else {
        // It is not there, and neither is what would be in it.
        return Ok(false);
    };
    if !new.is_null() && old["Properties"]["Parameters"] != new["Properties"]["Parameters"] {
        return Ok(true);
    }
    let Some(old) = original(work, &resource.physical_id).await? else {
        return Ok(true);
    };
    let new = if new.is_null() {
        Some(Value::Null)
    } else {
        let nested = work.stack.nested.get(id);
        nested.map(|nested| nested.template.clone())
    };
    let holds_stack = |template: &Value| {
        let resources = template["Resources"].as_object().into_iter().flatten();
        resources
            .into_iter()
            .any(|(_, body)| body["Type"] == NESTED)
    };
    Ok(new.is_none_or(|new| {
        holds_stack(&old) || !review::losses(work.stack, (&old, &new), work.facts).is_empty()
    }))
}
