//! A FIFO queue for the dead letters of a standard queue.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Orders", Environment::agnostic());
    let failures = stack.add("Failures", sqs::FifoQueue::dead_letter());
    stack.add("Jobs", sqs::Queue::new().dead_letter_queue(&failures));
}
