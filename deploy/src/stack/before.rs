//! What a stack really is before it is changed: its template as far as it can be read, and what is there.
//!
//! Other tools deploy templates in YAML, and macros add resources that no template names. What cannot be read is
//! taken from the list of resources, without a policy that would keep it: then it counts as lost, and a person
//! has to name it. The same for what is within nested stacks.

use cloudwright_diff::keeps_data;
use serde_json::{Value, json};

use super::Work;
use crate::assembly::NESTED;
use crate::cloud::{StackResource, StackState};
use crate::pace::patiently;
use crate::problem::Problem;
use crate::review::{self, Loss};

/// What is deployed.
pub(super) struct Before {
    /// The template, with a bare entry for each resource that it does not name.
    pub(super) template: Value,
    /// The resources that are there.
    pub(super) there: Vec<StackResource>,
}

/// What a stack is now.
pub(super) async fn of(work: &Work<'_>, state: &StackState) -> Result<Before, Problem> {
    let read = original(work, &state.id).await?;
    let mut template = read.unwrap_or_else(|| json!({ "Resources": {} }));
    let resources = patiently(work.clock, || work.cloud.formation.resources(&state.id)).await?;
    let there: Vec<_> = resources.into_iter().filter(is_there).collect();
    for resource in &there {
        if template["Resources"].get(&resource.id).is_none() {
            template["Resources"][&resource.id] = json!({ "Type": resource.kind });
        }
    }
    Ok(Before { template, there })
}

impl Before {
    /// The template of some of the resources alone.
    pub(super) fn only(&self, resources: &[StackResource]) -> Value {
        let entry =
            |one: &StackResource| (one.id.clone(), self.template["Resources"][&one.id].clone());
        let resources: serde_json::Map<_, _> = resources.iter().map(entry).collect();
        json!({ "Resources": resources })
    }
}

/// The template as it was sent; `None` when it is no JSON.
pub(super) async fn original(work: &Work<'_>, stack: &str) -> Result<Option<Value>, Problem> {
    let text = patiently(work.clock, || work.cloud.formation.template(stack)).await?;
    let template = serde_json::from_str::<Value>(&text).ok();
    Ok(template.filter(|template| template["Resources"].is_object()))
}

fn is_there(resource: &StackResource) -> bool {
    resource.status != "DELETE_COMPLETE" && !resource.physical_id.is_empty()
}

/// The nested stacks within which data is lost, or may be, when one template takes the place of the other.
/// CloudFormation's change set says of them only that they change.
pub(super) async fn nested_losses(
    work: &Work<'_>,
    before: &Before,
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
    before: &Before,
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
