//! The actions of IAM and the resources that each works on, from cfn-lint's tables, for the checks of
//! policies.
//!
//! Two files of `constructs/src/checks/actions`: the services that the library has constructs for,
//! and all others, which only the feature `full` brings along. Each service is a line with its name,
//! and below it a line for each group of actions that work on the same resources: patterns of
//! service and resource joined by `|` (`+` is a part without a slash, `*` is anything), then the
//! actions in small letters, as IAM ignores case.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::download::CFN_LINT;
use crate::Outcome;

/// The services that the library makes policies about.
const LIBRARY: &[&str] = &[
    "application-autoscaling",
    "autoscaling",
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "ecr",
    "ecs",
    "events",
    "execute-api",
    "firehose",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "sts",
    "xray",
];

/// Brings both files up to date, or with `check` compares them.
pub(super) fn refresh(policies: &Value, check: bool) -> Outcome {
    let (library, others): (Vec<_>, Vec<_>) = policies
        .as_object()
        .into_iter()
        .flatten()
        .partition(|(service, _)| LIBRARY.contains(&service.as_str()));
    for (name, services) in [("library.txt", library), ("others.txt", others)] {
        let fresh = text(&services);
        let file = folder().join(name);
        let old = fs::read_to_string(&file).unwrap_or_default();
        if old != fresh && check {
            return Err(format!(
                "{} differs, run `cargo xtask spec`",
                file.display()
            ));
        }
        if old != fresh {
            fs::write(&file, fresh).map_err(|e| format!("cannot write {}: {e}", file.display()))?;
            println!("wrote the actions of {} services to {name}", services.len());
        }
    }
    Ok(())
}

fn folder() -> PathBuf {
    crate::workspace_root().join("constructs/src/checks/actions")
}

fn text(services: &[(&String, &Value)]) -> String {
    let mut text = format!("# cfn-lint {CFN_LINT}; written by `cargo xtask spec`\n");
    for (service, facts) in services {
        let _ = writeln!(text, "{service}");
        for (resources, actions) in groups(service, facts) {
            let _ = writeln!(text, " {resources} {}", actions.join(" "));
        }
    }
    text
}

/// The actions of a service by the resources that they work on.
fn groups<'a>(service: &str, facts: &'a Value) -> BTreeMap<String, Vec<&'a str>> {
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (action, about) in facts["Actions"].as_object().into_iter().flatten() {
        let kinds = about["Resources"].as_array().into_iter().flatten();
        let mut patterns: Vec<String> = kinds
            .filter_map(Value::as_str)
            .flat_map(|kind| patterns(service, kind, &facts["Resources"][kind]))
            .collect();
        patterns.sort();
        patterns.dedup();
        let patterns = if patterns.is_empty() {
            "-".to_owned()
        } else {
            patterns.join("|")
        };
        groups.entry(patterns).or_default().push(action);
    }
    groups
}

/// `service:resource` of each form that the ARN of a kind of resource has.
fn patterns(service: &str, kind: &str, about: &Value) -> Vec<String> {
    match (service, kind) {
        // The formats of these two are cut off before what tells them apart.
        ("s3", "bucket") => return vec!["s3:+".to_owned()],
        ("s3", "object") => return vec!["s3:+/*".to_owned()],
        _ => {}
    }
    let formats = about["ARNFormats"].as_array().into_iter().flatten();
    let formats = formats.filter_map(Value::as_str);
    let pattern = |format: &str| {
        let parts: Vec<&str> = format.splitn(6, ':').collect();
        let [_, _, service, _, _, resource] = parts[..] else {
            return "*".to_owned();
        };
        format!(
            "{service}:{}",
            resource.replace(".*", "*").replace(' ', "*")
        )
    };
    formats.map(pattern).collect()
}
