//! A bucket's ARN where a role's is wanted.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Uploads", Environment::agnostic());
    let uploads = stack.add("Uploads", s3::Bucket::new());
    let code = cfn::lambda::function::Code::new().s3_bucket("releases").s3_key("app.zip");
    stack.add("Resize", cfn::lambda::Function::new(code, uploads.arn()));
}
