//! The resolve phase: tokens become intrinsic functions, references find their way across stacks.
//!
//! Each element's body is taken out of the tree, its tokens are replaced in place, and what a
//! reference needs elsewhere (an export, a parameter of a nested stack, a stack dependency) is
//! collected in [`Links`] and written into the templates at the end.

mod body;
mod concat;
mod crossing;
mod dependencies;
mod value;

use cloudwright_spec::sorted::{Map, Set};

pub(crate) use concat::placeholders;

use crate::json::{Json, Text};
use crate::naming::Names;
use crate::template::{Template, TemplateResource};
use crate::tree::{Section, Tree};

/// A stack on its way to the assembly.
pub(crate) struct Draft {
    pub(crate) node: u32,
    pub(crate) template: Template,
    /// The stacks that must be deployed before this one, each with the reason.
    pub(crate) needs: Map<u32, String>,
}

/// Elements of one template by their logical id.
type ById<T> = Map<String, T>;

/// What references need in other templates than their own.
#[derive(Default)]
pub(crate) struct Links {
    /// Outputs of each stack.
    outputs: Map<u32, ById<Json>>,
    /// Parameters of each nested stack, with their type.
    parameters: Map<u32, ById<&'static str>>,
    /// Arguments for those parameters, by the resource that deploys the nested stack.
    arguments: Map<u32, ById<Json>>,
    /// Stack dependencies by consumer and producer, with the construct that causes them.
    needs: Map<(u32, u32), String>,
    /// Stacks that use a function of the language extensions.
    extended: Set<u32>,
    /// Findings by node; reported once the tree can be changed again.
    problems: Vec<Problem>,
}

/// A finding of this phase.
pub(crate) struct Problem {
    node: u32,
    rule: &'static crate::Rule,
    message: String,
    help: String,
}

/// Resolves every stack of the app.
pub(crate) fn run(tree: &mut Tree, names: &Names) -> Vec<Draft> {
    let waits = dependencies::expand(tree, names);
    let bodies = body::take_all(tree, names, &waits.within);
    let mut links = Links::default();
    for ((consumer, producer), reason) in waits.across {
        links.needs.insert((consumer, producer), reason);
    }
    let mut drafts = Vec::with_capacity(bodies.len());
    for (stack, template) in bodies {
        drafts.push(resolve_stack(tree, names, &mut links, stack, template));
    }
    connect(tree, &mut drafts, links);
    drafts
}

fn resolve_stack(
    tree: &Tree,
    names: &Names,
    links: &mut Links,
    stack: u32,
    mut template: Template,
) -> Draft {
    let mut context = value::Context {
        tree,
        names,
        links,
        stack,
        node: stack,
        weak: false,
        depth: 0,
    };
    context.weak = tree.stack(stack).is_some_and(|data| data.weak);
    let description = template.description.iter();
    for text in description.chain(&template.transforms) {
        context.check_text(text);
    }
    for (key, value) in tree.stack(stack).into_iter().flat_map(|data| &data.tags) {
        context.check_text(key);
        context.check_text(value);
    }
    context.resolve(&mut template.metadata);
    for resource in &mut template.resources {
        context.node = resource.node;
        context.resolve(&mut resource.properties);
        resource
            .attributes
            .iter_mut()
            .for_each(|(_, value)| context.resolve(value));
        drop_implied(resource);
    }
    if !template.loops.is_empty() {
        context.links.extended.insert(stack);
    }
    for section in [
        &mut template.parameters,
        &mut template.rules,
        &mut template.mappings,
        &mut template.conditions,
        &mut template.loops,
        &mut template.outputs,
    ] {
        for (id, value) in section.iter_mut() {
            context.node = names.element(stack, id).unwrap_or(stack);
            context.resolve(value);
        }
    }
    Draft {
        node: stack,
        template,
        needs: Map::new(),
    }
}

/// Drops stated dependencies on resources that a property refers to anyway.
fn drop_implied(resource: &mut TemplateResource) {
    if !resource.depends_on.is_empty() {
        let mut mentioned = Set::new();
        concat::mentions(&resource.properties, &mut |id| {
            mentioned.insert(id.to_owned());
        });
        resource.depends_on.retain(|id| !mentioned.contains(&**id));
    }
}

/// Hands arguments to the parameters of a nested stack, by the resource that deploys it.
fn pass_arguments(template: &mut Template, deployer: u32, arguments: ById<Json>) {
    let mut resources = template.resources.iter_mut();
    let Some(resource) = resources.find(|resource| resource.node == deployer) else {
        return;
    };
    let mut parameters = resource
        .properties
        .get("Parameters")
        .cloned()
        .unwrap_or_default();
    for (id, argument) in arguments {
        parameters.set(id, argument);
    }
    resource.properties.set("Parameters", parameters);
}

/// Writes what crossing references need into the templates that they touch.
fn connect(tree: &mut Tree, drafts: &mut [Draft], links: Links) {
    let place: Map<u32, usize> = drafts
        .iter()
        .enumerate()
        .map(|(i, draft)| (draft.node, i))
        .collect();
    for (stack, outputs) in links.outputs {
        let known = &mut drafts[place[&stack]].template.outputs;
        for (id, output) in outputs {
            insert(known, id.into(), output);
        }
    }
    for (stack, parameters) in links.parameters {
        let known = &mut drafts[place[&stack]].template.parameters;
        for (id, kind) in parameters {
            let parameter = Json::map([("Type", Json::Text(kind.into()))]);
            insert(known, id.into(), parameter);
        }
    }
    for (resource, arguments) in links.arguments {
        // A deployer outside of any stack has been reported.
        if let Some(stack) = tree.node(resource).stack {
            let template = &mut drafts[place[&stack]].template;
            pass_arguments(template, resource, arguments);
        }
    }
    for ((consumer, producer), reason) in links.needs {
        drafts[place[&consumer]].needs.insert(producer, reason);
    }
    for stack in links.extended {
        let transforms = &mut drafts[place[&stack]].template.transforms;
        let name: Text = "AWS::LanguageExtensions".into();
        if !transforms.contains(&name) {
            transforms.insert(0, name);
        }
    }
    for problem in links.problems {
        tree.error(problem.node, problem.rule, problem.message, problem.help);
    }
}

fn insert(section: &mut Vec<(Text, Json)>, id: Text, value: Json) {
    if !section.iter().any(|(name, _)| *name == id) {
        section.push((id, value));
    }
}

/// The section of a template that an element's kind belongs to.
pub(crate) fn section_of(template: &mut Template, section: Section) -> &mut Vec<(Text, Json)> {
    match section {
        Section::Parameters => &mut template.parameters,
        Section::Mappings => &mut template.mappings,
        Section::Conditions => &mut template.conditions,
        Section::Rules => &mut template.rules,
        Section::Outputs => &mut template.outputs,
        Section::Loops => &mut template.loops,
    }
}
