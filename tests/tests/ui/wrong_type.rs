//! Text where a number is wanted.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Uploads", Environment::agnostic());
    stack.add("Jobs", cfn::sqs::Queue::new().delay_seconds("30"));
}
