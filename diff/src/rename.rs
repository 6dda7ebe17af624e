//! Resources that are the same under another logical id.
//!
//! A construct that moves gets another id, and CloudFormation then makes a new resource and deletes
//! the old one. Told as what it is, such a change is easy to see and to mend.

use std::borrow::Cow;

use cloudwright_spec::sorted::{self, Set};

use serde_json::Value;

use crate::compare::Elements;

/// New ids by old ids.
pub(crate) type Renames = sorted::Map<String, String>;

/// The resources of the old template that stand in the new one under another id.
pub(crate) fn find(old: &Elements<'_>, new: &Elements<'_>) -> Renames {
    let gone = missing_in(old, new);
    let fresh = missing_in(new, old);
    let movable: Set<&str> = gone.iter().chain(&fresh).copied().collect();
    let mut waiting: sorted::Map<String, Vec<&str>> = sorted::Map::new();
    for id in &gone {
        waiting.or_default(form(old[*id], &movable)).push(id);
    }
    let mut renames = Renames::new();
    for id in &fresh {
        let matching = waiting.get_mut(&form(new[*id], &movable));
        if let Some(ids) = matching.filter(|ids| !ids.is_empty()) {
            renames.insert(ids.remove(0).to_owned(), (*id).to_owned());
        }
    }
    renames
}

fn missing_in<'v>(here: &Elements<'v>, there: &Elements<'_>) -> Vec<&'v str> {
    let ids = here.keys().copied();
    ids.filter(|id| !there.contains_key(*id)).collect()
}

/// The body of a resource with the ids that may change taken out of its references.
fn form(resource: &Value, movable: &Set<&str>) -> String {
    rewritten(resource, &|id| movable.contains(id).then(|| "?".to_owned())).to_string()
}

/// The template with references to renamed resources following them.
pub(crate) fn follow<'v>(template: &'v Value, renames: &Renames) -> Cow<'v, Value> {
    if renames.is_empty() {
        return Cow::Borrowed(template);
    }
    let mut followed = rewritten(template, &|id| renames.get(id).cloned());
    if let Some(Value::Object(resources)) = followed.get_mut("Resources") {
        for (old, new) in renames {
            if let Some(body) = resources.remove(old) {
                resources.insert(new.clone(), body);
            }
        }
    }
    Cow::Owned(followed)
}

/// A value in which the ids that are referred to are replaced by what `rename` says.
fn rewritten(value: &Value, rename: &dyn Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| rewritten(item, rename)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, inner)| (name.clone(), rewritten_member(name, inner, rename)))
            .collect(),
        other => other.clone(),
    }
}

fn rewritten_member(name: &str, inner: &Value, rename: &dyn Fn(&str) -> Option<String>) -> Value {
    let whole = |id: &String| rename(id).unwrap_or_else(|| id.clone());
    match (name, inner) {
        ("Ref" | "DependsOn", Value::String(id)) => Value::String(whole(id)),
        ("Fn::GetAtt", Value::String(path)) => Value::String(dotted(path, rename)),
        ("Fn::GetAtt" | "DependsOn", Value::Array(items)) => {
            // Of an attribute, the first item alone is an id.
            let ids = if name == "DependsOn" { items.len() } else { 1 };
            let item = |(index, item): (usize, &Value)| match item {
                Value::String(id) if index < ids => Value::String(whole(id)),
                other => rewritten(other, rename),
            };
            items.iter().enumerate().map(item).collect()
        }
        ("Fn::Sub", Value::String(text)) => Value::String(substitution(text, rename)),
        ("Fn::Sub", Value::Array(items)) => {
            let item = |item: &Value| match item {
                Value::String(text) => Value::String(substitution(text, rename)),
                other => rewritten(other, rename),
            };
            items.iter().map(item).collect()
        }
        (_, inner) => rewritten(inner, rename),
    }
}

/// `Id.Attribute` with the id replaced.
fn dotted(path: &str, rename: &dyn Fn(&str) -> Option<String>) -> String {
    let (id, rest) = path.split_at(path.find('.').unwrap_or(path.len()));
    format!("{}{rest}", rename(id).unwrap_or_else(|| id.to_owned()))
}

fn substitution(text: &str, rename: &dyn Fn(&str) -> Option<String>) -> String {
    let mut parts = text.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("${");
        match part.split_once('}') {
            Some((name, rest)) if !part.starts_with('!') => {
                out.push_str(&dotted(name, rename));
                out.push('}');
                out.push_str(rest);
            }
            _ => out.push_str(part),
        }
    }
    out
}
