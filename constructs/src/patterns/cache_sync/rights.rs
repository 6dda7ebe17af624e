//! What the functions may do: no more than the handler's requests need.

use cloudwright_synth::{Json, Scope, Verb};

use super::tables::{BY_NAME, Settled};
use crate::iam::Statement;
use crate::lambda::FunctionRef;
use crate::s3::BucketRef;

/// What a function does with the index.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Brings single files up to date.
    Events,
    /// Compares everything.
    Rebuild,
}

/// Lets a function see which packages there are.
pub(super) fn let_look(bucket: &BucketRef, prefix: &str, function: &FunctionRef) {
    function
        .scope()
        .edge(Verb::MayRead, bucket.scope(), "cache-sync");
    function.add_statement(Statement::allow(["s3:GetObject"]).on(bucket.objects(prefix)));
    // Without it, S3 does not tell an object that is gone from one that is forbidden.
    function.add_statement(Statement::allow(["s3:ListBucket"]).on(bucket.arn()));
    if let Some(key) = bucket.key() {
        key.grant_decrypt(function);
    }
}

/// Lets a function keep the tables.
pub(super) fn let_keep(index: &Settled, function: &FunctionRef, work: Work) {
    let mut actions = vec![
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
    ];
    if work == Work::Rebuild {
        actions.extend(["dynamodb:BatchGetItem", "dynamodb:Scan"]);
    }
    let arns = [&index.tables[0], &index.tables[1]].map(|table| table.arn().as_json().clone());
    let by_name = vec![
        arns[0].clone(),
        Json::Text(format!("/index/{BY_NAME}").into()),
    ];
    function.add_statement(Statement::allow(actions).on_all(arns));
    function.add_statement(Statement::allow(["dynamodb:Query"]).on_all([Json::concat(by_name)]));
    for table in &index.tables {
        draw(function.scope(), table.scope());
        if let Some(key) = table.key() {
            key.grant_encrypt_decrypt(function);
        }
    }
}

fn draw(function: &Scope, table: &Scope) {
    function.edge(Verb::MayWrite, table, "cache-sync");
}
