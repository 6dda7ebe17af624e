//! Which crate may depend on which: `spec <- synth <- cfn <- constructs` and
//! `spec <- diff <- constructs`. Examples, tests and developer commands may use anything.
//!
//! Optional dependencies count too: an upward dependency behind a feature is still one.

use std::process::Command;

use serde_json::Value;

use super::{Findings, Repository};
use crate::process::capture;
use crate::{Outcome, workspace_root};

const SPEC: &str = "cloudwright-spec";
const SYNTH: &str = "cloudwright-synth";
const CFN: &str = "cloudwright-cfn";
const DIFF: &str = "cloudwright-diff";
const CONSTRUCTS: &str = "cloudwright";

/// A crate and the crates of this workspace that it may build on.
const LAYERS: &[(&str, &[&str])] = &[
    (SPEC, &[]),
    (SYNTH, &[SPEC]),
    (CFN, &[SPEC, SYNTH]),
    (DIFF, &[SPEC]),
    (CONSTRUCTS, &[SPEC, SYNTH, CFN, DIFF]),
];

/// Crates on top, on which nothing may build.
const ON_TOP: &[&str] = &["bench", "examples", "tests", "xtask"];

pub(super) fn check(_: &Repository) -> Outcome<Findings> {
    let arguments = ["metadata", "--no-deps", "--format-version=1"];
    let metadata = capture(
        Command::new("cargo")
            .current_dir(workspace_root())
            .args(arguments),
    )?;
    let metadata = serde_json::from_str(&metadata).map_err(|e| format!("cargo metadata: {e}"))?;
    Ok(judge(&metadata))
}

fn judge(metadata: &Value) -> Findings {
    let packages: Vec<_> = list(&metadata["packages"]).collect();
    let members: Vec<_> = packages
        .iter()
        .map(|package| text(&package["name"]))
        .collect();
    let mut findings = Findings::default();
    for (package, name) in packages.iter().zip(&members) {
        if ON_TOP.contains(name) {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| layer == name) else {
            findings.errors.push(format!(
                "{name} has no layer: add it to xtask/src/tidy/layers.rs"
            ));
            continue;
        };
        // Development dependencies may point upwards: they reach no user.
        let real = list(&package["dependencies"]).filter(|dependency| dependency["kind"] != "dev");
        for used in real.map(|dependency| text(&dependency["name"])) {
            if members.contains(&used) && !allowed.contains(&used) {
                findings
                    .errors
                    .push(format!("{name} depends on {used}, which is not below it"));
            }
        }
    }
    findings
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, used: &str, kind: &Value) -> Value {
        json!({"name": name, "dependencies": [{"name": used, "kind": kind}]})
    }

    #[test]
    fn an_upward_dependency_is_an_error_and_a_development_one_is_not() {
        let upward = json!({"packages": [
            package(SYNTH, CONSTRUCTS, &Value::Null), package(CONSTRUCTS, SYNTH, &Value::Null),
        ]});
        let expected = "cloudwright-synth depends on cloudwright, which is not below it";
        assert_eq!(judge(&upward).errors, [expected]);
        let development = json!({"packages": [
            package(SYNTH, CONSTRUCTS, &json!("dev")), package(CONSTRUCTS, SYNTH, &json!("build")),
        ]});
        assert!(judge(&development).errors.is_empty());
    }

    #[test]
    fn a_crate_without_a_layer_is_an_error() {
        let metadata = json!({"packages": [package("newcomer", "clap", &Value::Null)]});
        assert_eq!(judge(&metadata).errors.len(), 1);
    }
}
