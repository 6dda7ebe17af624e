//! Operations: what people ask of a system that runs.
//!
//! A construct knows what can be asked of it (compare all objects, rebuild the index), and which of its
//! resources does it. It says so here; the assembly carries it, and the command line runs it in a deployed
//! stack, where the resource has its real name. The engine only notes which resource it is and what it is
//! handed: what is done with a resource of which type, the command line knows.

use cloudwright_spec::sorted::sort_by;

use crate::json::{Json, Text};
use crate::naming::Names;
use crate::resource::Handle;
use crate::rules;
use crate::scope::Scope;
use crate::tree::Tree;

/// What can be asked of a construct, as it is declared with [`Scope::declare_operation`].
#[derive(Clone)]
pub struct DeclaredOperation {
    /// The resource that does it, in any stack of the app.
    pub target: Handle,
    /// What it does, in one line.
    pub summary: Text,
    /// Whether it changes nothing, so that nobody has to be asked.
    pub read_only: bool,
    /// The JSON Schema of what it is handed; `None` if that is nothing. Without tokens.
    pub payload: Option<Json>,
    /// The member of the event that holds the payload; `None` if the payload is the event.
    pub member: Option<Text>,
    /// The member of the payload that people may say as a plain word behind the name.
    pub argument: Option<Text>,
}

/// An operation as the assembly has it, sorted by construct and name.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationArtifact {
    /// The path of the construct.
    pub construct: String,
    /// What it is called, unique among those of the construct.
    pub name: String,
    /// What it does, in one line.
    pub summary: String,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// The artifact id of the stack with the resource: the outermost one around nested stacks.
    pub stack: String,
    /// The logical ids that lead to the resource: those of nested stacks, then its own.
    pub ids: Vec<String>,
    /// The resource's CloudFormation type.
    pub kind: String,
    /// The member of the event that holds the payload.
    pub member: Option<String>,
    /// The member of the payload that a plain word behind the name stands for.
    pub argument: Option<String>,
    /// The JSON Schema of the payload; `None` if there is none.
    pub payload: Option<serde_json::Value>,
}

/// An operation in the tree: the node that declares it, whose id is its name.
pub(crate) struct Entry {
    node: u32,
    declared: DeclaredOperation,
}

impl Scope {
    /// Declares that this place, called as its id says, is an operation of the construct around it.
    ///
    /// Constructs add the typed `Operation` of the crate `cloudwright`, which calls this.
    #[track_caller]
    pub fn declare_operation(&self, declared: DeclaredOperation) {
        let name = self.id();
        if !is_name(&name) {
            let message =
                format!("an operation is called by small letters, digits and dashes, got {name:?}");
            self.error(
                &rules::BAD_OPERATION,
                message,
                "people type it: choose a verb such as \"reload\"",
            );
        }
        let payload = declared.payload.as_ref();
        if payload.is_some_and(|schema| schema.as_map().is_none() || schema.literal().is_none()) {
            let message = "the schema of a payload is an object of literals, got something else";
            let help = "write it out: `json!({ \"type\": \"object\", \"properties\": { .. } })`";
            self.error(&rules::BAD_OPERATION, message, help);
        }
        self.check_argument(&declared);
        if declared.target.scope().node_ref().app != self.node_ref().app {
            let help = "build both constructs in one app";
            let message = "the resource of the operation belongs to another app";
            return self.error(&rules::FOREIGN_HANDLE, message, help);
        }
        let node = self.node;
        self.tree
            .write(|tree| tree.operations.push(Entry { node, declared }));
    }

    /// A word can only stand for what the payload has.
    fn check_argument(&self, declared: &DeclaredOperation) {
        let Some(argument) = &declared.argument else {
            return;
        };
        let member = |of: &Json, name: &str| {
            let mut members = of.as_map()?.iter();
            members
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        };
        let properties = declared
            .payload
            .as_ref()
            .and_then(|schema| member(schema, "properties"));
        if properties.is_none_or(|properties| member(&properties, argument).is_none()) {
            let message = format!(
                "a word behind the name stands for the member {argument:?}, which the payload has not"
            );
            let help = "name one of the schema's `properties`";
            self.error(&rules::BAD_OPERATION, message, help);
        }
    }
}

/// A letter, then letters, digits and dashes: nothing that a shell would change.
fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.bytes().all(known) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// The operations of an app, for its assembly.
pub(crate) fn named(tree: &mut Tree, names: &Names) -> Vec<OperationArtifact> {
    let entries = std::mem::take(&mut tree.operations);
    let mut operations: Vec<OperationArtifact> = entries
        .iter()
        .filter_map(|entry| entry.named(tree, names))
        .collect();
    sort_by(&mut operations, |a, b| {
        (&a.construct, &a.name).cmp(&(&b.construct, &b.name))
    });
    operations
}

impl Entry {
    fn named(&self, tree: &Tree, names: &Names) -> Option<OperationArtifact> {
        let declared = &self.declared;
        let target = declared.target.scope().node;
        let (stack, ids) = way(tree, names, target)?;
        let node = tree.node(self.node);
        Some(OperationArtifact {
            construct: tree.path(node.parent),
            name: node.id.to_string(),
            summary: declared.summary.to_string(),
            read_only: declared.read_only,
            stack: tree.path(stack).replace('/', "-"),
            ids,
            kind: tree.resource(target)?.kind.to_string(),
            member: declared.member.as_ref().map(Text::to_string),
            argument: declared.argument.as_ref().map(Text::to_string),
            payload: declared.payload.as_ref().and_then(Json::literal),
        })
    }
}

/// The stack that is deployed by itself, and the logical ids from there to a resource.
pub(crate) fn way(tree: &Tree, names: &Names, target: u32) -> Option<(u32, Vec<String>)> {
    let mut ids = vec![names.id(target).to_string()];
    let mut stack = tree.node(target).stack?;
    while let Some(nested) = tree.stack(stack)?.nested {
        ids.push(names.id(nested).to_string());
        stack = tree.node(nested).stack?;
    }
    ids.reverse();
    Some((stack, ids))
}
