//! References to something that is not in the template.

use crate::check::parts::{Part, Place};
use crate::check::references::Reference;
use crate::check::report::Report;
use crate::check::symbols::{Symbol, Symbols};
use crate::check::walk::Trail;
use crate::hint::hint;
use crate::rules;

/// What CloudFormation gives every template to refer to.
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Reports that the condition of an element is not there.
pub(crate) fn check_condition(report: &mut Report<'_>, symbols: &Symbols<'_>, part: &Part<'_>) {
    if let Some(name) = condition_of(part) {
        let trail = Trail::at("Condition");
        check(report, symbols, part, Reference::Condition(name), &trail);
    }
}

/// The condition that the element as a whole depends on.
fn condition_of<'a>(part: &Part<'a>) -> Option<&'a str> {
    match (part.place, part.name) {
        (Place::Resource, "Condition") => part.json.as_text(),
        (Place::Output, _) => part.json.get("Condition")?.as_text(),
        _ => None,
    }
}

/// Reports a reference that means nothing where it stands.
pub(crate) fn check(
    report: &mut Report<'_>,
    symbols: &Symbols<'_>,
    part: &Part<'_>,
    reference: Reference<'_>,
    trail: &Trail<'_>,
) {
    let problem = match reference {
        _ if part.place == Place::Metadata => None,
        // An id that is empty has been reported where it was given.
        Reference::Ref("") | Reference::Attribute("", _) | Reference::Condition("") => None,
        Reference::Ref(name) if name.starts_with("AWS::") => pseudo(name),
        Reference::Ref(name) => value(symbols, part, name, None),
        Reference::Attribute(name, attribute) => value(symbols, part, name, Some(attribute)),
        Reference::Condition(name) if !symbols.has_condition(name) => {
            let help = hint(
                name,
                symbols.condition_names(),
                "add the condition to this stack",
            );
            Some((
                format!("there is no condition {name} in this template"),
                help,
            ))
        }
        Reference::Mapping(name) if !symbols.has_mapping(name) => {
            let help = hint(
                name,
                symbols.mapping_names(),
                "add the mapping to this stack",
            );
            Some((format!("there is no mapping {name} in this template"), help))
        }
        Reference::Condition(_) | Reference::Mapping(_) => None,
    };
    if let Some((message, help)) = problem {
        let message = format!("`{trail}`: {message}");
        report.error(part.node, &rules::DANGLING_REFERENCE, message, help);
    }
}

fn pseudo(name: &str) -> Option<(String, String)> {
    if PSEUDO_PARAMETERS.contains(&name) {
        return None;
    }
    let known = PSEUDO_PARAMETERS.join(", ");
    let help = hint(
        name,
        PSEUDO_PARAMETERS.into_iter(),
        &format!("there are {known}"),
    );
    Some((format!("there is no pseudo parameter {name}"), help))
}

fn value(
    symbols: &Symbols<'_>,
    part: &Part<'_>,
    name: &str,
    attribute: Option<&str>,
) -> Option<(String, String)> {
    match (symbols.value(name), attribute) {
        (None, _) => {
            let help = "refer to a resource or parameter of this stack by its handle";
            let help = hint(name, symbols.value_names(), help);
            Some((
                format!("there is no resource or parameter {name} in this template"),
                help,
            ))
        }
        (Some(Symbol::Parameter), Some(attribute)) => Some((
            format!("{name} is a parameter, which has no attribute \"{attribute}\""),
            "use the parameter's value itself".to_owned(),
        )),
        (Some(Symbol::Resource(_)), Some("")) => Some((
            format!("an attribute of {name} is wanted, got none"),
            "name it: `[\"LogicalId\", \"Attribute\"]`".to_owned(),
        )),
        (Some(Symbol::Resource(_)), _) if is_before_resources(part.place) => Some((
            format!("{name} is a resource, and none exists yet when this is evaluated"),
            "use parameters, mappings and other conditions only".to_owned(),
        )),
        _ => None,
    }
}

/// Whether a place is evaluated before any resource exists.
fn is_before_resources(place: Place) -> bool {
    matches!(place, Place::Condition | Place::Rule)
}
