//! What a program may say that cannot work, found before anything is made.

use std::time::Duration;

use cloudwright_contract::Limit;
use cloudwright_synth::{Json, ResourceRef, Scope, Text};

use super::directory::Directory;
use crate::rules;
use crate::s3::Event;
use crate::ssm::{DocumentRef, Servers};
use crate::units::check_seconds;

/// What an event has to be for a server to see it: the beginnings of their names. Markers are of the first.
pub(super) const CHANGES: [&str; 3] = [
    "s3:ObjectCreated:",
    "s3:ObjectRemoved:",
    "s3:LifecycleExpiration:",
];
/// How many tags a command is sent by, and how many values each has.
const TAGS: usize = 5;
const VALUES: usize = 50;

/// Reports directories that no server could have, or that would undo each other.
pub(super) fn directories(scope: &Scope, directories: &[Directory]) {
    for (index, directory) in directories.iter().enumerate() {
        directory.check(scope);
        let mine = format!("{}/", directory.path());
        let other = directories[..index].iter().find(|other| {
            let theirs = format!("{}/", other.path());
            mine.starts_with(&theirs) || theirs.starts_with(&mine)
        });
        if let Some(other) = other {
            let message = format!(
                "\"{}\" and \"{}\" are the same directory, or one within the other",
                other.path(),
                directory.path()
            );
            let help = "give each a place of its own: a run for one would change the other";
            scope.error(&rules::BAD_FLEET, message, help);
        }
    }
}

/// Reports tags by which no server is found.
pub(super) fn servers(scope: &Scope, servers: &[Servers], is_made: bool) {
    let mut wrong = Vec::new();
    if servers.is_empty() && !is_made {
        wrong.push("no servers are named".to_owned());
    }
    if servers.len() > TAGS {
        wrong.push(format!(
            "servers are found by at most {TAGS} tags, got {}",
            servers.len()
        ));
    }
    for tag in servers {
        let key = tag.tag();
        let is_plain =
            |one: char| one.is_alphanumeric() || one.is_whitespace() || "_.:/=-@".contains(one);
        if key.is_empty()
            || key.chars().count() > 128
            || key.starts_with("aws:")
            || !key.chars().all(is_plain)
        {
            wrong.push(format!("a tag has a key of 1 to 128 letters, digits, spaces and `_.:/=-@`, which does not begin with aws:, got \"{key}\""));
        }
        let values = tag.values();
        if !(1..=VALUES).contains(&values.len()) {
            wrong.push(format!(
                "the tag \"{key}\" has 1 to {VALUES} values, got {}",
                values.len()
            ));
        }
        if values
            .iter()
            .any(|value| value.is_empty() || value.len() > 256)
        {
            wrong.push(format!(
                "the tag \"{key}\" has values of 1 to 256 characters, got {values:?}"
            ));
        }
    }
    for message in wrong {
        let help =
            "say `.servers(Servers::tagged(\"role\", \"web\"))`, or have them made: `.fleet(..)`";
        scope.error(&rules::BAD_FLEET, message, help);
    }
}

/// A number of servers, or a part of them, as Systems Manager takes it.
pub(super) fn limit(scope: &Scope, what: &str, text: Option<&Text>, least: u32) -> Option<Limit> {
    let text = text?;
    let limit = text.parse::<Limit>().ok();
    let limit = limit.filter(|limit| least == 0 || !limit.is_zero());
    if limit.is_none() {
        let message = format!(
            "{what} is a number of servers from {least} to 9999999, or a part of them from {least}% to 100%, got \"{text}\""
        );
        scope.error(&rules::BAD_FLEET, message, "such as \"10\" or \"25%\"");
    }
    limit
}

/// Reports events that change nothing on a server.
pub(super) fn events(scope: &Scope, events: &[Event], seen: &[&str]) {
    let is_seen = |event: &&Event| seen.iter().any(|start| event.name().starts_with(start));
    for event in events.iter().filter(|event| !is_seen(event)) {
        let message = format!(
            "servers would do nothing for `{}`, expected events that begin with {}",
            event.name(),
            seen.join(", ")
        );
        scope.error(&rules::BAD_FLEET, message, "drop it from `.events(..)`");
    }
}

/// Reports a marker that is no name.
pub(super) fn marker(scope: &Scope, name: &str) {
    let is_wild = name.contains(['*', '?', '/']) || name.contains(char::is_control);
    if name.is_empty() || name.len() > 1024 || is_wild {
        let message = format!(
            "a marker is the exact name of an object, without folders and wildcards, got \"{name}\""
        );
        let help = "such as `.on_marker(\"batch-complete.txt\")`; say its folder with `.prefix(\"orders/\")`";
        scope.error(&rules::BAD_FLEET, message, help);
    }
}

/// Reports a document of the app that cannot be told of an object.
pub(super) fn document(scope: &Scope, document: &DocumentRef) {
    let Some(cfn) = document.cfn() else { return };
    let content = cfn.handle().property("Content");
    let parameters = content
        .as_ref()
        .and_then(|content| content.get("parameters"));
    let has = |name: &str| parameters.is_some_and(|all| all.get(name).is_some());
    let missing = ["S3Bucket", "S3Key", "S3Version"]
        .into_iter()
        .filter(|name| !has(name));
    let missing: Vec<_> = missing.collect();
    if !missing.is_empty() {
        let message = format!(
            "`{}` is told the object that starts it, and has no parameter {}",
            document.scope().path(),
            missing.join(", ")
        );
        let help = "give the document all of `object_parameters()`";
        scope.error(&rules::BAD_FLEET, message, help);
    }
}

/// The window in seconds.
pub(super) fn window(scope: &Scope, window: Duration) -> u32 {
    let seconds = check_seconds(scope, "the window", window, 1..=900);
    u32::try_from(seconds).unwrap_or(1)
}

/// How long a command may wait for a server, in seconds.
pub(super) fn delivery(scope: &Scope, time: Duration) -> u32 {
    let seconds = check_seconds(scope, "the time to reach a server", time, 30..=2_592_000);
    u32::try_from(seconds).unwrap_or(600)
}

/// What is written where a bucket's settings contradict each other.
pub(super) fn made(scope: &Scope, is_given: bool, said: usize) {
    if is_given && said > 0 {
        let message = "the bucket is given, and more is said about one that would be made";
        let help = "drop `.bucket_with(..)`, and say it where that bucket is made";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

/// Plain text as a value.
pub(super) fn text(text: impl Into<Text>) -> Json {
    Json::Text(text.into())
}
