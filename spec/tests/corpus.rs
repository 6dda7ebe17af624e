//! Right and wrong literals, each with the verdict of cfn-lint: our check refuses exactly those.
//!
//! `corpus/literals.jsonl` holds one case per line: a resource type, its properties, and the
//! rules by which cfn-lint refused them (none: accepted). `stricter` says why we refuse what it
//! accepts. `cargo xtask spec corpus` asks
//! cfn-lint again and rewrites the verdicts.

mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cloudwright_spec::{Finding, Kind, check, find_resource, parse_resource};
use serde_json::Value;
use tree::Tree;

fn crate_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn findings(type_name: &str, properties: Value) -> Vec<Finding> {
    let service = type_name.split("::").nth(1).unwrap();
    let text = crate_file(&format!("../constructs/cfn/spec/{service}.spec"));
    let excerpt = find_resource(&text, type_name).unwrap();
    let resource = parse_resource(excerpt).unwrap();
    let mut findings = Vec::new();
    check(&resource, &Tree::new(properties), &mut |finding| {
        findings.push(finding);
    });
    findings
}

struct Case {
    type_name: String,
    properties: Value,
    verdict: BTreeSet<String>,
    stricter: bool,
}

fn cases() -> Vec<Case> {
    let text = crate_file("tests/corpus/literals.jsonl");
    let case = |line: &str| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        let verdict = value["verdict"].as_array().unwrap().iter();
        Case {
            type_name: value["type"].as_str().unwrap().to_owned(),
            verdict: verdict
                .map(|rule| rule.as_str().unwrap().to_owned())
                .collect(),
            stricter: value["stricter"].is_string(),
            properties: value["properties"].take(),
        }
    };
    text.lines().map(case).collect()
}

#[test]
fn the_corpus_is_large_and_has_every_kind_of_mistake() {
    let cases = cases();
    let types: BTreeSet<&str> = cases.iter().map(|case| case.type_name.as_str()).collect();
    let rules: BTreeSet<&str> = cases
        .iter()
        .flat_map(|case| &case.verdict)
        .map(String::as_str)
        .collect();
    assert!(
        cases.len() >= 150 && types.len() >= 15,
        "{} cases",
        cases.len()
    );
    for rule in [
        "E3002", "E3003", "E3012", "E3014", "E3017", "E3018", "E3020", "E3021", "E3030",
    ] {
        assert!(rules.contains(rule), "no case for {rule}");
    }
    for rule in ["E3031", "E3032", "E3033", "E3034", "E3037", "E3058"] {
        assert!(rules.contains(rule), "no case for {rule}");
    }
}

#[test]
fn we_refuse_exactly_what_cfn_lint_refuses() {
    let mut disagreements = Vec::new();
    for (number, case) in cases().into_iter().enumerate() {
        let shown = format!(
            "line {}: {} {}",
            number + 1,
            case.type_name,
            case.properties
        );
        let findings = findings(&case.type_name, case.properties);
        assert!(
            !case.stricter || case.verdict.is_empty(),
            "no longer stricter: {shown}"
        );
        if findings.is_empty() != (case.verdict.is_empty() && !case.stricter) {
            disagreements.push(format!(
                "{shown}\n  judge {:?}, we {findings:?}",
                case.verdict
            ));
        }
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

/// An alternative that fails inside is reported by the judge as no alternative holding.
const ALTERNATIVES: [&str; 2] = ["E3017", "E3018"];

#[test]
fn the_kind_of_mistake_is_the_judges() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases() {
        let findings = findings(&case.type_name, case.properties);
        let read_only = findings
            .iter()
            .any(|finding| finding.kind == Kind::ReadOnly);
        let in_alternative = ALTERNATIVES.iter().any(|rule| case.verdict.contains(*rule));
        if case.verdict.is_empty() || read_only || in_alternative {
            continue;
        }
        let rules = findings
            .iter()
            .flat_map(|finding| finding.kind.judge_rules());
        let ours: BTreeSet<&str> = rules.copied().collect();
        let common = case.verdict.iter().any(|rule| ours.contains(rule.as_str()));
        assert!(
            common,
            "{}: judge {:?}, we {ours:?}",
            case.type_name, case.verdict
        );
        *seen
            .entry(case.verdict.iter().next().unwrap().clone())
            .or_default() += 1;
    }
    assert!(seen.len() >= 12, "{seen:?}");
}
