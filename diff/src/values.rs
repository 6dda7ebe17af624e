//! The differences between two values, down to the nested property.

use cloudwright_spec::sorted::{Set, sort_by_cached_key};

use serde_json::{Map, Value};

use crate::lists::{Identity, identity, is_set, line_up};
use crate::model::{Change, Replacement};
use crate::references::{is_function, join};

/// Every difference between two values at `path`; `None` is an absent value.
pub(crate) fn differences(old: Option<&Value>, new: Option<&Value>, path: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(old, new, path, &mut changes);
    changes
}

/// Whether two values mean the same to CloudFormation, which reads every scalar as text.
pub(crate) fn same(old: &Value, new: &Value) -> bool {
    let mut changes = Vec::new();
    compare(Some(old), Some(new), "", &mut changes);
    changes.is_empty()
}

/// The value with every set sorted, so that the order of its items never shows.
pub(crate) fn canonical(value: &Value, name: &str) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| canonical(item, "")).collect();
            if is_set(name) {
                sort_by_cached_key(&mut items, Value::to_string);
            }
            Value::Array(items)
        }
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(name, inner)| (name.clone(), canonical(inner, name)))
                .collect()
        }
        other => other.clone(),
    }
}

fn compare(old: Option<&Value>, new: Option<&Value>, path: &str, changes: &mut Vec<Change>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new)))
            if !is_function(old) && !is_function(new) =>
        {
            objects(old, new, path, changes);
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => lists(old, new, path, changes),
        // One item may stand without its list in policies.
        (Some(Value::Array(items)), Some(other)) if is_single(items, other) => {}
        (Some(other), Some(Value::Array(items))) if is_single(items, other) => {}
        (Some(old), Some(new)) if equal(old, new) => {}
        (old, new) => changes.push(Change {
            path: path.to_owned(),
            old: old.cloned(),
            new: new.cloned(),
            replacement: Replacement::No,
        }),
    }
}

fn is_single(items: &[Value], other: &Value) -> bool {
    matches!(items, [only] if equal(only, other))
}

fn equal(old: &Value, new: &Value) -> bool {
    old == new || scalar(old).is_some_and(|text| Some(text) == scalar(new))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn objects(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    path: &str,
    changes: &mut Vec<Change>,
) {
    let names: Set<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        compare(old.get(name), new.get(name), &join(path, name), changes);
    }
}

fn lists(old: &[Value], new: &[Value], path: &str, changes: &mut Vec<Change>) {
    let name = path.rsplit('.').next().unwrap_or(path);
    match identity(name.split('[').next().unwrap_or(name), old, new) {
        Identity::Member(member) => by_member(old, new, (path, member), changes),
        Identity::Whole => as_sets(old, new, path, changes),
        Identity::Position => {
            for (i, j) in line_up(old, new, same) {
                let at = format!("{path}[{}]", j.or(i).unwrap_or_default());
                compare(i.map(|i| &old[i]), j.map(|j| &new[j]), &at, changes);
            }
        }
    }
}

fn by_member(
    old: &[Value],
    new: &[Value],
    (path, member): (&str, &str),
    changes: &mut Vec<Change>,
) {
    let name = |item: &Value| item[member].as_str().unwrap_or_default().to_owned();
    let find =
        |items: &'_ [Value], wanted: &str| items.iter().position(|item| name(item) == wanted);
    let names: Set<String> = old.iter().chain(new).map(name).collect();
    for wanted in names {
        let (before, after) = (find(old, &wanted), find(new, &wanted));
        let at = format!("{path}[{member}={wanted}]");
        compare(
            before.map(|i| &old[i]),
            after.map(|j| &new[j]),
            &at,
            changes,
        );
    }
}

fn as_sets(old: &[Value], new: &[Value], path: &str, changes: &mut Vec<Change>) {
    let mut left: Vec<&Value> = Vec::new();
    let mut right: Vec<&Value> = new.iter().collect();
    for item in old {
        match right.iter().position(|other| same(item, other)) {
            Some(found) => drop(right.remove(found)),
            None => left.push(item),
        }
    }
    // The list is sorted, so what came and what went stands side by side in a stable order.
    for index in 0..left.len().max(right.len()) {
        let at = format!("{path}[{index}]");
        compare(
            left.get(index).copied(),
            right.get(index).copied(),
            &at,
            changes,
        );
    }
}
