//! Texts with a greatest length: descriptions, names of exports, defaults.

use crate::check::parts::{Part, Place};
use crate::check::report::Report;
use crate::json::Json;
use crate::resolve::Draft;
use crate::rules;

/// Bytes of the description of a template and of an output.
const DESCRIPTION: usize = 1_024;
/// Characters of the description of a parameter.
const PARAMETER_DESCRIPTION: usize = 4_000;
/// Bytes of a parameter's value.
const PARAMETER_VALUE: usize = 4_096;
/// Characters of the name of an export.
const EXPORT_NAME: usize = 255;

/// Reports texts that are too long.
pub(crate) fn check(report: &mut Report<'_>, parts: &[Part<'_>], draft: &Draft) {
    let description = draft.template.description.as_deref().unwrap_or_default();
    in_bytes(
        report,
        draft.node,
        "a template's description",
        (description, DESCRIPTION),
    );
    for part in parts {
        let text = |name| {
            part.json
                .get(name)
                .and_then(Json::as_text)
                .unwrap_or_default()
        };
        match part.place {
            Place::Output => {
                let what = format!("the description of output {}", part.id);
                in_bytes(report, part.node, &what, (text("Description"), DESCRIPTION));
                export_name(report, part);
            }
            Place::Parameter => {
                let what = format!("the description of parameter {}", part.id);
                let described = (text("Description"), PARAMETER_DESCRIPTION);
                in_letters(report, part.node, &what, described);
                let what = format!("the default of parameter {}", part.id);
                in_bytes(report, part.node, &what, (text("Default"), PARAMETER_VALUE));
            }
            _ => {}
        }
    }
}

fn in_bytes(report: &mut Report<'_>, node: u32, what: &str, (text, limit): (&str, usize)) {
    if text.len() > limit {
        let message = format!("{what} has at most {limit} bytes, got {}", text.len());
        let help = "letters outside of ASCII count two to four bytes";
        report.error(node, &rules::TOO_LONG, message, help);
    }
}

fn in_letters(report: &mut Report<'_>, node: u32, what: &str, (text, limit): (&str, usize)) {
    let length = text.chars().count();
    if length > limit {
        let message = format!("{what} has at most {limit} characters, got {length}");
        report.error(node, &rules::TOO_LONG, message, "shorten it");
    }
}

fn export_name(report: &mut Report<'_>, part: &Part<'_>) {
    let name = part
        .json
        .get("Export")
        .and_then(|export| export.get("Name"));
    let Some(name) = name.and_then(Json::as_text) else {
        return;
    };
    if name.is_empty() {
        let message = format!("the name of the export of output {} is empty", part.id);
        report.error(
            part.node,
            &rules::BAD_EXPORT,
            message,
            "name it, or do not export",
        );
    }
    let what = format!("the name of the export of output {}", part.id);
    in_letters(report, part.node, &what, (name, EXPORT_NAME));
}
