//! What an assembly says of its constructs.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;

use crate::problem::Problem;

const NO_FACTS: &str = "write the assembly by `synth` of a program that uses cloudwright; assemblies of other tools have no facts";
const WRITE_AGAIN: &str = "write the assembly again by `synth`";

/// An assembly, as far as a picture needs it.
#[derive(Debug, Default)]
pub struct Source {
    /// Every construct below the app by its path.
    pub(crate) constructs: BTreeMap<String, Construct>,
    /// In the order of their paths.
    pub(crate) stacks: Vec<Stack>,
    pub(crate) facts: Vec<Fact>,
    /// The program's `file:line` of each resource by its path.
    pub(crate) lines: BTreeMap<String, String>,
}

/// A construct of the tree.
#[derive(Debug)]
pub(crate) struct Construct {
    /// Its Rust type.
    pub(crate) name: String,
    /// The CloudFormation type and the logical id, if it is a resource.
    pub(crate) resource: Option<(String, String)>,
}

/// A stack.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) path: String,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) template: Value,
}

/// What a construct does to another one, by their paths.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) from: String,
    pub(crate) verb: String,
    pub(crate) to: String,
    pub(crate) detail: String,
}

impl Source {
    /// Reads an assembly; `file` gives the content of a file by its name.
    ///
    /// # Errors
    /// When a file is missing, is no JSON, or is not what it should be.
    pub fn read(file: &dyn Fn(&str) -> io::Result<String>) -> Result<Self, Problem> {
        let manifest = json(file, "manifest.json", WRITE_AGAIN)?;
        let facts = json(file, "facts.json", NO_FACTS)?;
        let tree = json(file, "tree.json", WRITE_AGAIN)?;
        let mut source = Self {
            facts: edges(&facts).ok_or_else(|| not_a("facts.json", "list of edges"))?,
            lines: texts(&facts["lines"]),
            ..Self::default()
        };
        source.constructs_of(&tree["tree"]);
        let artifacts = manifest["artifacts"].as_object();
        let artifacts =
            artifacts.ok_or_else(|| not_a("manifest.json", "manifest of an assembly"))?;
        for artifact in artifacts.values() {
            if artifact["type"] == "aws:cloudformation:stack" {
                source.stacks.push(stack(file, artifact)?);
            }
        }
        source.stacks.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(source)
    }

    /// Adds the constructs of a node of `tree.json` and all below it. An assembly's nesting is that of its program.
    fn constructs_of(&mut self, node: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let attributes = &node["attributes"];
        let kind = text(&attributes["aws:cdk:cloudformation:type"]);
        let id = text(&attributes["aws:cdk:cloudformation:logicalId"]);
        if let Some(path) = text(&node["path"]).filter(|path| !path.is_empty()) {
            let construct = Construct {
                name: text(&node["constructInfo"]["fqn"]).unwrap_or_default(),
                resource: kind.map(|kind| (kind, id.unwrap_or_default())),
            };
            self.constructs.insert(path, construct);
        }
        for child in node["children"].as_object().into_iter().flatten() {
            self.constructs_of(child.1);
        }
    }

    /// The stack that a construct is in: the innermost one, as stacks nest.
    pub(crate) fn stack_of(&self, path: &str) -> Option<&Stack> {
        let around = self.stacks.iter().filter(|s| is_within(path, &s.path));
        around.max_by_key(|stack| stack.path.len())
    }

    /// The resource of a construct in its template: its own, or the one that it is made of.
    pub(crate) fn body(&self, path: &str) -> Option<&Value> {
        let (_, id) = self.resource(path)?;
        Some(&self.stack_of(path)?.template["Resources"][id.as_str()])
    }

    /// The type and the logical id of the resource that a construct is, or that it is made of.
    pub(crate) fn resource(&self, path: &str) -> Option<&(String, String)> {
        let at = |path: &str| self.constructs.get(path)?.resource.as_ref();
        at(path).or_else(|| MAIN.iter().find_map(|id| at(&format!("{path}/{id}"))))
    }

    /// The program's line of a construct.
    pub(crate) fn line(&self, path: &str) -> Option<&String> {
        let at = |path: &str| self.lines.get(path);
        at(path).or_else(|| MAIN.iter().find_map(|id| at(&format!("{path}/{id}"))))
    }
}

/// What the resource that a construct is made of is called within it, here and in the CDK.
pub(crate) const MAIN: [&str; 2] = ["Resource", "Default"];

/// Whether a path is another one or below it.
pub(crate) fn is_within(path: &str, around: &str) -> bool {
    let rest = path.strip_prefix(around);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn json(
    file: &dyn Fn(&str) -> io::Result<String>,
    name: &str,
    help: &str,
) -> Result<Value, Problem> {
    let content = file(name).map_err(|why| {
        let message = format!("the file {name} of the assembly cannot be read: {why}");
        Problem::new(message, help)
    })?;
    serde_json::from_str(&content).map_err(|why| {
        let message = format!("the file {name} of the assembly is no JSON: {why}");
        Problem::new(message, WRITE_AGAIN)
    })
}

fn not_a(file: &str, what: &str) -> Problem {
    Problem::new(
        format!("the file {file} of the assembly holds no {what}"),
        WRITE_AGAIN,
    )
}

fn edges(facts: &Value) -> Option<Vec<Fact>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let edge = |edge: &Value| {
        Some(Fact {
            from: text(&edge["from"])?,
            verb: text(&edge["verb"])?,
            to: text(&edge["to"])?,
            detail: text(&edge["detail"]).unwrap_or_default(),
        })
    };
    facts["edges"].as_array()?.iter().map(edge).collect()
}

fn texts(object: &Value) -> BTreeMap<String, String> {
    let members = object.as_object().into_iter().flatten();
    members
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn stack(file: &dyn Fn(&str) -> io::Result<String>, artifact: &Value) -> Result<Stack, Problem> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let environment = text(&artifact["environment"]);
    let mut places = environment.trim_start_matches("aws://").split('/');
    let mut place = || {
        let place = places.next().unwrap_or_default();
        (!place.is_empty() && !place.starts_with("unknown-")).then(|| place.to_owned())
    };
    let template = match artifact["properties"]["templateFile"].as_str() {
        Some(name) => json(file, name, WRITE_AGAIN)?,
        None => Value::Null,
    };
    Ok(Stack {
        path: text(&artifact["displayName"]),
        account: place(),
        region: place(),
        template,
    })
}
