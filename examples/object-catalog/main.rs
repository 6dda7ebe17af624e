//! A catalog of a bucket: a row of a table for each object, with its size, entity tag, tags and last change. What a row
//! holds is a package of this workspace; the rest is the construct that keeps package indexes.

use std::process::ExitCode;

use cloudwright::dynamodb::{Attribute, Table};
use cloudwright::lambda::Code;
use cloudwright::package;
use cloudwright::prelude::*;
use cloudwright::sns::Subscription;

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let stack = app.stack("Files", Environment::new("111111111111", "eu-central-1"));
        let rows = stack.add("Rows", Table::new(Attribute::string("key")));

        // Hashed here, built when the stack is deployed.
        let code = Code::cargo(package!("object-catalog/catalog")).features(["function"]);
        let catalog = CacheSync::of(code, &rows)
            .tags()
            // What no event told is found at night.
            .rebuild_at("cron(15 3 * * ? *)");
        let catalog = stack.add("Catalog", catalog);

        let operators = stack.add("Operators", sns::Topic::new());
        operators.subscribe(Subscription::email("operators@example.com"));
        catalog.alarms(&operators);

        stack.output("Bucket", catalog.bucket().name());
        stack.output("Table", rows.name().cast::<String>());
        Ok(())
    })
}
