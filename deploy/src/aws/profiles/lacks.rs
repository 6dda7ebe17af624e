//! What a profile lacks to lead to credentials. The SDK finds it too, but says it of its own parts: here it is said of the
//! file, with what to write there.

use std::fs;

use aws_config::profile::{Profile, ProfileSet};

use super::roles::Role;

/// What `credential_source` may be.
const SOURCES: [&str; 3] = ["Environment", "Ec2InstanceMetadata", "EcsContainer"];

/// What is wrong with a profile.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lack {
    /// Whose it is: the one that is asked for, or one that it leads to.
    pub(super) profile: String,
    /// What is wrong with it, after its name.
    pub(super) what: String,
    /// What to do.
    pub(super) help: String,
}

/// Where the credentials of a profile come from, once nothing is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Keys, or what the machine has.
    Own,
    /// A program that prints them.
    Process,
    /// A session in IAM Identity Center.
    Session,
    /// A file with a token.
    Token,
}

/// How a profile comes to its credentials, once nothing is missing.
#[derive(Debug)]
pub(super) struct Way<'a> {
    /// The profile that says what they come from.
    pub(super) base: &'a str,
    /// What that is.
    pub(super) kind: Kind,
    /// The roles that are assumed from there on, the last one first.
    pub(super) roles: Vec<Role<'a>>,
}

/// Follows a profile, which is there, to what its credentials come from.
pub(super) fn follow<'a>(set: &'a ProfileSet, name: &'a str) -> Result<Way<'a>, Lack> {
    let mut names = vec![name];
    let mut roles = Vec::new();
    let mut name = name;
    loop {
        let Some(profile) = set.get_profile(name) else {
            let from = names[names.len() - 2];
            let what = format!("names the `source_profile` \"{name}\", which is not there");
            return Err(lack(from, what, "write the name of one that is, or add it"));
        };
        let is_source = names.len() > 1;
        let way = |kind, roles| Way {
            base: name,
            kind,
            roles,
        };
        if is_source && has_keys(profile) {
            return Ok(way(Kind::Own, roles));
        }
        roles.extend(Role::of(profile));
        if !has(profile, "role_arn") || has(profile, TOKEN_FILE) {
            return base(set, profile).map(|kind| way(kind, roles));
        }
        let next = match (profile.get("source_profile"), profile.get(SOURCE)) {
            (Some(next), None) if next != name => next,
            (Some(_), None) | (None, Some(_)) => {
                return base(set, profile).map(|kind| way(kind, roles));
            }
            (Some(_), Some(_)) => {
                let what = "has both `source_profile` and `credential_source`";
                return Err(lack(name, what, "keep the one that is meant"));
            }
            (None, None) => {
                let what = "has a `role_arn`, and says of nobody who assumes it";
                let help = format!(
                    "add `source_profile = NAME`, or `credential_source` with one of {}",
                    SOURCES.join(", ")
                );
                return Err(lack(name, what, help));
            }
        };
        if names.contains(&next) {
            let way = [&names[..], &[next]].concat().join(", ");
            let what = format!("leads round in a circle by `source_profile`: {way}");
            return Err(lack(names[0], what, "let one of them have credentials"));
        }
        names.push(next);
        name = next;
    }
}

/// What a role is assumed with, where that is no other profile.
pub(super) const SOURCE: &str = "credential_source";
pub(super) const TOKEN_FILE: &str = "web_identity_token_file";
const KEYS: [&str; 2] = ["aws_access_key_id", "aws_secret_access_key"];

