//! Who is let in: the public, whole services of AWS, and whoever may become a role.

use cloudwright_synth::{Check, Found, Json, TemplateResource, View};

use super::policies::{self, statements};
use super::read::{at, each, is_false, shape, text_at};
use crate::rules::{BAD_ARN, CONFUSED_DEPUTY, OPEN_TRUST, PUBLIC_ACCESS};

/// Keys of conditions that say who is meant, in small letters.
const NARROWING: [&str; 23] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpcsourceip",
    "elasticfilesystem:accesspointarn",
    "kms:calleraccount",
    "kms:encryptioncontext:",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "sns:endpoint",
    "sts:externalid",
    "aws:principalserviceorgid",
];
/// The keys among them that say for whom a service of AWS acts.
const ON_BEHALF: [&str; 7] = [
    "aws:principalserviceorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "kms:encryptioncontext:",
];
/// The flags that keep a bucket from ever being public.
const BLOCKS: [&str; 4] = [
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
];

/// How long the id of an account is.
const ACCOUNT_DIGITS: usize = 12;

/// The types that let somebody in.
pub(crate) const KINDS: [&str; 18] = {
    let mut kinds = [""; 18];
    [kinds[0], kinds[1], kinds[2], kinds[3]] = [
        "AWS::Lambda::Permission",
        "AWS::Lambda::Url",
        "AWS::Lambda::LayerVersionPermission",
        "AWS::S3::Bucket",
    ];
    let mut row = 0;
    while row < policies::KINDS.len() {
        kinds[4 + row] = policies::KINDS[row];
        row += 1;
    }
    kinds
};

/// Looks at everything that lets somebody in.
pub(super) struct Trust;

impl Check for Trust {
    fn kinds(&self) -> &[&'static str] {
        &KINDS
    }

    fn resource(&self, resource: &TemplateResource, view: &View<'_>, found: &mut Found) {
        match resource.kind() {
            "AWS::Lambda::Permission" => permission(resource, found),
            "AWS::Lambda::LayerVersionPermission" => layer(resource, found),
            "AWS::Lambda::Url" => url(resource, found),
            "AWS::S3::Bucket" => bucket(resource, found),
            _ => {
                if resource.kind() == "AWS::IAM::Role" {
                    let trust = at(resource.properties(), "AssumeRolePolicyDocument.Statement");
                    for statement in each(trust) {
                        role(resource, statement, found);
                        accounts(view, statement, found);
                    }
                }
                let (statements, identity) = statements(resource);
                if !identity {
                    for statement in statements {
                        policy(resource, statement, found);
                        accounts(view, statement, found);
                    }
                }
            }
        }
    }
}

/// A statement of a resource's own policy.
fn policy(resource: &TemplateResource, statement: &Json, found: &mut Found) {
    if !allows(statement) {
        return;
    }
    if is_everybody(statement.get("Principal")) && !has_condition(statement, &NARROWING) {
        public(found, &format!("the policy {}", resource.id()));
    }
    for service in each(at(statement, "Principal.Service")) {
        let Some(service) = service.as_text() else {
            continue;
        };
        let bucket_only = service == "s3.amazonaws.com" && !names_account(statement);
        if bucket_only || !has_condition(statement, &ON_BEHALF) {
            deputy(found, &format!("the policy {}", resource.id()), service);
        }
    }
}

/// Tells of identities of accounts that cannot be: IAM and the services refuse the whole policy.
fn accounts(view: &View<'_>, statement: &Json, found: &mut Found) {
    for principal in each(at(statement, "Principal.AWS")) {
        let Some(name) = shape(view, principal) else {
            continue;
        };
        let account = match name.starts_with("arn:") {
            true => name.split(':').nth(4).unwrap_or_default(),
            false => &name,
        };
        let is_number = !account.is_empty() && account.bytes().all(|one| one.is_ascii_digit());
        if is_number && account.len() != ACCOUNT_DIGITS {
            let message = format!("an account has {ACCOUNT_DIGITS} digits, got \"{account}\"");
            let help = "write the account's id in full, zeros at its beginning included";
            found.tell(&BAD_ARN, message, help);
        }
    }
}

/// Whether a statement says more of the source than the ARN of a bucket, which has no account in it.
fn names_account(statement: &Json) -> bool {
    let keys: Vec<&str> = ON_BEHALF
        .iter()
        .copied()
        .filter(|key| *key != "aws:sourcearn")
        .collect();
    has_condition(statement, &keys)
}

