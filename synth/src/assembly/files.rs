//! The contents of the assembly's files.

use cloudwright_spec::facts_file;
use cloudwright_spec::sorted::sort_by;
use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use crate::assembly::{Assembly, StackArtifact, findings};
use crate::asset::{Asset, Content};
use crate::diagnostic::SourceLocation;
use crate::json::{Text, in_order};
use crate::naming::Names;
use crate::need::NeedArtifact;
use crate::operation::OperationArtifact;
use crate::tree::{Kind, Tree};

/// The cloud assembly schema that is written: old enough for any CLI of the last years, and enough
/// for stacks, assets and the tree.
const SCHEMA_VERSION: &str = "36.0.0";

/// The file that names all others.
pub(crate) const MANIFEST: &str = "manifest.json";

/// A node of `tree.json`. The nodes of an app stand in one row, each before those inside it.
pub(crate) struct TreeNode {
    pub(super) id: Text,
    construct: &'static str,
    /// The type, of a resource.
    kind: Option<Text>,
    /// The logical id, of a resource or another element of a template; else empty.
    pub(super) logical_id: Text,
    /// Where in the user's program it comes from.
    pub(super) location: SourceLocation,
    /// How many nodes are inside this one, at any depth.
    pub(super) inside: usize,
}

impl TreeNode {
    /// The nodes of an app, siblings by id. Takes what it needs out of the tree.
    pub(crate) fn row(tree: &mut Tree, names: &mut Names) -> Vec<Self> {
        let mut row = Vec::with_capacity(tree.nodes.len());
        tree.node_mut(0).id = "App".into();
        Self::take(tree, names, 0, &mut row);
        row
    }

    fn take(tree: &mut Tree, names: &mut Names, index: u32, row: &mut Vec<Self>) {
        let mut children = std::mem::take(&mut tree.node_mut(index).children);
        sort_by(&mut children, |a, b| {
            tree.node(*a).id.cmp(&tree.node(*b).id)
        });
        let node = tree.node_mut(index);
        let place = row.len();
        row.push(Self {
            id: std::mem::take(&mut node.id),
            construct: node.construct,
            kind: match &mut node.kind {
                Kind::Resource(data) => Some(std::mem::take(&mut data.kind)),
                _ => None,
            },
            logical_id: names.take(index),
            location: node.location,
            inside: 0,
        });
        for child in children {
            Self::take(tree, names, child, row);
        }
        row[place].inside = row.len() - place - 1;
    }
}

/// A node with all that is inside it, and its path.
struct Branch<'a> {
    row: &'a [TreeNode],
    path: &'a str,
}

impl Serialize for Branch<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let [node, inside @ ..] = self.row else {
            return out.serialize_unit();
        };
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("id", &node.id)?;
        map.serialize_entry("path", self.path)?;
        let version = env!("CARGO_PKG_VERSION");
        map.serialize_entry(
            "constructInfo",
            &Pairs([("fqn", node.construct), ("version", version)]),
        )?;
        if let Some(kind) = &node.kind {
            let attributes = Pairs([
                ("aws:cdk:cloudformation:logicalId", &*node.logical_id),
                ("aws:cdk:cloudformation:type", kind),
            ]);
            map.serialize_entry("attributes", &attributes)?;
        }
        if !inside.is_empty() {
            let children = Children {
                row: inside,
                parent: self.path,
            };
            map.serialize_entry("children", &children)?;
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

struct Children<'a> {
    row: &'a [TreeNode],
    parent: &'a str,
}

impl Serialize for Children<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        let mut rest = self.row;
        while let Some(child) = rest.first() {
            let (row, after) = rest.split_at(child.inside + 1);
            let path = match self.parent {
                "" => child.id.to_string(),
                parent => format!("{parent}/{}", child.id),
            };
            map.serialize_entry(&child.id, &Branch { row, path: &path })?;
            rest = after;
        }
        map.end()
    }
}

/// Hands the name and the content of every file of the assembly to `write`, one after the other, so
/// that never more than one of them is in memory. The manifest comes last: what it names is there.
pub(crate) fn each<E>(
    assembly: &Assembly,
    mut write: impl FnMut(&str, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut page = Page::default();
    let version = json!({ "version": SCHEMA_VERSION });
    write("cdk.out", page.of(&version))?;
    write("tree.json", page.of(&TreeFile(&assembly.tree)))?;
    write("facts.json", page.of(&Facts(assembly)))?;
    for stack in &assembly.stacks {
        write(&stack.template_file(), page.of(&stack.template))?;
        if !stack.nested {
            write(&asset_file(stack), page.of(&assets(stack)))?;
        }
        for asset in &stack.assets {
            if let Content::Bytes(content) = &asset.content {
                write(&format!("asset.{}", asset.file_name()), content)?;
            }
        }
    }
    write(MANIFEST, page.of(&Manifest(assembly)))
}

/// Memory for the text of one file, used for all of them in turn.
#[derive(Default)]
struct Page(Vec<u8>);

impl Page {
    /// Indented JSON and a final line feed.
    fn of(&mut self, document: &impl Serialize) -> &[u8] {
        self.0.clear();
        if serde_json::to_writer_pretty(&mut self.0, document).is_err() {
            self.0.clear();
        }
        self.0.push(b'\n');
        &self.0
    }
}

struct TreeFile<'a>(&'a [TreeNode]);

