//! Secrets that the template shows.

use cloudwright_synth::{Check, Found, Json, TemplateResource, View};

use super::read::{at, each, is_true};
use crate::plaintext::says_secret;
use crate::rules::{PLAINTEXT_SECRET, SHOWN_PARAMETER};

/// Ends of properties whose literal value is a secret.
const SECRET_PROPERTIES: [&str; 4] = ["Password", "SecretString", "AuthToken", "SecretAccessKey"];

/// Looks at every resource, at parameters and at outputs.
pub(super) struct Secrets;

impl Check for Secrets {
    fn resource(&self, resource: &TemplateResource, _: &View<'_>, found: &mut Found) {
        let properties = resource.properties();
        for (name, value) in properties.as_map().unwrap_or_default() {
            if SECRET_PROPERTIES.iter().any(|end| name.ends_with(end)) {
                literal(resource.id(), name, value, found);
            }
        }
        match resource.kind() {
            "AWS::Lambda::Function" => {
                let variables = at(properties, "Environment.Variables").and_then(Json::as_map);
                for (name, value) in variables.unwrap_or_default() {
                    variable(resource, name, value, found);
                }
            }
            "AWS::ECS::TaskDefinition" => {
                for container in each(properties.get("ContainerDefinitions")) {
                    pairs(resource, container.get("Environment"), found);
                }
            }
            "AWS::CodeBuild::Project" => {
                pairs(
                    resource,
                    at(properties, "Environment.EnvironmentVariables"),
                    found,
                );
            }
            _ => {}
        }
    }

    fn stack(&self, view: &View<'_>, found: &mut Found) {
        for (id, parameter) in view.parameters() {
            let text = parameter.get("Type").and_then(Json::as_text) == Some("String");
            if text && names_secret(id) && !is_true(parameter.get("NoEcho")) {
                let message =
                    format!("the parameter {id} sounds like a secret, and is shown to everybody");
                let help = "set NoEcho; better, read the secret by a dynamic reference";
                found.tell(&SHOWN_PARAMETER, message, help);
            }
        }
        for (id, output) in view.template().outputs() {
            if let Some(value) = output.get("Value").filter(|_| names_secret(id)) {
                literal("the outputs", id, value, found);
            }
        }
    }
}

/// Names and values in a list.
fn pairs(resource: &TemplateResource, list: Option<&Json>, found: &mut Found) {
    for pair in each(list) {
        if let (Some(name), Some(value)) = (pair.get("Name"), pair.get("Value")) {
            let stored = pair.get("Type").and_then(Json::as_text);
            if let Some(name) = name
                .as_text()
                .filter(|_| stored.is_none_or(|kind| kind == "PLAINTEXT"))
            {
                variable(resource, name, value, found);
            }
        }
    }
}

fn variable(resource: &TemplateResource, name: &str, value: &Json, found: &mut Found) {
    if value.as_text().is_some_and(|text| says_secret(name, text)) {
        let message = format!(
            "the variable {name} of {} holds what its name calls a secret",
            resource.id()
        );
        let help = "store it in Secrets Manager, pass on its ARN, and let the code read it";
        found.tell(&PLAINTEXT_SECRET, message, help);
    }
}

/// A literal where a secret is wanted; what the deployment resolves is none.
fn literal(place: &str, name: &str, value: &Json, found: &mut Found) {
    if value
        .as_text()
        .is_some_and(|text| !text.is_empty() && !text.contains("{{resolve:"))
    {
        let message = format!("`{name}` of {place} is a secret in plain text");
        let help = "write a dynamic reference: `{{resolve:secretsmanager:NAME}}`";
        found.tell(&PLAINTEXT_SECRET, message, help);
    }
}

/// Whether an id such as `DbPassword` or `ApiToken` names a secret.
fn names_secret(id: &str) -> bool {
    [
        "Password",
        "Passwd",
        "Secret",
        "SecretKey",
        "ApiKey",
        "AuthToken",
        "PrivateKey",
    ]
    .iter()
    .any(|end| id.ends_with(end))
}
