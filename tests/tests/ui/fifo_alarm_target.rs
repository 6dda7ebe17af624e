//! An alarm that is to tell a FIFO topic.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Orders", Environment::agnostic());
    let operators = stack.add("Operators", sns::FifoTopic::new());
    let jobs = stack.add("Jobs", sqs::Queue::new());
    jobs.alarm_on_dead_letters(&operators);
}