/// What the credentials of a profile that leads to no other come from.
fn base(set: &ProfileSet, profile: &Profile) -> Result<Kind, Lack> {
    let name = profile.name();
    if let Some(source) = profile.get(SOURCE) {
        let is_known = SOURCES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(source));
        let what = format!("names the `credential_source` \"{source}\", which is none");
        let help = format!("it is one of {}", SOURCES.join(", "));
        return is_known.then_some(Kind::Own).ok_or(lack(name, what, help));
    }
    if let Some(file) = profile.get(TOKEN_FILE) {
        return token(profile, file);
    }
    const OF_SESSIONS: [&str; 5] = [
        "sso_session",
        "sso_start_url",
        "sso_region",
        "sso_account_id",
        "sso_role_name",
    ];
    if OF_SESSIONS.iter().any(|key| has(profile, key)) {
        return session(set, profile);
    }
    if has(profile, "login_session") {
        let what = "has its credentials from `aws login`, which this program cannot ask";
        let help = format!(
            "hand them over: eval \"$(aws configure export-credentials --profile {name} --format env)\""
        );
        return Err(lack(name, what, help));
    }
    if has(profile, "credential_process") {
        return Ok(Kind::Process);
    }
    match KEYS.map(|key| has(profile, key)) {
        [true, true] => Ok(Kind::Own),
        [false, false] => Err(lack(name, NOTHING, TO_SIGN_IN)),
        [has_id, _] => {
            let (there, missing) = if has_id { (0, 1) } else { (1, 0) };
            let what = format!("has `{}`, but no `{}`", KEYS[there], KEYS[missing]);
            Err(lack(name, what, format!("add `{}` to it", KEYS[missing])))
        }
    }
}

/// What is said of a profile that has nothing to do with credentials.
pub(super) const NOTHING: &str = "has no credentials";
const TO_SIGN_IN: &str =
    "`aws configure sso` or `aws configure` adds them; `--profile NAME` chooses another profile";

/// Whoever the token of a file stands for.
fn token(profile: &Profile, file: &str) -> Result<Kind, Lack> {
    let name = profile.name();
    if !has(profile, "role_arn") {
        let what = format!("has a `{TOKEN_FILE}`, but no `role_arn`");
        return Err(lack(name, what, "add the role that the token is for"));
    }
    match fs::metadata(file) {
        Ok(_) => Ok(Kind::Token),
        Err(why) => {
            let what = format!("names the `{TOKEN_FILE}` \"{file}\", which cannot be read: {why}");
            let help = "let it name the file that the token is written to, or have it written";
            Err(lack(name, what, help))
        }
    }
}

/// A session in IAM Identity Center: where it is, by the profile or by a section of its own, and as whom.
fn session(set: &ProfileSet, profile: &Profile) -> Result<Kind, Lack> {
    const PLACE: [&str; 2] = ["sso_start_url", "sso_region"];
    let name = profile.name();
    let mut missing: Vec<&str> = ["sso_account_id", "sso_role_name"]
        .into_iter()
        .filter(|key| !has(profile, key))
        .collect();
    let Some(session) = profile.get("sso_session") else {
        missing.extend(PLACE.into_iter().filter(|key| !has(profile, key)));
        return require(name, &missing);
    };
    let Some(section) = set.sso_session(session) else {
        let what = format!("names the `sso_session` \"{session}\", which is not there");
        let mut known: Vec<_> = set.sso_sessions().collect();
        known.sort_unstable();
        let help = match &*known.join(", ") {
            "" => "`aws configure sso-session` makes one".to_owned(),
            known => format!("there is {known}; `aws configure sso-session` makes another"),
        };
        return Err(lack(name, what, help));
    };
    if let Some(key) = PLACE.into_iter().find(|key| has(profile, key)) {
        let what = format!("says `{key}` beside its `sso_session`, which says it");
        let help = format!("take it out of the profile: it belongs to [sso-session {session}]");
        return Err(lack(name, what, help));
    }
    let open: Vec<_> = PLACE
        .into_iter()
        .filter(|key| section.get(key).is_none())
        .collect();
    if !open.is_empty() {
        let what = format!(
            "has the `sso_session` \"{session}\", which has no {}",
            both(&open)
        );
        let help = format!(
            "`aws configure sso-session` asks for it, or add it to [sso-session {session}]"
        );
        return Err(lack(name, what, help));
    }
    require(name, &missing)
}

fn require(name: &str, missing: &[&str]) -> Result<Kind, Lack> {
    if missing.is_empty() {
        return Ok(Kind::Session);
    }
    let help = format!("`aws configure sso --profile {name}` asks for it");
    Err(lack(name, format!("has no {}", both(missing)), help))
}

fn both(keys: &[&str]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
    keys.join(" and no ")
}

fn lack(profile: &str, what: impl Into<String>, help: impl Into<String>) -> Lack {
    Lack {
        profile: profile.to_owned(),
        what: what.into(),
        help: help.into(),
    }
}

fn has_keys(profile: &Profile) -> bool {
    KEYS.iter().all(|key| has(profile, key))
}

fn has(profile: &Profile, key: &str) -> bool {
    profile.get(key).is_some()
}
