//! A program with a handler that cloudwright brings along: changes of objects become messages.

use std::process::ExitCode;

use cloudwright::lambda::{Code, Function, Handler};
use cloudwright::prelude::*;

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let stack = app.stack("Forwarding", Environment::agnostic());
        let changes = stack.add("Changes", sqs::Queue::new());
        let forward = Function::new(Code::bundled(Handler::Forward));
        let forward = stack.add("Forward", forward.env("QUEUE_URL", changes.url()));
        changes.grant_send(&forward);
        stack.output("FunctionName", forward.name());
        Ok(())
    })
}
