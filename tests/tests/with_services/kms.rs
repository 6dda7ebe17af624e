//! Keys.

use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let key = kms::Key::new()
        .description("encrypts what partners send")
        .alias("alias/partners")
        .deletion_window(days(14))
        .multi_region()
        .removal_policy(RemovalPolicy::Retain);
    let key = stack.add("Key", key);
    let old = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012";
    let old = kms::Key::import(stack, "Old", old);
    let role = stack.add(
        "Worker",
        iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
    );
    for key in [&key, &old] {
        key.grant_data_keys(&role);
        key.grant_decrypt(&role);
        key.grant_encrypt(&role);
        key.grant_encrypt_decrypt(&role);
    }
    key.grant_decrypt(&Principal::account("210987654321"));
    key.allow_service("events.amazonaws.com");
}
