//! Needs: what a program has to find in a resource that is filled after it was deployed.
//!
//! A secret is declared empty, and whoever reads it expects a JSON object with certain keys. The template cannot
//! say so. A construct says it here, the assembly carries it, and the command line that fills the resource checks it.

use cloudwright_spec::sorted::sort_by;

use crate::json::Text;
use crate::naming::Names;
use crate::operation::way;
use crate::resource::Handle;
use crate::rules;
use crate::scope::Scope;
use crate::tree::Tree;

/// A need as the assembly has it, sorted by resource, key and consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedArtifact {
    /// The path of the construct that needs it.
    pub consumer: String,
    /// The member of the JSON object that the resource has to hold.
    pub key: String,
    /// The artifact id of the stack with the resource: the outermost one around nested stacks.
    pub stack: String,
    /// The logical ids that lead to the resource: those of nested stacks, then its own.
    pub ids: Vec<String>,
    /// The resource's CloudFormation type.
    pub kind: String,
}

/// A need in the tree.
pub(crate) struct Entry {
    node: u32,
    target: u32,
    key: Text,
}

impl Scope {
    /// Declares that this place needs a key in the JSON object that a resource holds once it is filled.
    #[track_caller]
    pub fn declare_need(&self, target: &Handle, key: impl Into<Text>) {
        if target.scope().node_ref().app != self.node_ref().app {
            let message = "the resource that is needed belongs to another app";
            return self.error(
                &rules::FOREIGN_HANDLE,
                message,
                "build both constructs in one app",
            );
        }
        let (node, target, key) = (self.node, target.scope().node, key.into());
        let entry = Entry { node, target, key };
        self.tree.write(|tree| tree.needs.push(entry));
    }
}

/// The needs of an app, for its assembly.
pub(crate) fn named(tree: &mut Tree, names: &Names) -> Vec<NeedArtifact> {
    let entries = std::mem::take(&mut tree.needs);
    let named = entries.iter().filter_map(|entry| entry.named(tree, names));
    let mut needs: Vec<NeedArtifact> = named.collect();
    sort_by(&mut needs, |a, b| a.parts().cmp(&b.parts()));
    needs.dedup();
    needs
}

impl NeedArtifact {
    const fn parts(&self) -> (&String, &Vec<String>, &String, &String) {
        (&self.stack, &self.ids, &self.key, &self.consumer)
    }
}

impl Entry {
    fn named(&self, tree: &Tree, names: &Names) -> Option<NeedArtifact> {
        let (stack, ids) = way(tree, names, self.target)?;
        Some(NeedArtifact {
            consumer: tree.path(self.node),
            key: self.key.to_string(),
            stack: tree.path(stack).replace('/', "-"),
            ids,
            kind: tree.resource(self.target)?.kind.to_string(),
        })
    }
}
