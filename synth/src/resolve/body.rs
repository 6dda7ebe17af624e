//! Takes the elements of each stack out of the tree and lays them out as a template.

use cloudwright_spec::sorted::Map;

use crate::expr::Expr;
use crate::json::{Json, Text};
use crate::naming::Names;
use crate::resolve::section_of;
use crate::template::{Template, TemplateResource};
use crate::tree::{Kind, ResourceData, Tree};

/// The stated dependencies of each resource, as logical ids.
pub(crate) type Waits = Map<u32, Vec<Text>>;

/// An unresolved template for each stack, in the order of the tree.
pub(crate) fn take_all(tree: &mut Tree, names: &Names, waits: &Waits) -> Vec<(u32, Template)> {
    let take =
        |(stack, elements): &(u32, Vec<u32>)| (*stack, take(tree, names, waits, *stack, elements));
    names.stacks.iter().map(take).collect()
}

fn take(tree: &mut Tree, names: &Names, waits: &Waits, stack: u32, elements: &[u32]) -> Template {
    let mut template = Template::default();
    template.resources.reserve(elements.len());
    if let Some(data) = tree.stack_mut(stack) {
        template.description = data.description.clone();
        template.transforms = std::mem::take(&mut data.transforms);
        template.metadata = Json::Map(std::mem::take(&mut data.metadata));
    }
    for node in elements {
        let id = names.id(*node).clone();
        let path = tree.path(*node);
        let taken = tree.node_mut(*node);
        let location = taken.location;
        match &mut taken.kind {
            Kind::Element(section, body) => {
                section_of(&mut template, *section).push((id, std::mem::take(body)));
            }
            Kind::Resource(data) => {
                let depends_on = waits.get(node).cloned().unwrap_or_default();
                let properties = Json::Map(std::mem::take(&mut data.props));
                let (kind, spec, attributes) = (data.kind.clone(), data.spec, attributes(data));
                template.resources.push(TemplateResource {
                    id,
                    node: *node,
                    kind,
                    spec,
                    path,
                    location,
                    depends_on,
                    properties,
                    attributes,
                });
            }
            _ => {}
        }
    }
    template
}

/// The attributes of a resource beside its type, its dependencies and its properties.
fn attributes(data: &mut ResourceData) -> Vec<(Text, Json)> {
    let text = |text: &'static str| Json::Text(text.into());
    let condition = data
        .condition
        .map(|condition| Json::expr(Expr::LogicalId(condition)));
    let metadata = std::mem::take(&mut data.metadata);
    let metadata = (!metadata.is_empty()).then_some(Json::Map(metadata));
    let attributes = [
        ("Condition", condition),
        ("CreationPolicy", data.creation_policy.take()),
        ("UpdatePolicy", data.update_policy.take()),
        ("DeletionPolicy", data.deletion_policy.map(text)),
        ("UpdateReplacePolicy", data.update_replace_policy.map(text)),
        ("Metadata", metadata),
    ];
    attributes
        .into_iter()
        .filter_map(|(name, value)| Some((name.into(), value?)))
        .collect()
}
