//! Rights granted to a bucket, which cannot act.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Uploads", Environment::agnostic());
    let uploads = stack.add("Uploads", s3::Bucket::new());
    let copies = stack.add("Copies", s3::Bucket::new());
    uploads.grant_read(&copies);
}
