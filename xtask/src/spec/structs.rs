//! The members of an object, gathered from all its layers and alternatives.

use std::collections::{BTreeMap, BTreeSet};

use cloudwright_spec::Rule;
use serde_json::Value;

use super::rules;
use super::view::{View, array};

/// What all layers and alternatives together say about an object.
#[derive(Default)]
pub(crate) struct Merged {
    /// Property to every description of it, without duplicates.
    pub(crate) properties: BTreeMap<&'static str, Vec<&'static Value>>,
    /// Required in any case.
    pub(crate) required: BTreeSet<&'static str>,
    /// Whether unlisted properties are accepted.
    pub(crate) open: bool,
    /// Which go together.
    pub(crate) rules: Vec<Rule<'static>>,
}

/// Gathers the members of the object that `view` shows.
pub(crate) fn merged(root: &'static Value, view: &View) -> Merged {
    let mut all = Merged {
        rules: rules::collect(root, view, false),
        ..Merged::default()
    };
    let mut seen = Vec::new();
    gather(root, view, &mut all.properties, &mut seen);
    all.required = required(root, view, 0);
    all.open = !closed(root, view, 0);
    all
}

fn gather(
    root: &'static Value,
    view: &View,
    properties: &mut BTreeMap<&'static str, Vec<&'static Value>>,
    seen: &mut Vec<*const Value>,
) {
    for (name, node) in view
        .all("properties")
        .filter_map(Value::as_object)
        .flatten()
    {
        let described = properties.entry(name).or_default();
        if !described.contains(&node) {
            described.push(node);
        }
    }
    for branch in view.branches() {
        let address = std::ptr::from_ref(branch);
        if !seen.contains(&address) {
            seen.push(address);
            gather(root, &View::new(root, branch), properties, seen);
        }
    }
}

/// Own `required`, that of `allOf`, and what every alternative requires.
fn required(root: &'static Value, view: &View, depth: usize) -> BTreeSet<&'static str> {
    let own = view
        .all("required")
        .flat_map(|list| rules::names(Some(list)));
    let mut all: BTreeSet<&'static str> = own.collect();
    for layer in view.layers.iter().filter(|_| depth < 8) {
        for keyword in ["oneOf", "anyOf"] {
            let branches = array(layer, keyword).iter();
            let sets = branches.map(|branch| required(root, &View::new(root, branch), depth + 1));
            all.extend(
                sets.reduce(|a, b| a.intersection(&b).copied().collect())
                    .unwrap_or_default(),
            );
        }
    }
    all
}

/// Closed when the object says so, or every alternative that lists properties does.
fn closed(root: &'static Value, view: &View, depth: usize) -> bool {
    if view
        .all("additionalProperties")
        .any(|value| value == &Value::Bool(false))
    {
        return true;
    }
    let branches = view
        .branches()
        .into_iter()
        .map(|branch| View::new(root, branch));
    let listing: Vec<View> = branches
        .filter(|branch| branch.first("properties").is_some() && depth < 8)
        .collect();
    !listing.is_empty() && listing.iter().all(|branch| closed(root, branch, depth + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::archive::leak_value;
    use serde_json::json;

    #[test]
    fn alternatives_give_all_properties_and_common_requirements() {
        let root = leak_value(json!({
            "required": ["Own"],
            "properties": {"Own": {}},
            "allOf": [{"required": ["Also"]}],
            "oneOf": [
                {"properties": {"A": {}, "Both": {}}, "required": ["A", "Both"]},
                {"properties": {"B": {}, "Both": {}}, "required": ["B", "Both"]},
            ],
        }));
        let merged = merged(root, &View::new(root, root));
        let names: Vec<_> = merged.properties.keys().copied().collect();
        assert_eq!(names, ["A", "B", "Both", "Own"]);
        assert_eq!(Vec::from_iter(merged.required), ["Also", "Both", "Own"]);
        assert!(merged.open);
    }

    #[test]
    fn closed_alternatives_close_the_object() {
        let branch = |name: &str| json!({"properties": {name: {}}, "additionalProperties": false});
        let root = leak_value(json!({"oneOf": [branch("A"), branch("B")]}));
        assert!(!merged(root, &View::new(root, root)).open);
    }
}
