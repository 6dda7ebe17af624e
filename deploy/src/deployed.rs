//! What is deployed of a stack: its template as far as it can be read, and the resources that are there.
//!
//! Other tools deploy templates in YAML, and macros add resources that no template names. What cannot be read is taken
//! from the list of resources, without a policy that would keep it.

use serde_json::{Value, json};

use crate::cloud::{Clock, Formation, StackResource};
use crate::pace::patiently;
use crate::problem::Problem;

/// What is deployed.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// The template, with a bare entry for each resource that it does not name.
    pub template: Value,
    /// Whether the template is JSON; otherwise all its entries are bare.
    pub is_read: bool,
    /// The resources that are there.
    pub there: Vec<StackResource>,
}

impl Deployed {
    /// What is deployed of a stack, by its name or its id.
    ///
    /// # Errors
    /// When AWS does not answer, or has no such stack.
    pub async fn read(
        formation: &dyn Formation,
        clock: &dyn Clock,
        stack: &str,
    ) -> Result<Self, Problem> {
        let read = original(formation, clock, stack).await?;
        let is_read = read.is_some();
        let mut template = read.unwrap_or_else(|| json!({ "Resources": {} }));
        let resources = patiently(clock, || formation.resources(stack)).await?;
        let there: Vec<_> = resources.into_iter().filter(is_there).collect();
        for resource in &there {
            if template["Resources"].get(&resource.id).is_none() {
                template["Resources"][&resource.id] = json!({ "Type": resource.kind });
            }
        }
        Ok(Self {
            template,
            is_read,
            there,
        })
    }

    /// What AWS calls the resource of a logical id.
    #[must_use]
    pub fn physical_id(&self, id: &str) -> Option<String> {
        let found = self.there.iter().find(|resource| resource.id == id);
        found.map(|resource| resource.physical_id.clone())
    }

    /// The template of some of the resources alone.
    pub(crate) fn only(&self, resources: &[StackResource]) -> Value {
        let entry =
            |one: &StackResource| (one.id.clone(), self.template["Resources"][&one.id].clone());
        let resources: serde_json::Map<_, _> = resources.iter().map(entry).collect();
        json!({ "Resources": resources })
    }
}

/// The template as it was sent; `None` when it is no JSON.
pub(crate) async fn original(
    formation: &dyn Formation,
    clock: &dyn Clock,
    stack: &str,
) -> Result<Option<Value>, Problem> {
    let text = patiently(clock, || formation.template(stack)).await?;
    let template = serde_json::from_str::<Value>(&text).ok();
    Ok(template.filter(|template| template["Resources"].is_object()))
}

fn is_there(resource: &StackResource) -> bool {
    resource.status != "DELETE_COMPLETE" && !resource.physical_id.is_empty()
}
