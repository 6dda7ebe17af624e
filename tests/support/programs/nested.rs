//! A program with a nested stack: `--context delay=SECONDS` for its queue, `--context server=yes` for a server in it.

use cloudwright::prelude::*;

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let outer = app.stack("Outer", Environment::agnostic());
        outer.add("News", RawResource::new("AWS::SNS::Topic"));
        let inner = outer.nested_stack("Inner");
        let delay = app.context("delay").unwrap_or("5".into());
        // Known to CloudFormation alone.
        let delay = json!({ "Fn::Select": [0, [delay]] });
        inner.add(
            "Jobs",
            RawResource::new("AWS::SQS::Queue").property("DelaySeconds", delay),
        );
        if app.context("server").is_some() {
            inner.add("Server", RawResource::new("AWS::EC2::Instance"));
        }
        Ok(())
    })
}
