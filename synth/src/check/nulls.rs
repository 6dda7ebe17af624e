//! Nulls: CloudFormation refuses every template that holds one.

use crate::check::parts::Part;
use crate::check::report::Report;
use crate::check::walk::{Trail, walk};
use crate::json::Json;
use crate::rules;

/// Reports each null of a part, unless an earlier phase has said why a value is missing there.
pub(crate) fn check(report: &mut Report<'_>, part: &Part<'_>) {
    let mut found = Vec::new();
    walk(part.json, &mut Trail::at(part.name), &mut |json, trail| {
        if matches!(json, Json::Null) {
            found.push(trail.to_string());
        }
    });
    if found.is_empty() || report.is_known_bad(part.node) {
        return;
    }
    let places = found.join("`, `");
    let message = format!("a value is wanted at `{places}`, got null");
    let help = "leave the property out, or use `no_value()` in a branch of `Fn::If`";
    report.error(part.node, &rules::NULL_VALUE, message, help);
}
