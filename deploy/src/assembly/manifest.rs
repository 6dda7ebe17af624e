//! The manifest of an assembly: its stacks, what each depends on, and where in the program its resources come from.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;

use cloudwright_spec::facts_file;
use serde_json::{Map, Value};

use super::nested::{Nested, Sources, deployers};
use super::{Asset, Stack, assets_of, images_of, texts};
use crate::folder::{json, not_a};
use crate::operation::{Need, Operation};
use crate::problem::Problem;

/// What `facts.json` says: lines by path, operations, needs.
type Facts = (BTreeMap<String, String>, Vec<Operation>, Vec<Need>);

/// A stack in the manifest.
pub(super) struct Entry<'a> {
    pub(super) folder: &'a Path,
    pub(super) file: &'a Path,
    pub(super) id: &'a str,
    pub(super) artifact: &'a Value,
    pub(super) all: &'a Map<String, Value>,
    /// The document of `tree.json`, once it was needed.
    pub(super) tree: &'a OnceCell<Value>,
}

impl Entry<'_> {
    /// Reads it, with the lines of all resources of the program by their paths.
    pub(super) fn stack(&self, lines: &BTreeMap<String, String>) -> Result<Stack, Problem> {
        let properties = &self.artifact["properties"];
        let template = properties["templateFile"].as_str();
        let template =
            template.ok_or_else(|| not_a(self.file, "manifest: a stack has no template"))?;
        let (account, region) = place(self.artifact["environment"].as_str().unwrap_or_default());
        let (needs, asset_files) = self.dependencies();
        let (mut assets, mut images) = (Vec::new(), Vec::new());
        for file in asset_files {
            let file = self.folder.join(file);
            let document = json(&file)?;
            assets.extend(assets_of(self.folder, &file, &document)?);
            images.extend(images_of(&file, &document)?);
        }
        assets.sort();
        assets.dedup();
        images.sort();
        images.dedup();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let paths = paths(&self.artifact["metadata"]);
        let template = json(&self.folder.join(template))?;
        let nested = self.nested(&template, &paths, (&assets, lines))?;
        let own = |path: &&String| lines.contains_key(*path);
        let lines = paths
            .values()
            .filter(own)
            .map(|path| (path.clone(), lines[path].clone()));
        Ok(Stack {
            id: self.id.to_owned(),
            path: text(&self.artifact["displayName"]).unwrap_or_else(|| self.id.to_owned()),
            name: text(&properties["stackName"]).unwrap_or_else(|| self.id.to_owned()),
            account,
            region,
            needs,
            tags: texts(&properties["tags"]),
            protected: properties["terminationProtection"] == true,
            template,
            nested,
            assets,
            images,
            bucket: None,
            lines: lines.collect(),
            paths,
        })
    }

    /// The stacks within the stack. The tree is large, and read only where there are any.
    fn nested(
        &self,
        template: &Value,
        paths: &BTreeMap<String, String>,
        (assets, lines): (&[Asset], &BTreeMap<String, String>),
    ) -> Result<BTreeMap<String, Nested>, Problem> {
        if deployers(template).next().is_none() {
            return Ok(BTreeMap::new());
        }
        let file = self.folder.join("tree.json");
        let tree = match self.tree.get() {
            None if file.exists() => json(&file)?,
            _ => Value::Null,
        };
        let tree = self.tree.get_or_init(|| tree);
        let sources = Sources {
            assets,
            lines,
            tree,
        };
        Ok(sources.read(template, paths))
    }

    /// The ids of other stacks, and the files that list assets.
    fn dependencies(&self) -> (Vec<String>, Vec<&str>) {
        let (mut stacks, mut files) = (Vec::new(), Vec::new());
        let named = self.artifact["dependencies"]
            .as_array()
            .into_iter()
            .flatten();
        for (id, artifact) in named
            .filter_map(Value::as_str)
            .filter_map(|id| Some((id, self.all.get(id)?)))
        {
            match artifact["type"].as_str() {
                Some("aws:cloudformation:stack") => stacks.push(id.to_owned()),
                Some("cdk:asset-manifest") => files.extend(artifact["properties"]["file"].as_str()),
                _ => {}
            }
        }
        (stacks, files)
    }
}

/// `aws://ACCOUNT/REGION`, either of them `unknown-..` where it is left open.
fn place(environment: &str) -> (Option<String>, Option<String>) {
    let mut parts = environment.trim_start_matches("aws://").split('/');
    let mut part = || {
        parts
            .next()
            .filter(|part| !part.is_empty() && !part.starts_with("unknown-"))
            .map(str::to_owned)
    };
    (part(), part())
}

/// Logical ids with their construct paths, from the metadata by path.
fn paths(metadata: &Value) -> BTreeMap<String, String> {
    let mut paths = BTreeMap::new();
    for (path, entries) in metadata.as_object().into_iter().flatten() {
        let entries = entries.as_array().into_iter().flatten();
        let ids = entries.filter(|entry| entry["type"] == "aws:cdk:logicalId");
        let path = path.trim_start_matches('/');
        paths.extend(
            ids.filter_map(|entry| Some((entry["data"].as_str()?.to_owned(), path.to_owned()))),
        );
    }
    paths
}

/// Where in the user's program each resource comes from, the operations, and the needs. An assembly of the CDK
/// does not tell.
pub(super) fn facts(folder: &Path) -> Result<Facts, Problem> {
    let file = folder.join("facts.json");
    if !file.exists() {
        return Ok(Default::default());
    }
    let facts = json(&file)?;
    let version = facts.get("version").map(Value::to_string);
    if let Some((message, help)) =
        facts_file::mistake(&format!("\"{}\"", file.display()), version.as_deref())
    {
        return Err(Problem::unreadable(message, help));
    }
    let operations = Operation::all(&facts);
    let both = operations.zip(Need::all(&facts));
    let (operations, needs) = both.ok_or_else(|| not_a(&file, "list of facts and operations"))?;
    Ok((texts(&facts["lines"]), operations, needs))
}
