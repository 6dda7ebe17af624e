//! One program for two environments: a development account and a production account, each with a
//! home region and a second one for recovery, and an auditor who reads across accounts.

use std::process::ExitCode;

use cloudwright::prelude::*;

/// Where everything runs.
const HOME: &str = "eu-central-1";
/// Where it could run again.
const RECOVERY: &str = "eu-west-1";

fn main() -> ExitCode {
    cloudwright::main(|app| {
        app.account("dev", "111111111111");
        app.account("prod", "222222222222");
        app.tag("project", "uploads");

        system(app, "Dev", "dev");
        let reports = system(app, "Prod", "prod");

        // The auditor lives in the development account and reads the reports of production. Both
        // sides of the border have to agree: its own policy, and the policy of the bucket.
        let audit = app.stack("Audit", Environment::new("dev", HOME));
        let auditor = iam::Role::assumed_by(Principal::account(audit.account()));
        let auditor = audit.add("Auditor", auditor.role_name("uploads-auditor"));
        reports.grant_read(&auditor);
    })
}

/// The whole system in one account; returns the bucket of the reports.
fn system(app: &App, stage: &'static str, account: &'static str) -> s3::BucketRef {
    let stage = app.stage(stage);
    let data = stage
        .stack("Data", Environment::new(account, HOME))
        .description("what must not be lost")
        .termination_protection();
    let key = data.add("Key", kms::Key::new().description("encrypts the uploads"));
    let uploads = data.add("Uploads", s3::Bucket::new().encrypted_with(&key));
    let reports = data.add("Reports", s3::Bucket::new());

    // Another stack of the same environment: buckets are known by name, and the key's ARN travels
    // by an export that nobody has to write.
    let work = stage.stack("Work", Environment::new(account, HOME));
    let worker = work.add(
        "Worker",
        iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
    );
    uploads.grant_read(&worker);
    reports.grant_write(&worker);

    // Another region: names still hold, and the key's ARN is read from the other stack's outputs.
    let recovery = stage.stack("Recovery", Environment::new(account, RECOVERY));
    let copies = recovery.add("Copies", s3::Bucket::new());
    let restorer = recovery.add(
        "Restorer",
        iam::Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com")),
    );
    uploads.grant_read(&restorer);
    copies.grant_read_write(&restorer);
    recovery.output("CopiesOf", uploads.name());
    reports
}
