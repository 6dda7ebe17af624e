//! Names of exports, unique in an account and region.

use cloudwright_spec::sorted::Map;

use crate::check::report::Report;
use crate::environment::Environment;
use crate::json::Json;
use crate::naming::Names;
use crate::resolve::Draft;
use crate::rules;

/// Reports literal names that two stacks of one environment, or two outputs of one stack, export.
pub(crate) fn check(report: &mut Report<'_>, names: &Names, stacks: &[Draft]) {
    let mut taken: Map<(&Environment, &str), (u32, &str)> = Map::new();
    for draft in stacks {
        let Some(stack) = report.tree.stack(draft.node) else {
            continue;
        };
        for (id, output) in &draft.template.outputs {
            let Some(name) = export_of(output) else {
                continue;
            };
            let node = names.element(draft.node, id).unwrap_or(draft.node);
            let Some((stack, other)) = taken.insert((&stack.environment, name), (draft.node, id))
            else {
                continue;
            };
            let path = report.tree.path(stack);
            let message = format!("`{path}` exports \"{name}\" already, as output {other}");
            let help = "names of exports are unique in an account and region: rename one";
            report.error(node, &rules::BAD_EXPORT, message, help);
        }
    }
}

fn export_of(output: &Json) -> Option<&str> {
    output.get("Export")?.get("Name")?.as_text()
}
