//! Which crate may depend on which: `spec <- synth <- cfn <- constructs` and
//! `spec <- diff <- constructs`, `diff, graph <- review`, `spec <- bundle, diff, graph, review <- deploy <- constructs`, and
//! `contract <- runtime` beside them. Examples, tests and developer commands may use anything.
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
const BUNDLE: &str = "cloudwright-bundle";
const GRAPH: &str = "cloudwright-graph";
const REVIEW: &str = "cloudwright-review";
const DEPLOY: &str = "cloudwright-deploy";
const CONTRACT: &str = "cloudwright-contract";
const RUNTIME: &str = "cloudwright-runtime";
const CONSTRUCTS: &str = "cloudwright";

/// A crate of this workspace on which users build.
struct Layer {
    name: &'static str,
    /// The crates of this workspace that it may build on.
    below: &'static [&'static str],
    /// The most crates of others that it may build on, without those behind a feature.
    third_party: usize,
}

const fn layer(name: &'static str, below: &'static [&'static str], third_party: usize) -> Layer {
    Layer {
        name,
        below,
        third_party,
    }
}

const LAYERS: &[Layer] = &[
    layer(SPEC, &[], 0),
    layer(SYNTH, &[SPEC], 4),
    layer(CFN, &[SPEC, SYNTH], 1),
    layer(DIFF, &[SPEC], 2),
    layer(BUNDLE, &[SPEC], 1),
    layer(GRAPH, &[SPEC], 3),
    layer(REVIEW, &[SPEC, DIFF, GRAPH], 4),
    layer(DEPLOY, &[SPEC, BUNDLE, CFN, DIFF, GRAPH, REVIEW], 2),
    layer(CONTRACT, &[], 0),
    layer(RUNTIME, &[CONTRACT], 8),
    layer(
        CONSTRUCTS,
        &[
            SPEC, SYNTH, CFN, DIFF, GRAPH, REVIEW, BUNDLE, DEPLOY, CONTRACT,
        ],
        4,
    ),
];

/// Crates on top, on which nothing may build.
const ON_TOP: &[&str] = &[
    "bench", "book", "catalog", "convert", "examples", "guide", "tests", "xtask",
];

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
    let members: Vec<_> = packages.iter().map(|p| text(&p["name"])).collect();
    let mut findings = Findings::default();
    for (package, name) in packages.iter().zip(&members) {
        match LAYERS.iter().find(|layer| layer.name == *name) {
            Some(layer) => layer.judge(package, &members, &mut findings),
            None if ON_TOP.contains(name) => {}
            None => findings.errors.push(format!(
                "{name} has no layer: add it to xtask/src/tidy/layers.rs"
            )),
        }
    }
    findings
}

impl Layer {
    fn judge(&self, package: &Value, members: &[&str], findings: &mut Findings) {
        let Self { name, below, .. } = self;
        // Development dependencies may point upwards: they reach no user.
        let used = list(&package["dependencies"]).filter(|used| used["kind"] != "dev");
        let (own, others): (Vec<_>, Vec<_>) =
            used.partition(|used| members.contains(&text(&used["name"])));
        let own = own.iter().map(|used| text(&used["name"]));
        for upward in own.filter(|own| !below.contains(own)) {
            let error = format!("{name} depends on {upward}, which is not below it");
            findings.errors.push(error);
        }
        let count = others
            .iter()
            .filter(|used| used["optional"] != true)
            .count();
        if count > self.third_party {
            let most = self.third_party;
            let error = format!("{name} needs {count} third-party crates, at most {most}");
            findings.errors.push(error);
        }
    }
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
    fn third_party_crates_have_a_budget_without_those_behind_a_feature() {
        let mut package = package(SPEC, "clap", &Value::Null);
        let judged = |package: &Value| judge(&json!({"packages": [package]})).errors.len();
        assert_eq!(judged(&package), 1);
        package["dependencies"][0]["optional"] = json!(true);
        assert_eq!(judged(&package), 0);
    }

    #[test]
    fn a_crate_without_a_layer_is_an_error() {
        let metadata = json!({"packages": [package("newcomer", "clap", &Value::Null)]});
        assert_eq!(judge(&metadata).errors.len(), 1);
    }
}
