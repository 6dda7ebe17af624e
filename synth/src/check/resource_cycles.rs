//! Resources of one stack that need each other.

use std::fmt::Write;

use crate::check::cycle::Graph;
use crate::check::references;
use crate::check::report::Report;
use crate::check::symbols::{Symbol, Symbols};
use crate::check::walk::{Trail, walk};
use crate::resolve::Draft;
use crate::rules;
use crate::template::{Template, TemplateResource};

/// What the resources of a template state that they need; what they refer to comes on top.
pub(crate) fn stated(symbols: &Symbols<'_>, template: &Template) -> Graph {
    let mut graph = Graph::new(template.resources.len());
    for (index, resource) in template.resources.iter().enumerate() {
        for id in &resource.depends_on {
            if let Some(Symbol::Resource(target)) = symbols.value(id) {
                graph.add(index, target);
            }
        }
    }
    graph
}

/// Reports each circle with every resource on it and the property that closes each step.
pub(crate) fn check(report: &mut Report<'_>, symbols: &Symbols<'_>, draft: &Draft, graph: &Graph) {
    let template = &draft.template;
    for circle in graph.circles() {
        let first = &template.resources[circle[0]];
        let message = told(symbols, template, &circle);
        report.error(
            first.node,
            &rules::RESOURCE_CYCLE,
            message,
            help(circle.len()),
        );
    }
}

fn help(length: usize) -> &'static str {
    if length == 1 {
        "a resource cannot read its own attributes: name it, and use the name"
    } else {
        "break one of these steps: give a resource a name that the others can use without waiting, or move a policy into a resource of its own"
    }
}

/// Hands each resource that `resource` needs, with the way by which it does, to `found`.
fn each_need<'a>(
    symbols: &Symbols<'a>,
    resource: &'a TemplateResource,
    found: &mut impl FnMut(usize, &dyn Fn() -> String),
) {
    for id in &resource.depends_on {
        if let Some(Symbol::Resource(target)) = symbols.value(id) {
            found(target, &|| "DependsOn".to_owned());
        }
    }
    let attributes = resource.attributes.iter();
    let parts = std::iter::once(("Properties", &resource.properties))
        .chain(attributes.map(|(name, value)| (&**name, value)));
    for (name, json) in parts {
        walk(json, &mut Trail::at(name), &mut |json, trail| {
            references::each(json, &mut |reference| {
                let target = reference.value().and_then(|name| symbols.value(name));
                if let Some(Symbol::Resource(target)) = target {
                    found(target, &|| format!("{trail} ({reference})"));
                }
            });
        });
    }
}

/// The circle in words: each resource, and by what it needs the next.
fn told(symbols: &Symbols<'_>, template: &Template, circle: &[usize]) -> String {
    let mut text = match circle.len() {
        1 => "a resource needs itself".to_owned(),
        count => format!("{count} resources need each other in a circle"),
    };
    for (position, index) in circle.iter().enumerate() {
        let resource = &template.resources[*index];
        let next = circle[(position + 1) % circle.len()];
        let mut way = String::new();
        each_need(symbols, resource, &mut |target, describe| {
            if target == next && way.is_empty() {
                way = describe();
            }
        });
        let needed = &template.resources[next];
        let _ = write!(
            text,
            "\n     `{}` ({}) needs `{}` ({}) for {way}",
            resource.path, resource.id, needed.path, needed.id
        );
    }
    text
}
