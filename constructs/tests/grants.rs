//! The table of grants: a public method for each row, and what the row says in the policy.

mod support;

use std::collections::BTreeSet;

use cloudwright::Diagnostic;
use cloudwright::iam::{GRANTS, GrantRule, KeyUse, RoleRef};
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected_json};
use support::{ABROAD, Template, findings, home, template, templates_of, worker};

/// A method that grants, on a resource that is encrypted with a key when it can be.
type Method = fn(&Stack, &RoleRef);

/// Service, name and method of every grant.
const METHODS: &[(&str, &str, Method)] = &[
    ("apigatewayv2", "invoke", |stack, role| {
        let api = apigatewayv2::HttpApi::import(stack, "It", "a1b2c3d4e5");
        api.grant_invoke(role);
    }),
    ("dynamodb", "read", |stack, role| {
        table(stack).grant_read(role);
    }),
    ("dynamodb", "stream_read", |stack, role| {
        table(stack).grant_stream_read(role);
    }),
    ("dynamodb", "write", |stack, role| {
        table(stack).grant_write(role);
    }),
    ("ecr", "pull", |stack, role| {
        stack.add("It", ecr::Repository::new()).grant_pull(role);
    }),
    ("ecr", "push", |stack, role| {
        stack.add("It", ecr::Repository::new()).grant_push(role);
    }),
    ("kms", "data_keys", |stack, role| {
        key(stack).grant_data_keys(role);
    }),
    ("kms", "decrypt", |stack, role| {
        key(stack).grant_decrypt(role);
    }),
    ("kms", "encrypt", |stack, role| {
        key(stack).grant_encrypt(role);
    }),
    ("kms", "encrypt_decrypt", |stack, role| {
        key(stack).grant_encrypt_decrypt(role);
    }),
    ("lambda", "invoke", |stack, role| {
        let code = lambda::Code::s3("releases", "app.zip");
        stack
            .add("It", lambda::Function::new(code))
            .grant_invoke(role);
    }),
    ("lambda", "invoke_url", |stack, role| {
        let code = lambda::Code::s3("releases", "it.zip");
        let function = stack.add("It", lambda::Function::new(code));
        function.url(lambda::Url::new()).grant_invoke(role);
    }),
    ("logs", "read", |stack, role| {
        logs(stack).grant_read(role);
    }),
    ("logs", "write", |stack, role| {
        logs(stack).grant_write(role);
    }),
    ("s3", "copy_to", |stack, role| {
        bucket(stack).grant_copy_to(role);
    }),
    ("s3", "erase", |stack, role| {
        bucket(stack).grant_erase(role);
    }),
    ("s3", "read", |stack, role| {
        bucket(stack).grant_read(role);
    }),
    ("s3", "read_objects", |stack, role| {
        bucket(stack).grant_read_objects(role);
    }),
    ("s3", "replicate_from", |stack, role| {
        bucket(stack).grant_replicate_from(role);
    }),
    ("s3", "replicate_to", |stack, role| {
        bucket(stack).grant_replicate_to(role);
    }),
    ("s3", "replication_destination", |stack, role| {
        bucket(stack).grant_replication_destination(role);
    }),
    ("s3", "replication_source", |stack, role| {
        bucket(stack).grant_replication_source(role);
    }),
    ("s3", "write", |stack, role| {
        bucket(stack).grant_write(role);
    }),
    ("s3", "delete", |stack, role| {
        bucket(stack).grant_delete(role);
    }),
    ("scheduler", "delete", |stack, role| {
        schedules(stack).grant_delete(role);
    }),
    ("scheduler", "read", |stack, role| {
        schedules(stack).grant_read(role);
    }),
    ("scheduler", "write", |stack, role| {
        schedules(stack).grant_write(role);
    }),
    ("secretsmanager", "read", |stack, role| {
        secret(stack).grant_read(role);
    }),
    ("secretsmanager", "write", |stack, role| {
        secret(stack).grant_write(role);
    }),
    ("sns", "publish", |stack, role| {
        let topic = sns::Topic::new().encrypted_with(&key(stack));
        stack.add("It", topic).grant_publish(role);
    }),
    ("sqs", "consume", |stack, role| {
        queue(stack).grant_consume(role);
    }),
    ("sqs", "purge", |stack, role| {
        queue(stack).grant_purge(role);
    }),
    ("sqs", "send", |stack, role| {
        queue(stack).grant_send(role);
    }),
    ("ssm", "read", |stack, role| {
        parameter(stack).grant_read(role);
    }),
    ("ssm", "run", |stack, role| {
        let document = ssm::Document::import(stack, "It", "sync");
        document.grant_run(role, &[ssm::Servers::tagged("sync", "true")]);
    }),
    ("ssm", "write", |stack, role| {
        parameter(stack).grant_write(role);
    }),
    ("stepfunctions", "answer", |stack, role| {
        machine(stack).grant_answer(role);
    }),
    ("stepfunctions", "read", |stack, role| {
        machine(stack).grant_read(role);
    }),
    ("stepfunctions", "read_runs", |stack, role| {
        machine(stack).grant_read_runs(role);
    }),
    ("stepfunctions", "start", |stack, role| {
        machine(stack).grant_start(role);
    }),
    ("stepfunctions", "start_and_wait", |stack, role| {
        machine(stack).grant_start_and_wait(role);
    }),
    ("stepfunctions", "stop", |stack, role| {
        machine(stack).grant_stop(role);
    }),
];

