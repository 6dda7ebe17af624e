//! Constructs and statements that are made and then forgotten.

#![deny(unused_must_use)]
use cloudwright::prelude::*;

fn main() {
    s3::Bucket::new().versioned();
    lambda::Function::new(lambda::Code::s3("releases", "resize.zip"));
    cfn::sqs::Queue::new().delay_seconds(30);
    Statement::allow(["s3:GetObject"]);
}
