//! The naming phase: a logical id for everything that stands in a template.

use std::collections::HashMap;

use cloudwright_spec::sorted::Map;

use crate::json::Text;
use crate::logical_id::logical_id;
use crate::rules;
use crate::tree::{Kind, Tree};

/// Logical ids by node, and the elements of each stack.
pub(crate) struct Names {
    ids: Vec<Text>,
    /// Each stack with its elements, both in the order of the tree.
    pub(crate) stacks: Vec<(u32, Vec<u32>)>,
    /// Elements other than resources, by stack and id. Look-up only: never iterated, so its order
    /// never shows.
    elements: HashMap<(u32, Text), u32>,
}

impl Names {
    /// The logical id of an element; empty for anything else.
    pub(crate) fn id(&self, node: u32) -> &Text {
        &self.ids[node as usize]
    }

    /// Takes out the logical id of an element that is not asked for again.
    pub(crate) fn take(&mut self, node: u32) -> Text {
        std::mem::take(&mut self.ids[node as usize])
    }
}

/// Gives every element its id and reports the unusable and the taken ones.
pub(crate) fn assign(tree: &mut Tree) -> Names {
    let mut names = Names {
        ids: vec!["".into(); tree.nodes.len()],
        stacks: Vec::new(),
        elements: HashMap::new(),
    };
    for node in tree.below(0) {
        match tree.node(node).kind {
            Kind::Stack(_) => names.stacks.push((node, Vec::new())),
            Kind::Resource(_) | Kind::Element(..) => name_element(tree, &mut names, node),
            _ => {}
        }
    }
    report_unused_renames(tree, &names);
    report_collisions(tree, &names);
    report_stack_names(tree, &names);
    names
}

fn name_element(tree: &mut Tree, names: &mut Names, node: u32) {
    let Some(stack) = tree.node(node).stack else {
        return;
    };
    let id: Text = match &tree.node(node).logical_id {
        Some(chosen) => chosen.clone(),
        None => renamed(tree, stack, logical_id(tree.path_in_stack(node)).into()),
    };
    let usable = !id.is_empty() && id.len() <= 255 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if !usable {
        let message = format!("a logical id is 1 to 255 ASCII letters and digits, got {id:?}");
        tree.error(
            node,
            &rules::BAD_LOGICAL_ID,
            message,
            "rename the construct or the override",
        );
    }
    if matches!(tree.node(node).kind, Kind::Element(..)) {
        names.elements.entry((stack, id.clone())).or_insert(node);
    }
    names.ids[node as usize] = id;
    if let Some((_, elements)) = names
        .stacks
        .iter_mut()
        .rev()
        .find(|(other, _)| *other == stack)
    {
        elements.push(node);
    }
}

/// The id that the stack uses in place of the one that a path gives. A rename that was used is
/// taken out of the stack, so that the unused ones are left.
fn renamed(tree: &mut Tree, stack: u32, id: Text) -> Text {
    let Some(data) = tree.stack_mut(stack) else {
        return id;
    };
    match data.renames.iter().position(|(from, _)| *from == id) {
        Some(position) => data.renames.swap_remove(position).1,
        None => id,
    }
}

fn report_unused_renames(tree: &mut Tree, names: &Names) {
    for (stack, _) in &names.stacks {
        let renames = tree
            .stack_mut(*stack)
            .map(|data| std::mem::take(&mut data.renames));
        for (from, to) in renames.unwrap_or_default() {
            let message =
                format!("nothing in this stack has the logical id {from}, which is to become {to}");
            let help = "take the id from the template; drop the rename when the construct is gone";
            tree.error(*stack, &rules::UNUSED_RENAME, message, help);
        }
    }
}

fn report_collisions(tree: &mut Tree, names: &Names) {
    for (_, elements) in &names.stacks {
        let mut taken: HashMap<&str, u32> = HashMap::with_capacity(elements.len());
        for node in elements {
            let id = names.id(*node);
            if let Some(first) = taken.insert(id, *node).filter(|_| !id.is_empty()) {
                // A taken construct id has been reported already, with a better text.
                if tree.path(first) == tree.path(*node) {
                    continue;
                }
                let message = format!(
                    "`{}` and `{}` have the same logical id {id}",
                    tree.path(first),
                    tree.path(*node)
                );
                let help = if logical_id(tree.path_in_stack(first))
                    == logical_id(tree.path_in_stack(*node))
                {
                    "punctuation is stripped from ids: rename one of the two"
                } else {
                    "one of them was given this id: give it another, or rename the other construct"
                };
                tree.error(*node, &rules::TAKEN_LOGICAL_ID, message, help);
            }
        }
    }
}

fn report_stack_names(tree: &mut Tree, names: &Names) {
    let mut taken = Map::new();
    for (stack, _) in &names.stacks {
        let Some(data) = tree.stack(*stack).filter(|data| data.nested.is_none()) else {
            continue;
        };
        let key = (tree.stack_name(*stack), data.environment.clone());
        let name = key.0.clone();
        if !is_stack_name(&name) {
            let message = format!(
                "a stack name is a letter and up to 127 letters, digits and dashes, got {name:?}"
            );
            tree.error(
                *stack,
                &rules::BAD_STACK_NAME,
                message,
                "rename the stack, or use `.stack_name(..)`",
            );
        }
        if let Some(first) = taken.insert(key, *stack) {
            let message = format!(
                "`{}` already deploys a stack called {name} there",
                tree.path(first)
            );
            tree.error(
                *stack,
                &rules::BAD_STACK_NAME,
                message,
                "give one of the two another name",
            );
        }
    }
}

fn is_stack_name(name: &str) -> bool {
    let letters = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    letters && name.len() <= 128 && name.starts_with(|first: char| first.is_ascii_alphabetic())
}

impl Names {
    /// The element of a stack with a logical id, when it is no resource.
    pub(crate) fn element(&self, stack: u32, id: &Text) -> Option<u32> {
        self.elements.get(&(stack, id.clone())).copied()
    }
}
