//! Buckets with copies in other regions and accounts.

#[path = "../support/mod.rs"]
mod support;

mod alarms;
mod native;
mod one_way;
mod reconcile;
mod refusals;
mod rights;
mod two_way;

use cloudwright::patterns::{ReplicatedBucket, ReplicatedBucketRef};
use cloudwright::prelude::*;
use serde_json::Value;
use support::{Template, home, templates_of};

/// The templates of the source's stack `S`, and of one in us-west-2.
fn templates(build: impl FnOnce(&Stack) -> ReplicatedBucket) -> [Template; 2] {
    let app = App::new();
    add(&app, build);
    templates_of(app, ["S", "Regional-us-west-2"])
}

/// Adds the construct to a stack `S`.
fn add(app: &App, build: impl FnOnce(&Stack) -> ReplicatedBucket) -> ReplicatedBucketRef {
    let stack = app.stack("S", home());
    let artifacts = build(&stack);
    stack.add("Artifacts", artifacts)
}

/// The variables of the only function.
fn variables(template: &Template) -> &Value {
    &template.properties("AWS::Lambda::Function")["Environment"]["Variables"]
}
