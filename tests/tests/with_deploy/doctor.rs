//! `doctor` and the bucket for files: what is missing is told, with what to do, and offered.

use serde_json::{Value, json};
use tests::deploys::{Deployer, Run, TestStack, run};
use tests::engine::Engine;

use crate::with_queue;

fn check<'a>(document: &'a Value, name: &str) -> &'a Value {
    let checks = document["checks"].as_array().unwrap();
    let found = checks
        .iter()
        .find(|check| check["name"].as_str().unwrap().starts_with(name));
    found.unwrap_or_else(|| panic!("{name} is not in {document:#}"))
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|why| panic!("{why}: {run:?}"))
}

#[test]
fn what_is_missing_is_told_and_a_deployment_makes_the_bucket_when_it_may() {
    let mut stack = TestStack::new("Examined", "sa-east-1", with_queue(&json!({})));
    stack.files = vec![("33cc.json".to_owned(), b"{}".to_vec())];
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let before = document(&deployer.run(&["doctor", "--json"]).ended(0));
    assert_eq!(check(&before, "assembly")["state"], "ok");
    let who = check(&before, "credentials");
    assert_eq!(who["detail"], "account 000000000000, region sa-east-1");
    assert_eq!(check(&before, "clock")["state"], "ok");
    assert_eq!(check(&before, "python")["state"], "ok");
    let bucket = check(&before, "bootstrap");
    assert_eq!(bucket["state"], "warning");
    assert!(
        bucket["help"]
            .as_str()
            .unwrap()
            .starts_with("`bootstrap` makes it")
    );

    let made = deployer.run(&["deploy", "--yes", "--json"]).ended(0);
    assert!(made.err.contains("it is made first"), "{}", made.err);
    assert_eq!(made.stack("Examined")["outcome"], "created");
    let after = document(&deployer.run(&["doctor", "--json"]).ended(0));
    assert_eq!(check(&after, "bootstrap")["state"], "ok");
}

#[test]
fn without_credentials_the_doctor_fails_and_goes_on() {
    let stack = TestStack::new("Unknown", "sa-east-1", with_queue(&json!({})));
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let mut command = deployer.command(&["doctor"]);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    let failed = run(&mut command).ended(1);
    assert!(
        failed
            .out
            .contains("error    credentials (000000000000, sa-east-1): "),
        "{}",
        failed.out
    );
    assert!(
        failed.out.contains("ok       python: Python 3."),
        "{}",
        failed.out
    );
}
