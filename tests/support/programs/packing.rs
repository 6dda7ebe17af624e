//! A program with a function whose code is a folder: `--context code=FOLDER`.

use std::process::ExitCode;

use cloudwright::lambda::{Code, Function, Runtime};
use cloudwright::prelude::*;

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let folder = app.context("code").unwrap_or("code".into());
        let stack = app.stack("Packing", Environment::agnostic());
        let code = Code::dir(folder.into_owned());
        stack.add(
            "Serve",
            Function::new(code).runtime(Runtime::Python3_14, "app.handler"),
        );
        Ok(())
    })
}
