//! The contents of the assembly's files.

use std::collections::BTreeMap;

use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use crate::assembly::{Assembly, StackArtifact};
use crate::asset::Asset;
use crate::json::Text;
use crate::naming::Names;
use crate::resolve::Draft;
use crate::tree::Tree;

/// The cloud assembly schema that is written: old enough for any CLI of the last years, and enough
/// for stacks, assets and the tree.
const SCHEMA_VERSION: &str = "36.0.0";

/// The file that names all others.
pub(crate) const MANIFEST: &str = "manifest.json";

/// A node of `tree.json`.
pub(crate) struct TreeNode {
    id: Text,
    path: String,
    construct: &'static str,
    resource: Option<(Text, Text)>,
    children: Vec<TreeNode>,
}

impl TreeNode {
    pub(crate) fn new(tree: &Tree, names: &Names, drafts: &[Draft]) -> Self {
        let kinds: BTreeMap<u32, Text> = drafts
            .iter()
            .flat_map(|draft| draft.template.resources.iter())
            .map(|resource| (resource.node, resource.kind.clone()))
            .collect();
        Self::below(tree, names, &kinds, 0)
    }

    fn below(tree: &Tree, names: &Names, kinds: &BTreeMap<u32, Text>, index: u32) -> Self {
        let node = tree.node(index);
        let mut children: Vec<_> = node
            .children
            .iter()
            .map(|child| Self::below(tree, names, kinds, *child))
            .collect();
        children.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            id: if index == 0 {
                "App".into()
            } else {
                node.id.clone()
            },
            path: tree.path(index),
            construct: node.construct,
            resource: kinds
                .get(&index)
                .map(|kind| (kind.clone(), names.id(index).clone())),
            children,
        }
    }
}

impl Serialize for TreeNode {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("path", &self.path)?;
        let version = env!("CARGO_PKG_VERSION");
        map.serialize_entry(
            "constructInfo",
            &Pairs([("fqn", self.construct), ("version", version)]),
        )?;
        if let Some((kind, id)) = &self.resource {
            let attributes = Pairs([
                ("aws:cdk:cloudformation:logicalId", &**id),
                ("aws:cdk:cloudformation:type", kind),
            ]);
            map.serialize_entry("attributes", &attributes)?;
        }
        if !self.children.is_empty() {
            map.serialize_entry("children", &Children(&self.children))?;
        }
        map.end()
    }
}

/// A small object of texts, written without building it first.
struct Pairs<'a, const N: usize>([(&'static str, &'a str); N]);

impl<const N: usize> Serialize for Pairs<'_, N> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.0)
    }
}

struct Children<'a>(&'a [TreeNode]);

impl Serialize for Children<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.0.iter().map(|child| (&child.id, child)))
    }
}

/// Every file of the assembly, by name.
pub(crate) fn contents(assembly: &Assembly) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    files.insert(MANIFEST.to_owned(), pretty(&Manifest(assembly)));
    files.insert(
        "cdk.out".to_owned(),
        pretty(&json!({ "version": SCHEMA_VERSION })),
    );
    files.insert("tree.json".to_owned(), pretty(&TreeFile(&assembly.tree)));
    files.insert("facts.json".to_owned(), pretty(&facts(assembly)));
    for stack in &assembly.stacks {
        files.insert(stack.template_file(), stack.template.to_json().into_bytes());
        if !stack.nested {
            files.insert(asset_file(stack), pretty(&assets(stack)));
        }
        for asset in &stack.assets {
            files.insert(
                format!("asset.{}", asset.file_name()),
                asset.content.clone(),
            );
        }
    }
    files
}

struct TreeFile<'a>(&'a TreeNode);

impl Serialize for TreeFile<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("version", "tree-0.1")?;
        map.serialize_entry("tree", self.0)?;
        map.end()
    }
}

