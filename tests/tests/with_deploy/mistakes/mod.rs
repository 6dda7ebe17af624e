//! What goes wrong around a deployment: one line says why, one says what to do, the exit code is the documented one,
//! and a second run finishes what the first one left.

mod callers;
mod files;
mod places;
mod profiles;
mod roles;

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::json;
use tests::deploys::{Deployer, Run, TestStack, run};

use crate::REGION;

/// What is typed for each verb that asks AWS anything about the stack `Mistaken`.
const VERBS: [&[&str]; 20] = [
    &["deploy", "--yes"],
    &["destroy", "--yes"],
    &["import", "--resource", "Jobs=jobs"],
    &["rollback"],
    &["cancel"],
    &["publish"],
    &["bootstrap", "--yes"],
    &["diff"],
    &["status"],
    &["outputs"],
    &["resources"],
    &["events"],
    &["drift"],
    &["run", "Mistaken/Shop", "stock"],
    &["invoke", "Echo"],
    &["logs"],
    &["dead-letters", "list"],
    &["secret", "show-keys", "Key"],
    &["alarms"],
    &["metrics"],
];
/// Verbs that ask AWS nothing, or that do what others of the list do.
const OTHERS: [&str; 10] = [
    "bundle",
    "completions",
    "doctor",
    "graph",
    "help",
    "local",
    "man",
    "new",
    "review",
    "watch",
];

/// A stack with something for every verb to ask about.
fn stack() -> TestStack {
    let typed = |kind: &str| json!({ "Type": kind });
    let redrive =
        json!({ "deadLetterTargetArn": { "Fn::GetAtt": ["Dead", "Arn"] }, "maxReceiveCount": 3 });
    let resources = json!({ "Dead": typed("AWS::SQS::Queue"), "Jobs": crate::queue(&json!({ "RedrivePolicy": redrive })), "Echo": typed("AWS::Lambda::Function"),
        "Key": typed("AWS::SecretsManager::Secret") });
    let mut stack = TestStack::new("Mistaken", REGION, json!({ "Resources": resources }));
    stack.files = vec![("55ee.json".to_owned(), b"{}".to_vec())];
    stack.operations = vec![
        json!({ "construct": "Mistaken/Shop", "name": "stock", "summary": "counts",
        "readOnly": true, "target": { "stack": "Mistaken", "logicalIds": ["Echo"], "type": "AWS::Lambda::Function" } }),
    ];
    stack
}

/// A run that is told to end so, with one line of what is wrong and one of what to do.
#[track_caller]
fn stopped(command: &mut Command, code: i32, said: &str, help: &str) -> Run {
    let shown = format!("{command:?}");
    let run = run(command).ended(code);
    let lines: Vec<_> = run.err.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("error: "));
    let at = at.unwrap_or_else(|| panic!("{shown}: {}", run.err));
    assert!(lines[at].contains(said), "{shown}: {}", run.err);
    assert!(
        lines[at + 1].starts_with("   = help: ") && lines[at + 1].contains(help),
        "{shown}: {}",
        run.err
    );
    // Nothing but the next problem comes after it.
    let rest = &lines[at + 2..];
    assert!(rest.is_empty(), "{shown}: {}", run.err);
    run
}

#[test]
fn every_verb_tells_its_exit_codes_and_what_it_prints_as_json() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[]);
    let more = [
        &["doctor"][..],
        &["watch"],
        &["local", "up"],
        &["local", "down"],
        &["local", "env"],
        &["local", "deploy"],
        &["secret", "put"],
        &["dead-letters", "redrive"],
    ];
    let verbs = VERBS.iter().map(|words| &words[..1]);
    for verb in verbs.chain(more) {
        let help = deployer.run(&[verb, &["--help"]].concat()).ended(0).out;
        for part in ["With --json", "Exit codes:\n  0    done"] {
            assert!(help.contains(part), "{verb:?}: no \"{part}\": {help}");
        }
    }
    let help = deployer.run(&["--help"]).ended(0).out;
    assert!(help.contains("Exit codes:\n"), "{help}");
}

#[test]
fn every_verb_is_in_the_list_of_those_that_are_tried() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[]);
    let help = deployer.run(&["--help"]).ended(0).out;
    let listed = help.split("Commands:\n").nth(1).unwrap();
    let listed = listed.split("\n\n").next().unwrap();
    // The first words of lines; a long help goes on deeper.
    let verbs = listed.lines().filter(|line| !line.starts_with("   "));
    let verbs: BTreeSet<_> = verbs
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let tried = VERBS.iter().map(|words| words[0]).chain(OTHERS);
    assert_eq!(verbs, tried.collect());
}
