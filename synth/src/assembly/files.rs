//! The contents of the assembly's files.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};
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
            &json!({ "fqn": self.construct, "version": version }),
        )?;
        if let Some((kind, id)) = &self.resource {
            let attributes = json!({ "aws:cdk:cloudformation:type": kind, "aws:cdk:cloudformation:logicalId": id });
            map.serialize_entry("attributes", &attributes)?;
        }
        if !self.children.is_empty() {
            map.serialize_entry("children", &Children(&self.children))?;
        }
        map.end()
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
    files.insert(MANIFEST.to_owned(), pretty(&manifest(assembly)));
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

fn manifest(assembly: &Assembly) -> Value {
    let mut artifacts = Map::new();
    artifacts.insert(
        "Tree".into(),
        json!({ "type": "cdk:tree", "properties": { "file": "tree.json" } }),
    );
    for stack in assembly.stacks() {
        artifacts.insert(stack.id.clone(), stack_artifact(stack));
        let properties = json!({ "file": asset_file(stack) });
        let manifest = json!({ "type": "cdk:asset-manifest", "properties": properties });
        artifacts.insert(format!("{}.assets", stack.id), manifest);
    }
    json!({ "version": SCHEMA_VERSION, "artifacts": artifacts })
}

fn stack_artifact(stack: &StackArtifact) -> Value {
    let mut properties = json!({ "templateFile": stack.template_file(), "stackName": stack.name });
    if stack.termination_protection {
        properties["terminationProtection"] = json!(true);
    }
    if !stack.tags.is_empty() {
        properties["tags"] = stack
            .tags
            .iter()
            .map(|(key, value)| (key.to_string(), json!(value)))
            .collect();
    }
    let own_assets = format!("{}.assets", stack.id);
    let dependencies: Vec<&String> = stack.dependencies.iter().chain([&own_assets]).collect();
    let metadata: Map<String, Value> = stack
        .template
        .resources()
        .map(|resource| {
            (
                format!("/{}", resource.path()),
                json!([{ "type": "aws:cdk:logicalId", "data": resource.id() }]),
            )
        })
        .collect();
    json!({
        "type": "aws:cloudformation:stack",
        "environment": stack.environment.url(),
        "displayName": stack.path,
        "properties": properties,
        "dependencies": dependencies,
        "metadata": metadata,
    })
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
