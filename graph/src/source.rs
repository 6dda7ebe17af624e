//! What an assembly says of its constructs.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use cloudwright_spec::facts_file;
use serde_json::Value;

use crate::problem::Problem;

const NO_FACTS: &str = "write the assembly by `synth` of a program that uses cloudwright; assemblies of other tools have no facts";
const WRITE_AGAIN: &str = "write the assembly again by `synth`";

/// An assembly, as far as a picture or a review needs it.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Every construct below the app by its path.
    pub constructs: BTreeMap<String, Construct>,
    /// In the order of their paths.
    pub stacks: Vec<Stack>,
    pub(crate) facts: Vec<Fact>,
    /// The program's `file:line` of each resource by its path.
    pub lines: BTreeMap<String, String>,
    /// The document of `facts.json`; `null` where an assembly of another tool has none.
    pub document: Value,
}

/// A construct of the tree.
#[derive(Clone, Debug)]
pub struct Construct {
    /// Its Rust type.
    pub name: String,
    /// The CloudFormation type and the logical id, if it is a resource.
    pub resource: Option<(String, String)>,
}

/// A stack.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Its path in the program, such as `Prod/Uploads`.
    pub path: String,
    /// The name that it is deployed under; that of a nested one, only the deployment knows.
    pub name: String,
    /// Whether another stack deploys it.
    pub is_nested: bool,
    /// The account's 12 digits, unless that is left open.
    pub account: Option<String>,
    /// The region, unless that is left open.
    pub region: Option<String>,
    /// The name of its template's file in the assembly.
    pub file: String,
    /// Its template; `null` where the assembly has none. Shared by all that show it.
    pub template: Arc<Value>,
}

