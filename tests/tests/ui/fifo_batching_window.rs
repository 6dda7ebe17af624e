//! A batching window for a FIFO queue, whose batches Lambda does not collect.

use cloudwright::lambda::{Code, EventSource};
use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Orders", Environment::agnostic());
    let payments = stack.add("Payments", sqs::FifoQueue::new());
    let book = stack.add("Book", lambda::Function::new(Code::s3("releases", "book.zip")));
    book.consume(EventSource::new(&payments).batching_window(seconds(5)));
}
