//! What cannot work, and where the program says it.

use cloudwright::dynamodb::Table;
use cloudwright::patterns::PackageTables;
use cloudwright::prelude::*;

use crate::CacheSync;
use crate::support::{assert_error, home, refusal_of};

/// Builds the wrong construct in a stack.
type Wrong = fn(&Stack) -> CacheSync;

fn given(stack: &Stack, arns: [&'static str; 2]) -> CacheSync {
    let [packages, summaries] = [("P", arns[0]), ("S", arns[1])];
    let packages = Table::import(stack, packages.0, packages.1);
    let summaries = Table::import(stack, summaries.0, summaries.1);
    CacheSync::tables(PackageTables::of(&packages, &summaries))
}

/// What is wrong, the code, and what the message says.
const TABLE: &[(Wrong, &str, &[&str])] = &[
    (
        |_| CacheSync::tables(PackageTables::existing().names("prod/files", "names")),
        "CW1004",
        &["got \"prod/files\"", "`db.namespace`"],
    ),
    (
        |_| CacheSync::tables(PackageTables::existing().names("Packages", "Packages")),
        "CW1103",
        &["got \"Packages\" for both"],
    ),
    (
        |stack| {
            let arns = [
                "arn:aws:dynamodb:us-west-2:123456789012:table/files",
                "arn:aws:dynamodb:us-east-1:123456789012:table/names",
            ];
            given(stack, arns)
        },
        "CW1109",
        &["got one in us-west-2 and one in us-east-1"],
    ),
    (
        |stack| {
            let arns = [
                "arn:aws:dynamodb:eu-central-1:210987654321:table/files",
                "arn:aws:dynamodb:eu-central-1:123456789012:table/names",
            ];
            given(stack, arns)
        },
        "CW1109",
        &["of the functions, 123456789012, got `S/P` in 210987654321"],
    ),
    (
        |_| CacheSync::dynamodb().prefix("p".repeat(1025)),
        "CW1002",
        &["a key has at most 1024 bytes, got a prefix of 1025"],
    ),
    (
        |stack| {
            let bucket = stack.add("Wheels", s3::Bucket::new());
            CacheSync::dynamodb()
                .bucket(&bucket)
                .bucket_with(s3::Bucket::unversioned)
        },
        "CW1103",
        &["the packages are in `S/Wheels`", "drop `.bucket_with(..)`"],
    ),
    (
        |_| CacheSync::dynamodb().rebuild_every(seconds(90)),
        "CW1001",
        &["one or more whole minutes, got 90s"],
    ),
    (
        |_| CacheSync::dynamodb().rebuild_every(seconds(0)),
        "CW1001",
        &["one or more whole minutes, got 0ns"],
    ),
    (
        |_| CacheSync::dynamodb().timeout(seconds(901)),
        "CW1002",
        &["a function's timeout is 1 to 900 seconds, got 901 s"],
    ),
    (
        |_| CacheSync::dynamodb().batch(11, seconds(0)),
        "CW1103",
        &["has to be collected for at least a second, got 11 without a window"],
    ),
    (
        |_| CacheSync::dynamodb().maximum_concurrency(1),
        "CW1002",
        &["2 to 1000 batches, got 1"],
    ),
];

#[test]
fn what_cannot_work_is_said_at_the_line_that_adds_it() {
    for (wrong, code, parts) in TABLE {
        let app = App::new();
        let stack = app.stack("S", home());
        let index = wrong(&stack);
        let line = line!() + 1;
        stack.add("Index", index);
        let place = format!("tests/cache_sync/refusals.rs:{line}");
        let mut said = parts.to_vec();
        said.push(&place);
        assert_error(&refusal_of(app), code, &said);
    }
}

#[test]
fn a_bucket_of_another_region_is_too_far() {
    let app = App::new();
    let far = app.stack("Far", Environment::new("123456789012", "us-west-2"));
    let bucket = far.add("Wheels", s3::Bucket::new());
    let stack = app.stack("S", home());
    stack.add("Index", CacheSync::dynamodb().bucket(&bucket));
    assert_error(&refusal_of(app), "CW1109", &["whom it notifies"]);
}

#[test]
fn one_event_of_one_package_is_told_to_one_index() {
    let app = App::new();
    let stack = app.stack("S", home());
    let bucket = stack.add("Wheels", s3::Bucket::new());
    for id in ["One", "Two"] {
        let tables = PackageTables::new().namespace(id);
        stack.add(id, CacheSync::tables(tables).bucket(&bucket));
    }
    let findings = refusal_of(app);
    let overlaps = findings.iter().filter(|one| one.rule.code == "CW1101");
    assert_eq!(overlaps.count(), 3, "{findings}");
}

#[test]
fn a_table_is_made_once_in_an_account_and_region() {
    let app = App::new();
    let one = app.stack("One", home());
    one.add("Index", CacheSync::dynamodb());
    let line = line!() + 2;
    let two = app.stack("Two", home());
    two.add("Index", CacheSync::dynamodb());
    let elsewhere = app.stack("Three", Environment::new("123456789012", "us-west-2"));
    elsewhere.add("Index", CacheSync::dynamodb());
    let place = format!("tests/cache_sync/refusals.rs:{line}");
    let said = [
        "`One/Index` makes a table \"DynamoPackage\" here already",
        "db.namespace",
        &place,
    ];
    assert_error(&refusal_of(app), "CW1103", &said);
}
