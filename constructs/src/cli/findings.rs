//! Diagnostics as people and as programs read them.

use cloudwright_synth::{Diagnostic, Diagnostics, Severity, SourceLocation};
use serde_json::{Value, json};

use crate::cli::color::{Look, Paint};

/// All findings, a blank line between them.
pub(crate) fn text(found: &Diagnostics, paint: Paint) -> String {
    let all: Vec<String> = found.iter().map(|one| painted(one, paint)).collect();
    all.join("\n\n")
}

/// A finding as [`Diagnostic`] shows itself, its first line in colours.
fn painted(finding: &Diagnostic, paint: Paint) -> String {
    let look = match finding.severity {
        Severity::Error => Look::Error,
        Severity::Warning => Look::Warning,
    };
    let shown = finding.to_string();
    let label_end = shown.find(": ").unwrap_or(0);
    let message_end = label_end + 2 + finding.message.len();
    match (shown.get(..label_end), shown.get(label_end..message_end)) {
        (Some(label), Some(message)) => {
            paint.on(look, label) + &paint.on(Look::Bold, message) + &shown[message_end..]
        }
        _ => shown,
    }
}

/// `2 errors, 1 warning`, without what there is none of; `no warnings` if there is nothing.
pub(crate) fn count(found: &Diagnostics) -> String {
    let errors = errors(found);
    let counts = [(errors, "error"), (found.len() - errors, "warning")];
    let shown: Vec<String> = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| plural(*number, what))
        .collect();
    if shown.is_empty() {
        "no warnings".to_owned()
    } else {
        shown.join(", ")
    }
}

/// `1 stack`, `2 stacks`.
pub(crate) fn plural(number: usize, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {what}{end}")
}

/// How many of the findings are errors.
fn errors(found: &Diagnostics) -> usize {
    let is_error = |finding: &&Diagnostic| finding.severity == Severity::Error;
    found.iter().filter(is_error).count()
}

/// The findings as a list of objects.
pub(crate) fn json(found: &Diagnostics) -> Value {
    found.iter().map(object).collect()
}

fn object(finding: &Diagnostic) -> Value {
    json!({
        "severity": if finding.severity == Severity::Error { "error" } else { "warning" },
        "code": finding.rule.code,
        "title": finding.rule.title,
        "message": finding.message,
        "help": finding.help,
        "construct": finding.path,
        "file": finding.location.map(|location| location.file()),
        "line": finding.location.map(|location| location.line()),
    })
}

/// An error that belongs to no rule, in the same shape.
pub(crate) fn uncoded(message: &str, help: &str, location: Option<SourceLocation>) -> Value {
    json!({
        "severity": "error",
        "code": null,
        "title": null,
        "message": message,
        "help": help,
        "construct": "",
        "file": location.map(|location| location.file()),
        "line": location.map(|location| location.line()),
    })
}
