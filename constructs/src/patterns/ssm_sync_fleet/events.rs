//! From a change of the bucket to the function that sends the command.

use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_contract::Handler;
use cloudwright_synth::{Json, Scope, Value, Verb};

use super::check::text;
use crate::acknowledge::{Finding, by_design, residuals};
use crate::dynamodb::{Attribute, Table, TableRef};
use crate::iam::Statement;
use crate::lambda::{Code, EventSource, Function, FunctionRef};
use crate::patterns::shared;
use crate::sqs::{Queue, QueueRef};
use crate::{MiB, RemovalPolicy, seconds};

/// How long the function may take for a batch of events.
const TIMEOUT: Duration = seconds(30);

/// The queue of what happens to the bucket. Its messages stay hidden for longer than a window is open,
/// which is what the handler relies on.
pub(super) fn queue(scope: &Scope, window: u32) -> QueueRef {
    let work = TIMEOUT.saturating_mul(shared::WAIT);
    let window = seconds(u64::from(window)).saturating_add(TIMEOUT);
    let hidden = work.max(window);
    scope.add("Events", Queue::new().visibility_timeout(hidden))
}

/// What the function remembers: nothing that cannot be lost after a month.
pub(super) fn ledger(scope: &Scope) -> TableRef {
    let table = Table::new(Attribute::string("id"))
        .time_to_live("expires")
        .without_recovery()
        .removal_policy(RemovalPolicy::Destroy);
    let table = scope.add("Ledger", table);
    residuals(table.scope(), &[Finding::NoTableRecovery]);
    table
}

/// The function, with the rights that the handler's requests need.
pub(super) fn function(
    scope: &Scope,
    plan: contract::SsmSync<Json>,
    queue: &QueueRef,
    ledger: &TableRef,
) -> FunctionRef {
    let mut function = Function::new(Code::bundled(Handler::SsmSync))
        .memory(MiB(256))
        .timeout(TIMEOUT);
    let waits = plan.window.is_some();
    for (name, value) in plan.variables(text) {
        function = function.env(name, Value::<String>::from_json(value));
    }
    let function = scope.add("Function", function);
    let remember = Statement::allow(["dynamodb:GetItem", "dynamodb:PutItem"]);
    function.add_statement(remember.on(ledger.arn().cast::<String>()));
    if let Some(key) = ledger.key() {
        key.grant_encrypt_decrypt(&function);
    }
    if waits {
        let put_back = Statement::allow(["sqs:SendMessage"]);
        function.add_statement(put_back.on(queue.arn().cast::<String>()));
        (function.scope()).edge(Verb::SendsTo, queue.scope(), "until the window ends");
        if let Some(key) = queue.key() {
            key.grant_data_keys(&function);
        }
        let ends = "a change is put back only until its window ends";
        by_design(function.scope(), Finding::SelfTrigger, ends);
    }
    for verb in [Verb::MayRead, Verb::MayWrite] {
        function.scope().edge(verb, ledger.scope(), "ssm-sync");
    }
    function.consume(EventSource::new(queue));
    function
}
