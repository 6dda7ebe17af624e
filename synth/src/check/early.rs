//! Names that are needed before any resource exists: of exports, and of what is imported.

use crate::check::parts::{Part, Place};
use crate::check::references;
use crate::check::report::Report;
use crate::check::symbols::{Symbol, Symbols};
use crate::check::walk::{Trail, walk};
use crate::json::Json;
use crate::rules;

/// Reports the name of an export that reads a resource.
pub(crate) fn check_export(report: &mut Report<'_>, symbols: &Symbols<'_>, part: &Part<'_>) {
    if part.place == Place::Output
        && let Some(export) = part.json.get("Export")
    {
        judge(report, symbols, part, "the name of an export", export);
    }
}

/// Reports the name of an import that reads a resource.
pub(crate) fn check_import(
    report: &mut Report<'_>,
    symbols: &Symbols<'_>,
    part: &Part<'_>,
    function: (&str, &Json),
) {
    if let ("Fn::ImportValue", name) = function {
        judge(report, symbols, part, "the name of an import", name);
    }
}

fn judge(report: &mut Report<'_>, symbols: &Symbols<'_>, part: &Part<'_>, what: &str, name: &Json) {
    let mut read = None;
    walk(name, &mut Trail::default(), &mut |json, _| {
        references::each(json, &mut |reference| {
            let resource = reference
                .value()
                .filter(|id| matches!(symbols.value(id), Some(Symbol::Resource(_))));
            read = read.or(resource);
        });
    });
    if let Some(id) = read {
        let message = format!("{what} cannot depend on a resource, got a reference to {id}");
        let help = "use literals, parameters and pseudo parameters";
        report.error(part.node, &rules::IMPOSSIBLE_REFERENCE, message, help);
    }
}
