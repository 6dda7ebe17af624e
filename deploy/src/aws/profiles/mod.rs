//! Profiles of the AWS configuration: which there are, whether the one that is named is among them, and what it lacks.

mod lacks;
mod roles;

use std::path::PathBuf;
use std::{env, fs};

use aws_config::profile::{self, ProfileSet};

use super::faults::{self, NO_CREDENTIALS, one_line};
use crate::fault::{Class, Fault};
use crate::problem::Problem;
use lacks::{Kind, Lack};
pub(super) use roles::refused;

/// The profile of whoever names none.
const DEFAULT: &str = "default";

/// The variable that names a profile where the command line does not.
const VARIABLE: &str = "AWS_PROFILE";

/// The files that profiles are in: the variables that lead elsewhere, and where they are without.
const FILES: [(&str, &str); 2] = [
    ("AWS_CONFIG_FILE", "~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
];

/// What the SDK says before what went wrong, and what is said here with the name of the profile.
const WRAPPINGS: [&str; 4] = [
    faults::LOADING,
    "an error occurred while loading an access token",
    OF_PROCESSES,
    "from external process",
];

/// What the SDK says where the program of a profile gave no credentials.
const OF_PROCESSES: &str = "Error retrieving credentials";

/// What is said where nobody is signed in: of the token in the file that signing in writes, of that file, or by the portal.
const OF_TOKENS: [&str; 3] = ["token", "sso/cache", "UnauthorizedException"];

/// How many profiles are listed.
const LISTED: usize = 12;

/// The profile that is asked for, and by what; `None` where nobody asks for one.
fn asked(named: Option<&str>) -> Option<(String, &'static str)> {
    let variable = || env::var(VARIABLE).ok().filter(|name| !name.is_empty());
    match named {
        Some(name) => Some((name.to_owned(), "--profile")),
        None => Some((variable()?, VARIABLE)),
    }
}

/// Where a file of profiles is, as a person writes it, and as it is opened.
fn place((variable, usual): (&str, &str)) -> (String, PathBuf) {
    let named = env::var(variable).ok().filter(|file| !file.is_empty());
    let shown = named.unwrap_or_else(|| usual.to_owned());
    let opened = match shown.strip_prefix("~/") {
        Some(below) => env::home_dir().unwrap_or_default().join(below),
        None => PathBuf::from(&shown),
    };
    (shown, opened)
}

/// The profile that a line of such a file begins, `[profile NAME]` or `[NAME]`. Sections of other things have two words too.
fn begun(line: &str) -> Option<&str> {
    let (inner, _) = line.trim().strip_prefix('[')?.split_once(']')?;
    let inner = inner.trim();
    let name = match inner.split_once(char::is_whitespace) {
        None => inner,
        Some(("profile", name)) => name.trim(),
        Some(_) => return None,
    };
    Some(name.trim_matches(['"', '\'']))
}

/// The files in which a profile has a section.
fn files_of(name: &str) -> String {
    let files = FILES.map(place).into_iter().filter(|(_, path)| {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().any(|line| begun(line) == Some(name))
    });
    files
        .map(|(shown, _)| shown)
        .collect::<Vec<_>>()
        .join(" and ")
}

/// All profiles.
async fn all() -> Result<ProfileSet, Problem> {
    let files = (&Default::default(), &Default::default());
    profile::load(files.0, files.1, &Default::default(), None)
        .await
        .map_err(|why| {
            let why = faults::causes(&why).last();
            let why = one_line(&why.map(ToString::to_string).unwrap_or_default());
            let message = format!("the AWS configuration cannot be read: {why}");
            Problem::unreadable(message, "mend the file")
        })
}

/// That the profile which is asked for is not there, looked at once it led to no credentials or to no region.
pub(super) async fn missing(named: Option<&str>) -> Option<Problem> {
    let (name, by) = asked(named)?;
    let all = match all().await {
        Ok(all) => all,
        Err(problem) => return Some(problem),
    };
    if all.get_profile(&name).is_some() {
        return None;
    }
    let places = FILES.map(|file| place(file).0).join(" or ");
    let message = format!("there is no profile \"{name}\" ({by}) in {places}");
    let mut known: Vec<_> = all.profiles().collect();
    known.sort_unstable();
    let listed = known[..known.len().min(LISTED)].join(", ");
    let help = match known.len() {
        0 => "there is none yet: `aws configure sso` or `aws configure` makes one".to_owned(),
        count if count > LISTED => {
            format!("the profiles are {listed}, and {} more", count - LISTED)
        }
        _ => format!("the profiles are {listed}"),
    };
    Some(Problem::usage(message, help))
}

/// Why no credentials came of the profile that is asked for, or of the one that counts where nobody asks for any. Only what the
/// fault itself says is said of it.
pub(super) async fn without_credentials(named: Option<&str>, fault: &Fault) -> Option<Problem> {
    let asked = asked(named);
    let is_asked = asked.is_some();
    let (name, by) = asked.unwrap_or((DEFAULT.to_owned(), "by default"));
    let all = all().await.ok()?;
    all.get_profile(&name)?;
    let way = match lacks::follow(&all, &name) {
        Ok(way) => way,
        Err(lack) if is_own(fault) => return told((&name, by), &lack),
        Err(_) => return None,
    };
    let who = |profile| who((&name, by), profile);
    if let Some(role) = roles::meant(&way.roles, fault) {
        let what = format!("the role {} of {}", role.arn, who(role.profile));
        return Some(refused(fault.clone(), &what, &format!("by {}", role.by)));
    }
    let is_unreachable =
        fault.class == Class::Unreachable && fault.operation == faults::CREDENTIALS;
    if !(is_own(fault) || is_unreachable) || !is_asked && fault.message == NO_CREDENTIALS {
        return None;
    }
    let (base, said) = (who(way.base), plain(&fault.message));
    let says = |word: &&str| fault.message.contains(*word);
    let (message, help) = match way.kind {
        Kind::Process if says(&OF_PROCESSES) => (
            format!("the `credential_process` of {base} gave no credentials: {said}"),
            "run it by hand: it has to end well and to print JSON with Version 1, AccessKeyId and SecretAccessKey"
                .to_owned(),
        ),
        Kind::Session if is_unreachable => (
            format!("the portal of {base} is not reached: {said}"),
            "check the network and the `sso_region`, then run the command again".to_owned(),
        ),
        Kind::Session if says(&"ForbiddenException") => (
            format!("the portal gives no credentials to {base}: {said}"),
            "see that whoever is signed in has the profile's `sso_role_name` in its `sso_account_id`".to_owned(),
        ),
        Kind::Session if OF_TOKENS.iter().any(says) => (
            format!("nobody is signed in by {base}: {said}"),
            format!("`aws sso login --profile {}`, then run the command again: it goes on where it stopped", way.base),
        ),
        _ => return None,
    };
    Some(Problem::failed(message, help))
}

/// Whether the SDK had no credentials, or could not have them, without anybody's refusal.
fn is_own(fault: &Fault) -> bool {
    fault.class == Class::Credentials && fault.code.is_empty()
}

/// What the SDK says, without what is said here with the name of the profile.
fn plain(said: &str) -> &str {
    WRAPPINGS.iter().fold(said, |said, wrapping| {
        let rest = said.strip_prefix(wrapping).unwrap_or(said);
        rest.trim_start_matches([':', ',', ' '])
    })
}

/// What a profile lacks, as a problem; nothing where it is only that it has no credentials, which its caller says.
fn told(asked: (&str, &str), lack: &Lack) -> Option<Problem> {
    if lack.profile == asked.0 && lack.what == lacks::NOTHING {
        return None;
    }
    let message = format!("{} {}", who(asked, &lack.profile), lack.what);
    Some(Problem::unreadable(message, &*lack.help))
}

/// A profile, the one that is asked for or one that this leads to, with its files.
fn who((name, by): (&str, &str), profile: &str) -> String {
    let place = match &*files_of(profile) {
        "" => String::new(),
        files => format!(" in {files}"),
    };
    if name == profile {
        format!("the profile \"{name}\" ({by}){place}")
    } else {
        format!("the profile \"{profile}\"{place}, to which \"{name}\" ({by}) leads,")
    }
}

/// What a profile that is asked for and has no credentials is told by.
pub(super) fn empty(named: Option<&str>) -> Option<String> {
    let (name, by) = asked(named)?;
    Some(format!("{} {}", who((&name, by), &name), lacks::NOTHING))
}
