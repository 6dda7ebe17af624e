//! What the templates were before: an assembly on disk, or a single file.
//!
//! An assembly of the AWS CDK is read as well, so that an app that moves here can be compared with
//! what it was. Stacks are the same when their ids in the manifests are, or else when they have the
//! same name in the same environment.

use std::fs;
use std::path::{Component, Path, PathBuf};

use cloudwright_synth::{Environment, StackArtifact};
use serde_json::{Map, Value};

use crate::cli::stop::Stop;

const WRITE_ANEW: &str = "write the assembly anew by `synth`";
const FROM_YAML: &str = "turn a template in YAML into JSON first, for example by `cfn-flip`";

/// A stack of an assembly on disk.
pub(crate) struct Previous {
    id: String,
    path: String,
    name: String,
    environment: String,
    file: PathBuf,
}

impl Previous {
    /// The construct path, such as `Prod/Uploads`.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The name that the stack is deployed under.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether `stack` is the same, now.
    pub(crate) fn is(&self, stack: &StackArtifact) -> bool {
        self.id == stack.id()
            || (self.name == stack.name() && self.environment == url(stack.environment()))
    }

    fn new(folder: &Path, id: &str, artifact: &Value) -> Option<Self> {
        let properties = &artifact["properties"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            id: id.to_owned(),
            path: text(&artifact["displayName"]).unwrap_or_else(|| id.to_owned()),
            name: text(&properties["stackName"]).unwrap_or_else(|| id.to_owned()),
            environment: text(&artifact["environment"]).unwrap_or_default(),
            file: folder.join(properties["templateFile"].as_str()?),
        })
    }
}

/// The stacks of the assembly in `folder`, those of its stages included.
pub(crate) fn of_folder(folder: &Path) -> Result<Vec<Previous>, Stop> {
    let manifest = folder.join("manifest.json");
    if !manifest.exists() {
        let message = format!("there is no assembly in \"{}\"", folder.display());
        let help = "write one by `synth`, or compare with another: `--against DIR`";
        return Err(Stop::cannot(message, help));
    }
    let mut stacks = Vec::new();
    for (id, artifact) in artifacts(&manifest)? {
        match artifact["type"].as_str() {
            Some("aws:cloudformation:stack") => {
                stacks.extend(Previous::new(folder, &id, &artifact));
            }
            Some("cdk:cloud-assembly") => {
                if let Some(stage) = artifact["properties"]["directoryName"].as_str() {
                    stacks.extend(of_folder(&below(folder, stage, &manifest)?)?);
                }
            }
            _ => {}
        }
    }
    Ok(stacks)
}

/// The folder of a stage, which is one below; anything else could lead around in circles.
fn below(folder: &Path, stage: &str, manifest: &Path) -> Result<PathBuf, Stop> {
    let is_name = |part| matches!(part, Component::Normal(_));
    if stage.is_empty() || !Path::new(stage).components().all(is_name) {
        return Err(not_a(manifest, "manifest of an assembly"));
    }
    Ok(folder.join(stage))
}

fn artifacts(manifest: &Path) -> Result<Map<String, Value>, Stop> {
    match json(manifest, WRITE_ANEW)? {
        Value::Object(mut document) => match document.remove("artifacts") {
            Some(Value::Object(artifacts)) => Ok(artifacts),
            _ => Err(not_a(manifest, "manifest of an assembly")),
        },
        _ => Err(not_a(manifest, "manifest of an assembly")),
    }
}

/// The template that `stack` had in the assembly in `folder`, if it had one.
pub(crate) fn template_of(
    folder: &Path,
    all: &[Previous],
    stack: &StackArtifact,
) -> Result<Option<Value>, Stop> {
    if !stack.is_nested() {
        let before = all.iter().find(|before| before.is(stack));
        return before.map(|before| own_template(&before.file)).transpose();
    }
    // Nested stacks are in no manifest: the stack around them names their templates.
    let file = folder.join(stack.template_file());
    file.exists().then(|| own_template(&file)).transpose()
}

/// The environment as manifests write it.
fn url(environment: &Environment) -> String {
    let account = environment.account_id().unwrap_or("unknown-account");
    let region = environment.region_name().unwrap_or("unknown-region");
    format!("aws://{account}/{region}")
}

/// A template in a file: JSON, or what `aws cloudformation get-template` answers.
pub(crate) fn template(file: &Path) -> Result<Value, Stop> {
    template_in(file, json(file, FROM_YAML)?)
}

/// The template of a stack of an assembly, which `synth` wrote as JSON.
fn own_template(file: &Path) -> Result<Value, Stop> {
    template_in(file, json(file, WRITE_ANEW)?)
}

fn template_in(file: &Path, document: Value) -> Result<Value, Stop> {
    let body = match document.get("TemplateBody") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(body) => body.clone(),
        None => document,
    };
    if body["Resources"].is_object() {
        Ok(body)
    } else {
        Err(not_a(file, "template: it has no resources"))
    }
}

fn json(file: &Path, help: &str) -> Result<Value, Stop> {
    let name = file.display();
    let bytes = fs::read(file).map_err(|why| {
        Stop::cannot(
            format!("cannot read \"{name}\": {why}"),
            "check the path; relative paths start at the current folder",
        )
    })?;
    serde_json::from_slice(&bytes)
        .map_err(|why| Stop::cannot(format!("\"{name}\" is not JSON: {why}"), help))
}

fn not_a(file: &Path, what: &str) -> Stop {
    let message = format!("\"{}\" is not a {what}", file.display());
    Stop::cannot(
        message,
        "name an assembly (`--against DIR`) or a template (`--template FILE`)",
    )
}
