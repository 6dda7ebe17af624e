//! What the examples accept: listed in each README with its reason, and nothing that is not there.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use cloudwright::rules;
use serde_json::Value;

use crate::clean::{codes, templates};

const HEADING: &str = "## What it accepts";

/// An exception: where it is, what it accepts, and why.
type Accepted = (String, String, String, String);

/// Where each tool reads the ids that it is not to tell, and what it calls id and reason.
const DIALECTS: [(&str, &str); 5] = [
    ("cloudwright", "/cloudwright/acknowledged"),
    ("cfn-lint", "/cfn-lint/config/ignore_checks"),
    ("checkov", "/checkov/skip"),
    ("cdk-nag", "/cdk_nag/rules_to_suppress"),
    ("Guard", "/guard/SuppressedRules"),
];

/// The exceptions of each example.
fn accepted() -> BTreeMap<String, Vec<Accepted>> {
    let mut all: BTreeMap<String, Vec<Accepted>> = BTreeMap::new();
    for (name, template) in templates() {
        let Some((example, stack)) = name.split_once('.') else {
            continue;
        };
        let found = all.entry(example.to_owned()).or_default();
        for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
            for (tool, place) in DIALECTS {
                let entries = resource["Metadata"].pointer(place);
                for entry in entries.and_then(Value::as_array).into_iter().flatten() {
                    let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
                    let code = entry.as_str().map_or_else(|| text("id"), str::to_owned);
                    let reason = [text("reason"), text("comment")].concat();
                    found.push((
                        stack.to_owned(),
                        id.clone(),
                        format!("{tool} {code}"),
                        reason,
                    ));
                }
            }
        }
    }
    all
}

fn readme(example: &str) -> PathBuf {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    examples.join(example).join("README.md")
}

/// The section of a README.
fn section(accepted: &[Accepted]) -> String {
    let mut text = format!("{HEADING}\n\n");
    if accepted.is_empty() {
        text += "No finding of a check is accepted here: there is none.\n";
        return text;
    }
    let findings = if accepted.len() == 1 {
        "finding"
    } else {
        "findings"
    };
    let _ = writeln!(
        text,
        "{} {findings}, each where it is, with its reason in the template:\n",
        accepted.len()
    );
    text += "| stack | resource | finding | reason |\n|---|---|---|---|\n";
    for (stack, id, code, reason) in accepted {
        let (tool, code) = code.split_once(' ').unwrap_or((code, ""));
        let title = rules::all().into_iter().find(|rule| rule.code == code);
        let title = title.map_or_else(|| tool.to_owned(), |rule| rule.title.to_owned());
        let _ = writeln!(text, "| `{stack}` | `{id}` | {code}: {title} | {reason} |");
    }
    text
}

#[test]
fn every_readme_lists_what_its_example_accepts() {
    for (example, accepted) in accepted() {
        let file = readme(&example);
        let found = fs::read_to_string(&file).expect("an example has a README");
        let before = found
            .split(&format!("\n{HEADING}"))
            .next()
            .unwrap_or_default();
        let wanted = format!("{}\n\n{}", before.trim_end(), section(&accepted));
        if found != wanted && env::var_os("UPDATE_CHECKS").is_some() {
            fs::write(&file, &wanted).expect("a README can be written");
            continue;
        }
        assert!(
            found == wanted,
            "the README of {example} lists other exceptions: run `cargo xtask checks`"
        );
    }
}

#[test]
fn every_exception_has_a_reason_and_hides_a_finding_that_is_there() {
    for (name, mut template) in templates() {
        let mut expected = Vec::new();
        for (id, resource) in template["Resources"].as_object_mut().into_iter().flatten() {
            let own = resource["Metadata"]["cloudwright"]["acknowledged"].take();
            for entry in own.as_array().into_iter().flatten() {
                assert!(
                    entry["reason"].as_str().is_some_and(|why| why.len() > 20),
                    "{name} {id}"
                );
                expected.push(entry["id"].as_str().unwrap_or_default().to_owned());
            }
        }
        let found: Vec<_> = codes(&template)
            .into_iter()
            .map(|(code, _)| code.to_owned())
            .collect();
        for code in &expected {
            assert!(
                found.contains(code),
                "{name}: {code} is accepted, and told nowhere: {found:?}"
            );
        }
        assert!(
            found.iter().all(|code| expected.contains(code)),
            "{name}: {found:?}"
        );
    }
}
