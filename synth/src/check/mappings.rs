//! Mappings: the letters of their keys, and what a cell can hold.

use crate::check::parts::{Part, Place};
use crate::check::report::Report;
use crate::json::{Json, Text};
use crate::rules;

/// Reports mappings that CloudFormation cannot read.
pub(crate) fn check(report: &mut Report<'_>, parts: &[Part<'_>]) {
    for part in parts.iter().filter(|part| part.place == Place::Mapping) {
        let rows = part.json.as_map().unwrap_or_default();
        for problem in problems(rows) {
            let message = format!("mapping {}: {problem}", part.id);
            let help = "a mapping has rows, each with a literal or a list of literals per column";
            report.error(part.node, &rules::BAD_MAPPING, message, help);
        }
    }
}

fn problems(rows: &[(Text, Json)]) -> Vec<String> {
    let mut found = Vec::new();
    if rows.is_empty() {
        found.push("it has no rows".to_owned());
    }
    for (row, cells) in rows {
        if !is_key(row, b".-") {
            found.push(format!(
                "the key of a row has letters, digits, `.` and `-`, got {row:?}"
            ));
        }
        let cells = cells.as_map().unwrap_or_default();
        if cells.is_empty() {
            found.push(format!("row {row:?} has no columns"));
        }
        for (column, cell) in cells {
            if !is_key(column, b"") {
                found.push(format!(
                    "the key of a column has letters and digits, got {column:?}"
                ));
            }
            if !is_cell(cell) {
                found.push(format!(
                    "row {row:?}, column {column:?} holds an object or a list of lists"
                ));
            }
        }
    }
    found
}

fn is_key(key: &str, others: &[u8]) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
    !key.is_empty() && key.bytes().all(letter)
}

/// Functions and nulls have checks of their own.
fn is_cell(cell: &Json) -> bool {
    match cell {
        Json::Map(_) => false,
        Json::List(items) => items
            .iter()
            .all(|item| !matches!(item, Json::Map(_) | Json::List(_))),
        _ => true,
    }
}
