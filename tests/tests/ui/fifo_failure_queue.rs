//! A FIFO queue for the failures of asynchronous calls, which Lambda sends to standard queues only.

use cloudwright::lambda::Code;
use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Orders", Environment::agnostic());
    let failures = stack.add("Failures", sqs::FifoQueue::dead_letter());
    let code = Code::s3("releases", "book.zip");
    stack.add("Book", lambda::Function::new(code).on_failure(&failures));
}