impl Serialize for TreeFile<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("version", "tree-0.1")?;
        let app = Branch {
            row: self.0,
            path: "",
        };
        map.serialize_entry("tree", &app)?;
        map.end()
    }
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
        let tree = json!({ "properties": { "file": "tree.json" }, "type": "cdk:tree" });
        map.serialize_entry("Tree", &tree)?;
        for stack in self.0.stacks() {
            let assets = json!({
                "properties": { "file": asset_file(stack) },
                "type": "cdk:asset-manifest",
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
    in_order(properties)
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
    let (mut files, mut images) = (Map::new(), Map::new());
    for asset in &stack.assets {
        let list = if asset.is_image {
            &mut images
        } else {
            &mut files
        };
        list.insert(asset.hash.clone(), file(stack, asset));
    }
    in_order(json!({ "version": SCHEMA_VERSION, "files": files, "dockerImages": images }))
}

fn file(stack: &StackArtifact, asset: &Asset) -> Value {
    let account = stack
        .environment
        .account_id()
        .unwrap_or("${AWS::AccountId}");
    let region = stack.environment.region_name().unwrap_or("${AWS::Region}");
    let place = format!("{}{account}-{region}", asset.place());
    let mut destination = if asset.is_image {
        json!({ "repositoryName": place, "imageTag": asset.hash })
    } else {
        json!({ "bucketName": place, "objectKey": asset.file_name() })
    };
    if let Some(region) = stack.environment.region_name() {
        destination["region"] = json!(region);
    }
    json!({
        "displayName": asset.display_name,
        "source": source(asset),
        "destinations": { "current": destination },
    })
}

/// A file of the assembly, or the command whose answer is the path of one.
fn source(asset: &Asset) -> Value {
    match asset.command() {
        Some(command) => json!({ "executable": command }),
        None => json!({ "path": format!("asset.{}", asset.file_name()), "packaging": "file" }),
    }
}

/// `facts.json`: what the assembly of the CDK has no place for.
struct Facts<'a>(&'a Assembly);

impl Serialize for Facts<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Self(assembly) = self;
        let edge = |edge: &crate::facts::Edge| json!({ "detail": edge.detail, "from": edge.from, "to": edge.to, "verb": edge.verb.name() });
        let edges: Vec<Value> = assembly.edges.iter().map(edge).collect();
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("version", &facts_file::VERSION)?;
        map.serialize_entry("edges", &edges)?;
        let operations: Vec<Value> = assembly.operations.iter().map(operation).collect();
        map.serialize_entry("operations", &operations)?;
        let needs: Vec<Value> = assembly.needs.iter().map(need).collect();
        if !needs.is_empty() {
            map.serialize_entry("needs", &needs)?;
        }
        if !assembly.warnings.is_empty() {
            map.serialize_entry("findings", &findings::each(&assembly.warnings))?;
            map.serialize_entry("rules", &findings::rules(&assembly.warnings))?;
        }
        map.serialize_entry("lines", &Lines(&assembly.tree))?;
        map.end()
    }
}

/// What has to be in a resource once it is filled, and the way to it.
fn need(need: &NeedArtifact) -> Value {
    in_order(json!({
        "consumer": need.consumer,
        "key": need.key,
        "target": { "stack": need.stack, "logicalIds": need.ids, "type": need.kind },
    }))
}

/// What can be asked of a construct, and the way to the resource that does it.
fn operation(operation: &OperationArtifact) -> Value {
    let mut entry = json!({
        "construct": operation.construct,
        "name": operation.name,
        "summary": operation.summary,
        "readOnly": operation.read_only,
        "target": { "stack": operation.stack, "logicalIds": operation.ids, "type": operation.kind },
    });
    if let Some(member) = &operation.member {
        entry["member"] = json!(member);
    }
    if let Some(argument) = &operation.argument {
        entry["argument"] = json!(argument);
    }
    if let Some(payload) = &operation.payload {
        entry["payload"] = payload.clone();
    }
    in_order(entry)
}

/// The `file:line` of the program behind each resource, by its path: what a failed deployment points at.
struct Lines<'a>(&'a [TreeNode]);

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        each_place(self.0, |path, node| match node.kind {
            Some(_) => map.serialize_entry(&path.join("/"), &node.location.to_string()),
            None => Ok(()),
        })?;
        map.end()
    }
}

/// Shows every node below the app, with the names that its path is made of.
pub(super) fn each_place<'a, E>(
    row: &'a [TreeNode],
    mut show: impl FnMut(&[&'a str], &'a TreeNode) -> Result<(), E>,
) -> Result<(), E> {
    let Some((app, mut rest)) = row.split_first() else {
        return Ok(());
    };
    debug_assert_eq!(app.inside, rest.len(), "the app holds every other node");
    // The nodes around the current one, and what is left inside each.
    let (mut path, mut left) = (Vec::new(), Vec::<usize>::new());
    while let Some((node, after)) = rest.split_first() {
        while left.last() == Some(&0) {
            left.pop();
            path.pop();
        }
        for inside in &mut left {
            *inside -= 1;
        }
        path.push(&*node.id);
        left.push(node.inside);
        show(&path, node)?;
        rest = after;
    }
    Ok(())
}
