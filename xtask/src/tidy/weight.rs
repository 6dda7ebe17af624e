//! What a newcomer's first command compiles: the packages behind the README's
//! `cargo run --bin quickstart` must stay few and free of what makes builds slow.

use std::collections::BTreeSet;
use std::process::Command;

use super::{Findings, Repository};
use crate::process::capture;
use crate::{Outcome, workspace_root};

/// The command of the README that this is about. `cargo tree` takes the same packages and features
/// as `cargo run` without a word about them: the default members of the workspace, as they are.
const COMMAND: &str = "cargo run --bin quickstart -- synth";

/// The package that the command runs a program of.
const ROOT: &str = "examples ";

/// Packages that must not be there, by the beginning of their name.
const BANNED: &[&str] = &[
    "async-std",
    "aws-config",
    "aws-credential",
    "aws-lc",
    "aws-runtime",
    "aws-sdk",
    "aws-smithy",
    "boring",
    "hyper",
    "native-tls",
    "openssl",
    "regex",
    "ring",
    "rustls",
    "s2n",
    "schannel",
    "security-framework",
    "smol",
    "tokio",
    "webpki",
];

/// The most third-party crates that a synth-only app may build.
pub(crate) const MOST_THIRD_PARTY: usize = 30;

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let arguments = [
        "tree",
        "--offline",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
    ];
    let mut tree = Command::new("cargo");
    tree.current_dir(workspace_root()).args(arguments);
    let mut findings = judge(&capture(&mut tree)?);
    let readme = repository.text("README.md").unwrap_or_default();
    if !has_command(readme) {
        findings
            .errors
            .push(format!("README.md: expected the line `{COMMAND}`"));
    }
    Ok(findings)
}

/// Whether the command stands on a line of its own, with nothing but a comment behind it.
fn has_command(readme: &str) -> bool {
    let commands = readme.lines().map(|line| line.split('#').next());
    commands.flatten().any(|command| command.trim() == COMMAND)
}

/// Judges lines such as `itoa v1.0.15` or `serde_derive v1.0.228 (proc-macro)`.
fn judge(tree: &str) -> Findings {
    let third_party = third_party_crates(tree);
    let mut findings = Findings::default();
    if !tree.lines().any(|line| line.starts_with(ROOT)) {
        let said = "the package `examples` is no default member: `cargo run` does not find it";
        findings.errors.push(said.to_owned());
    }
    for package in &third_party {
        if BANNED.iter().any(|banned| package.starts_with(banned)) {
            findings
                .errors
                .push(format!("the quickstart must not compile {package}"));
        }
        if package.contains("(proc-macro)") {
            findings
                .errors
                .push(format!("the quickstart must not run {package}"));
        }
    }
    let count = third_party.len();
    let said = format!("the quickstart compiles {count} third-party crates, of {MOST_THIRD_PARTY}");
    if count > MOST_THIRD_PARTY {
        findings.errors.push(said);
    } else {
        findings.notes.push(said);
    }
    findings
}

/// The third-party packages of what `cargo tree --prefix none` prints.
pub(crate) fn third_party_crates(tree: &str) -> BTreeSet<&str> {
    tree.lines().filter_map(third_party).collect()
}

/// The package of a line, unless it is ours (named with its folder) or a repetition mark.
fn third_party(line: &str) -> Option<&str> {
    let package = line.trim_end_matches(" (*)").trim();
    (!package.is_empty() && !package.contains("(/") && !package.contains(":\\")).then_some(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sdks_and_macros_are_errors_and_repetitions_count_once() {
        let tree = "examples v0.1.0 (/somewhere/examples)\nitoa v1.0.15\nitoa v1.0.15 (*)\n\
                    tokio v1.48.0\nserde_derive v1.0.228 (proc-macro)\n";
        let findings = judge(tree);
        assert_eq!(findings.errors.len(), 2, "{findings:?}");
        assert_eq!(
            findings.notes,
            ["the quickstart compiles 3 third-party crates, of 30"]
        );
    }

    #[test]
    fn too_many_crates_are_an_error() {
        let tree: String = (0..=MOST_THIRD_PARTY)
            .map(|n| format!("crate{n} v1.0.0\n"))
            .collect();
        let tree = format!("examples v0.1.0 (/somewhere/examples)\n{tree}");
        assert_eq!(judge(&tree).errors.len(), 1);
    }

    #[test]
    fn a_tree_of_other_packages_proves_nothing() {
        let findings = judge("cloudwright v0.1.0 (/somewhere/constructs)\nitoa v1.0.15\n");
        assert_eq!(findings.errors.len(), 1, "{findings:?}");
    }

    #[test]
    fn the_command_is_exactly_the_one_of_the_readme() {
        assert!(has_command(
            "# A\ncargo run --bin quickstart -- synth   # writes\n"
        ));
        assert!(!has_command(
            "cargo run --all-features --bin quickstart -- synth"
        ));
        assert!(!has_command("cargo run --bin quickstart"));
    }
}
