//! Tables.

use cloudwright::dynamodb::{Attribute, Index, StreamView, Table, TableClass};
use cloudwright::prelude::*;

pub fn fill(stack: &Stack) {
    let key = stack.add("Key", kms::Key::new());
    let orders = Table::new(Attribute::string("customer"))
        .sort_by(Attribute::number("placed"))
        .table_name(format!("{}-orders", stack.id()))
        .index(
            Index::new("by-state", Attribute::string("state")).sort_by(Attribute::binary("digest")),
        )
        .index(
            Index::new("by-carrier", Attribute::string("carrier"))
                .keys_only()
                .provisioned(2, 1),
        )
        .index(Index::local("by-total", Attribute::number("total")).attributes(["currency"]))
        .time_to_live("expires")
        .stream(StreamView::NewAndOldImages)
        .provisioned(5, 5)
        .class(TableClass::StandardInfrequentAccess)
        .recovery_period(days(7))
        .encrypted_with(&key)
        .deletion_protection()
        .contributor_insights()
        .removal_policy(RemovalPolicy::Retain);
    let orders = stack.add("Orders", orders);
    let carts = Table::new(Attribute::string("session")).without_recovery();
    let carts = stack.add("Carts", carts);
    let old = "arn:aws:dynamodb:us-east-1:123456789012:table/old";
    let old = Table::import(stack, "Old", old)
        .with_stream(format!("{old}/stream/2026-01-31T12:00:00.000"));
    let role = stack.add(
        "Worker",
        iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
    );
    for table in [&orders, &carts, &old] {
        table.grant_read(&role).grant_write(&role);
        table.grant_read_write(&role);
    }
    orders.grant_stream_read(&role);
    old.grant_stream_read(&role);
    carts.grant_read(&Principal::account("210987654321"));
    let deny = Statement::deny(["dynamodb:DeleteTable"]).by(Principal::everyone());
    carts.add_statement(deny);
    let operators = stack.add("Operators", sns::Topic::new());
    orders.alarm_on_read_throttles(&operators);
    orders.alarm_on_write_throttles(&operators);
}
