//! A token pasted into text: its text is not known before deployment.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Uploads", Environment::agnostic());
    let uploads = stack.add("Uploads", s3::Bucket::new());
    let _name = format!("{}-copy", uploads.name());
}
