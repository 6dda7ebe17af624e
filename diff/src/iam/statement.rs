//! From a policy statement to its grants.

use cloudwright_spec::sorted::sort;
use serde_json::{Map, Value};

use crate::iam::grant::Grant;
use crate::model::PolicyKind;
use crate::references::{is_function, short};

/// Whose statement it is, of which kind, and its position among all.
pub(crate) struct Source<'s> {
    pub(crate) holder: &'s str,
    pub(crate) kind: PolicyKind,
    pub(crate) statement: usize,
}

/// Every grant that a statement makes.
pub(crate) fn grants(statement: &Value, source: &Source<'_>) -> Vec<Grant> {
    let texts = |name| texts(statement.get(name));
    let actions = either(texts("Action"), &texts("NotAction"));
    let resources = either(texts("Resource"), &texts("NotResource"));
    let principals = either(
        principals(statement.get("Principal")),
        &principals(statement.get("NotPrincipal")),
    );
    let conditions = conditions(statement.get("Condition"));
    let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let mut grants = Vec::new();
    for action in &actions {
        for resource in &resources {
            for principal in &principals {
                grants.push(Grant {
                    holder: source.holder.to_owned(),
                    kind: source.kind,
                    statement: source.statement,
                    denies,
                    action: action.clone(),
                    resource: resource.clone(),
                    principal: principal.clone(),
                    conditions: conditions.clone(),
                });
            }
        }
    }
    grants
}

/// The stated texts; else those of the negated member as one "everything but"; else nothing, as one.
fn either(stated: Vec<String>, negated: &[String]) -> Vec<String> {
    match (stated.is_empty(), negated.is_empty()) {
        (false, _) => stated,
        (true, false) => vec![format!("!{}", negated.join(", "))],
        (true, true) => vec![String::new()],
    }
}

/// One text or a list of them, sorted.
pub(crate) fn texts(value: Option<&Value>) -> Vec<String> {
    let mut texts: Vec<String> = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(short).collect(),
        Some(one) => vec![short(one)],
    };
    sort(&mut texts);
    texts
}

/// `*`, or the kind and name of each principal: `Service:s3.amazonaws.com`.
fn principals(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Object(members)) if !is_function(members) => by_kind(members),
        other => texts(other),
    }
}

fn by_kind(members: &Map<String, Value>) -> Vec<String> {
    let named = members.iter().flat_map(|(kind, names)| {
        texts(Some(names))
            .into_iter()
            .map(move |name| format!("{kind}:{name}"))
    });
    named.collect()
}

/// One sentence for each key of each operator: `ArnLike aws:SourceArn ${Bucket.Arn}`.
fn conditions(value: Option<&Value>) -> Vec<String> {
    let mut sentences = Vec::new();
    let operators = value.and_then(Value::as_object);
    for (operator, keys) in operators.into_iter().flatten() {
        match keys.as_object().filter(|keys| !is_function(keys)) {
            Some(keys) => {
                let sentence = |(key, values)| {
                    format!("{operator} {key} {}", texts(Some(values)).join(" or "))
                };
                sentences.extend(keys.iter().map(sentence));
            }
            None => sentences.push(format!("{operator} {}", short(keys))),
        }
    }
    sort(&mut sentences);
    sentences
}
