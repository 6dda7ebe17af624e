//! cfn-lint, the judge of templates: its verdict on a batch, from one process.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::tools::{isolated, require};

/// One finding of cfn-lint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The template, as it was named to cfn-lint.
    pub template: PathBuf,
    /// The rule, such as `E3002`. Its first letter says error, warning or information.
    pub rule: String,
    /// Where in the template: `Resources/Queue/Properties/DelaySeconds`.
    pub path: String,
    /// What cfn-lint says.
    pub message: String,
}

impl Finding {
    /// Whether it is an error or a warning rather than information.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        !self.rule.starts_with('I')
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            template,
            rule,
            path,
            message,
        } = self;
        write!(f, "{rule} {} {path}: {message}", template.display())
    }
}

/// Fails unless every template is free of errors and warnings for us-east-1.
///
/// # Panics
/// With the list of errors and warnings; also if cfn-lint is missing or did not scan each template.
#[track_caller]
pub fn assert_clean(templates: &[PathBuf]) {
    assert_clean_in(&["us-east-1"], templates);
}

/// As [`assert_clean`], judged by the resource types and values of these regions.
///
/// # Panics
/// As [`assert_clean`].
#[track_caller]
pub fn assert_clean_in(regions: &[&str], templates: &[PathBuf]) {
    let mut faults = String::new();
    for finding in lint(regions, templates)
        .iter()
        .filter(|finding| finding.is_fault())
    {
        let _ = writeln!(faults, "  {finding}");
    }
    assert!(faults.is_empty(), "cfn-lint finds:\n{faults}");
}

/// Everything that cfn-lint, all rules on, has to say about the templates.
///
/// # Panics
/// If cfn-lint is missing, fails, or did not scan exactly these templates.
#[track_caller]
#[must_use]
pub fn lint(regions: &[&str], templates: &[PathBuf]) -> Vec<Finding> {
    assert!(
        !templates.is_empty(),
        "no template to lint: a judge without a case proves nothing"
    );
    let output = run(regions, templates);
    let report = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    let findings: Value = serde_json::from_str(&report)
        .unwrap_or_else(|e| panic!("cfn-lint gives no report ({e}): {report}{log}"));
    let findings: Vec<_> = findings
        .as_array()
        .into_iter()
        .flatten()
        .map(finding)
        .collect();
    assert_all_scanned(templates, &log, &findings);
    findings
}

fn run(regions: &[&str], templates: &[PathBuf]) -> Output {
    // No configuration file of the machine or the checkout takes part.
    let nowhere = TempDir::new().expect("a temporary folder for cfn-lint");
    let absolute = templates
        .iter()
        .map(|path| std::path::absolute(path).expect("the working directory of the test exists"));
    isolated(&require("cfn-lint", "bin/cfn-lint"))
        .current_dir(nowhere.path())
        .env("HOME", nowhere.path())
        .args([
            "--include-experimental",
            "--include-checks",
            "I",
            "--info",
            "--format",
            "json",
        ])
        .arg("--regions")
        .args(regions)
        .arg("--")
        .args(absolute)
        .output()
        .expect("cfn-lint starts")
}

/// cfn-lint also ends well when it found nothing to look at.
#[track_caller]
fn assert_all_scanned(templates: &[PathBuf], log: &str, findings: &[Finding]) {
    let announced = log
        .lines()
        .filter_map(|line| line.split_once("Run scan of template "));
    let scanned: BTreeSet<_> = announced.map(|(_, template)| template).collect();
    let expected: BTreeSet<_> = templates.iter().collect();
    assert_eq!(
        scanned.len(),
        expected.len(),
        "cfn-lint scanned {scanned:?}: {findings:?}\n{log}"
    );
}

fn finding(report: &Value) -> Finding {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let steps = report["Location"]["Path"].as_array().into_iter().flatten();
    let step = |step: &Value| {
        step.as_str()
            .map_or_else(|| step.to_string(), str::to_owned)
    };
    Finding {
        template: Path::new(report["Filename"].as_str().unwrap_or_default()).to_owned(),
        rule: text(&report["Rule"]["Id"]),
        path: steps.map(step).collect::<Vec<_>>().join("/"),
        message: text(&report["Message"]),
    }
}
