//! The parts of a template that can hold expressions, with where each comes from.

use crate::json::{Json, Text};
use crate::naming::Names;
use crate::resolve::Draft;

/// Where in a template a value stands; some functions are allowed in some places only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Metadata,
    Parameter,
    Rule,
    Mapping,
    Condition,
    Resource,
    Loop,
    Output,
}

/// A value of a template and the construct it comes from.
pub(crate) struct Part<'a> {
    /// The construct, or the stack for what the engine adds.
    pub(crate) node: u32,
    pub(crate) place: Place,
    /// Which element of its section it belongs to.
    pub(crate) index: usize,
    /// The logical id of the element; empty for the template's own metadata.
    pub(crate) id: &'a str,
    /// What the value is called within the element, such as `Properties`; empty for the whole.
    pub(crate) name: &'a str,
    pub(crate) json: &'a Json,
}

/// Every value of a template in which expressions may stand.
pub(crate) fn parts<'a>(names: &Names, draft: &'a Draft) -> Vec<Part<'a>> {
    let template = &draft.template;
    let mut parts = Vec::with_capacity(1 + 3 * template.resources.len());
    parts.push(Part {
        node: draft.node,
        place: Place::Metadata,
        index: 0,
        id: "",
        name: "Metadata",
        json: &template.metadata,
    });
    for (place, section) in [
        (Place::Parameter, &template.parameters),
        (Place::Rule, &template.rules),
        (Place::Mapping, &template.mappings),
        (Place::Condition, &template.conditions),
        (Place::Loop, &template.loops),
        (Place::Output, &template.outputs),
    ] {
        let part = |(index, (id, json)): (usize, &'a (Text, Json))| Part {
            node: names.element(draft.node, id).unwrap_or(draft.node),
            place,
            index,
            id,
            name: "",
            json,
        };
        parts.extend(section.iter().enumerate().map(part));
    }
    for (index, resource) in template.resources.iter().enumerate() {
        let part = |name, json| Part {
            node: resource.node,
            place: Place::Resource,
            index,
            id: &resource.id,
            name,
            json,
        };
        parts.push(part("Properties", &resource.properties));
        let attributes = resource.attributes.iter();
        parts.extend(attributes.map(|(name, json)| part(name, json)));
    }
    parts
}
