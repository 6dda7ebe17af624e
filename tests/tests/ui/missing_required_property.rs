//! A resource without a property that CloudFormation requires.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Uploads", Environment::agnostic());
    stack.add("Alias", cfn::kms::Alias::new("alias/uploads"));
}
