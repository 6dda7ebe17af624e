//! What is within nested stacks: their templates, and what their resources are called in the program.
//!
//! The templates are assets of the stack that deploys them. The names are in `tree.json`: what is within a nested
//! stack stands below the scope `X`, beside the resource `X.NestedStack/X.NestedStackResource` that deploys it, as
//! the CDK has it.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::{Asset, Source, Stack};

/// The type of the resource that deploys a nested stack.
pub(crate) const NESTED: &str = "AWS::CloudFormation::Stack";

/// A nested stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nested {
    /// The template.
    pub template: Value,
    /// The construct path of each resource by its logical id.
    paths: BTreeMap<String, String>,
    /// The user's line of each resource by its logical id.
    lines: BTreeMap<String, String>,
    /// The stacks within it, by the logical id of what deploys them.
    pub nested: BTreeMap<String, Self>,
}

impl Nested {
    /// One of which nothing but the template is known.
    #[must_use]
    pub fn of_template(template: Value) -> Self {
        Self {
            template,
            ..Self::default()
        }
    }
}

/// What nested stacks are read from.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    /// The files of the stack around them all.
    pub(super) assets: &'a [Asset],
    /// The lines of the program by path.
    pub(super) lines: &'a BTreeMap<String, String>,
    /// The document of `tree.json`.
    pub(super) tree: &'a Value,
}

/// The resources of a template that deploy nested stacks.
pub(super) fn deployers(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let resources = template["Resources"].as_object().into_iter().flatten();
    resources.filter(|(_, body)| body["Type"] == NESTED)
}

impl<'a> Sources<'a> {
    /// The nested stacks of a template whose resources have these paths. One whose template is no file of the assembly
    /// is not among them.
    pub(super) fn read(
        self,
        template: &Value,
        paths: &BTreeMap<String, String>,
    ) -> BTreeMap<String, Nested> {
        let found = deployers(template).filter_map(|(id, body)| {
            let scope = paths.get(id).and_then(|path| scope(path));
            Some((id.clone(), self.one(body, scope)?))
        });
        found.collect()
    }

    /// The nested stack that a resource deploys.
    fn one(self, deployer: &Value, scope: Option<&str>) -> Option<Nested> {
        let address = deployer["Properties"]["TemplateURL"].to_string();
        let mut assets = self.assets.iter();
        let asset = assets.find(|asset| address.contains(&asset.key))?;
        let Source::File(file) = &asset.source else {
            return None;
        };
        let template: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        let mut paths = BTreeMap::new();
        if let Some(node) = scope.and_then(|scope| self.node(scope)) {
            collect(node, &mut paths);
        }
        let line =
            |(id, path): (&String, &String)| Some((id.clone(), self.lines.get(path)?.clone()));
        Some(Nested {
            nested: self.read(&template, &paths),
            lines: paths.iter().filter_map(line).collect(),
            template,
            paths,
        })
    }

    /// The node of the tree at a path.
    fn node(self, path: &str) -> Option<&'a Value> {
        let root = self.tree.get("tree")?;
        path.split('/')
            .try_fold(root, |node, id| node.get("children")?.get(id))
    }
}

/// The scope of what a resource deploys: `Shop/X` for `Shop/X.NestedStack/X.NestedStackResource`.
fn scope(path: &str) -> Option<&str> {
    let path = path.strip_suffix(".NestedStackResource")?;
    path.rsplit_once(".NestedStack/").map(|(scope, _)| scope)
}

/// The logical ids of a scope with their paths, without those of the nested stacks in it.
fn collect(node: &Value, paths: &mut BTreeMap<String, String>) {
    let Some(children) = node["children"].as_object() else {
        return;
    };
    for (name, child) in children {
        if children.contains_key(&format!("{name}.NestedStack")) {
            continue;
        }
        let id = child["attributes"]["aws:cdk:cloudformation:logicalId"].as_str();
        if let (Some(id), Some(path)) = (id, child["path"].as_str()) {
            paths.insert(id.to_owned(), path.to_owned());
        }
        collect(child, paths);
    }
}

impl Stack {
    /// The nested stack to which these logical ids lead, from the outermost on.
    #[must_use]
    pub fn within(&self, way: &[String]) -> Option<&Nested> {
        let (first, rest) = way.split_first()?;
        let first = self.nested.get(first)?;
        rest.iter()
            .try_fold(first, |nested, id| nested.nested.get(id))
    }

    /// The construct path of a resource within nested stacks; its logical id, below the nested stack, where no path is
    /// known.
    #[must_use]
    pub fn path_within(&self, way: &[String], id: &str) -> String {
        let Some((last, outer)) = way.split_last() else {
            return self.path_of(id).to_owned();
        };
        let known = self.within(way).and_then(|nested| nested.paths.get(id));
        known.cloned().unwrap_or_else(|| {
            let path = self.path_within(outer, last);
            format!("{}/{id}", scope(&path).unwrap_or(&path))
        })
    }

