//! References to a resource that a condition may leave out.

use crate::check::parts::{Part, Place};
use crate::check::references::Reference;
use crate::check::report::Report;
use crate::check::walk::Trail;
use crate::rules;
use crate::template::{Template, TemplateResource};

/// Warns of a reference to a resource under a condition, where the reader is under none and does
/// not choose. A reader that has a condition may well have one that implies the other.
pub(crate) fn check(
    report: &mut Report<'_>,
    template: &Template,
    part: &Part<'_>,
    (reference, target): (Reference<'_>, &TemplateResource),
    trail: &Trail<'_>,
) {
    let Some(condition) = condition_of(target) else {
        return;
    };
    let is_conditional = match part.place {
        Place::Resource => condition_of(&template.resources[part.index]).is_some(),
        Place::Output => part.json.get("Condition").is_some(),
        _ => true,
    };
    if is_conditional || trail.keys().any(|key| key == "Fn::If") {
        return;
    }
    let message = format!(
        "`{trail}` ({reference}) refers to `{}`, which is there only when {condition} holds",
        target.path
    );
    let help = "give this the same condition, or choose: `condition.choose(.., no_value())`";
    report.warn(part.node, &rules::MAYBE_MISSING, message, help);
}

fn condition_of(resource: &TemplateResource) -> Option<&str> {
    let mut attributes = resource.attributes.iter();
    let (_, condition) = attributes.find(|(name, _)| name == "Condition")?;
    condition.as_text()
}
