//! What is in an assembly, as tables and as JSON.

use cloudwright_synth::sorted::Map;

use cloudwright_synth::{Environment, StackArtifact};
use serde_json::{Value, json};

use crate::cli::color::Paint;
use crate::cli::table::{Table, grouped};

/// One line per stack.
pub(crate) fn stacks(stacks: &[&StackArtifact], paint: Paint) -> String {
    let headings = ["Stack", "Environment", "Template", ">Bytes", ">Resources"];
    let mut table = Table::new(headings);
    for stack in stacks {
        table.row([
            label(stack),
            environment(stack.environment()),
            stack.template_file(),
            grouped(stack.template().to_json().len()),
            grouped(stack.template().resources().count()),
        ]);
    }
    table.text(paint)
}

/// One line per resource type, over all of the stacks.
pub(crate) fn types(stacks: &[&StackArtifact], paint: Paint) -> String {
    let mut counts = Map::new();
    for stack in stacks {
        for (kind, count) in types_of(stack) {
            *counts.or_insert_with(kind, || 0) += count;
        }
    }
    let mut table = Table::new(["Resource type", ">Count"]);
    for (kind, count) in counts {
        table.row([kind.to_owned(), grouped(count)]);
    }
    table.text(paint)
}

/// One stack as `--json` shows it.
pub(crate) fn json(stack: &StackArtifact) -> Value {
    let types = types_of(stack).into_iter();
    let types: serde_json::Map<String, Value> = types
        .map(|(kind, count)| (kind.to_owned(), count.into()))
        .collect();
    json!({
        "path": stack.path(),
        "name": stack.name(),
        "id": stack.id(),
        "account": stack.environment().account_id(),
        "region": stack.environment().region_name(),
        "nested": stack.is_nested(),
        "template": stack.template_file(),
        "bytes": stack.template().to_json().len(),
        "resources": stack.template().resources().count(),
        "types": types,
    })
}

/// The stack's path, and its name where that cannot be guessed from the path.
fn label(stack: &StackArtifact) -> String {
    let path = stack.path();
    if stack.is_nested() {
        format!("{path} (nested)")
    } else if path.replace('/', "-") == stack.name() {
        path.to_owned()
    } else {
        format!("{path} ({})", stack.name())
    }
}

fn types_of(stack: &StackArtifact) -> Map<&str, usize> {
    let mut counts = Map::new();
    for resource in stack.template().resources() {
        *counts.or_insert_with(resource.kind(), || 0) += 1;
    }
    counts
}

/// `123456789012/eu-central-1`; `any` for what the deployment decides.
pub(crate) fn environment(environment: &Environment) -> String {
    match (environment.account_id(), environment.region_name()) {
        (None, None) => "any".to_owned(),
        (account, region) => {
            format!("{}/{}", account.unwrap_or("any"), region.unwrap_or("any"))
        }
    }
}
