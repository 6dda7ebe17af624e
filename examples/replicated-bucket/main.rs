//! Build artifacts in one bucket, and copies of them in every region that starts functions from
//! them: a development account with one copy, a production account with three and with alarms.

use std::process::ExitCode;

use cloudwright::patterns::ReplicatedBucketRef;
use cloudwright::prelude::*;
use cloudwright::sns::Subscription;

/// Where artifacts are uploaded.
const HOME: &str = "ca-central-1";

fn main() -> ExitCode {
    cloudwright::main(|app| {
        app.account("dev", "111111111111");
        app.account("prod", "222222222222");
        app.tag("project", "artifacts");

        let dev = app
            .stage("Dev")
            .stack("Artifacts", Environment::new("dev", HOME));
        // What is only tried out goes away with its stack.
        let tried = builds(&["us-west-2"]).removal_policy(RemovalPolicy::Destroy);
        show(&dev, &dev.add("Builds", tried));

        let prod = app
            .stage("Prod")
            .stack("Artifacts", Environment::new("prod", HOME));
        // The home region has a copy too, so that every region finds its own by the same name.
        let kept = builds(&["us-west-2", "us-east-1", HOME]).reconcile_every(days(1));
        let kept = prod.add("Builds", kept);
        show(&prod, &kept);

        let admin = prod.add("Admin", sns::Topic::new());
        admin.subscribe(Subscription::email("admin@example.com"));
        kept.alarms(&admin);
        Ok(())
    })
}

/// A bucket with copies in these regions. What is said of it holds in every environment, and what is
/// said of its replicas in every region.
fn builds(regions: &[&'static str]) -> ReplicatedBucket {
    ReplicatedBucket::to(regions.iter().copied())
        .memory(MiB(128))
        .replica_statement(|replica| {
            Statement::allow(["s3:GetObject"])
                .by(Principal::account(replica.scope().account()))
                .on(replica.objects(""))
        })
}

/// Tells after a deployment where to upload, and what to call to try it.
fn show(stack: &Stack, artifacts: &ReplicatedBucketRef) {
    stack.output("Bucket", artifacts.source().name());
    if let Some(function) = artifacts.function() {
        stack.output("Function", function.arn().cast::<String>());
    }
    if let Some(machine) = artifacts.reconciliation() {
        stack.output("Reconciliation", machine.cast::<String>());
    }
}
