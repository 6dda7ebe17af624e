//! What the functions may do: no more than the handler's requests need.

use cloudwright_synth::{Json, Verb};

use super::tables::{BY_NAME, Settled};
use crate::dynamodb::TableRef;
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

/// Lets a function see which objects there are.
pub(super) fn let_look(bucket: &BucketRef, prefix: &str, tags: bool, function: &FunctionRef) {
    function
        .scope()
        .edge(Verb::MayRead, bucket.scope(), "cache-sync");
    let mut looks = vec!["s3:GetObject"];
    looks.extend(tags.then_some("s3:GetObjectTagging"));
    function.add_statement(Statement::allow(looks).on(bucket.objects(prefix)));
    // Without it, S3 does not tell an object that is gone from one that is forbidden.
    function.add_statement(Statement::allow(["s3:ListBucket"]).on(bucket.arn()));
    if let Some(key) = bucket.key() {
        key.grant_decrypt(function);
    }
}

/// What a function does to single rows.
const ROWS: [&str; 3] = [
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
];

/// Lets a function keep the tables.
pub(super) fn let_keep(index: &Settled, function: &FunctionRef, work: Work) {
    let [packages, summaries] = &index.tables;
    let by_name = vec![
        packages.arn().as_json().clone(),
        Json::Text(format!("/index/{BY_NAME}").into()),
    ];
    let mut actions = Vec::from(ROWS);
    if work == Work::Rebuild {
        actions.push("dynamodb:Scan");
        // Rows are compared many at a time; what is said about names is looked at one by one.
        let compare = Statement::allow(["dynamodb:BatchGetItem"]);
        function.add_statement(compare.on(packages.arn()));
    }
    let arns = [packages, summaries].map(|table| table.arn().as_json().clone());
    function.add_statement(Statement::allow(actions).on_all(arns));
    function.add_statement(Statement::allow(["dynamodb:Query"]).on_all([Json::concat(by_name)]));
    for table in &index.tables {
        touch(table, function);
    }
}

/// Lets a function keep one table of rows.
pub(super) fn let_keep_rows(table: &TableRef, function: &FunctionRef, work: Work) {
    let mut actions = Vec::from(ROWS);
    if work == Work::Rebuild {
        actions.extend(["dynamodb:BatchGetItem", "dynamodb:Scan"]);
    }
    function.add_statement(Statement::allow(actions).on(table.arn()));
    touch(table, function);
}

/// What both have to do with a table: a line in pictures, and its key.
fn touch(table: &TableRef, function: &FunctionRef) {
    for verb in [Verb::MayRead, Verb::MayWrite] {
        (function.scope()).edge(verb, table.scope(), "cache-sync");
    }
    if let Some(key) = table.key() {
        key.grant_encrypt_decrypt(function);
    }
}