fn role(role: &TemplateResource, statement: &Json, found: &mut Found) {
    if !allows(statement) {
        return;
    }
    if is_everybody(statement.get("Principal")) && !has_condition(statement, &NARROWING) {
        let message = format!("every account of AWS may become the role {}", role.id());
        let help = "name the accounts, roles or services that may, or add a condition such as aws:PrincipalOrgID";
        found.tell(&OPEN_TRUST, message, help);
    }
    let federated = each(at(statement, "Principal.Federated"));
    let web = each(statement.get("Action"))
        .iter()
        .any(|action| action.as_text() == Some("sts:AssumeRoleWithWebIdentity"));
    if web && !federated.is_empty() && statement.get("Condition").is_none() {
        let message = format!(
            "whoever has a token of the identity provider may become the role {}",
            role.id()
        );
        let help = "add a condition on the token's `sub` and `aud`";
        found.tell(&OPEN_TRUST, message, help);
    }
}

fn permission(permission: &TemplateResource, found: &mut Found) {
    let properties = permission.properties();
    let said = |name: &str| properties.get(name).is_some();
    let what = format!("the permission {}", permission.id());
    let Some(principal) = text_at(permission, "Principal") else {
        return;
    };
    let (arn, account) = (said("SourceArn"), said("SourceAccount"));
    if principal == "*" {
        let narrowed = arn || account || said("PrincipalOrgID");
        // The URL of a function has a check of its own.
        if !narrowed && !said("FunctionUrlAuthType") {
            public(found, &what);
        }
    } else if principal.ends_with(".amazonaws.com") {
        let enough = account || (arn && principal != "s3.amazonaws.com");
        if !enough {
            deputy(found, &what, principal);
        }
    }
}

fn layer(permission: &TemplateResource, found: &mut Found) {
    let organization = permission.properties().get("OrganizationId").is_some();
    if text_at(permission, "Principal") == Some("*") && !organization {
        public(found, &format!("the permission {}", permission.id()));
    }
}

fn url(url: &TemplateResource, found: &mut Found) {
    if text_at(url, "AuthType") == Some("NONE") {
        let message = format!(
            "everybody on the internet may call the function by {}",
            url.id()
        );
        let help =
            "set AuthType to AWS_IAM; where the public is meant, acknowledge Finding::PublicAccess";
        found.tell(&PUBLIC_ACCESS, message, help);
    }
}

/// S3 blocks public access unless a template says otherwise.
fn bucket(bucket: &TemplateResource, found: &mut Found) {
    let blocks = bucket.properties().get("PublicAccessBlockConfiguration");
    let off: Vec<&str> = match blocks {
        None => Vec::new(),
        Some(blocks) => {
            let is_off = |name: &&str| blocks.get(name).is_none() || is_false(blocks.get(name));
            BLOCKS.iter().copied().filter(is_off).collect()
        }
    };
    let list = text_at(bucket, "AccessControl").unwrap_or_default();
    if list.starts_with("PublicRead") || list == "AuthenticatedRead" {
        public(
            found,
            &format!("the access control list of {}", bucket.id()),
        );
    }
    if !off.is_empty() && matches!(blocks, Some(Json::Map(_))) {
        let message = format!(
            "{} turns off what keeps it from being public: {}",
            bucket.id(),
            off.join(", ")
        );
        let help = "set all four flags to true, or leave PublicAccessBlockConfiguration out";
        found.tell(&PUBLIC_ACCESS, message, help);
    }
}

fn public(found: &mut Found, what: &str) {
    let message = format!("{what} lets everybody in");
    let help = "name who may, or add a condition such as aws:PrincipalOrgID or aws:SourceArn";
    found.tell(&PUBLIC_ACCESS, message, help);
}

fn deputy(found: &mut Found, what: &str, service: &str) {
    let message = format!("{what} lets {service} in, whoever's account it acts for");
    let help = "say for whom: a condition on aws:SourceAccount (and aws:SourceArn), or SourceAccount of the permission";
    found.tell(&CONFUSED_DEPUTY, message, help);
}

fn allows(statement: &Json) -> bool {
    statement.get("Effect").and_then(Json::as_text) == Some("Allow")
}

/// Whether a principal is everybody: `*`, or any account.
fn is_everybody(principal: Option<&Json>) -> bool {
    let Some(principal) = principal else {
        return false;
    };
    let star = |json: &Json| json.as_text() == Some("*");
    star(principal) || each(principal.get("AWS")).iter().any(star)
}

/// Whether a statement has a condition on one of these keys, and not one that only excludes.
fn has_condition(statement: &Json, keys: &[&str]) -> bool {
    let operators = statement.get("Condition").and_then(Json::as_map);
    operators
        .unwrap_or_default()
        .iter()
        .any(|(operator, tests)| {
            let tests = tests.as_map().unwrap_or_default();
            !operator.contains("Not")
                && tests.iter().any(|(key, _)| {
                    let key = key.to_ascii_lowercase();
                    keys.iter().any(|known| {
                        key == *known || (known.ends_with([':', '/']) && key.starts_with(known))
                    })
                })
        })
}
