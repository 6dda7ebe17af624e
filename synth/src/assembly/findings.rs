//! The warnings of the checks, for who reviews the assembly later and has no program to ask.

use serde_json::{Map, Value, json};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::json::in_order;

/// Each finding, in the order in which they are shown.
pub(super) fn each(found: &Diagnostics) -> Value {
    in_order(found.iter().map(finding).collect())
}

fn finding(finding: &Diagnostic) -> Value {
    json!({
        "code": finding.rule.code,
        "message": finding.message,
        "help": finding.help,
        "construct": finding.path,
        "line": finding.location.map(|location| location.to_string()),
    })
}

/// What their codes mean, each once.
pub(super) fn rules(found: &Diagnostics) -> Value {
    let rule = |finding: &Diagnostic| {
        let rule = finding.rule;
        let told = json!({ "title": rule.title, "explanation": rule.explanation });
        (rule.code.to_owned(), told)
    };
    let rules = found.iter().map(rule).collect::<Map<_, _>>();
    in_order(Value::Object(rules))
}