fn schedules(stack: &Stack) -> scheduler::ScheduleGroupRef {
    stack.add("It", scheduler::ScheduleGroup::new())
}

fn machine(stack: &Stack) -> stepfunctions::StateMachineRef {
    let arn = "arn:aws:states:eu-central-1:123456789012:stateMachine:it";
    stepfunctions::StateMachine::import(stack, "It", arn)
}

fn parameter(stack: &Stack) -> ssm::ParameterRef {
    stack.add("It", ssm::Parameter::string("250"))
}

fn secret(stack: &Stack) -> secretsmanager::SecretRef {
    let secret = secretsmanager::Secret::new().encrypted_with(&key(stack));
    stack.add("It", secret)
}

fn key(stack: &Stack) -> kms::KeyRef {
    stack.add("Key", kms::Key::new())
}

fn table(stack: &Stack) -> dynamodb::TableRef {
    let table = dynamodb::Table::new(dynamodb::Attribute::string("id"))
        .stream(dynamodb::StreamView::KeysOnly)
        .encrypted_with(&key(stack));
    stack.add("It", table)
}

fn logs(stack: &Stack) -> logs::LogGroupRef {
    stack.add("It", logs::LogGroup::new())
}

fn bucket(stack: &Stack) -> s3::BucketRef {
    stack.add("It", s3::Bucket::new().encrypted_with(&key(stack)))
}

fn queue(stack: &Stack) -> sqs::QueueRef {
    stack.add("It", sqs::Queue::new().encrypted_with(&key(stack)))
}

#[test]
fn every_row_has_a_method_and_every_method_a_row() {
    let rows: BTreeSet<_> = GRANTS.iter().map(|row| (row.service, row.name)).collect();
    let methods = METHODS.iter().map(|(service, name, _)| (*service, *name));
    assert_eq!(rows, methods.collect());
    assert_eq!(GRANTS.len(), METHODS.len());
}

#[test]
fn every_method_grants_what_its_row_says_and_no_more() {
    for (service, name, method) in METHODS {
        let row = GRANTS
            .iter()
            .find(|row| (row.service, row.name) == (*service, *name))
            .unwrap();
        let template = template(|stack| method(stack, &worker(stack)));
        let mut wanted = expected(row);
        if *name == "invoke_url" {
            // Through the URL alone: a condition, which rows have not, says so.
            wanted.insert("lambda:InvokeFunction".to_owned());
        }
        assert_eq!(actions(&template), wanted, "{service}: {name}");
    }
}

/// All actions of the role's policy.
fn actions(template: &Template) -> BTreeSet<String> {
    let id = template.id("AWS::IAM::Policy", "Worker");
    let policy = &template.0["Resources"][id]["Properties"]["PolicyDocument"];
    let statements = policy["Statement"].as_array().unwrap().iter();
    let lists = statements.map(|statement| {
        assert_eq!(statement["Effect"], "Allow");
        match &statement["Action"] {
            serde_json::Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        }
    });
    lists
        .flatten()
        .map(|action| action.as_str().unwrap().to_owned())
        .collect()
}

/// What a row gives on the key: that of the resource, where it is encrypted with one.
fn of_key(row: &GrantRule) -> &'static [&'static str] {
    let name = match row.key {
        KeyUse::None => return &[],
        KeyUse::DataKeys => "data_keys",
        KeyUse::Decrypt => "decrypt",
        KeyUse::Encrypt => "encrypt",
        KeyUse::Both => "encrypt_decrypt",
    };
    let mut rows = GRANTS.iter();
    rows.find(|row| (row.service, row.name) == ("kms", name))
        .unwrap()
        .on_itself
}

/// The actions of a row, and of the row of the key that it uses.
fn expected(row: &GrantRule) -> BTreeSet<String> {
    let parts = [
        row.on_itself,
        row.on_content,
        row.on_everything,
        of_key(row),
    ];
    parts.concat().into_iter().map(str::to_owned).collect()
}

