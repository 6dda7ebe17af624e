//! Documents agree with what they describe: every source opens with its story, the README with the
//! manifests, the change log with the work in progress.

use std::path::Path;

use super::repository::File;
use super::{Findings, Repository};
use crate::Outcome;

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let mut findings = Findings::default();
    findings.errors.extend(
        repository
            .rust()
            .filter(|file| !opens_with_docs(file))
            .map(|file| {
                format!(
                    "{}: begin the file with `//!` and what it is about",
                    file.path
                )
            }),
    );
    let manifest = repository.text("Cargo.toml").unwrap_or_default();
    for document in ["README.md", "ARCHITECTURE.md"] {
        match repository.text(document) {
            Some(text) => findings
                .errors
                .extend(disagreements(document, text, manifest, repository)),
            None => findings.notes.push(format!("{document} is missing")),
        }
    }
    if !repository
        .text("CHANGELOG.md")
        .is_some_and(|text| text.contains("\n## [Unreleased]\n"))
    {
        findings
            .errors
            .push("CHANGELOG.md has no `## [Unreleased]` section".to_owned());
    }
    Ok(findings)
}

fn opens_with_docs(file: &File) -> bool {
    file.text
        .lines()
        .find(|line| !line.trim().is_empty())
        .is_some_and(|line| line.starts_with("//!"))
}

/// What a document says about versions and commands that is not so.
fn disagreements(
    document: &str,
    text: &str,
    manifest: &str,
    repository: &Repository,
) -> Vec<String> {
    let version = setting(manifest, "version");
    let rust = setting(manifest, "rust-version");
    let mut wrong = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut say = |what: String| wrong.push(format!("{document}:{}: {what}", number + 1));
        if let Some(claimed) = dependency_version(line).filter(|claimed| !covers(claimed, version))
        {
            say(format!(
                "names version {claimed}, the workspace has {version}"
            ));
        }
        if let Some(claimed) = line
            .split_once("Rust 1.")
            .map(|(_, rest)| format!("1.{}", digits(rest)))
            && claimed != rust
        {
            say(format!(
                "names Rust {claimed}, Cargo.toml has rust-version {rust}"
            ));
        }
        for binary in words_after(line, "--bin ") {
            if !is_binary(repository, binary) {
                say(format!("names the binary {binary}, which no package has"));
            }
        }
        for verb in words_after(line, "cargo xtask ") {
            let known = crate::VERBS
                .iter()
                .any(|(command, _)| command().get_name() == verb);
            if !known && verb.chars().all(|c| c.is_ascii_lowercase()) && !verb.is_empty() {
                say(format!("names `cargo xtask {verb}`, which does not exist"));
            }
        }
    }
    wrong
}

/// The value of `name = "value"` in a manifest.
fn setting<'a>(manifest: &'a str, name: &str) -> &'a str {
    let values = manifest
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.trim().strip_prefix("= \""));
    values
        .filter_map(|value| value.strip_suffix('"'))
        .next()
        .unwrap_or_default()
}

/// The version in a line such as `cloudwright = "0.1"` or `cloudwright = { version = "0.1", .. }`.
fn dependency_version(line: &str) -> Option<&str> {
    let value = line.trim().strip_prefix("cloudwright")?.split_once("= ")?.1;
    let value = value
        .split_once("version = ")
        .map_or(value, |(_, version)| version);
    value.strip_prefix('"')?.split('"').next()
}

/// Whether the requirement `0.1` or `0.1.0` is met by `0.1.0`.
fn covers(requirement: &str, version: &str) -> bool {
    version == requirement || version.starts_with(&format!("{requirement}."))
}

fn digits(text: &str) -> &str {
    &text[..text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len())]
}

fn words_after<'a>(line: &'a str, marker: &'a str) -> impl Iterator<Item = &'a str> {
    let end = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
    line.match_indices(marker).map(move |(at, _)| {
        line[at + marker.len()..]
            .split(end)
            .next()
            .unwrap_or_default()
    })
}

fn is_binary(repository: &Repository, name: &str) -> bool {
    let entry = format!("name = \"{name}\"");
    let manifests = repository
        .files()
        .filter(|file| Path::new(&file.path).ends_with("Cargo.toml"));
    manifests
        .flat_map(|file| file.text.split("[[bin]]").skip(1))
        .any(|bin| bin.contains(&entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace.package]\nversion = \"0.1.0\"\nrust-version = \"1.88\"\n";

    fn wrong(line: &str) -> usize {
        let bins = ("examples/Cargo.toml", "[[bin]]\nname = \"quickstart\"\n");
        disagreements("README.md", line, MANIFEST, &Repository::of(&[bins])).len()
    }

    #[test]
    fn a_document_that_tells_another_story_is_found() {
        assert_eq!(wrong("cloudwright = \"0.1\""), 0);
        assert_eq!(
            wrong("cloudwright = { version = \"0.2\", features = [\"all\"] }"),
            1
        );
        assert_eq!(wrong("It needs Rust 1.88 or newer."), 0);
        assert_eq!(wrong("It needs Rust 1.95."), 1);
        assert_eq!(wrong("cargo run --bin quickstart -- synth"), 0);
        assert_eq!(wrong("cargo run --bin quickstrat"), 1);
        assert_eq!(
            wrong("run `cargo xtask tidy`, then `cargo xtask <verb>`"),
            0
        );
        assert_eq!(wrong("`cargo xtask polish`"), 1);
    }

    #[test]
    fn a_source_without_a_story_and_a_missing_change_log_are_found() {
        let repository = Repository::of(&[
            ("synth/src/a.rs", "\n//! A.\n"),
            ("synth/src/b.rs", "use a;"),
        ]);
        assert_eq!(check(&repository).unwrap().errors.len(), 2);
    }
}
