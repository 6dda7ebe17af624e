//! Profiles of the AWS configuration: which there are, and whether the one that is named is among them.

use std::env;
use std::error::Error;

use aws_config::profile;

use super::faults::one_line;
use crate::problem::Problem;

/// The variable that names a profile where the command line does not.
const VARIABLE: &str = "AWS_PROFILE";

/// The files that profiles are in: the variables that lead elsewhere, and where they are without.
const FILES: [(&str, &str); 2] = [
    ("AWS_CONFIG_FILE", "~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
];

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

/// What is wrong with the profile that is asked for, looked at once it led to no credentials or to no region.
pub(super) async fn mistake(named: Option<&str>) -> Option<Problem> {
    let (name, by) = asked(named)?;
    let places = FILES.map(|(variable, usual)| {
        let elsewhere = env::var(variable).ok().filter(|file| !file.is_empty());
        elsewhere.unwrap_or_else(|| usual.to_owned())
    });
    let places = places.join(" or ");
    let files = (&Default::default(), &Default::default());
    let all = match profile::load(files.0, files.1, &Default::default(), None).await {
        Ok(all) => all,
        Err(why) => {
            let why = one_line(&innermost(&why));
            let message = format!("the AWS configuration cannot be read: {why}");
            return Some(Problem::unreadable(message, "mend the file"));
        }
    };
    if all.get_profile(&name).is_some() {
        return None;
    }
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

/// What a profile that is asked for lacks, where no credentials came of it.
pub(super) fn without_credentials(named: Option<&str>) -> Option<String> {
    let (name, by) = asked(named)?;
    Some(format!("the profile \"{name}\" ({by}) has no credentials"))
}

/// What an error began with.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}
