//! Notifications to a FIFO queue, which S3 cannot send to.

use cloudwright::prelude::*;

fn main() {
    let app = App::new();
    let stack = app.stack("Uploads", Environment::agnostic());
    let uploads = stack.add("Uploads", s3::Bucket::new());
    let jobs = stack.add("Jobs", sqs::FifoQueue::new());
    uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &jobs);
}
