//! Deploying from another account, with the roles that `bootstrap --trust` makes and no other right.

use serde_json::json;
use tests::deploys::{Deployer, TestStack, run};
use tests::engine::Engine;

use crate::with_queue;

const HERE: &str = "333333333333";
const ELSEWHERE: &str = "444444444444";
const REGION: &str = "eu-north-1";

#[test]
fn a_trusted_account_deploys_by_the_roles_of_the_bootstrap_and_no_other_account_does() {
    let mut stack = TestStack::new("FromElsewhere", REGION, with_queue(&json!({})));
    HERE.clone_into(&mut stack.place.0);
    stack.files = vec![("44dd.json".to_owned(), b"{}".to_vec())];
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let as_account = |account: &str, arguments: &[&str]| {
        run(deployer
            .command(arguments)
            .env("AWS_ACCESS_KEY_ID", account))
    };
    let policy = "arn:aws:iam::aws:policy/PowerUserAccess";
    let no_policy = as_account(HERE, &["bootstrap", "--trust", ELSEWHERE]).ended(2);
    assert!(
        no_policy.err.contains("--execution-policy"),
        "{}",
        no_policy.err
    );
    let trusted = [
        "bootstrap",
        "--trust",
        ELSEWHERE,
        "--execution-policy",
        policy,
        "--json",
    ];
    let asked = as_account(HERE, &trusted).ended(4);
    assert!(asked.err.contains("sts:AssumeRole"), "{}", asked.err);
    let made = as_account(HERE, &[&trusted[..], &["--yes"]].concat()).ended(0);
    let path = format!("cloudwright-bootstrap-hnb659fds ({HERE}, {REGION})");
    let execution = made.stack(&path)["outputs"]["ExecutionRole"].clone();
    let name = format!("cdk-hnb659fds-cfn-exec-role-{HERE}-{REGION}");
    assert_eq!(execution, format!("arn:aws:iam::{HERE}:role/{name}"));

    let role = format!("cdk-hnb659fds-deploy-role-{HERE}-{REGION}");
    let arn = "arn:aws:iam::${AWS::AccountId}:role/cdk-hnb659fds-cfn-exec-role-${AWS::AccountId}-${AWS::Region}";
    let deploy = [
        "deploy",
        "--assume-role",
        &role,
        "--role-arn",
        arn,
        "--json",
    ];
    let refused = as_account("555555555555", &deploy).ended(1);
    assert!(refused.err.contains("AssumeRole"), "{}", refused.err);
    let created = as_account(ELSEWHERE, &deploy).ended(0);
    assert_eq!(created.stack("FromElsewhere")["outcome"], "created");

    let again = as_account(ELSEWHERE, &deploy).ended(0);
    assert_eq!(again.stack("FromElsewhere")["outcome"], "unchanged");
}
