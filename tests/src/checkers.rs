//! The checkers that look for what is safe rather than what is valid: the packs of cdk-nag, checkov and Guard.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::tools::{isolated, require, support};

/// What a rule finds, or an exception accepts: where it is, and the rule's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The rule, such as `CKV_AWS_18`.
    pub rule: String,
    /// The logical id of the resource.
    pub resource: String,
}

/// What a checker says about one template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What it finds, by pack; those of a checker without packs are under its own name.
    pub found: BTreeMap<String, Vec<Found>>,
    /// What it would have found, were it not for an exception in the template.
    pub accepted: Vec<Found>,
}

impl Said {
    /// How much it finds in each pack.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let packs = self.found.iter();
        packs
            .map(|(pack, found)| (pack.as_str(), found.len()))
            .collect()
    }

    /// The rules that find something, in order, once for each resource.
    #[must_use]
    pub fn rules(&self) -> Vec<&str> {
        let all = self.found.values().flatten();
        let mut rules: Vec<_> = all.map(|found| found.rule.as_str()).collect();
        rules.sort_unstable();
        rules
    }
}

/// A template in a file, in a folder that goes away with it.
struct Judged {
    folder: TempDir,
}

impl Judged {
    fn new(template: &Value) -> Self {
        let folder = TempDir::new().expect("a temporary folder for a template");
        let judged = Self { folder };
        fs::write(judged.file(), template.to_string()).expect("a template can be written");
        judged
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("template.json")
    }

    /// What a checker prints about it as JSON.
    #[track_caller]
    fn answer(&self, mut checker: Command) -> Value {
        let output = checker
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .output()
            .expect("the checker starts");
        let report = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&report).unwrap_or_else(|why| {
            let log = String::from_utf8_lossy(&output.stderr);
            panic!("the checker gives no report ({why}): {report}{log}")
        })
    }
}

/// What the six packs of cdk-nag say.
///
/// # Panics
/// If cdk-nag is missing or fails.
#[track_caller]
#[must_use]
pub fn cdk_nag(template: &Value) -> Said {
    let judged = Judged::new(template);
    let mut node = isolated("node".as_ref());
    node.arg(support("judge_nag.cjs"))
        .arg(require("cdk-nag", "node_modules"))
        .arg(judged.file());
    let answer = judged.answer(node);
    let packs = answer["found"].as_object().expect("findings by pack");
    let packs = packs.iter();
    Said {
        found: packs
            .map(|(pack, found)| (pack.clone(), all(found, "rule")))
            .collect(),
        accepted: all(&answer["accepted"], "id"),
    }
}

/// What checkov says, its search for secrets included.
///
/// # Panics
/// If checkov is missing, fails, or did not look at every resource.
#[track_caller]
#[must_use]
pub fn checkov(template: &Value) -> Said {
    let judged = Judged::new(template);
    let mut checkov = isolated(&require("checkov", "bin/python"));
    checkov
        .arg("-I")
        .arg(require("checkov", "bin/checkov"))
        .args(["--framework", "cloudformation", "secrets"])
        .args(["--compact", "--skip-download", "--output", "json", "--file"])
        .arg(judged.file())
        .env("LOG_LEVEL", "ERROR");
    let answer = judged.answer(checkov);
    // One report, or a list of one for each framework that found something to say.
    let reports = answer.as_array().cloned().unwrap_or_else(|| vec![answer]);
    let resources = template["Resources"].as_object().map(serde_json::Map::len);
    let looked_at = reports
        .iter()
        .find(|report| report["check_type"] == "cloudformation")
        .and_then(|report| report["summary"]["resource_count"].as_u64());
    assert_eq!(
        looked_at.and_then(|count| usize::try_from(count).ok()),
        resources,
        "checkov looks at every resource: {reports:?}"
    );
    let of = |list: &str| {
        let lists = reports
            .iter()
            .flat_map(|report| all(&report["results"][list], "check_id"));
        lists.collect::<Vec<_>>()
    };
    Said {
        found: BTreeMap::from([("checkov".to_owned(), of("failed_checks"))]),
        accepted: of("skipped_checks"),
    }
}

/// What Guard says by the rules of AWS's registry that are at hand: those for S3 and IAM among others. It names the rules that a
/// template fails, and no resource. Beside that the names of all rules.
///
/// # Panics
/// If Guard is missing or fails, or has no rules.
#[track_caller]
#[must_use]
pub fn guard(template: &Value) -> (Said, BTreeSet<String>) {
    let judged = Judged::new(template);
    let mut guard = isolated(&require("guard", "bin/python"));
    guard
        .arg("-I")
        .arg(support("judge_guard.py"))
        .arg(judged.file());
    let answer = judged.answer(guard);
    let names = |list: &str| {
        let names = answer[list].as_array().into_iter().flatten();
        let names = names.filter_map(|rule| rule.as_str().map(str::to_owned));
        names.collect::<BTreeSet<_>>()
    };
    let rules = names("rules");
    assert!(rules.len() > 70, "Guard has {} rules", rules.len());
    let failed = names("failed").into_iter().map(|rule| Found {
        rule,
        resource: String::new(),
    });
    let said = Said {
        found: BTreeMap::from([("guard".to_owned(), failed.collect())]),
        accepted: Vec::new(),
    };
    (said, rules)
}

/// A list of findings, whose rule is called so.
fn all(list: &Value, rule: &str) -> Vec<Found> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = list.as_array().into_iter().flatten();
    list.map(|one| {
        let resource = text(&one["resource"]);
        Found {
            rule: text(&one[rule]),
            // checkov puts the type before it.
            resource: resource.rsplit('.').next().unwrap_or_default().to_owned(),
        }
    })
    .collect()
}
