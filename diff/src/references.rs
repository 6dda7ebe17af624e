//! The logical ids that a value refers to, and the text that stands for what is not known yet.

use serde_json::{Map, Value};

/// Whether an object is an intrinsic function.
pub(crate) fn is_function(members: &Map<String, Value>) -> bool {
    members.len() == 1
        && members
            .keys()
            .all(|name| name == "Ref" || name == "Condition" || name.starts_with("Fn::"))
}

/// Hands every id that is referred to, with the way to the reference, to `found`.
pub(crate) fn each(value: &Value, path: &str, found: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                each(item, &format!("{path}[{index}]"), found);
            }
        }
        Value::Object(members) => {
            for (name, inner) in members {
                match function_target(name, inner) {
                    Some(targets) => targets.iter().for_each(|target| found(target, path)),
                    None if is_function(members) => each(inner, path, found),
                    None => each(inner, &join(path, name), found),
                }
            }
        }
        _ => {}
    }
}

/// The ids that a function refers to by itself; `None` for anything else.
fn function_target(name: &str, arguments: &Value) -> Option<Vec<String>> {
    match (name, arguments) {
        ("Ref", Value::String(id)) => Some(vec![id.clone()]),
        ("Fn::GetAtt", Value::String(path)) => {
            Some(path.split('.').take(1).map(str::to_owned).collect())
        }
        ("Fn::GetAtt", Value::Array(items)) => {
            let id = items.first()?.as_str()?;
            Some(vec![id.to_owned()])
        }
        ("Fn::Sub", Value::String(text)) => {
            let ids = placeholders(text).map(|name| name.split('.').next().unwrap_or(name));
            Some(ids.map(str::to_owned).collect())
        }
        _ => None,
    }
}

/// The names between `${` and `}`, less the escaped ones.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let parts = text
        .split("${")
        .skip(1)
        .filter(|part| !part.starts_with('!'));
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name.trim()))
}

/// The path of a member.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// A scalar or a function as one line of text: `${Inbox.Arn}/*`.
#[must_use]
pub fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) if is_function(members) => {
            let (name, arguments) = members.iter().next().map_or(("", value), |(n, a)| (n, a));
            short_function(name, arguments).unwrap_or_else(|| value.to_string())
        }
        other => other.to_string(),
    }
}

fn short_function(name: &str, arguments: &Value) -> Option<String> {
    match (name, arguments) {
        ("Ref", Value::String(id)) => Some(format!("${{{id}}}")),
        ("Fn::GetAtt", Value::String(path)) => Some(format!("${{{path}}}")),
        ("Fn::GetAtt", Value::Array(items)) => {
            let parts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            (parts.len() == items.len()).then(|| format!("${{{}}}", parts.join(".")))
        }
        ("Fn::Sub", Value::String(text)) => Some(text.clone()),
        ("Fn::Join", Value::Array(items)) => match &items[..] {
            [Value::String(delimiter), Value::Array(parts)] => {
                Some(parts.iter().map(short).collect::<Vec<_>>().join(delimiter))
            }
            _ => None,
        },
        ("Fn::ImportValue", name) => Some(format!("${{import {}}}", short(name))),
        _ => None,
    }
}
