//! Something added to a stack that is no construct.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Uploads", Environment::agnostic());
    stack.add("Uploads", "a bucket");
}