/// What each verb does with a key: the pages of the services say so.
#[test]
fn a_verb_gives_no_more_of_a_key_than_the_service_asks_for() {
    let reads = [
        "read",
        "read_objects",
        "stream_read",
        "consume",
        "replicate_from",
        "replication_source",
    ];
    for row in GRANTS {
        let wanted: &[&str] = match (row.service, row.name) {
            // Logs and repositories are read and written with the service's own right to the key, a table is opened for a
            // change of an item, and S3 asks for this to replicate into a bucket.
            ("dynamodb", "write") | ("s3", "replication_destination") => &[
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            ("dynamodb" | "s3" | "secretsmanager" | "sqs", name) if reads.contains(&name) => {
                &["kms:Decrypt"]
            }
            ("s3", "write" | "copy_to" | "replicate_to")
            | ("secretsmanager", "write")
            | ("sns", "publish")
            | ("sqs", "send") => &["kms:Decrypt", "kms:GenerateDataKey"],
            _ => &[],
        };
        assert_eq!(of_key(row), wanted, "{}: {}", row.service, row.name);
    }
}

/// The statements of a document that allow all of these actions, and nothing else.
fn of_actions<'a>(document: &'a Document, actions: &[&str]) -> Vec<&'a Document> {
    let statements = document["Statement"].as_array().unwrap().iter();
    let wanted = match actions {
        [one] => expected_json!(one),
        all => expected_json!(all),
    };
    statements.filter(|one| one["Action"] == wanted).collect()
}

#[test]
fn both_sides_of_a_grant_to_another_account_have_the_key() {
    let mut tried = 0;
    for (service, name, method) in METHODS {
        let mut rows = GRANTS.iter();
        let row = rows.find(|row| (row.service, row.name) == (*service, *name));
        let actions = of_key(row.unwrap());
        // A stream has a policy of its own, which the library does not write.
        if actions.is_empty() || *name == "stream_read" {
            continue;
        }
        tried += 1;
        let app = App::new();
        let away = app.stack("Away", Environment::new(ABROAD, "eu-central-1"));
        let service_of_tasks = Principal::service("ecs-tasks.amazonaws.com");
        let role = iam::Role::assumed_by(service_of_tasks).role_name("worker");
        let role = away.add("Worker", role);
        method(&app.stack("S", home()), &role);
        let [here, there] = templates_of(app, ["S", "Away"]);

        let of_role = &there.properties("AWS::IAM::Policy")["PolicyDocument"];
        let [statement] = of_actions(of_role, actions)[..] else {
            panic!("{service}: {name}: {of_role:#}");
        };
        let key = statement["Resource"].to_string();
        assert!(
            key.contains("Fn::GetStackOutput") && key.contains("Key"),
            "{service}: {name}: {key}"
        );

        let of_key = &here.properties("AWS::KMS::Key")["KeyPolicy"];
        let [statement] = of_actions(of_key, actions)[..] else {
            panic!("{service}: {name}: {of_key:#}");
        };
        let principal = statement["Principal"]["AWS"].to_string();
        assert!(
            principal.contains(":iam::210987654321:root"),
            "{service}: {name}: {principal}"
        );
        let only = statement["Condition"]["ArnEquals"]["aws:PrincipalArn"].to_string();
        assert!(
            only.contains(":iam::210987654321:role/worker"),
            "{service}: {name}: {only}"
        );
    }
    assert!(tried > 12, "{tried}");
}

/// A policy has the line of its role; each action in it was said at its own.
#[test]
fn a_mistaken_action_is_shown_at_the_line_that_says_it() {
    let first = line!() + 4;
    let found = findings(|stack| {
        let worker = worker(stack);
        let jobs = stack.add("Jobs", sqs::Queue::new());
        worker.add_statement(Statement::allow(["s3:GetObjct"]).on("arn:aws:s3:::uploads/a"));
        worker.add_statement(Statement::allow(["s3:GetObject"]).on("arn:aws:s3:::uploads"));
        worker.add_statement(Statement::allow(["s3:GetObjct"]).on("arn:aws:s3:::uploads/b"));
        jobs.add_statement(
            Statement::allow(["sqs:SendMesage"]).by(Principal::account("111111111111")),
        );
    });
    let shown = |code: &str| {
        let of = found.iter().filter(|finding| finding.rule.code == code);
        let line = |finding: &Diagnostic| finding.location.unwrap().line() - first;
        of.map(line).collect::<Vec<_>>()
    };
    assert_eq!(shown("CW2031"), [0, 2, 3], "{found}");
    assert_eq!(shown("CW2032"), [1], "{found}");
}

#[test]
fn an_account_that_cannot_be_is_told_wherever_it_is_let_in() {
    let said = |principal: Principal| {
        let found = findings(|stack| {
            stack.add("Books", s3::Bucket::new()).grant_read(&principal);
            stack.add("Reader", iam::Role::assumed_by(principal));
        });
        let told = |one: &&Diagnostic| one.rule.code == "CW1003";
        let texts: Vec<String> = found.iter().filter(told).map(ToString::to_string).collect();
        texts
    };
    for wrong in [
        Principal::account("12345"),
        Principal::arn("arn:aws:iam::12345:role/reader"),
        Principal::arn("12345"),
    ] {
        let texts = said(wrong);
        assert!(texts.len() >= 2, "{texts:?}");
        for text in texts {
            assert!(text.contains("12 digits, got \"12345\""), "{text}");
        }
    }
    for right in [
        Principal::account(ABROAD),
        Principal::arn("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"),
        Principal::arn("AIDACKCEVSQ6C2EXAMPLE"),
    ] {
        assert!(said(right).is_empty());
    }
}
