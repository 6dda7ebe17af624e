//! What of the difference between two templates can be done past CloudFormation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Swapped;
use super::values::Names;
use crate::assembly::Stack;
use crate::cloud::{Code, FunctionSettings};

const FUNCTION: &str = "AWS::Lambda::Function";
/// What is before the name of a variable of the environment.
const VARIABLE: &str = "Environment/";
/// Settings besides code and environment, with what Lambda takes where a template says nothing.
const SETTINGS: [(&str, Option<&str>); 5] = [
    ("Description", Some("")),
    ("Handler", None),
    ("MemorySize", Some("128")),
    ("Runtime", None),
    ("Timeout", Some("3")),
];

/// The difference between two templates.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What of it functions can be given directly.
    pub(super) swaps: Swapped,
    /// What else differs, for people.
    pub(super) rest: Vec<String>,
}

impl Plan {
    /// The difference between the deployed template and the one that is to be.
    pub(super) fn of(stack: &Stack, (before, after): (&Value, &Value), names: &Names) -> Self {
        let mut plan = Self::default();
        let sections: BTreeSet<String> = members(before).chain(members(after)).collect();
        let other = |name: &&String| !["Resources", "Metadata"].contains(&name.as_str());
        let other = sections.iter().filter(other);
        let other = other.filter(|name| before[name.as_str()] != after[name.as_str()]);
        plan.rest.extend(other.cloned());
        let (before, after) = (&before["Resources"], &after["Resources"]);
        let ids: BTreeSet<String> = members(before).chain(members(after)).collect();
        for id in ids
            .iter()
            .filter(|id| before[id.as_str()] != after[id.as_str()])
        {
            match function((&before[id], &after[id]), names) {
                Ok(settings) if settings.is_empty() => {}
                Ok(settings) => {
                    plan.swaps.insert(id.clone(), settings);
                }
                Err(what) => plan.rest.push(format!("{} ({what})", stack.path_of(id))),
            }
        }
        plan
    }
}

fn members(value: &Value) -> impl Iterator<Item = String> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, _)| name.clone())
}

/// What of a function is to be other; an error names what CloudFormation has to do.
fn function((before, after): (&Value, &Value), names: &Names) -> Result<BTreeSet<String>, String> {
    let told = |text: &str| Err(text.to_owned());
    match (before["Type"].as_str(), after["Type"].as_str()) {
        (None, _) => return told("is new"),
        (_, None) => return told("is removed"),
        (Some(FUNCTION), Some(FUNCTION)) => {}
        (_, Some(kind)) => return told(kind),
    }
    // What is written there for people and tools changes no resource.
    let is_own = |name: &String| !["Properties", "Metadata"].contains(&name.as_str());
    let own: BTreeSet<String> = members(before)
        .chain(members(after))
        .filter(is_own)
        .collect();
    if let Some(name) = own
        .iter()
        .find(|name| before[name.as_str()] != after[name.as_str()])
    {
        return told(name);
    }
    let mut settings = BTreeSet::new();
    let (before, after) = (&before["Properties"], &after["Properties"]);
    let all: BTreeSet<String> = members(before).chain(members(after)).collect();
    for name in all
        .iter()
        .filter(|name| before[name.as_str()] != after[name.as_str()])
    {
        for setting in parts(name, before, after) {
            // Both have to be known: what is swapped must be able to come back.
            if !is_known(&setting, before, names) || !is_known(&setting, after, names) {
                return Err(setting);
            }
            settings.insert(setting);
        }
    }
    Ok(settings)
}

/// The settings of a property that differ.
fn parts(name: &str, before: &Value, after: &Value) -> Vec<String> {
    let variables = |properties: &Value| match &properties[name] {
        Value::Null => Some(Value::Object(serde_json::Map::new())),
        environment => {
            let sole = environment.as_object().filter(|all| all.len() == 1)?;
            sole.get("Variables").filter(|all| all.is_object()).cloned()
        }
    };
    if name != "Environment" {
        return vec![name.to_owned()];
    }
    let (Some(before), Some(after)) = (variables(before), variables(after)) else {
        return vec![name.to_owned()];
    };
    let all: BTreeSet<String> = members(&before).chain(members(&after)).collect();
    let other = all
        .iter()
        .filter(|name| before[name.as_str()] != after[name.as_str()]);
    other.map(|name| format!("{VARIABLE}{name}")).collect()
}

/// Whether a setting can be given directly.
pub(super) fn is_known(setting: &str, properties: &Value, names: &Names) -> bool {
    if setting == "Code" {
        return code(properties, names).is_some();
    }
    let only = BTreeSet::from([setting.to_owned()]);
    settings(properties, &only, &BTreeMap::new(), names).is_some()
}

/// Where the code of a function is.
pub(super) fn code(properties: &Value, names: &Names) -> Option<Code> {
    let code = properties["Code"].as_object()?;
    let text = |name: &str| names.text(code.get(name)?);
    match code.len() {
        1 => text("ImageUri").map(Code::Image),
        2 => Some(Code::Archive {
            bucket: text("S3Bucket")?,
            key: text("S3Key")?,
        }),
        _ => None,
    }
}

/// Some settings of a function as a template says them, its environment over the one that it has.
pub(super) fn settings(
    properties: &Value,
    wanted: &BTreeSet<String>,
    variables: &BTreeMap<String, String>,
    names: &Names,
) -> Option<FunctionSettings> {
    let mut settings = FunctionSettings::default();
    for name in wanted.iter().filter(|name| *name != "Code") {
        if let Some(variable) = name.strip_prefix(VARIABLE) {
            let all = settings.variables.get_or_insert_with(|| variables.clone());
            match &properties["Environment"]["Variables"][variable] {
                Value::Null => all.remove(variable),
                value => all.insert(variable.to_owned(), names.text(value)?),
            };
            continue;
        }
        let (_, default) = SETTINGS.iter().find(|(known, _)| known == name)?;
        let text = match &properties[name.as_str()] {
            Value::Null => (*default)?.to_owned(),
            value => names.text(value)?,
        };
        set(&mut settings, name, text)?;
    }
    Some(settings)
}

fn set(settings: &mut FunctionSettings, name: &str, text: String) -> Option<()> {
    match name {
        "Description" => settings.description = Some(text),
        "Handler" => settings.handler = Some(text),
        "Runtime" => settings.runtime = Some(text),
        "MemorySize" => settings.memory = Some(text.parse().ok()?),
        _ => settings.timeout = Some(text.parse().ok()?),
    }
    Some(())
}
