//! An assembly or a template on disk.

use std::fs;
use std::io;
use std::path::{Component, Path};

use cloudwright_graph::Source;
use serde_json::Value;

use super::Found;
use crate::cli::Stop;

/// Reads what is at a path.
pub(super) fn read(name: &str, folder: &Path) -> Result<Found, Stop> {
    let path = folder.join(name);
    if path.is_dir() {
        return assembly(name, &|file| fs::read_to_string(path.join(inner(file)?)));
    }
    let text = fs::read_to_string(&path).map_err(|why| {
        let help = "name the folder of an assembly, a template in JSON, or a revision: `git:REV`";
        Stop::cannot(format!("cannot read the baseline \"{name}\": {why}"), help)
    })?;
    template(name, &text).map(Found::Template)
}

/// A name in an assembly; it never leads out of it.
fn inner(name: &str) -> io::Result<&Path> {
    let path = Path::new(name);
    let is_name = |part| matches!(part, Component::Normal(_));
    match path.components().all(is_name) {
        true => Ok(path),
        false => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Reads an assembly of this or another tool.
pub(super) fn assembly(
    name: &str,
    file: &dyn Fn(&str) -> io::Result<String>,
) -> Result<Found, Stop> {
    if let Err(why) = file("manifest.json") {
        let message = format!(
            "the baseline \"{name}\" is no assembly: it has no manifest.json that can be read: {why}"
        );
        return Err(Stop::cannot(message, "write one by `synth --out DIR`"));
    }
    let source = Source::read_any(file).map_err(|problem| {
        Stop::cannot(
            format!("the baseline \"{name}\": {}", problem.message),
            problem.help,
        )
    })?;
    Ok(Found::Assembly(Box::new(source)))
}

/// A template: JSON, or what `aws cloudformation get-template` answers.
pub(super) fn template(name: &str, text: &str) -> Result<Value, Stop> {
    let document: Value = serde_json::from_str(text).map_err(|why| {
        let help = "turn a template in YAML into JSON first, for example by `cfn-flip`";
        Stop::cannot(format!("the baseline \"{name}\" is no JSON: {why}"), help)
    })?;
    let body = match document.get("TemplateBody") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(body) => body.clone(),
        None => document,
    };
    match body["Resources"].is_object() {
        true => Ok(body),
        false => Err(Stop::cannot(
            format!("the baseline \"{name}\" is no template: it has no resources"),
            "name a template in JSON, or the folder of an assembly",
        )),
    }
}
