//! Patterns that choose which messages a function gets.

use cloudwright_synth::{Json, Scope};
use serde_json::{Map, Number, Value};

use crate::rules;

/// The [pattern](https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html) as the
/// text that Lambda takes; what it would refuse is reported.
pub(super) fn render(scope: &Scope, pattern: &Json) -> String {
    let mistake = match literal(pattern) {
        None => {
            Some("a filter pattern is known before the deployment, got a token in it".to_owned())
        }
        Some(Value::Object(members)) if members.is_empty() => {
            Some("a filter pattern names at least one field, got none".to_owned())
        }
        Some(value) => {
            if let Some(at) = loose_end(&value, "") {
                Some(format!(
                    "the values of a field in a filter pattern stand in a list, got {at} without one"
                ))
            } else {
                return value.to_string();
            }
        }
    };
    if let Some(message) = mistake {
        let help = "such as `json!({ \"body\": { \"kind\": [\"order\"] } })`";
        scope.error(&rules::BAD_PATTERN, message, help);
    }
    String::new()
}

/// The document, when it holds no token.
fn literal(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Int(value) => Value::Number((*value).into()),
        Json::Float(value) => Value::Number(Number::from_f64(*value)?),
        Json::Text(text) => Value::String(text.clone().into_owned()),
        Json::List(items) => Value::Array(items.iter().map(literal).collect::<Option<_>>()?),
        Json::Map(members) => {
            let members = members
                .iter()
                .map(|(key, value)| Some((key.clone().into_owned(), literal(value)?)));
            Value::Object(members.collect::<Option<Map<_, _>>>()?)
        }
        Json::Token(_) => return None,
    })
}

/// The path of a value that is neither an object nor a list.
fn loose_end(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Array(_) if !path.is_empty() => None,
        Value::Object(members) => members
            .iter()
            .find_map(|(key, value)| loose_end(value, &format!("{path}/{key}"))),
        _ => Some(format!("{value} at \"{path}\"")),
    }
}
