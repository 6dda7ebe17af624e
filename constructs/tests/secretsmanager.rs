//! Secrets: never shown, encrypted, and read by those who may.

mod support;

use cloudwright::cfn;
use cloudwright::prelude::*;
use cloudwright::secretsmanager::{Password, Secret};
use serde_json::json as expected;
use support::{assert_error, findings, strict_template, template, worker};

const SECRET: &str = "AWS::SecretsManager::Secret";
const IDENTITY: &str = "AWS::IAM::Policy";
const POLICY: &str = "AWS::SecretsManager::ResourcePolicy";
const OLD: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:old/key-AbCdEf";

#[test]
fn a_secret_is_declared_empty_and_stays() {
    let template = template(|stack| {
        stack.add("Payments", Secret::new());
    });
    let secret = template.one(SECRET);
    assert_eq!(secret["Properties"], serde_json::Value::Null);
    assert_eq!(secret["DeletionPolicy"], "RetainExceptOnCreate");
    assert_eq!(secret["UpdateReplacePolicy"], "Retain");
}

#[test]
fn a_strict_stack_encrypts_secrets_with_its_own_key() {
    let template = strict_template(|stack| {
        let secret = stack.add("Payments", Secret::new());
        secret.grant_read(&worker(stack));
    });
    let key = template.id("AWS::KMS::Key", "StrictKey");
    let arn = expected!({ "Fn::GetAtt": [key, "Arn"] });
    assert_eq!(template.properties(SECRET)["KmsKeyId"], arn);
    let decrypts = template.allowing("AWS::IAM::ManagedPolicy", "kms:Decrypt");
    assert_eq!(decrypts[0]["Resource"], arn);
}

#[test]
fn a_password_is_made_up_by_secrets_manager() {
    let template = template(|stack| {
        let password = Password::new()
            .without("@")
            .in_json(json!({ "username": "shop", "port": 5432 }), "password");
        stack.add("Database", Secret::generated(password));
    });
    assert_eq!(
        template.properties(SECRET)["GenerateSecretString"],
        expected!({
            "ExcludeCharacters": "@",
            "GenerateStringKey": "password",
            "PasswordLength": 32,
            "SecretStringTemplate": "{\"port\":5432,\"username\":\"shop\"}"
        })
    );
}

#[test]
fn who_reads_or_writes_may_do_that_to_this_secret_alone() {
    let template = template(|stack| {
        let secret = stack.add("Payments", Secret::new());
        let worker = worker(stack);
        secret.grant_read(&worker).grant_write(&worker);
    });
    let secret = template.id(SECRET, "Payments");
    let statements = template.statements(IDENTITY);
    assert_eq!(statements.len(), 1);
    assert_eq!(
        statements[0]["Action"],
        expected!([
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage"
        ])
    );
    assert_eq!(
        statements[0]["Resource"],
        expected!({ "Fn::GetAtt": [secret, "Id"] })
    );
}

#[test]
fn another_account_is_let_in_by_the_policy_of_the_secret() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let secret = stack.add("Payments", Secret::new().encrypted_with(&key));
        secret.grant_read(&Principal::account(support::ABROAD));
    });
    let policy = template.properties(POLICY);
    assert_eq!(policy["BlockPublicPolicy"], true);
    let statement = &policy["ResourcePolicy"]["Statement"][0];
    assert_eq!(statement["Resource"], "*");
    assert_eq!(statement["Effect"], "Allow");
}

#[test]
fn another_account_needs_a_key_that_it_may_use() {
    let found = findings(|stack| {
        let secret = stack.add("Payments", Secret::new());
        secret.grant_read(&Principal::account(support::ABROAD));
        let home = "arn:aws:iam::123456789012:role/worker";
        secret.grant_read(&Principal::arn(home));
    });
    assert_error(
        &found,
        "CW1103",
        &["cannot use the key", ".encrypted_with(&key)"],
    );
}

