//! A handler of one's own: a queue of orders, and a function whose code is a package of this
//! workspace.

use std::process::ExitCode;

use cloudwright::lambda::{Code, Function};
use cloudwright::package;
use cloudwright::prelude::*;

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let stack = app.stack("Orders", Environment::agnostic());
        let orders = stack.add("Orders", sqs::Queue::new().visibility_timeout(minutes(3)));

        // Hashed here, built when the stack is deployed.
        let code = Code::cargo(package!("handler/book"));
        let book = stack.add("Book", Function::new(code));
        book.consume(&orders);

        stack.output("OrdersUrl", orders.url());
        Ok(())
    })
}
