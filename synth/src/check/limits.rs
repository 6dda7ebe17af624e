//! How much fits into a template: [quotas](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).

use std::io;

use cloudwright_spec::sorted::{sort, sort_by};

use crate::check::report::Report;
use crate::resolve::Draft;
use crate::rules;
use crate::template::Template;
use crate::tree::Tree;

/// Resources of one template.
const RESOURCES: usize = 500;
/// Parameters, outputs and mappings of one template, each.
const ELEMENTS: usize = 200;
/// Keys of one mapping, and of one row of it, each.
const MAPPING_KEYS: usize = 200;
/// Bytes of a template that is uploaded first.
const TEMPLATE_BYTES: usize = 1_000_000;
/// Bytes of a template that is sent with the request.
const INLINE_BYTES: usize = 51_200;
/// How many types and constructs a message names.
const MOST_NAMED: usize = 5;

/// Reports what is over a limit, or at four fifths of one.
pub(crate) fn check(report: &mut Report<'_>, draft: &Draft) {
    let template = &draft.template;
    resources(report, draft);
    for (what, count) in [
        ("parameters", template.parameters.len()),
        ("outputs", template.outputs.len()),
        ("mappings", template.mappings.len()),
    ] {
        let help = "values that are known at synthesis need none; split the stack for the rest";
        compare(report, draft.node, (what, count, ELEMENTS), help);
    }
    for (id, mapping) in &template.mappings {
        let rows = mapping.as_map().unwrap_or_default();
        let cells = rows.iter().filter_map(|(_, cells)| cells.as_map());
        let widest = cells.map(<[_]>::len).max().unwrap_or_default();
        let what = format!("keys in mapping {id}");
        let count = rows.len().max(widest);
        compare(
            report,
            draft.node,
            (&what, count, MAPPING_KEYS),
            "split the mapping",
        );
    }
    bytes(report, draft);
}

fn compare(
    report: &mut Report<'_>,
    node: u32,
    (what, count, limit): (&str, usize, usize),
    help: &str,
) {
    if count > limit {
        let message = format!("a template holds at most {limit} {what}, got {count}");
        report.error(node, &rules::OVER_LIMIT, message, help);
    } else if count * 5 >= limit * 4 {
        let message = format!("{count} of at most {limit} {what} are used");
        report.warn(node, &rules::NEAR_LIMIT, message, help);
    }
}

fn resources(report: &mut Report<'_>, draft: &Draft) {
    let template = &draft.template;
    let count = template.resources.len() + template.loops.len();
    if count == 0 {
        let message = "a stack holds at least one resource, got none";
        let help = "add a resource, or leave the stack out";
        report.error(draft.node, &rules::EMPTY_STACK, message, help);
    }
    if count * 5 < RESOURCES * 4 {
        return;
    }
    let resources = || template.resources.iter();
    let types = resources().map(|resource| &*resource.kind);
    let constructs =
        resources().map(|resource| below_stack(report.tree, draft.node, resource.node));
    let path = report.tree.path(draft.node);
    let mut help = format!("most are {}", most(types, str::to_owned));
    let constructs = most(constructs, |id| format!("`{path}/{id}`"));
    help.push_str(&format!("; most come from {constructs}"));
    help.push_str("; move a construct to another stack, or into a nested one");
    compare(report, draft.node, ("resources", count, RESOURCES), &help);
}

/// The id of the construct right below the stack that a resource belongs to.
fn below_stack(tree: &Tree, stack: u32, resource: u32) -> &str {
    let mut at = resource;
    while at != 0 && tree.node(at).parent != stack {
        at = tree.node(at).parent;
    }
    &tree.node(at).id
}

/// The most frequent names with their counts: `300 AWS::SQS::Queue, 12 AWS::SNS::Topic`.
fn most<'a>(names: impl Iterator<Item = &'a str>, shown: impl Fn(&str) -> String) -> String {
    let mut names: Vec<_> = names.collect();
    sort(&mut names);
    let mut ranked: Vec<_> = names.chunk_by(|a, b| a == b).collect();
    // Names of one count stay in their order.
    sort_by(&mut ranked, |a, b| b.len().cmp(&a.len()));
    let named = ranked.iter().take(MOST_NAMED);
    let mut text: Vec<_> = named
        .map(|same| format!("{} {}", same.len(), shown(same[0])))
        .collect();
    if ranked.len() > MOST_NAMED {
        text.push(format!("{} others", ranked.len() - MOST_NAMED));
    }
    text.join(", ")
}

fn bytes(report: &mut Report<'_>, draft: &Draft) {
    let size = size_of(&draft.template);
    if size > TEMPLATE_BYTES {
        let message = format!("a template has at most {TEMPLATE_BYTES} bytes, got {size}");
        let help = "split the stack, or keep long texts in assets";
        report.error(draft.node, &rules::OVER_LIMIT, message, help);
    } else if size > INLINE_BYTES && !needs_bootstrap(report.tree, draft.node) {
        let message = format!(
            "the template has {size} bytes, and only {INLINE_BYTES} can be sent with a request"
        );
        let help = "bootstrap the account and region once: the template is uploaded there first";
        report.warn(draft.node, &rules::NEEDS_UPLOAD, message, help);
    }
}

/// Whether the stack is deployed by way of an asset bucket whatever its size.
fn needs_bootstrap(tree: &Tree, stack: u32) -> bool {
    let data = tree.stack(stack);
    data.is_some_and(|data| data.nested.is_some() || !data.assets.is_empty())
}

/// The bytes that the template has in the assembly.
fn size_of(template: &Template) -> usize {
    let mut counter = Counter(1);
    match serde_json::to_writer_pretty(&mut counter, template) {
        Ok(()) => counter.0,
        // A template that cannot be written has been refused for that reason.
        Err(_) => 0,
    }
}

struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