fn pretty(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn asset_file(stack: &StackArtifact) -> String {
    format!("{}.assets.json", stack.id)
}

/// `manifest.json`. It is written straight from the assembly: with thousands of resources, building
/// the document first would cost more than everything else.
struct Manifest<'a>(&'a Assembly);

impl Serialize for Manifest<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("version", SCHEMA_VERSION)?;
        map.serialize_entry("artifacts", &Artifacts(self.0))?;
        map.end()
    }
}

struct Artifacts<'a>(&'a Assembly);

impl Serialize for Artifacts<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        let tree = json!({ "type": "cdk:tree", "properties": { "file": "tree.json" } });
        map.serialize_entry("Tree", &tree)?;
        for stack in self.0.stacks() {
            let assets = json!({
                "type": "cdk:asset-manifest",
                "properties": { "file": asset_file(stack) },
            });
            map.serialize_entry(&assets_id(stack), &assets)?;
            map.serialize_entry(&stack.id, &StackEntry(stack))?;
        }
        map.end()
    }
}

struct StackEntry<'a>(&'a StackArtifact);

impl Serialize for StackEntry<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Self(stack) = self;
        let own_assets = assets_id(stack);
        let dependencies: Vec<&String> = stack.dependencies.iter().chain([&own_assets]).collect();
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("type", "aws:cloudformation:stack")?;
        map.serialize_entry("environment", &stack.environment.url())?;
        map.serialize_entry("displayName", &stack.path)?;
        map.serialize_entry("properties", &stack_properties(stack))?;
        map.serialize_entry("dependencies", &dependencies)?;
        map.serialize_entry("metadata", &LogicalIds(stack))?;
        map.end()
    }
}

fn stack_properties(stack: &StackArtifact) -> Value {
    let mut properties = json!({ "templateFile": stack.template_file(), "stackName": stack.name });
    if stack.termination_protection {
        properties["terminationProtection"] = json!(true);
    }
    if !stack.tags.is_empty() {
        let tags = stack
            .tags
            .iter()
            .map(|(key, value)| (key.to_string(), json!(value)));
        properties["tags"] = tags.collect();
    }
    properties
}

/// The construct path of each resource with its logical id, so that tools can show paths.
struct LogicalIds<'a>(&'a StackArtifact);

impl Serialize for LogicalIds<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.0.template.resources().map(|resource| {
            let id = Pairs([("type", "aws:cdk:logicalId"), ("data", resource.id())]);
            (format!("/{}", resource.path()), [id])
        }))
    }
}

fn assets_id(stack: &StackArtifact) -> String {
    format!("{}.assets", stack.id)
}

fn assets(stack: &StackArtifact) -> Value {
    let files: Map<String, Value> = stack
        .assets
        .iter()
        .map(|asset| (asset.hash.clone(), file(stack, asset)))
        .collect();
    json!({ "version": SCHEMA_VERSION, "files": files, "dockerImages": {} })
}

fn file(stack: &StackArtifact, asset: &Asset) -> Value {
    let account = stack
        .environment
        .account_id()
        .unwrap_or("${AWS::AccountId}");
    let region = stack.environment.region_name().unwrap_or("${AWS::Region}");
    let bucket = format!("cdk-{}-assets-{account}-{region}", asset.qualifier);
    let mut destination = json!({ "bucketName": bucket, "objectKey": asset.file_name() });
    if let Some(region) = stack.environment.region_name() {
        destination["region"] = json!(region);
    }
    json!({
        "displayName": asset.display_name,
        "source": { "path": format!("asset.{}", asset.file_name()), "packaging": "file" },
        "destinations": { "current": destination },
    })
}

fn facts(assembly: &Assembly) -> Value {
    let edge = |edge: &crate::facts::Edge| json!({ "from": edge.from, "verb": edge.verb.name(), "to": edge.to, "detail": edge.detail });
    json!({ "version": 1, "edges": assembly.edges.iter().map(edge).collect::<Vec<_>>() })
}
