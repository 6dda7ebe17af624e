//! Permissions boundaries of all roles and users of a place
//! ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html)).

use cloudwright_synth::{Fact, Json, Recorded, Scope};

use super::fill;
use crate::{order, rules};

/// What has a boundary.
const KINDS: [&str; 2] = ["AWS::IAM::Role", "AWS::IAM::User"];
const PROPERTY: &str = "PermissionsBoundary";
/// What stands in the ARN of every managed policy.
const POLICY: &str = ":policy/";

/// The boundary of a place: a token, an ARN, or the name of a policy in each account.
struct Boundary(Json);

impl Fact for Boundary {
    const ORDER: u16 = order::DEFAULTS;

    fn merge(facts: Vec<Recorded<Self>>) {
        for Recorded { fact, scope, .. } in facts.into_iter().rev() {
            for kind in KINDS {
                fill::set(&scope, kind, PROPERTY, |place| policy(place, &fact.0));
            }
        }
    }
}

/// Gives a place its boundary.
#[track_caller]
pub(super) fn record(scope: &Scope, policy: Json) {
    if let Some(text) = policy.as_text() {
        check(scope, text);
    }
    scope.record(Boundary(policy));
}

/// The boundary as a resource at this place says it.
fn policy(place: &Scope, policy: &Json) -> Json {
    match policy.as_text() {
        Some(name) if !is_arn(name) => Json::concat(vec![
            Json::Text("arn:".into()),
            place.partition().as_json().clone(),
            Json::Text(":iam::".into()),
            place.account().as_json().clone(),
            Json::Text(format!("{POLICY}{name}").into()),
        ]),
        _ => policy.clone(),
    }
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:")
}

#[track_caller]
fn check(scope: &Scope, text: &str) {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&byte);
    let is_name = !text.is_empty() && !text.starts_with('/') && text.bytes().all(allowed);
    let is_policy = is_arn(text) && text.contains(":iam:") && text.contains(POLICY);
    if !is_name && !is_policy {
        let message = format!(
            "a permissions boundary is a managed policy, by its ARN or its name, got \"{text}\""
        );
        let help = "write the policy's name, such as \"Developers\" or \"team/Developers\" with its path, or the ARN from the console";
        scope.error(&rules::BAD_NAME, message, help);
    }
}