#[test]
fn a_property_gets_a_reference_and_never_the_value() {
    let template = template(|stack| {
        let secret = Secret::import(stack, "Old", OLD);
        let user = cfn::iam::User::new().user_name(secret.value_of("user"));
        stack.add("User", user);
    });
    assert_eq!(
        template.properties("AWS::IAM::User")["UserName"],
        format!("{{{{resolve:secretsmanager:{OLD}:SecretString:user::}}}}")
    );
}

#[test]
fn a_function_that_rotates_may_read_and_fill_the_secret_and_is_called_for_it_alone() {
    let template = template(|stack| {
        let rotate = lambda::Function::new(lambda::Code::s3("releases", "rotate.zip"));
        let rotate = stack.add("Rotate", rotate);
        let secret = stack.add("Payments", Secret::new());
        secret.rotate_with(&rotate, days(30));
    });
    let secret = expected!({ "Fn::GetAtt": [template.id(SECRET, "Payments"), "Id"] });
    let permission = template.properties("AWS::Lambda::Permission");
    assert_eq!(permission["Principal"], "secretsmanager.amazonaws.com");
    assert_eq!(permission["SourceArn"], secret);
    let schedule = template.one("AWS::SecretsManager::RotationSchedule");
    assert_eq!(
        schedule["Properties"]["RotationRules"]["AutomaticallyAfterDays"],
        30
    );
    assert_eq!(
        schedule["DependsOn"],
        template.id("AWS::Lambda::Permission", "RotateRotationOf")
    );
    assert_eq!(
        template
            .allowing(IDENTITY, "secretsmanager:PutSecretValue")
            .len(),
        1
    );
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let found = findings(|stack| {
        stack.add("Short", Secret::generated(Password::new().length(3)));
        let twice = Password::new().in_json(json!({ "password": "" }), "password");
        stack.add("Twice", Secret::generated(twice));
        Secret::import(
            stack,
            "Old",
            "arn:aws:secretsmanager:eu-central-1:123456789012:old",
        );
        let imported = Secret::import(stack, "Other", OLD);
        imported.add_statement(Statement::deny(["*"]).by(Principal::everyone()));
    });
    assert_error(&found, "CW1002", &["4 to 4096 characters, got 3"]);
    assert_error(&found, "CW1103", &["no \"password\" yet"]);
    assert_error(
        &found,
        "CW1003",
        &[
            "secret:name",
            "got \"arn:aws:secretsmanager:eu-central-1:123456789012:old\"",
        ],
    );
    assert_error(&found, "CW1005", &["imported secret belongs to its owner"]);
}

#[test]
fn the_time_between_two_values_has_a_limit() {
    let found = findings(|stack| {
        let rotate = lambda::Function::new(lambda::Code::s3("releases", "rotate.zip"));
        let rotate = stack.add("Rotate", rotate);
        let secret = stack.add("Payments", Secret::new());
        secret.rotate_with(&rotate, days(1001));
    });
    assert_error(&found, "CW1002", &["every 1 to 1000 days, got 1001"]);
}

#[test]
fn an_arn_that_lacks_its_end_is_told() {
    let import = |name: &str| {
        let arn = format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}");
        let of = |granted: bool| {
            findings(|stack| {
                let old = Secret::import(stack, "Old", arn.clone());
                if granted {
                    old.grant_read(&worker(stack));
                }
                let parameter = cfn::ssm::Parameter::new("String", old.value());
                stack.add("Password", parameter);
            })
        };
        // A reference takes less of it, and so does who reads the secret.
        assert!(of(false).is_empty(), "{name}");
        of(true)
    };
    for part in ["db", "prod/db", "prod-db", "prod/db-12345"] {
        assert_error(&import(part), "CW1003", &["six characters", part]);
    }
    for whole in ["db-AbCdEf", "prod/db-??????", "prod/*"] {
        assert!(import(whole).is_empty(), "{whole}");
    }
}
