//! `cargo xtask spec corpus`: asks cfn-lint for its verdict on every literal of the corpus.
//!
//! All cases are resources of one template, so that one run of cfn-lint answers them all. Only
//! its rules about the schemas count; what it says about other resources of the template (two
//! with the same name) or about the content of documents is not what the corpus is about.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::{Outcome, tools};

/// The rules that judge a literal by its schema.
const RULES: &[&str] = &[
    "E3002", "E3003", "E3012", "E3014", "E3017", "E3018", "E3020", "E3021", "E3030", "E3031",
    "E3032", "E3033", "E3034", "E3037", "E3058",
];

/// Rewrites the verdicts of the checked-in corpus, or with `check` compares them.
pub(crate) fn run(check: bool) -> Outcome {
    let file = crate::workspace_root().join("spec/tests/corpus/literals.jsonl");
    let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut cases = cases(&text)?;
    judge(&mut cases)?;
    let fresh: String = cases.iter().map(|case| format!("{case}\n")).collect();
    match (fresh == text, check) {
        (true, _) => Ok(()),
        (false, true) => Err(differences(&text, &fresh)),
        (false, false) => {
            println!("{}", differences(&text, &fresh));
            fs::write(&file, fresh).map_err(|e| format!("{}: {e}", file.display()))
        }
    }
}

fn cases(text: &str) -> Outcome<Vec<Value>> {
    let parse = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|e| format!("line {}: {e}", number + 1))
    };
    text.lines().enumerate().map(parse).collect()
}

/// The first few cases that changed, one line each.
fn differences(old: &str, fresh: &str) -> String {
    let changed: Vec<&str> = old
        .lines()
        .zip(fresh.lines())
        .filter(|(old, fresh)| old != fresh)
        .map(|(_, fresh)| fresh)
        .collect();
    let shown: Vec<&str> = changed.iter().take(10).copied().collect();
    format!(
        "{} cases changed (`cargo xtask spec corpus` rewrites them), first:\n{}",
        changed.len(),
        shown.join("\n")
    )
}

/// cfn-lint slows down with the size of a template.
const CASES_PER_TEMPLATE: usize = 100;

fn judge(cases: &mut [Value]) -> Outcome {
    tools::prepare(
        &tools_folder(),
        tools::REQUIRED
            .iter()
            .filter(|tool| tool.name() == "cfn-lint"),
    )?;
    for part in cases.chunks_mut(CASES_PER_TEMPLATE) {
        let verdicts = verdicts(&template(part))?;
        for (number, case) in part.iter_mut().enumerate() {
            let rules = verdicts
                .get(&logical_id(number))
                .cloned()
                .unwrap_or_default();
            case["verdict"] = json!(rules);
        }
    }
    Ok(())
}

fn tools_folder() -> PathBuf {
    tools::directory(&crate::target_dir())
}

fn logical_id(number: usize) -> String {
    format!("Case{number}")
}

fn template(cases: &[Value]) -> Value {
    let resource = |(number, case): (usize, &Value)| {
        let body = json!({"Type": case["type"], "Properties": case["properties"]});
        (logical_id(number), body)
    };
    let resources: serde_json::Map<_, _> = cases.iter().enumerate().map(resource).collect();
    json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
}

/// Runs cfn-lint; logical id to the rules that refused the resource.
fn verdicts(template: &Value) -> Outcome<BTreeMap<String, BTreeSet<String>>> {
    let file = crate::target_dir().join("corpus.template.json");
    fs::write(&file, template.to_string()).map_err(|e| format!("{}: {e}", file.display()))?;
    let program = tools_folder().join("cfn-lint/bin/cfn-lint");
    let output = Command::new(&program)
        .args(["--format", "json"])
        .arg(&file)
        .output()
        .map_err(|e| format!("cannot run {}: {e}", program.display()))?;
    let matches: Value = serde_json::from_slice(&output.stdout).map_err(|e| {
        format!(
            "cfn-lint answered no JSON ({e}): {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    let mut verdicts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in matches.as_array().into_iter().flatten() {
        let rule = found["Rule"]["Id"].as_str().unwrap_or_default();
        let id = found["Location"]["Path"][1].as_str().unwrap_or_default();
        if RULES.contains(&rule) || is_form_rule(rule) {
            verdicts
                .entry(id.to_owned())
                .or_default()
                .insert(rule.to_owned());
        }
    }
    Ok(verdicts)
}

/// One rule for each form of a reference (`E1156`: the ARN of a role).
fn is_form_rule(rule: &str) -> bool {
    ("E1150".."E1165").contains(&rule)
}
