//! Notifications to a key, which cannot receive them.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Uploads", Environment::agnostic());
    let uploads = stack.add("Uploads", s3::Bucket::new());
    let key = stack.add("Key", kms::Key::new());
    uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &key);
}
