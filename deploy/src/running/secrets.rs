//! Secrets that a template only declares: which they are, what has to be in them, and whether it is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cloudwright_diff::nearest;
use serde_json::Value;

use super::services::Secrets;
use crate::assembly::{Assembly, Stack};
use crate::cloud::Clock;
use crate::fault::Fault;
use crate::pace::{Pace, patiently, when_let_in};
use crate::problem::Problem;

/// The type of a secret.
pub const SECRET: &str = "AWS::SecretsManager::Secret";
/// The most bytes that a secret holds.
const LARGEST: usize = 65_536;
/// How long a rotation is waited for. Its function is called four times.
const PATIENCE: Duration = Duration::from_secs(600);

/// The keys that programs have to find in a secret, and who needs each.
pub type Needs<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// What the app needs in a secret: the one at the end of these logical ids of a stack.
#[must_use]
pub fn needed<'a>(assembly: &'a Assembly, stack: &str, ids: &[String]) -> Needs<'a> {
    let mut keys = Needs::new();
    let here = |need: &&crate::operation::Need| need.stack == stack && need.ids == ids;
    for need in assembly.needs.iter().filter(here) {
        keys.entry(&need.key).or_default().insert(&need.consumer);
    }
    keys
}

/// The logical ids of the secrets that a template gives no value.
#[must_use]
pub fn declared_only(stack: &Stack) -> Vec<&str> {
    let resources = stack.template["Resources"].as_object();
    let is_empty = |body: &Value| {
        let value = |name: &str| body["Properties"].get(name).is_some();
        body["Type"] == SECRET && !value("SecretString") && !value("GenerateSecretString")
    };
    let resources = resources.into_iter().flatten();
    let resources = resources.filter(|(_, body)| is_empty(body));
    resources.map(|(id, _)| id.as_str()).collect()
}

/// The keys of the JSON object that a text is; `None` if it is none.
#[must_use]
pub fn keys(value: &str) -> Option<Vec<String>> {
    match serde_json::from_str(value) {
        Ok(Value::Object(members)) => Some(members.into_iter().map(|(key, _)| key).collect()),
        _ => None,
    }
}

/// Refuses a value that no program could use. No message shows anything of it.
///
/// # Errors
/// When it is empty or too large, or lacks a key that is needed.
pub fn check(value: &str, needs: &Needs<'_>) -> Result<(), Problem> {
    if value.is_empty() {
        let help = "write the value into standard input or the file, without a line before it";
        return Err(Problem::usage(
            "a secret cannot be filled with nothing",
            help,
        ));
    }
    if value.len() > LARGEST {
        let message = format!(
            "a secret holds at most {LARGEST} bytes, got {}",
            value.len()
        );
        return Err(Problem::usage(message, "keep what is larger in a bucket"));
    }
    if needs.is_empty() {
        return Ok(());
    }
    let Some(given) = keys(value) else {
        let wanted: Vec<&str> = needs.keys().copied().collect();
        let message = format!(
            "a JSON object with {} is needed, got another text",
            wanted.join(", ")
        );
        return Err(Problem::usage(
            message,
            format!("it is read by {}", consumers(needs)),
        ));
    };
    let missing = needs
        .keys()
        .filter(|key| !given.iter().any(|one| one == *key));
    let missing: Vec<&str> = missing.copied().collect();
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let unknown = given.iter().map(String::as_str);
    let unknown = unknown.filter(|key| !needs.contains_key(key));
    let near =
        nearest(first, unknown).map(|near| format!("; is \"{near}\" the key that is meant?"));
    let message = format!("the value lacks {}", missing.join(", "));
    let help = format!(
        "it is read by {}{}",
        consumers(needs),
        near.unwrap_or_default()
    );
    Err(Problem::usage(message, help))
}

fn consumers(needs: &Needs<'_>) -> String {
    let all: BTreeSet<&str> = needs.values().flatten().copied().collect();
    all.into_iter().collect::<Vec<_>>().join(", ")
}

/// Fills a secret. A lost answer costs nothing: made again under its token, the request makes no second version, which
/// would push the one before out of reach. The token, which becomes the version's id, is not one of the value: that
/// would tell whoever may look at the secret whether a guess is right.
///
/// # Errors
/// When Secrets Manager refuses.
pub async fn put(
    secrets: &dyn Secrets,
    clock: &dyn Clock,
    (name, value): (&str, &str),
    mark: u128,
) -> Result<(), Fault> {
    let token = format!("cloudwright-{mark:032}");
    patiently(clock, || secrets.put(name, value, &token)).await
}

/// What a rotation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// Readers get the new version.
    Done,
    /// It goes on by itself.
    GoesOn,
}

/// Rotates a secret and waits for the end of that.
///
/// # Errors
/// When no function rotates it, or Secrets Manager refuses.
pub async fn rotate(
    secrets: &dyn Secrets,
    clock: &dyn Clock,
    (path, name): (&str, &str),
) -> Result<Rotated, Problem> {
    let state = patiently(clock, || secrets.secret(name)).await?;
    if !state.rotates {
        let message = format!("no function rotates {path}");
        let help = "give it a rotation in the program, or fill it anew: `secret put`";
        return Err(Problem::usage(message, help));
    }
    let version = when_let_in(clock, || secrets.rotate(name)).await?;
    let (mut pace, begun) = (Pace::new(), clock.now());
    while clock.now().saturating_sub(begun) < PATIENCE {
        let state = patiently(clock, || secrets.secret(name)).await?;
        if state.current.as_ref() == Some(&version) {
            return Ok(Rotated::Done);
        }
        pace.wait(clock).await;
    }
    Ok(Rotated::GoesOn)
}

/// Whether a secret holds nothing.
///
/// # Errors
/// When Secrets Manager does not say.
pub async fn is_empty(secrets: &dyn Secrets, clock: &dyn Clock, name: &str) -> Result<bool, Fault> {
    let state = patiently(clock, || secrets.secret(name)).await?;
    Ok(state.current.is_none())
}
