//! The warnings of the checks, as the assembly keeps them.

use serde_json::Value;

use crate::model::Finding;

/// The findings of `facts.json`; their explanations stand there once for each code.
pub(crate) fn of(facts: &Value) -> Vec<Finding> {
    let findings = facts["findings"].as_array().into_iter().flatten();
    findings
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            let code = text("code");
            let rule = &facts["rules"][code.as_str()];
            let of_rule = |name: &str| rule[name].as_str().unwrap_or_default().to_owned();
            Finding {
                title: of_rule("title"),
                explanation: of_rule("explanation"),
                message: text("message"),
                help: text("help"),
                construct: text("construct"),
                line: finding["line"].as_str().map(str::to_owned),
                code,
            }
        })
        .collect()
}
