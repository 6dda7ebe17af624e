//! The assembly: everything that a deployment needs, in the layout of the AWS CDK.
//!
//! The official `cdk` CLI can list, diff and deploy the folder that [`Assembly::write`] makes, so a
//! user can leave at any time. Beside the CDK's files it holds `facts.json`: who notifies, reads,
//! writes and watches whom, and what can be asked of them once they run.

mod files;
mod findings;
mod nested;
mod origin;
mod write;

use std::path::Path;

use cloudwright_spec::sorted::{Map, Set, sort};

use crate::asset::Asset;
use crate::check::stateful;
use crate::diagnostic::Diagnostics;
use crate::environment::Environment;
use crate::facts::Edge;
use crate::json::Text;
use crate::naming::Names;
use crate::need::{self, NeedArtifact};
use crate::operation::{self, OperationArtifact};
use crate::resolve::Draft;
use crate::template::Template;
use crate::tree::Tree;

pub(crate) use nested::embed;
pub use write::WriteError;

/// The result of a synthesis: plain data, independent of the construct tree.
pub struct Assembly {
    stacks: Vec<StackArtifact>,
    edges: Vec<Edge>,
    operations: Vec<OperationArtifact>,
    needs: Vec<NeedArtifact>,
    warnings: Diagnostics,
    tree: Vec<files::TreeNode>,
}

/// A stack of an assembly.
pub struct StackArtifact {
    id: String,
    path: String,
    name: String,
    environment: Environment,
    termination_protection: bool,
    tags: Vec<(Text, Text)>,
    nested: bool,
    dependencies: Vec<String>,
    assets: Vec<Asset>,
    template: Template,
}

impl Assembly {
    pub(crate) fn new(
        mut tree: Tree,
        mut names: Names,
        drafts: Vec<Draft>,
        warnings: Diagnostics,
    ) -> Self {
        let ids: Map<u32, String> = drafts
            .iter()
            .map(|draft| (draft.node, tree.path(draft.node).replace('/', "-")))
            .collect();
        let mut edges = std::mem::take(&mut tree.edges);
        sort(&mut edges);
        edges.dedup();
        let stacks = drafts
            .into_iter()
            .map(|draft| StackArtifact::new(&tree, &ids, draft))
            .collect();
        Self {
            stacks,
            edges,
            operations: operation::named(&mut tree, &names),
            needs: need::named(&mut tree, &names),
            warnings,
            tree: files::TreeNode::row(&mut tree, &mut names),
        }
    }

    /// The stacks that are deployed by themselves, in the order of the construct tree.
    #[must_use]
    pub fn stacks(&self) -> Vec<&StackArtifact> {
        self.stacks.iter().filter(|stack| !stack.nested).collect()
    }

    /// All stacks, nested ones included.
    #[must_use]
    pub fn all_stacks(&self) -> &[StackArtifact] {
        &self.stacks
    }

    /// The stack with a path (`Prod/Uploads`) or a deployed name (`Prod-Uploads`).
    #[must_use]
    pub fn stack(&self, name: &str) -> Option<&StackArtifact> {
        self.stacks
            .iter()
            .find(|stack| stack.path == name || stack.name == name)
    }

    /// What constructs do to each other, sorted.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// What can be asked of constructs once they are deployed, sorted by construct and name.
    #[must_use]
    pub fn operations(&self) -> &[OperationArtifact] {
        &self.operations
    }

    /// What programs have to find in resources that are filled after they were deployed.
    #[must_use]
    pub fn needs(&self) -> &[NeedArtifact] {
        &self.needs
    }

    /// The JSON files of the assembly by their names, as [`write`](Self::write) writes them.
    #[must_use]
    pub fn documents(&self) -> Vec<(String, String)> {
        let mut documents = Vec::new();
        let keep = |name: &str, content: &[u8]| {
            if !name.starts_with("asset.") {
                let text = String::from_utf8_lossy(content).into_owned();
                documents.push((name.to_owned(), text));
            }
            Ok::<_, std::convert::Infallible>(())
        };
        let Ok(()) = files::each(self, keep);
        documents
    }

    /// The folders of this machine with the sources of assets that are made when they are uploaded.
    /// They are not part of what is written; whoever writes an assembly to be deployed from here
    /// says them to the command that makes the assets.
    #[must_use]
    pub fn checkouts(&self) -> Vec<&Path> {
        let assets = self.stacks.iter().flat_map(|stack| &stack.assets);
        let checkouts: Set<_> = assets.filter_map(Asset::checkout).collect();
        checkouts.into_vec()
    }

    /// The resources that hold data, one line each, as [`App::stateful_ids`](crate::App::stateful_ids) takes them.
    #[must_use]
    pub fn stateful_ids(&self) -> Vec<String> {
        self.stacks
            .iter()
            .flat_map(StackArtifact::stateful_ids)
            .collect()
    }

    /// What was found that does not forbid a deployment.
    #[must_use]
    pub const fn warnings(&self) -> &Diagnostics {
        &self.warnings
    }
}

impl StackArtifact {
    fn new(tree: &Tree, ids: &Map<u32, String>, draft: Draft) -> Self {
        let node = draft.node;
        let data = tree.stack(node);
        Self {
            id: ids[&node].clone(),
            path: tree.path(node),
            name: tree.stack_name(node),
            environment: data
                .map(|data| data.environment.clone())
                .unwrap_or_default(),
            termination_protection: data.is_some_and(|data| data.termination_protection),
            tags: data.map(|data| data.tags.clone()).unwrap_or_default(),
            nested: data.is_some_and(|data| data.nested.is_some()),
            dependencies: draft
                .needs
                .keys()
                .map(|needed| ids[needed].clone())
                .collect(),
            assets: data.map(|data| data.assets.clone()).unwrap_or_default(),
            template: draft.template,
        }
    }

    /// The artifact's id in the manifest.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The construct path, such as `Prod/Uploads`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name that the stack is deployed under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The account and region that the stack is for.
    #[must_use]
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Whether another stack of the app deploys this one.
    #[must_use]
    pub const fn is_nested(&self) -> bool {
        self.nested
    }

    /// The artifact ids of the stacks that must be deployed first.
    #[must_use]
    pub fn dependencies(&self) -> &[String] {
        &self.dependencies
    }

    /// The files that are uploaded before the stack is deployed, in the order of the program. One
    /// that several constructs use may be there several times.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// The template.
    #[must_use]
    pub const fn template(&self) -> &Template {
        &self.template
    }

    /// The resources that hold data, one line each: see [`Assembly::stateful_ids`].
    #[must_use]
    pub fn stateful_ids(&self) -> Vec<String> {
        let holders = self.template.resources().filter(|one| one.is_stateful());
        holders
            .map(|one| stateful::line(&self.path, one.id(), one.kind()))
            .collect()
    }

    /// The template's file name within the assembly.
    #[must_use]
    pub fn template_file(&self) -> String {
        let kind = if self.nested {
            "nested.template"
        } else {
            "template"
        };
        format!("{}.{kind}.json", self.id)
    }
}
