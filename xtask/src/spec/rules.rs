//! Which properties go together: `oneOf` and `anyOf` of required sets, and the `dependent…` family.

use std::collections::BTreeSet;

use cloudwright_spec::Rule;
use serde_json::Value;

use super::view::{Node, View, array};

type Group = Vec<&'static str>;

/// Collects the rules of one object, sorted, without duplicates. What a single alternative
/// requires is required anyway in a nested object; of a resource (`top`) it is kept as a rule,
/// since only the plain `required` list becomes constructor arguments.
pub(crate) fn collect(root: &'static Value, view: &View, top: bool) -> Vec<Rule<'static>> {
    let mut rules = Vec::new();
    for layer in &view.layers {
        alternatives(root, layer, top, &mut rules);
        dependents(layer, &mut rules);
        for (keyword, make) in [
            ("requiredXor", Rule::Xor as fn(_) -> _),
            ("requiredOr", Rule::Any),
        ] {
            let names = names(layer.get(keyword));
            if !names.is_empty() {
                rules.push(make(names.into_iter().map(|name| vec![name]).collect()));
            }
        }
    }
    rules.sort_by_key(ToString::to_string);
    rules.dedup();
    rules
}

fn alternatives(root: &'static Value, layer: Node, top: bool, rules: &mut Vec<Rule<'static>>) {
    let one_of = array(layer, "oneOf");
    if let Some(pair) = not_both(one_of) {
        rules.push(pair);
    } else if let Some(groups) = groups(root, one_of) {
        match groups.len() {
            1 if top => rules.push(Rule::Any(groups)),
            1 => {}
            _ => rules.push(Rule::Xor(groups)),
        }
        exclusions(root, one_of, rules);
    }
    if let Some(groups) = groups(root, array(layer, "anyOf")) {
        rules.push(Rule::Any(groups));
    }
}

/// `oneOf: [{}, {required: [A, B]}]` is the way to say "not both".
fn not_both(branches: &'static [Value]) -> Option<Rule<'static>> {
    let [first, second] = branches else {
        return None;
    };
    let is_empty = |value: &Value| value.as_object().is_some_and(serde_json::Map::is_empty);
    let full = if is_empty(first) {
        second
    } else if is_empty(second) {
        first
    } else {
        return None;
    };
    match names(full.get("required")).as_slice() {
        [one, other] => Some(Rule::Excludes(one, vec![other])),
        _ => None,
    }
}

/// The required set of each branch; `None` when a branch says something else.
fn groups(root: &'static Value, branches: &'static [Value]) -> Option<Vec<Group>> {
    let groups: Option<Vec<Group>> = branches.iter().map(|branch| group(root, branch)).collect();
    groups.filter(|groups| !groups.is_empty())
}

fn group(root: &'static Value, branch: &'static Value) -> Option<Group> {
    let view = View::new(root, branch);
    if view
        .layers
        .iter()
        .any(|layer| layer.contains_key("anyOf") || layer.contains_key("oneOf"))
    {
        return None;
    }
    let mut required: Group = view
        .all("required")
        .flat_map(|list| names(Some(list)))
        .collect();
    if required.is_empty() {
        required = lone_property(&view)?;
    }
    required.sort_unstable();
    required.dedup();
    Some(required)
}

/// A closed branch with one property stands for that property, required or not.
fn lone_property(view: &View) -> Option<Group> {
    let properties = view.first("properties")?.as_object()?;
    let mut keys = properties.keys();
    let only = keys.next()?;
    (keys.next().is_none() && is_closed(view)).then(|| vec![only.as_str()])
}

fn is_closed(view: &View) -> bool {
    view.all("additionalProperties")
        .any(|value| value == &Value::Bool(false))
}

/// Properties of closed branches that never occur together.
fn exclusions(root: &'static Value, branches: &'static [Value], rules: &mut Vec<Rule<'static>>) {
    let views: Vec<View> = branches
        .iter()
        .map(|branch| View::new(root, branch))
        .collect();
    let sets: Vec<BTreeSet<&'static str>> = views.iter().map(properties).collect();
    if sets.iter().all(|set| set.len() < 2) || !views.iter().all(is_closed) {
        return;
    }
    let all: BTreeSet<&'static str> = sets.iter().flatten().copied().collect();
    for name in &all {
        let together: BTreeSet<&'static str> = sets
            .iter()
            .filter(|set| set.contains(name))
            .flatten()
            .copied()
            .collect();
        let others: Group = all.difference(&together).copied().collect();
        if !others.is_empty() {
            rules.push(Rule::Excludes(name, others));
        }
    }
}

fn properties(view: &View) -> BTreeSet<&'static str> {
    let keys = view
        .all("properties")
        .filter_map(Value::as_object)
        .flat_map(|map| map.keys());
    keys.map(String::as_str).collect()
}

fn dependents(layer: Node, rules: &mut Vec<Rule<'static>>) {
    for (name, others) in members(layer, "dependentExcluded") {
        rules.push(Rule::Excludes(name, names(Some(others))));
    }
    for keyword in ["dependentRequired", "dependencies"] {
        for (name, others) in members(layer, keyword) {
            let required = if others.is_array() {
                Some(others)
            } else {
                others.get("required")
            };
            let required = names(required);
            if !required.is_empty() {
                rules.push(Rule::Requires(name, required));
            }
        }
    }
}

fn members(layer: Node, key: &str) -> Vec<(&'static str, &'static Value)> {
    let object = layer.get(key).and_then(Value::as_object);
    object
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}

/// The strings of a list.
pub(crate) fn names(list: Option<&'static Value>) -> Vec<&'static str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::archive::leak_value;
    use serde_json::json;

    fn rules(schema: Value) -> Vec<String> {
        let root = leak_value(schema);
        collect(root, &View::new(root, root), false)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn required_sets_become_alternatives() {
        let one_of = json!({"oneOf": [{"required": ["A"]}, {"required": ["C", "B"]}]});
        assert_eq!(rules(one_of), ["xor A|B+C"]);
        let any_of = json!({"anyOf": [{"required": ["A"]}, {"required": ["B"]}]});
        assert_eq!(rules(any_of), ["any A|B"]);
    }

    #[test]
    fn closed_branches_exclude_each_other() {
        let branch = |names: [&str; 2]| {
            let properties = json!({names[0]: {}, names[1]: {}});
            json!({"additionalProperties": false, "properties": properties, "required": [names[0]]})
        };
        let schema = json!({"oneOf": [branch(["A", "X"]), branch(["B", "X"])]});
        assert_eq!(rules(schema), ["excludes A B", "excludes B A", "xor A|B"]);
    }

    #[test]
    fn tagged_unions_are_a_choice_of_one_property() {
        let branch = |name: &str| json!({"additionalProperties": false, "properties": {name: {}}});
        assert_eq!(
            rules(json!({"oneOf": [branch("S3"), branch("Sns")]})),
            ["xor S3|Sns"]
        );
        assert!(rules(json!({"oneOf": [branch("S3")]})).is_empty());
    }

    #[test]
    fn a_single_alternative_of_a_resource_is_kept() {
        let root = leak_value(json!({"oneOf": [{"required": ["A", "B"]}]}));
        let view = View::new(root, root);
        assert_eq!(collect(root, &view, true)[0].to_string(), "any A+B");
        assert!(collect(root, &view, false).is_empty());
    }

    #[test]
    fn an_empty_branch_means_not_both() {
        assert_eq!(
            rules(json!({"oneOf": [{}, {"required": ["A", "B"]}]})),
            ["excludes A B"]
        );
    }

    #[test]
    fn the_dependent_family_is_taken() {
        let schema = json!({
            "dependentRequired": {"A": ["B"]}, "dependencies": {"C": {"required": ["D"]}},
            "dependentExcluded": {"E": ["F", "G"]}, "requiredXor": ["H", "I"],
            "requiredOr": ["J", "K"],
        });
        let expected = [
            "any J|K",
            "excludes E F|G",
            "requires A B",
            "requires C D",
            "xor H|I",
        ];
        assert_eq!(rules(schema), expected);
    }

    #[test]
    fn other_alternatives_say_nothing_about_presence() {
        assert!(rules(json!({"anyOf": [{"format": "x"}, {"required": ["A"]}]})).is_empty());
    }
}