/// What a construct does to another one, by their paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
        json(file, "manifest.json", WRITE_AGAIN)?;
        let document = json(file, "facts.json", NO_FACTS)?;
        require_version(&document)?;
        Self {
            facts: edges(&document).ok_or_else(|| not_a("facts.json", "list of edges"))?,
            lines: texts(&document["lines"]),
            document,
            ..Self::default()
        }
        .with_stacks(file)
    }

    /// Reads an assembly of any tool: of one without facts, nothing is known of what its constructs do to each other.
    ///
    /// # Errors
    /// When a file is missing, is no JSON, or is not what it should be.
    pub fn read_any(file: &dyn Fn(&str) -> io::Result<String>) -> Result<Self, Problem> {
        match file("facts.json") {
            Err(why) if why.kind() == io::ErrorKind::NotFound => Self::default().with_stacks(file),
            _ => Self::read(file),
        }
    }

    /// Adds the stacks, and what `tree.json` tells.
    fn with_stacks(mut self, file: &dyn Fn(&str) -> io::Result<String>) -> Result<Self, Problem> {
        self.stages(file, "")?;
        let tree = json(file, "tree.json", WRITE_AGAIN)?;
        self.constructs_of(&tree["tree"]);
        self.nested(file)?;
        self.stacks.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(self)
    }

    /// Adds the stacks of a manifest and those of its stages, which the CDK puts into folders of their own.
    fn stages(
        &mut self,
        file: &dyn Fn(&str) -> io::Result<String>,
        folder: &str,
    ) -> Result<(), Problem> {
        let name = format!("{folder}manifest.json");
        let manifest = json(file, &name, WRITE_AGAIN)?;
        let artifacts = manifest["artifacts"].as_object();
        let artifacts = artifacts.ok_or_else(|| not_a(&name, "manifest of an assembly"))?;
        for (id, artifact) in artifacts {
            if artifact["type"] == "aws:cloudformation:stack" {
                self.stacks.push(stack(file, (folder, id), artifact)?);
            }
            if artifact["type"] == "cdk:cloud-assembly"
                && let Some(stage) = artifact["properties"]["directoryName"].as_str()
            {
                // A folder below; anything else could lead around in circles.
                if stage.is_empty() || stage.contains(['/', '\\']) || stage.starts_with('.') {
                    return Err(not_a(&name, "manifest of an assembly"));
                }
                self.stages(file, &format!("{folder}{stage}/"))?;
            }
        }
        Ok(())
    }

    /// Adds the stacks that other stacks deploy.
    fn nested(&mut self, file: &dyn Fn(&str) -> io::Result<String>) -> Result<(), Problem> {
        let scopes = self.constructs.keys().filter_map(|path| {
            let path = path.strip_suffix(".NestedStackResource")?;
            path.rsplit_once(".NestedStack/")
                .map(|(scope, _)| scope.to_owned())
        });
        for path in scopes.collect::<Vec<_>>() {
            let name = format!("{}.nested.template.json", path.replace('/', "-"));
            let Some(around) = self.stack_of(&path).filter(|_| file(&name).is_ok()) else {
                continue;
            };
            let nested = Stack {
                name: path.replace('/', "-"),
                is_nested: true,
                template: json(file, &name, WRITE_AGAIN)?.into(),
                file: name,
                path,
                ..around.clone()
            };
            self.stacks.push(nested);
        }
        Ok(())
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
    #[must_use]
    pub fn stack_of(&self, path: &str) -> Option<&Stack> {
        let around = self.stacks.iter().filter(|s| is_within(path, &s.path));
        around.max_by_key(|stack| stack.path.len())
    }

    /// The resource of a construct in its template: its own, or the one that it is made of.
    pub(crate) fn body(&self, path: &str) -> Option<&Value> {
        let (_, id) = self.resource(path)?;
        Some(&self.stack_of(path)?.template["Resources"][id.as_str()])
    }

    /// The type and the logical id of the resource that a construct is, or that it is made of.
    #[must_use]
    pub fn resource(&self, path: &str) -> Option<&(String, String)> {
        let at = |path: &str| self.constructs.get(path)?.resource.as_ref();
        at(path).or_else(|| MAIN.iter().find_map(|id| at(&format!("{path}/{id}"))))
    }

    /// The program's line of a construct.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<&String> {
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

/// Refuses facts of another version. What is no object has another problem.
fn require_version(facts: &Value) -> Result<(), Problem> {
    if !facts.is_object() {
        return Ok(());
    }
    let version = facts.get("version").map(Value::to_string);
    let file = "the file facts.json of the assembly";
    match facts_file::mistake(file, version.as_deref()) {
        Some((message, help)) => Err(Problem::new(message, help)),
        None => Ok(()),
    }
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

fn stack(
    file: &dyn Fn(&str) -> io::Result<String>,
    (folder, id): (&str, &str),
    artifact: &Value,
) -> Result<Stack, Problem> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let environment = text(&artifact["environment"]).unwrap_or_default();
    let mut places = environment.trim_start_matches("aws://").split('/');
    let mut place = || {
        let place = places.next().unwrap_or_default();
        (!place.is_empty() && !place.starts_with("unknown-")).then(|| place.to_owned())
    };
    let named = artifact["properties"]["templateFile"].as_str();
    let file_name = named.map(|name| format!("{folder}{name}"));
    let template = match &file_name {
        Some(name) => json(file, name, WRITE_AGAIN)?,
        None => Value::Null,
    };
    Ok(Stack {
        path: display_name(artifact).unwrap_or_else(|| id.to_owned()),
        name: text(&artifact["properties"]["stackName"]).unwrap_or_else(|| id.to_owned()),
        is_nested: false,
        account: place(),
        region: place(),
        file: file_name.unwrap_or_default(),
        template: template.into(),
    })
}

/// The path of a stack. The CDK adds the name that a stack is deployed under, where that is another.
fn display_name(artifact: &Value) -> Option<String> {
    let said = artifact["displayName"].as_str()?;
    Some(said.split(" (").next().unwrap_or(said).to_owned())
}
