//! Statements of policies that do not do what they say.

use std::cell::RefCell;

use cloudwright_synth::sorted::Map;
use cloudwright_synth::{Check, Found, Json, TemplateResource, View};

use super::actions::{Known, look_up};
use super::read::{UNKNOWN, at, each, meets, shape};
use crate::rules::{UNKNOWN_ACTION, WRONG_RESOURCE};

/// Where each type keeps policies, and whether they are about other resources than itself.
pub(super) const DOCUMENTS: [(&str, &str, bool); 14] = [
    ("AWS::ECR::Repository", "RepositoryPolicyText", false),
    ("AWS::EFS::FileSystem", "FileSystemPolicy", false),
    ("AWS::IAM::Group", "Policies", true),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument", true),
    ("AWS::IAM::Policy", "PolicyDocument", true),
    ("AWS::IAM::Role", "Policies", true),
    ("AWS::IAM::RolePolicy", "PolicyDocument", true),
    ("AWS::IAM::User", "Policies", true),
    ("AWS::IAM::UserPolicy", "PolicyDocument", true),
    ("AWS::KMS::Key", "KeyPolicy", false),
    ("AWS::S3::BucketPolicy", "PolicyDocument", false),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", false),
    ("AWS::SQS::QueuePolicy", "PolicyDocument", false),
    (
        "AWS::SecretsManager::ResourcePolicy",
        "ResourcePolicy",
        false,
    ),
];
/// The types of the rows above.
pub(crate) const KINDS: [&str; 14] = {
    let mut kinds = [""; 14];
    let mut row = 0;
    while row < kinds.len() {
        kinds[row] = DOCUMENTS[row].0;
        row += 1;
    }
    kinds
};

/// Looks at the actions of all policies, and at the resources of those of identities.
#[derive(Default)]
pub(super) struct Policies {
    /// What is known of the actions that were looked up already.
    known: RefCell<Map<String, Known>>,
}

/// The statements of all policies of a resource, and whether they are an identity's.
pub(super) fn statements(resource: &TemplateResource) -> (Vec<&Json>, bool) {
    let row = DOCUMENTS.iter().find(|(kind, ..)| *kind == resource.kind());
    let Some((_, place, identity)) = row else {
        return (Vec::new(), false);
    };
    let property = resource.properties().get(place);
    let mut statements = Vec::new();
    if *place == "Policies" {
        for policy in each(property) {
            statements.extend(each(at(policy, "PolicyDocument.Statement")));
        }
    } else {
        statements.extend(each(
            property.and_then(|document| document.get("Statement")),
        ));
    }
    (statements, *identity)
}

impl Check for Policies {
    fn kinds(&self) -> &[&'static str] {
        &KINDS
    }

    fn resource(&self, resource: &TemplateResource, view: &View<'_>, found: &mut Found) {
        let (statements, identity) = statements(resource);
        let mut told = Vec::new();
        for statement in statements {
            let actions = statement
                .get("Action")
                .or_else(|| statement.get("NotAction"));
            let mut arns = None;
            for action in each(actions).iter().filter_map(Json::as_text) {
                let resources = self.action((resource, view), action, &mut told, found);
                if let (Some(wanted), true) = (resources, identity) {
                    let arns = arns.get_or_insert_with(|| arns_of(view, statement));
                    works_on((resource, view), action, wanted, arns, found);
                }
            }
        }
    }
}

impl Policies {
    /// Reports an action that there is not, unless that was told of this resource, with all of its lines; yields the
    /// resources that it works on, where they are known.
    fn action<'t>(
        &self,
        (resource, view): (&TemplateResource, &View<'_>),
        action: &'t str,
        told: &mut Vec<&'t str>,
        found: &mut Found,
    ) -> Option<&'static str> {
        let mut known = self.known.borrow_mut();
        if known.get(action).is_none() {
            known.insert(action.to_owned(), look_up(action));
        }
        match known.get(action) {
            Some(Known::Action(resources)) => *resources,
            Some(Known::Missing(near)) if !told.contains(&action) => {
                told.push(action);
                let message = format!(
                    "a policy in {} names \"{action}\", and IAM has no such action",
                    resource.id()
                );
                let help = match near {
                    Some(near) => format!("did you mean {near}? IAM ignores case"),
                    None => "write an action as `service:Name`, as the service's page of the Service Authorization Reference does".to_owned(),
                };
                let lines = view.lines_of(resource, action);
                if lines.is_empty() {
                    found.tell(&UNKNOWN_ACTION, message, help);
                } else {
                    for line in lines {
                        found.tell_at(line, &UNKNOWN_ACTION, &*message, &*help);
                    }
                }
                None
            }
            _ => None,
        }
    }
}

/// The ARNs of a statement; empty when one of them is not known well enough.
fn arns_of(view: &View<'_>, statement: &Json) -> Vec<String> {
    let mut arns = Vec::new();
    for value in each(statement.get("Resource")) {
        match shape(view, value).as_deref().map(resource_of) {
            Some(Some(resource)) => arns.push(resource),
            _ => return Vec::new(),
        }
    }
    arns
}

/// `service:resource` of an ARN, if both are there to be judged.
fn resource_of(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, _, _, resource] = parts[..] else {
        return None;
    };
    let judged = !service.contains([UNKNOWN, '*']) && !resource.is_empty();
    judged.then(|| format!("{service}:{resource}"))
}

/// Reports an action that works on none of the resources of its statement.
fn works_on(
    (resource, view): (&TemplateResource, &View<'_>),
    action: &str,
    wanted: &str,
    arns: &[String],
    found: &mut Found,
) {
    let fits = |arn: &String| {
        let mut patterns = wanted.split('|');
        patterns.any(|pattern| meets(arn.as_bytes(), pattern.as_bytes()))
    };
    if arns.is_empty() || arns.iter().any(fits) {
        return;
    }
    let message = format!(
        "{action} in {} works on {}, and its statement is about {}",
        resource.id(),
        wanted.replace('|', " or ").replace('+', "NAME"),
        arns.join(" and ").replace(UNKNOWN, "..")
    );
    let help =
        "name a resource that the action works on; for objects of a bucket the ARN ends in `/*`";
    match view.lines_of(resource, action)[..] {
        [line] => found.tell_at(line, &WRONG_RESOURCE, message, help),
        // Of several lines with the action this is about one, and which is not known.
        _ => found.tell(&WRONG_RESOURCE, message, help),
    }
}