    /// The `file:line` of the program where a resource within nested stacks comes from, or else the nested stack.
    #[must_use]
    pub fn line_within(&self, way: &[String], id: &str) -> Option<&str> {
        let Some((last, outer)) = way.split_last() else {
            return self.line_of(id);
        };
        let known = self.within(way).and_then(|nested| nested.lines.get(id));
        known
            .map(String::as_str)
            .or_else(|| self.line_within(outer, last))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;

    use super::super::Assembly;
    use super::*;

    fn deployer(key: &str) -> Value {
        json!({ "Type": NESTED, "Properties": { "TemplateURL": { "Fn::Sub": format!("https://b/{key}") } } })
    }

    fn node(path: &str, id: &str) -> Value {
        let name = path.rsplit('/').next();
        json!({ "id": name, "path": path, "attributes": { "aws:cdk:cloudformation:logicalId": id } })
    }

    /// An assembly of a stack `Shop` with a nested stack `In`, in which there is another one, `Deep`.
    fn folder() -> TempDir {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, value: &Value| {
            fs::write(folder.path().join(name), value.to_string()).unwrap();
        };
        let way =
            |path: &str, name: &str| format!("{path}{name}.NestedStack/{name}.NestedStackResource");
        let shell = |path: &str, name: &str, id: &str| {
            let deployed = node(&way(path, name), id);
            json!({ "id": format!("{name}.NestedStack"), "path": format!("{path}{name}.NestedStack"),
                "children": { format!("{name}.NestedStackResource"): deployed } })
        };
        let metadata = json!({ format!("/{}", way("Shop/", "In")): [{ "type": "aws:cdk:logicalId", "data": "In1" }] });
        write(
            "manifest.json",
            &json!({ "version": "36.0.0", "artifacts": {
            "Shop.assets": { "type": "cdk:asset-manifest", "properties": { "file": "Shop.assets.json" } },
            "Shop": { "type": "aws:cloudformation:stack", "properties": { "templateFile": "Shop.template.json" },
                "dependencies": ["Shop.assets"], "metadata": metadata } } }),
        );
        let file = |key: &str| {
            json!({ "source": { "path": key, "packaging": "file" },
            "destinations": { "current": { "bucketName": "b", "objectKey": key } } })
        };
        write(
            "Shop.assets.json",
            &json!({ "files": { "in": file("in.json"), "deep": file("deep.json") } }),
        );
        let queue = json!({ "Type": "AWS::SQS::Queue" });
        write(
            "Shop.template.json",
            &json!({ "Resources": { "In1": deployer("in.json"), "Far": deployer("far.json") } }),
        );
        write(
            "in.json",
            &json!({ "Resources": { "Jobs1": queue, "Deep1": deployer("deep.json") } }),
        );
        write(
            "deep.json",
            &json!({ "Resources": { "Jobs1": queue, "Added": queue } }),
        );
        let deep = json!({ "id": "Deep", "path": "Shop/In/Deep", "children": { "Jobs": node("Shop/In/Deep/Jobs", "Jobs1") } });
        let inner = json!({ "id": "In", "path": "Shop/In", "children": { "Jobs": node("Shop/In/Jobs", "Jobs1"),
            "Deep": deep, "Deep.NestedStack": shell("Shop/In/", "Deep", "Deep1") } });
        write(
            "tree.json",
            &json!({ "tree": { "id": "App", "children": { "Shop": { "id": "Shop", "children": {
            "In": inner, "In.NestedStack": shell("Shop/", "In", "In1") } } } } }),
        );
        write(
            "facts.json",
            &json!({ "version": 1, "lines": { way("Shop/", "In"): "src/main.rs:3",
            "Shop/In/Jobs": "src/main.rs:4", "Shop/In/Deep/Jobs": "src/main.rs:6" } }),
        );
        folder
    }

    #[test]
    fn resources_of_nested_stacks_have_their_own_path_and_line() {
        let folder = folder();
        let assembly = Assembly::read(folder.path()).unwrap();
        let shop = assembly.stack("Shop").unwrap();
        let way = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let seen = |ids: &[&str], id: &str| {
            let way = way(ids);
            (shop.path_within(&way, id), shop.line_within(&way, id))
        };
        let known = |path: &str, line| (path.to_owned(), line);
        assert_eq!(
            seen(&["In1"], "Jobs1"),
            known("Shop/In/Jobs", Some("src/main.rs:4"))
        );
        assert_eq!(
            seen(&["In1", "Deep1"], "Jobs1"),
            known("Shop/In/Deep/Jobs", Some("src/main.rs:6"))
        );
        // What the tree does not know is named below its stack, with the nearest line.
        assert_eq!(
            seen(&["In1", "Deep1"], "Added"),
            known("Shop/In/Deep/Added", Some("src/main.rs:3"))
        );
        assert_eq!(seen(&["Far"], "Thing"), known("Far/Thing", None));
        assert!(shop.within(&way(&["Far"])).is_none());
        let deep = shop.within(&way(&["In1", "Deep1"])).unwrap();
        assert_eq!(
            deep.template["Resources"]["Added"]["Type"],
            "AWS::SQS::Queue"
        );
    }

    #[test]
    fn without_a_tree_the_templates_are_still_there() {
        let folder = folder();
        fs::remove_file(folder.path().join("tree.json")).unwrap();
        let assembly = Assembly::read(folder.path()).unwrap();
        let shop = assembly.stack("Shop").unwrap();
        let way = ["In1".to_owned()];
        assert_eq!(shop.path_within(&way, "Jobs1"), "Shop/In/Jobs1");
        assert!(shop.within(&way).is_some());
        fs::write(folder.path().join("tree.json"), "{").unwrap();
        let problem = Assembly::read(folder.path()).unwrap_err();
        assert!(problem.message.contains("tree.json"), "{problem:?}");
    }
}
