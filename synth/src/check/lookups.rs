//! Look-ups whose answer is known at synthesis: cells of a mapping, items of a literal list.

use crate::check::parts::Part;
use crate::check::report::Report;
use crate::check::walk::Trail;
use crate::hint::hint;
use crate::json::{Json, Text};
use crate::rules;
use crate::template::Template;

/// Reports a look-up that cannot find anything.
pub(crate) fn check(
    report: &mut Report<'_>,
    part: &Part<'_>,
    function: (&str, &Json),
    trail: &Trail<'_>,
    template: &Template,
) {
    let problem = match function {
        ("Fn::FindInMap", Json::List(arguments)) => cell(arguments, template),
        ("Fn::Select", Json::List(arguments)) => item(arguments),
        _ => None,
    };
    if let Some((message, help)) = problem {
        let message = format!("`{trail}`: {message}");
        report.error(part.node, &rules::EMPTY_LOOKUP, message, help);
    }
}

fn cell(arguments: &[Json], template: &Template) -> Option<(String, String)> {
    let [Json::Text(mapping), row, cell] = arguments else {
        return None;
    };
    let (_, table) = template.mappings.iter().find(|(id, _)| id == mapping)?;
    let rows = table.as_map()?;
    if let Some(row) = row.as_text() {
        let Some(cells) = table.get(row) else {
            return Some(missing("row", row, mapping, rows));
        };
        let cell = cell.as_text()?;
        let known = cells.get(cell).is_some();
        return (!known)
            .then(|| missing("column", cell, mapping, cells.as_map().unwrap_or_default()));
    }
    let cell = cell.as_text()?;
    let somewhere = rows.iter().any(|(_, cells)| cells.get(cell).is_some());
    let first = rows.first().and_then(|(_, cells)| cells.as_map());
    (!somewhere).then(|| missing("column", cell, mapping, first.unwrap_or_default()))
}

fn missing(what: &str, name: &str, mapping: &str, known: &[(Text, Json)]) -> (String, String) {
    let known = known.iter().map(|(key, _)| &**key);
    let help = hint(
        name,
        known,
        "add it to the mapping, or give a default with `find_or`",
    );
    (format!("mapping {mapping} has no {what} \"{name}\""), help)
}

fn item(arguments: &[Json]) -> Option<(String, String)> {
    let [index, Json::List(items)] = arguments else {
        return None;
    };
    let index = match index {
        Json::Int(index) => *index,
        Json::Text(digits) => digits.parse().ok()?,
        _ => return None,
    };
    let inside = usize::try_from(index).is_ok_and(|index| index < items.len());
    let message = format!("there is no item {index} in a list of {}", items.len());
    (!inside).then(|| (message, "items are counted from 0".to_owned()))
}
