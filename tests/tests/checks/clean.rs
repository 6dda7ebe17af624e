//! Templates that are right, as constructs: those of the examples, and what the library says about a change of one.

use std::fs;
use std::path::Path;

use cloudwright::{
    App, Handle, Json, Parameter, RawResource, RemovalPolicy, ResourceRef, Stack, Value as Token,
};
use serde_json::Value;

use crate::home;

/// The templates of all examples, by name.
pub(crate) fn templates() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots");
    let mut templates = Vec::new();
    for file in fs::read_dir(folder).expect("the snapshots are there") {
        let path = file.expect("a file").path();
        let text = fs::read_to_string(&path).expect("a text");
        let Some((_, json)) = text.split_once("\n---\n") else {
            continue;
        };
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        templates.push((name, serde_json::from_str(json).expect("a template")));
    }
    for (name, strict) in [
        ("the reference system", false),
        ("the reference system, strict", true),
    ] {
        templates.push((name.to_owned(), tests::reference::reference(strict)));
    }
    templates.sort_by(|a, b| a.0.cmp(&b.0));
    templates
}

/// The codes of what the library says about a template, without what the template itself accepts.
pub(crate) fn codes(template: &Value) -> Vec<(&'static str, String)> {
    let app = App::new();
    fill(&app.stack("Shop", home()), template);
    let found = match app.synth() {
        Ok(assembly) => assembly.warnings().clone(),
        Err(found) => found,
    };
    let accepted = |code: &str, path: &str| {
        let id = path.rsplit('/').next().unwrap_or_default();
        let said = &template["Resources"][id]["Metadata"]["cloudwright"]["acknowledged"];
        said.as_array()
            .into_iter()
            .flatten()
            .any(|one| one["id"] == code)
    };
    found
        .iter()
        // How a template is sent is no fault of it.
        .filter(|one| one.rule.code != "CW0205" && !accepted(one.rule.code, &one.path))
        .map(|one| (one.rule.code, one.message.clone()))
        .collect()
}

fn fill(stack: &Stack, template: &Value) {
    let members = |section: &str| template[section].as_object().cloned().unwrap_or_default();
    for (id, parameter) in members("Parameters") {
        let shown = parameter.get("Shown").is_some();
        let text = Parameter::string();
        let _: Token<String> = stack.add(id, if shown { text } else { text.no_echo() });
    }
    let resources = members("Resources");
    let mut handles: Vec<(&str, Handle)> = Vec::new();
    for (id, resource) in &resources {
        let kind = resource["Type"].as_str().expect("a type").to_owned();
        let mut raw = RawResource::new(kind);
        for (name, value) in resource["Properties"].as_object().into_iter().flatten() {
            raw = raw.property(name.clone(), json(value));
        }
        let handle = stack.add(id.clone(), raw);
        if let Some(policy) = policy(resource) {
            handle.removal_policy(policy);
        }
        handles.push((id, handle));
    }
    for (id, handle) in &handles {
        for wanted in names(&resources[*id]["DependsOn"]) {
            if let Some((_, other)) = handles.iter().find(|(id, _)| *id == wanted) {
                handle.depends_on(other);
            }
        }
    }
}

/// What is said of both attributes; one alone counts as none, which the check reports as well.
fn policy(resource: &Value) -> Option<RemovalPolicy> {
    resource.get("UpdateReplacePolicy")?;
    Some(match resource.get("DeletionPolicy")?.as_str()? {
        "Delete" => RemovalPolicy::Destroy,
        "Snapshot" => RemovalPolicy::Snapshot,
        _ => RemovalPolicy::RetainExceptOnCreate,
    })
}

/// A text, or the texts of a list.
pub(crate) fn names(value: &Value) -> Vec<&str> {
    let many = value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    many.chain(value.as_str()).collect()
}

/// A value whose intrinsic functions are expressions again.
fn json(value: &Value) -> Json {
    match value {
        Value::Array(items) => Json::List(items.iter().map(json).collect()),
        Value::Object(members) => {
            if let (1, Some((name, arguments))) = (members.len(), members.iter().next())
                && (name == "Ref" || name.starts_with("Fn::"))
            {
                return Json::function(name.clone(), json(arguments));
            }
            Json::map(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), json(value))),
            )
        }
        other => Json::from(other.clone()),
    }
}
