//! What the policies of a role allow, as far as the template says.

use cloudwright_synth::{Json, TemplateResource, View};

use super::read::{at, each, is_action, referred, shape, text_at};

/// Policies of AWS that only let a function write logs and traces, or be in a network.
const HARMLESS: [&str; 3] = [
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccess",
    "AWSXRay",
];
/// The resources that give a role a policy.
const POLICIES: [&str; 3] = [
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
];

/// Whether a value of a statement is a certain resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hit {
    Yes,
    No,
    /// Only the deployment knows.
    Maybe,
}

/// The role that a function acts as, when this template has it.
pub(super) fn role_of<'a>(
    view: &View<'a>,
    function: &TemplateResource,
) -> Option<&'a TemplateResource> {
    referred(view, function.properties().get("Role"), "AWS::IAM::Role")
}

/// Whether a role surely may not do something with a resource. Policies that the template does not
/// show could allow anything, so the answer is no for a role that has one.
pub(super) fn lacks(
    view: &View<'_>,
    role: &TemplateResource,
    action: &str,
    resource: &TemplateResource,
) -> bool {
    is_whole(role)
        && !statements(view, role)
            .any(|statement| allows(view, statement, action, resource) != Hit::No)
}

/// The statements that surely allow a role to do something with a resource, whatever else holds.
pub(super) fn allowing<'a>(
    view: &View<'a>,
    role: &'a TemplateResource,
    action: &str,
    resource: &TemplateResource,
) -> Vec<&'a Json> {
    statements(view, role)
        .filter(|statement| statement.get("Condition").is_none())
        .filter(|statement| allows(view, statement, action, resource) == Hit::Yes)
        .collect()
}

/// Whether no policy of the role is out of sight.
fn is_whole(role: &TemplateResource) -> bool {
    let managed = each(role.properties().get("ManagedPolicyArns"));
    managed.iter().all(|arn| {
        let text = match arn {
            Json::Token(token) => token.function().and_then(|(_, of)| of.as_text()),
            other => other.as_text(),
        };
        text.is_some_and(|text| HARMLESS.iter().any(|name| text.contains(name)))
    })
}

/// The statements of all policies of a role.
fn statements<'a>(view: &View<'a>, role: &'a TemplateResource) -> impl Iterator<Item = &'a Json> {
    let inline = each(role.properties().get("Policies"));
    let inline = inline
        .iter()
        .filter_map(|policy| policy.get("PolicyDocument"));
    let attached = view
        .dependents(role)
        .filter(|policy| POLICIES.contains(&policy.kind()))
        .filter_map(|policy| policy.properties().get("PolicyDocument"));
    let documents: Vec<&Json> = inline.chain(attached).collect();
    documents
        .into_iter()
        .flat_map(|document| each(document.get("Statement")))
}

fn allows(view: &View<'_>, statement: &Json, action: &str, resource: &TemplateResource) -> Hit {
    if statement.get("Effect").and_then(Json::as_text) != Some("Allow") {
        return Hit::No;
    }
    if statement.get("NotAction").is_some() || statement.get("NotResource").is_some() {
        return Hit::Maybe;
    }
    let actions = each(statement.get("Action"));
    let is_meant = |pattern: &Json| pattern.as_text().is_none_or(|text| is_action(text, action));
    if !actions.iter().any(is_meant) {
        return Hit::No;
    }
    let mut best = Hit::No;
    for value in each(statement.get("Resource")) {
        match is(view, value, resource) {
            Hit::Yes => return Hit::Yes,
            Hit::Maybe => best = Hit::Maybe,
            Hit::No => {}
        }
    }
    best
}

/// Whether a value is the ARN of a resource, or of something within it.
fn is(view: &View<'_>, value: &Json, resource: &TemplateResource) -> Hit {
    if value.as_text() == Some("*") {
        return Hit::Yes;
    }
    if let Some(found) = view.referred(value) {
        return if std::ptr::eq(found, resource) {
            Hit::Yes
        } else {
            Hit::No
        };
    }
    let Some(arn) = shape(view, value) else {
        return Hit::Maybe;
    };
    if !arn.contains(&service(resource.kind())) {
        return Hit::No;
    }
    match name(view, resource) {
        Some(name) if arn.contains(&name) => Hit::Yes,
        Some(_) if !arn.contains('*') => Hit::No,
        _ => Hit::Maybe,
    }
}

/// `:sqs:` for `AWS::SQS::Queue`.
fn service(kind: &str) -> String {
    let service = kind.split("::").nth(1).unwrap_or_default();
    format!(":{}:", service.to_ascii_lowercase())
}

/// The name that the template gives a resource.
pub(super) fn name(view: &View<'_>, resource: &TemplateResource) -> Option<String> {
    let names = ["BucketName", "QueueName", "TopicName", "TableName"];
    let given = names
        .iter()
        .find_map(|name| resource.properties().get(name))?;
    shape(view, given)
}

/// The key that a queue or a topic is encrypted with, when this template has it.
pub(super) fn key_of<'a>(
    view: &View<'a>,
    resource: &TemplateResource,
) -> Option<&'a TemplateResource> {
    let key = view.referred(resource.properties().get("KmsMasterKeyId")?)?;
    match key.kind() {
        "AWS::KMS::Key" => Some(key),
        "AWS::KMS::Alias" => referred(view, key.properties().get("TargetKeyId"), "AWS::KMS::Key"),
        _ => None,
    }
}

/// Whether a role surely may not use a key: neither its own policies nor the key's let it.
pub(super) fn lacks_key(
    view: &View<'_>,
    role: &TemplateResource,
    action: &str,
    key: &TemplateResource,
) -> bool {
    lacks(view, role, action, key) && !lets_in(view, key, role)
}

/// Whether a key's policy names a role, or leaves open whom it means.
fn lets_in(view: &View<'_>, key: &TemplateResource, role: &TemplateResource) -> bool {
    let statements = each(at(key.properties(), "KeyPolicy.Statement"));
    statements.iter().any(|statement| {
        let principals = each(at(statement, "Principal.AWS"));
        let everybody = statement.get("Principal").and_then(Json::as_text) == Some("*");
        let named = |value: &Json| {
            view.referred(value)
                .is_some_and(|one| std::ptr::eq(one, role))
        };
        everybody
            || principals
                .iter()
                .any(|value| named(value) || value.as_text() == Some("*"))
    })
}

/// Whether the policy of a key surely lets no service of this name use it.
pub(super) fn shuts_out(key: &TemplateResource, service: &str) -> bool {
    let statements = each(at(key.properties(), "KeyPolicy.Statement"));
    !statements.iter().any(|statement| {
        let services = each(at(statement, "Principal.Service"));
        let everybody = each(statement.get("Principal")).iter().any(Json::is_token);
        let open = text_of(statement, "Principal") == Some("*");
        let named = |value: &Json| value.as_text().is_none_or(|name| name == service);
        everybody || open || services.iter().any(named)
    })
}

fn text_of<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json.get(key)?.as_text()
}

/// What a person calls a resource.
pub(super) fn called(resource: &TemplateResource) -> String {
    let path = resource.path();
    let path = path.strip_suffix("/Resource").unwrap_or(path);
    match text_at(resource, "FunctionName") {
        Some(name) => format!("`{path}` ({name})"),
        None => format!("`{path}`"),
    }
}
