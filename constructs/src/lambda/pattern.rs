//! Patterns that choose which messages a function gets.

use cloudwright_synth::{Json, Scope};
use serde_json::Value;

use crate::rules;

/// The [pattern](https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html) as the
/// text that Lambda takes; what it would refuse is reported.
pub(super) fn render(scope: &Scope, pattern: &Json) -> String {
    let mistake = match pattern.literal() {
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
