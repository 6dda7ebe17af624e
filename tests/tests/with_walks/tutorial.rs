//! The tutorial's chapter on the local AWS: deployed, uploaded to, looked at and taken away.

use std::fs;

use tests::aws::wait_for;

use crate::Walk;
use crate::commands::page;

/// The value of an output as `local outputs` prints it.
fn output(printed: &str, name: &str) -> String {
    let line = printed.lines().find(|line| line.contains(name));
    let value = line.and_then(|line| line.split_whitespace().last());
    value
        .unwrap_or_else(|| panic!("no {name}: {printed}"))
        .to_owned()
}

#[test]
fn what_the_tutorial_says_is_what_happens() {
    let walk = Walk::of("quickstart", page("tutorial/local"));
    let verb = |verb: &str| format!("cargo run --features deploy -- local {verb}");
    let yes = ("local deploy", "local deploy --yes");
    let told = walk.types(&verb("deploy"), &[yes]).ended(0);
    assert!(told.out.contains("BucketName"), "{told:?}");

    let outputs = "cargo run --quiet --features deploy -- local outputs";
    let outputs = walk.types(outputs, &[]).ended(0).out;
    let bucket = output(&outputs, "BucketName");
    let jobs = output(&outputs, "JobsUrl");
    let env = "eval \"$(cargo run --quiet --features deploy -- local env)\"";
    let _ = walk.types(env, &[]).ended(0);

    fs::write(walk.folder().join("README.md"), "# uploads").unwrap();
    let upload = "aws s3 cp README.md s3://BUCKET/incoming/README.md";
    let _ = walk.types(upload, &[("BUCKET", &bucket)]).ended(0);
    wait_for("the message of the upload", || {
        let take = "aws sqs receive-message --endpoint-url $AWS_ENDPOINT_URL --queue-url JOBS_URL";
        let taken = walk.types(take, &[("JOBS_URL", &jobs)]);
        taken.out.contains("incoming/README.md").then_some(())
    });

    let resources = walk.types(&verb("resources"), &[]).ended(0).out;
    assert!(resources.contains("AWS::S3::Bucket"), "{resources}");
    let events = walk.types(&verb("events"), &[]).ended(0).out;
    assert!(events.contains("CREATE_COMPLETE"), "{events}");
    let _ = walk.types(&verb("down"), &[]).ended(0);
    let script = "docs/code/clean-home.sh types it, and takes its time";
    walk.is_through(&[
        ("cargo cloudwright new files --from object-catalog", script),
        ("cd files", script),
    ]);
}
