//! Secrets.

use cloudwright::lambda::{Architecture, Code, Runtime};
use cloudwright::prelude::*;
use cloudwright::secretsmanager::{Password, Secret};

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let payments = Secret::new()
        .secret_name(format!("{}/payments", stack.id()))
        .description("key of the payment service")
        .encrypted_with(&key)
        .replicated_to("us-west-2")
        .removal_policy(RemovalPolicy::Retain);
    let payments = stack.add("Payments", payments);
    let password = Password::new()
        .length(40)
        .without("\"@/\\")
        .without_punctuation()
        .in_json(json!({ "username": "shop" }), "password");
    let database = stack.add("Database", Secret::generated(password));
    let old = "arn:aws:secretsmanager:us-east-1:123456789012:secret:old-AbCdEf";
    let old = Secret::import(stack, "Old", old);
    let role = stack.add(
        "Worker",
        iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
    );
    for secret in [&payments, &database, &old] {
        secret.grant_read(&role).grant_write(&role);
    }
    payments.grant_read(&Principal::account("210987654321"));
    let deny = Statement::deny(["secretsmanager:DeleteSecret"]).by(Principal::everyone());
    payments.add_statement(deny);
    let rotate = lambda::Function::new(Code::s3("releases", "rotate.zip"))
        .runtime(Runtime::Python3_13, "rotate.handler")
        .architecture(Architecture::Arm64);
    let rotate = stack.add("Rotate", rotate);
    database.rotate_with(&rotate, days(30));
    let user = cfn::iam::User::new().user_name(database.value_of("username"));
    stack.add("User", user);
    let _ = database.value();
}
