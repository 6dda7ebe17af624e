//! An event that S3 does not know.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Uploads", Environment::agnostic());
    let uploads = stack.add("Uploads", s3::Bucket::new());
    let resize = stack.add("Resize", lambda::Function::new(lambda::Code::s3("releases", "resize.zip")));
    uploads.notify("s3:ObjectCreate:*", s3::Filter::all(), &resize);
}
