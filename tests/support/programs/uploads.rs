//! A small program, as a user writes it.

use std::process::ExitCode;

use cloudwright::rules::{PLAIN_TRANSPORT, UNKEPT_DATA};
use cloudwright::{App, Environment, Error, cfn};

fn main() -> ExitCode {
    cloudwright::main(|app| {
        if let Some(list) = app.context("stateful") {
            app.stateful_ids(list);
        }
        let stack = app.stack("Uploads", Environment::new("123456789012", "eu-central-1"));
        let queue = cfn::sqs::Queue::new().visibility_timeout(timeout(app)?);
        stack.add("Incoming", queue);
        stack.add("Archive", cfn::s3::Bucket::new());
        // As few resources as can be: what is tested is the command line.
        stack.accept(&UNKEPT_DATA, "holds nothing");
        stack.accept(&PLAIN_TRANSPORT, "is never deployed");
        Ok(())
    })
}

fn timeout(app: &App) -> Result<i64, Error> {
    let text = app.context("timeout").unwrap_or("300".into());
    let seconds = text.parse();
    seconds.map_err(|_| format!("timeout is a number of seconds, got \"{text}\"").into())
}
