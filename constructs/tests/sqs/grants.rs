//! Who may use a queue.

use super::*;

#[test]
fn a_role_gets_one_policy_and_the_key() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let jobs = stack.add("Jobs", Queue::new().encrypted_with(&key));
        jobs.grant_consume(&worker(stack));
    });
    let queue = template.id(QUEUE, JOBS);
    let consume = template.allowing(IDENTITY, "sqs:ReceiveMessage")[0];
    assert_eq!(
        consume["Resource"],
        expected!({ "Fn::GetAtt": [queue, "Arn"] })
    );
    let decrypt = template.allowing(IDENTITY, "kms:Decrypt")[0];
    assert_eq!(decrypt["Action"], "kms:Decrypt");
    assert_eq!(template.all(IDENTITY).len(), 1);
    assert!(template.allowing(POLICY, "sqs:ReceiveMessage").is_empty());
}

#[test]
fn an_outsider_comes_in_by_the_policies_of_queue_and_key() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let jobs = stack.add("Jobs", Queue::new().encrypted_with(&key));
        jobs.grant_send(&Principal::account(ABROAD));
    });
    let send = template.allowing(POLICY, "sqs:SendMessage")[0];
    assert!(send["Principal"].to_string().contains(ABROAD), "{send}");
    let statements = &template.properties(KEY)["KeyPolicy"]["Statement"];
    let statements = statements.as_array().unwrap().iter();
    let own = statements
        .filter(|statement| statement["Principal"].to_string().contains(ABROAD))
        .collect::<Vec<_>>();
    assert_eq!(own.len(), 1);
    let actions = serde_json::json!(["kms:Decrypt", "kms:GenerateDataKey"]);
    assert_eq!(own[0]["Action"], actions);
    assert!(template.all(IDENTITY).is_empty());
}

fn grant_abroad(jobs: Queue, role: iam::Role) -> App {
    let app = App::new();
    let jobs = app.stack("S", home()).add("Jobs", jobs);
    let away = app.stack("Away", Environment::new(ABROAD, "eu-central-1"));
    jobs.grant_send(&away.add("Worker", role));
    app
}

fn anybody() -> iam::Role {
    iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com"))
}

#[test]
fn a_role_of_another_account_is_let_in_by_both_sides() {
    let app = grant_abroad(Queue::new(), anybody().role_name("worker"));
    let [home, away] = templates_of(app, ["S", "Away"]);
    let resource = home.allowing(POLICY, "sqs:SendMessage")[0];
    let principal = resource["Principal"]["AWS"].to_string();
    assert!(principal.contains(":iam::210987654321:root"), "{principal}");
    let role = resource["Condition"]["ArnEquals"]["aws:PrincipalArn"].to_string();
    assert!(role.contains(":iam::210987654321:role/worker"), "{role}");
    let identity = away.allowing(IDENTITY, "sqs:SendMessage")[0];
    let arn = identity["Resource"].to_string();
    assert!(arn.contains("Fn::GetStackOutput"), "{arn}");
}

#[test]
fn a_queue_with_a_name_lets_in_any_role_of_another_account() {
    let app = grant_abroad(Queue::new().queue_name("jobs"), anybody());
    let [home, away] = templates_of(app, ["S", "Away"]);
    let resource = home.allowing(POLICY, "sqs:SendMessage")[0];
    let principal = resource["Principal"]["AWS"].to_string();
    assert!(principal.contains("Fn::GetStackOutput"), "{principal}");
    let identity = away.allowing(IDENTITY, "sqs:SendMessage")[0];
    let arn = identity["Resource"].to_string();
    assert!(arn.contains("eu-central-1:123456789012:jobs"), "{arn}");
}

#[test]
fn a_role_of_another_account_has_a_fixed_name() {
    let found = grant_abroad(Queue::new(), anybody()).synth().err().unwrap();
    assert_error(
        &found,
        "CW1110",
        &["`Away/Worker`", "`S/Jobs`", "role_name"],
    );
}

/// A role of another account that exists already.
const THEIRS: &str = "arn:aws:iam::210987654321:role/theirs";

#[test]
fn a_role_that_exists_in_another_account_is_let_in_by_the_queue_alone() {
    let app = App::new();
    let stack = app.stack("S", home());
    let jobs = stack.add("Jobs", Queue::new());
    jobs.grant_send(&iam::Role::import(&stack, "Theirs", THEIRS));
    let [home] = templates_of(app, ["S"]);
    let resource = home.allowing(POLICY, "sqs:SendMessage")[0];
    let principal = resource["Principal"]["AWS"].to_string();
    assert!(principal.contains(":iam::210987654321:root"), "{principal}");
    let role = &resource["Condition"]["ArnEquals"]["aws:PrincipalArn"];
    assert_eq!(role, THEIRS);
    assert!(home.all(IDENTITY).is_empty());
}

#[test]
fn a_role_that_exists_in_another_account_takes_no_policy() {
    let app = App::new();
    let stack = app.stack("S", home());
    let theirs = iam::Role::import(&stack, "Theirs", THEIRS);
    theirs.add_statement(Statement::allow(["sqs:ListQueues"]).on("*"));
    let found = app.synth().err().unwrap();
    assert_error(&found, "CW1111", &["`S/Theirs`", "210987654321", "grant"]);
}

#[test]
fn statements_can_be_added_to_a_queues_policy() {
    let template = template(|stack| {
        let jobs = stack.add("Jobs", Queue::new());
        let statement = Statement::deny(["sqs:PurgeQueue"]).by(Principal::everyone());
        jobs.add_statement(statement.on(jobs.arn()));
    });
    assert_eq!(
        template.allowing(POLICY, "sqs:PurgeQueue")[0]["Effect"],
        "Deny"
    );
}
