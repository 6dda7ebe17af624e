//! Resources of one type that say they are the same one: two buckets with one name.

use std::collections::HashMap;

use crate::check::report::Report;
use crate::json::Json;
use crate::resolve::Draft;
use crate::rules;
use crate::template::TemplateResource;

/// Reports a resource whose stated identifier another one of its type has in this template.
///
/// The facts name the properties that identify a resource; only literals can be compared. Of two
/// resources under conditions, one may be there in place of the other.
pub(crate) fn check(report: &mut Report<'_>, draft: &Draft) {
    // Look-up only: never iterated, so its order never shows.
    let mut taken: HashMap<(&str, Vec<&str>), &TemplateResource> = HashMap::new();
    for resource in &draft.template.resources {
        let Some(identifier) = identifier(resource) else {
            continue;
        };
        let shown = identifier.join(", ");
        let Some(first) = taken.insert((&resource.kind, identifier), resource) else {
            continue;
        };
        let message = format!(
            "`{}` is a {} called \"{shown}\" already",
            first.path, resource.kind
        );
        let help = "name one of the two differently, or leave its name to CloudFormation";
        report.error(resource.node, &rules::TAKEN_NAME, message, help);
    }
}

/// The literal values of the properties that identify a resource, when the template states all.
fn identifier(resource: &TemplateResource) -> Option<Vec<&str>> {
    let names = resource
        .spec
        .lines()
        .find_map(|line| line.strip_prefix("  id "))?;
    if resource
        .attributes
        .iter()
        .any(|(name, _)| name == "Condition")
    {
        return None;
    }
    let value = |name| resource.properties.get(name).and_then(Json::as_text);
    names.split('|').map(value).collect()
}
