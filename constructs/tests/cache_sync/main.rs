//! The index of packages that follows a bucket: what is made, with which rights, and what is refused.

#[path = "../support/mod.rs"]
mod support;

mod bridge;
mod config;
mod dynamodb;
mod existing;
mod own;
mod redis;
mod refusals;

use cloudwright::patterns::CacheSync;
use cloudwright::prelude::*;
use serde_json::Value;

use support::{Template, template};

const FUNCTION: &str = "AWS::Lambda::Function";
const IDENTITY: &str = "AWS::IAM::Policy";
const MACHINE: &str = "AWS::StepFunctions::StateMachine";
const TABLE: &str = "AWS::DynamoDB::Table";

/// The template of a stack `S` with the construct.
fn index(build: impl FnOnce(&Stack) -> CacheSync) -> Template {
    template(|stack| {
        let index = build(stack);
        stack.add("Index", index);
    })
}

/// The properties of the function whose id starts so.
fn function<'a>(template: &'a Template, start: &str) -> &'a Value {
    &template.named(FUNCTION, start)["Properties"]
}

/// The statements of the function's policy whose id starts so, about a service.
fn statements<'a>(template: &'a Template, start: &str, service: &str) -> Vec<&'a Value> {
    let policy = template.named(IDENTITY, start);
    let statements = policy["Properties"]["PolicyDocument"]["Statement"].as_array();
    let of_service = |statement: &&Value| {
        let actions = statement["Action"].to_string();
        actions.contains(&format!("\"{service}:"))
    };
    statements.unwrap().iter().filter(of_service).collect()
}
