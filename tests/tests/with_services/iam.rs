//! Roles and policies.

use cloudwright::iam::{ManagedPolicy, Role};
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let releases = Statement::allow(["s3:GetObject"]).on("arn:aws:s3:::releases/*");
    let boundary =
        ManagedPolicy::new([read_config(), releases]).description("the most that workers can get");
    let boundary = stack.add("Boundary", boundary);
    let web = Statement::allow(["sts:AssumeRoleWithWebIdentity"])
        .by(Principal::federated("cognito-identity.amazonaws.com"))
        .when(
            "StringEquals",
            "cognito-identity.amazonaws.com:aud",
            "us-east-1:12345678-1234-1234-1234-123456789012",
        );
    let worker = Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com"))
        .and_trusting(web)
        .statement(read_config())
        .managed_policy("arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess")
        .description("works")
        .path("/service/")
        .role_name(stack.id())
        .permissions_boundary(boundary.arn())
        .max_session(hours(4));
    let worker = stack.add("Worker", worker);
    worker.add_statement(Statement::deny(["ssm:DeleteParameter"]).on("*"));
    let old = Role::import(stack, "Old", "arn:aws:iam::123456789012:role/service/old");
    old.add_statement(read_config());
    let kept = Role::import(stack, "Kept", "arn:aws:iam::123456789012:role/kept");
    let kept = kept.without_policy_updates();
    let code = lambda::Code::s3("releases", "work.zip");
    stack.add("Work", lambda::Function::new(code).role(&kept));
    let shared = ManagedPolicy::new([read_config().sid("ReadConfig")]);
    stack.add("Shared", shared.attached_to(&worker).attached_to(&old));
    let partner = Statement::allow(["sts:AssumeRole"])
        .by(Principal::account("210987654321"))
        .by(Principal::arn("arn:aws:iam::123456789012:user/operator"))
        .when("StringEquals", "sts:ExternalId", "cloudwright");
    stack.add("Partner", Role::trusting(partner));
    // Longer than one policy may be.
    let archives = (0..300).map(|year| json!(format!("arn:aws:s3:::archive-of-the-year-{year}/*")));
    let readers = Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com"))
        .statement(Statement::allow(["s3:GetObject"]).on_all(archives));
    stack.add("Readers", readers);
}

fn read_config() -> Statement {
    Statement::allow(["ssm:GetParameter", "ssm:GetParameters"])
        .on("arn:aws:ssm:us-east-1:123456789012:parameter/app/*")
        .on_all([json!("arn:aws:ssm:us-east-1:123456789012:parameter/all")])
}
