//! An e-mail subscription to a FIFO topic, which tells queues only.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Orders", Environment::agnostic());
    let payments = stack.add("Payments", sns::FifoTopic::new());
    payments.subscribe(sns::Subscription::email("ops@example.com"));
}
