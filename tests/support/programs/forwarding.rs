//! A program with a handler that cloudwright brings along, and the queue that it fills in a stack of its own: changes of
//! objects become messages.

use std::process::ExitCode;

use cloudwright::lambda::{Code, Function, Handler};
use cloudwright::prelude::*;

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let queues = app.stack("Changes", Environment::agnostic());
        let changes = queues.add("Queue", sqs::Queue::new());
        let stack = app.stack("Forwarding", Environment::agnostic());
        let forward = Function::new(Code::bundled(Handler::Forward));
        let forward = stack.add("Forward", forward.env("QUEUE_URL", changes.url()));
        changes.grant_send(&forward);
        stack.output("FunctionName", forward.name());
        Ok(())
    })
}
