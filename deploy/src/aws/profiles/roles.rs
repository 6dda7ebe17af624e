//! Roles that profiles lead to, and what is said where nobody may assume them.

use aws_config::profile::Profile;

use super::lacks::{SOURCE, TOKEN_FILE};
use crate::aws::faults::{ASSUME_ROLE, ASSUME_ROLE_WITH_TOKEN};
use crate::fault::{Class, Fault};
use crate::problem::Problem;

/// A role that a profile assumes.
#[derive(Debug)]
pub(super) struct Role<'a> {
    /// The profile.
    pub(super) profile: &'a str,
    /// The role.
    pub(super) arn: &'a str,
    /// Who assumes it, after "by".
    pub(super) by: String,
    /// The request that does.
    pub(super) operation: &'static str,
}

impl<'a> Role<'a> {
    /// The role of a profile that has one.
    pub(super) fn of(profile: &'a Profile) -> Option<Self> {
        let (name, arn) = (profile.name(), profile.get("role_arn")?);
        let role = |operation, by| Self {
            profile: name,
            arn,
            by,
            operation,
        };
        if let Some(file) = profile.get(TOKEN_FILE) {
            let by = format!("the token in {file}");
            return Some(role(ASSUME_ROLE_WITH_TOKEN, by));
        }
        let by = match (profile.get("source_profile"), profile.get(SOURCE)) {
            (Some(source), _) if source == name => "its own keys".to_owned(),
            (Some(source), _) => format!("its `source_profile` \"{source}\""),
            (None, Some(source)) => format!("its `{SOURCE}` {source}"),
            (None, None) => return None,
        };
        Some(role(ASSUME_ROLE, by))
    }
}

/// The role that a request was about: the only one that it can have been, or the one that the answer names.
pub(super) fn meant<'a, 'b>(roles: &'a [Role<'b>], fault: &Fault) -> Option<&'a Role<'b>> {
    let asked = || {
        roles
            .iter()
            .filter(|role| role.operation == fault.operation)
    };
    let mut named = asked().filter(|role| fault.message.contains(role.arn));
    match (asked().count(), named.next(), named.next()) {
        (1, ..) => asked().next(),
        (_, Some(role), None) => Some(role),
        _ => None,
    }
}

/// What is said where nobody may assume a role; `what` is the role, and `by` who wanted to be it.
pub(in crate::aws) fn refused(fault: Fault, what: &str, by: &str) -> Problem {
    let is_asked = [ASSUME_ROLE, ASSUME_ROLE_WITH_TOKEN].contains(&fault.operation);
    let is_refused = matches!(fault.class, Class::Denied | Class::Refused);
    if !is_asked || !is_refused {
        return fault.into();
    }
    let help = match (fault.class, fault.operation) {
        (Class::Denied, ASSUME_ROLE) => {
            "see that the role is there, that its trust policy lets this caller in (an external ID included), and that the caller has `sts:AssumeRole` on it"
        }
        (Class::Denied, _) => {
            "see that the role is there, and that its trust policy lets this token in: its issuer, its audience and its subject"
        }
        _ => fault.help(),
    };
    Problem::failed(format!("{what} cannot be assumed {by}: {fault}"), help)
}
