//! Repositories of container images.

use cloudwright::ecr::{LifecycleRule, Repository};
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let builder = iam::Role::assumed_by(Principal::service("codebuild.amazonaws.com"));
    let builder = stack.add("Builder", builder);
    let key = stack.add("Key", kms::Key::new());
    let images = Repository::new()
        .repository_name(format!("{}/shop", stack.id()))
        .encrypted_with(&key)
        .lifecycle(LifecycleRule::expire_after(days(14)).tagged(["preview-*"]))
        .lifecycle(LifecycleRule::expire_after(days(1)).untagged())
        .lifecycle(LifecycleRule::keep_newest(30))
        .mutable_tags()
        .empty_on_delete()
        .removal_policy(RemovalPolicy::Destroy);
    let images = stack.add("Images", images);
    images.grant_push(&builder).grant_pull(&builder);
    images.grant_pull(&Principal::account("210987654321"));
    images.add_statement(
        Statement::deny(["ecr:DeleteRepository"])
            .by(Principal::everyone())
            .when("Bool", "aws:SecureTransport", false),
    );
    stack.add(
        "Pulls",
        cloudwatch::Alarm::new(
            images.metric_pulls(),
            cloudwatch::Comparison::AtLeast(10_000.0),
        ),
    );
    let old = "arn:aws:ecr:us-east-1:123456789012:repository/old";
    Repository::import(stack, "Old", old).grant_pull(&builder);
    stack.add("Plain", Repository::new());
}
