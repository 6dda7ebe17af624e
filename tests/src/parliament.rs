//! parliament, the judge of identity policies: actions that there are not, and actions on what they do not apply to.

use std::path::PathBuf;

use serde_json::Value;

use crate::tools::{isolated, require, support};

/// What it finds in what is meant so: the words of the finding, and why.
const MEANT: [(&str, &str); 6] = [
    (
        "RESOURCE_MISMATCH  [{'action': 'ssm:SendCommand'",
        "servers are narrowed by their tags in a statement of their own, as AWS shows it; the document is in another one",
    ),
    (
        "RESOURCE_MISMATCH  [{'action': 'logs:DescribeLogGroups'",
        "IAM compares it with the log groups of the account, which its refusals name",
    ),
    (
        "RESOURCE_MISMATCH  [{'action': 'states:ListExecutions', 'required_format': 'arn:*:states:*:*:mapRun",
        "runs are listed of a machine or of a map run, and one of the two is named; who answers for a task is narrowed to \
         its machine, as the CDK narrows it",
    ),
    (
        "RESOURCE_MISMATCH  [{'action': 'states:DescribeExecution', 'required_format': 'arn:*:states:*:*:express",
        "runs are standard or express ones, and one of the two is named",
    ),
    (
        "UNKNOWN_CONDITION_FOR_ACTION  Unknown condition lambda:InvokedViaFunctionUrl",
        "Lambda has it since October 2025; this parliament is older",
    ),
    (
        "RESOURCE_STAR  ['ec2:AssignPrivateIpAddresses', 'ec2:CreateNetworkInterface'",
        "Lambda asks for these rights before there is an interface, and its own policy has them so",
    ),
];

/// As [`assert_clean`], for templates in which all that is meant so is to be found.
///
/// # Panics
/// As [`assert_clean`], and with what is excused and found nowhere.
#[track_caller]
pub fn assert_clean_but_for_all_that_is_meant(templates: &[PathBuf]) -> usize {
    let (policies, findings) = judge(templates);
    for (words, _) in MEANT {
        let found = findings.iter().any(|one| one.contains(words));
        assert!(
            found,
            "{words}.. is excused, and parliament finds it nowhere"
        );
    }
    assert_meant(&findings);
    policies
}

/// Fails unless parliament finds nothing in the identity policies of templates that belong together. Gives how many
/// policies there were.
///
/// # Panics
/// With the list of findings; also if parliament is missing or fails.
#[track_caller]
pub fn assert_clean(templates: &[PathBuf]) -> usize {
    let (policies, findings) = judge(templates);
    assert_meant(&findings);
    policies
}

#[track_caller]
fn assert_meant(findings: &[String]) {
    let is_meant = |finding: &String| MEANT.iter().any(|(words, _)| finding.contains(words));
    let findings: Vec<_> = findings.iter().filter(|one| !is_meant(one)).collect();
    assert!(findings.is_empty(), "parliament finds: {findings:#?}");
}

/// How many identity policies there are, and what parliament finds in them.
///
/// # Panics
/// If parliament is missing or fails.
#[track_caller]
#[must_use]
pub fn judge(templates: &[PathBuf]) -> (usize, Vec<String>) {
    let mut command = isolated(&require("parliament", "bin/python"));
    let output = command
        .arg("-I")
        .arg(support("judge_policies.py"))
        .args(templates)
        .output()
        .expect("parliament's interpreter starts");
    let report = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_str(&report)
        .unwrap_or_else(|why| panic!("parliament gives no report ({why}): {report}{log}"));
    let findings = report["findings"].as_array().into_iter().flatten();
    let findings = findings.filter_map(|finding| finding.as_str().map(str::to_owned));
    let policies = report["policies"].as_u64().unwrap_or_default();
    (
        usize::try_from(policies).unwrap_or_default(),
        findings.collect(),
    )
}
