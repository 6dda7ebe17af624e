//! What cannot work, and where the program says it.

use cloudwright::patterns::{Deletion, PacoName, Replica};
use cloudwright::prelude::*;

use crate::ReplicatedBucket;
use crate::support::{assert_error, assert_warning, home, refusal_of};

/// Builds the wrong construct in a stack.
type Wrong = fn(&Stack) -> ReplicatedBucket;

/// What is wrong, the code, and what the message says.
type Refusal = (Wrong, &'static str, &'static [&'static str]);

const TABLE: &[Refusal] = &[
    (
        |_| ReplicatedBucket::to::<&str>([]),
        "CW0005",
        &["at least one region is wanted here, got none"],
    ),
    (
        |_| ReplicatedBucket::to(["us-west-2", "us-west-2"]),
        "CW1402",
        &["two replicas are in us-west-2", "a prefix each"],
    ),
    (
        |_| ReplicatedBucket::to(["us-west"]),
        "CW0004",
        &["a region looks like \"eu-central-1\", got \"us-west\""],
    ),
    (
        |_| ReplicatedBucket::to([Replica::in_source("")]),
        "CW1401",
        &[
            "`S/Artifacts/Source` would get copies of its own objects",
            "Replica::in_source(\"copies/\")",
        ],
    ),
    (
        |stack| {
            let bucket = stack.add("Uploads", s3::Bucket::new());
            ReplicatedBucket::to([&bucket]).source(&bucket)
        },
        "CW1401",
        &["`S/Uploads` would get copies of its own objects"],
    ),
    (
        |stack| {
            let [one, other] = ["One", "Other"].map(|id| s3::Bucket::import(stack, id, "old"));
            let bucket = Replica::in_bucket(&one).prefix("a/");
            ReplicatedBucket::to([bucket, Replica::in_bucket(&other).prefix("a/")])
        },
        "CW1402",
        &["two replicas are in `old` below \"a/\""],
    ),
    (
        |stack| {
            let key = kms::Key::import(stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/0a1b");
            ReplicatedBucket::to([Replica::in_region("us-west-2").encrypted_with(&key)])
        },
        "CW1109",
        &[
            "the copies in us-west-2 are encrypted with a key of that region, got `S/Key` in eu-west-1",
        ],
    ),
    (
        |_| {
            ReplicatedBucket::to(["us-west-2"])
                .replicas_with(|bucket, _| bucket.prefix("p".repeat(40)))
        },
        "CW1004",
        &["the prefix may have 37, got 40"],
    ),
    (
        |_| ReplicatedBucket::to([Replica::in_region("us-west-2").prefix("a/")]).two_way(),
        "CW1403",
        &["an object has the same key everywhere", "below \"a/\""],
    ),
    (
        |_| ReplicatedBucket::to([Replica::in_account("210987654321", "us-west-2")]).two_way(),
        "CW1403",
        &["two-way replication is within one account"],
    ),
    (
        |_| ReplicatedBucket::to(["us-west-2"]).two_way().keep_deleted(),
        "CW1403",
        &["in two-way replication a removal is one everywhere"],
    ),
    (
        |_| {
            let replica = Replica::in_region("us-west-2").deletion(Deletion::Erase);
            ReplicatedBucket::to([replica]).two_way()
        },
        "CW1403",
        &["`Regional-us-west-2/S/Artifacts/Replica` is said to keep or erase"],
    ),
    (
        |_| {
            let replica = Replica::in_region("us-west-2");
            let replica = replica.storage_class(s3::StorageClass::IntelligentTiering);
            ReplicatedBucket::to([replica]).two_way()
        },
        "CW1403",
        &["an object has the same storage class everywhere"],
    ),
    (
        |_| {
            let name = |group| PacoName::new("n", "dev").group(group);
            ReplicatedBucket::to(["us-west-2"]).paco_names(["the original", "replica"].map(name))
        },
        "CW1004",
        &["got \"ne-n-dev-the original-euc1\""],
    ),
    (
        |_| ReplicatedBucket::to(["us-west-2"]).objects_at_once(0),
        "CW1002",
        &["1 to 1000 objects at once, got 0"],
    ),
    (
        |_| ReplicatedBucket::to(["us-west-2"]).multipart(MiB(4), MiB(8)),
        "CW1002",
        &["the size above which objects are copied in parts is 5 MiB to 5 GiB, got 4194304 bytes"],
    ),
    (
        |_| ReplicatedBucket::to(["us-west-2"]).multipart(MiB(8), MiB(6000)),
        "CW1002",
        &["the size of a part is 5 MiB to 5 GiB, got 6291456000 bytes"],
    ),
    (
        |_| ReplicatedBucket::to(["us-west-2"]).timeout(seconds(901)),
        "CW1002",
        &["a function's timeout is 1 to 900 seconds, got 901 s"],
    ),
];

/// Settings that would be ignored, or harm each other.
const MORE: &[Refusal] = &[
    (
        |stack| {
            let bucket = stack.add("Archive", s3::Bucket::new());
            ReplicatedBucket::to([
                Replica::in_bucket(&bucket),
                Replica::in_bucket(&bucket).prefix("a/"),
            ])
        },
        "CW1402",
        &["two replicas are in `S/Archive`, below \"\" and below \"a/\""],
    ),
    (
        |_| ReplicatedBucket::to([Replica::in_source("a/"), Replica::in_source("a/b/")]),
        "CW1402",
        &["below \"a/\" and below \"a/b/\""],
    ),
    (
        |stack| {
            let bucket = stack.add("Uploads", s3::Bucket::new());
            ReplicatedBucket::to(["us-west-2"])
                .source(&bucket)
                .source_with(|bucket| bucket)
        },
        "CW1103",
        &["`S/Uploads` is the source, and more is said about one that would be made"],
    ),
    (
        |stack| {
            let [one, other] = ["One", "Other"].map(|id| stack.add(id, s3::Bucket::new()));
            ReplicatedBucket::to([&one]).source(&other).unversioned()
        },
        "CW1103",
        &["every bucket here exists already"],
    ),
    (
        |_| ReplicatedBucket::to([Replica::in_source("a/").region("us-west-2")]),
        "CW1103",
        &["`.region(..)` is said of a replica whose bucket does not take it"],
    ),
    (
        |_| ReplicatedBucket::to([Replica::in_region("us-west-2").owned_by("210987654321")]),
        "CW1103",
        &["`.owned_by(..)` is said of a replica"],
    ),
    (
        |stack| {
            let old = s3::Bucket::import(stack, "Old", "old");
            ReplicatedBucket::to([Replica::in_bucket(&old).owned_by("210987654321")])
        },
        "CW1403",
        &["only S3's own replication has to be told who owns a bucket"],
    ),
    (
        |stack| {
            let uploads = stack.add("Uploads", s3::Bucket::new());
            let west = ReplicatedBucket::to(["us-west-2"])
                .source(&uploads)
                .native();
            stack.add("West", west);
            ReplicatedBucket::to(["ca-central-1"])
                .source(&uploads)
                .native()
        },
        "CW1403",
        &["`S/Uploads` is replicated by S3 already"],
    ),
];

#[test]
fn what_cannot_work_is_said_at_the_line_that_adds_it() {
    for (wrong, code, parts) in TABLE.iter().chain(MORE) {
        let app = App::new();
        let stack = app.stack("S", home());
        let artifacts = wrong(&stack);
        let line = line!() + 1;
        stack.add("Artifacts", artifacts);
        let place = format!("tests/replicated_bucket/refusals.rs:{line}");
        let mut said = parts.to_vec();
        said.push(&place);
        assert_error(&refusal_of(app), code, &said);
    }
}

#[test]
fn a_new_region_is_only_a_warning() {
    let app = App::new();
    let stack = app.stack("S", home());
    stack.add("Artifacts", ReplicatedBucket::to(["us-west-3"]));
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    assert_warning(assembly.warnings(), "CW0111", &["us-west-3"]);
}

#[test]
fn a_border_needs_two_known_sides() {
    let app = App::new();
    let stack = app.stack("S", Environment::region("eu-central-1"));
    let replica = Replica::in_account("210987654321", "us-west-2");
    stack.add("Artifacts", ReplicatedBucket::to([replica]));
    let said = ["a replica is in account 210987654321, and the account of this stack is not known"];
    assert_error(&refusal_of(app), "CW1403", &said);
}

#[test]
fn names_across_regions_need_a_known_account() {
    let app = App::new();
    let stack = app.stack("S", Environment::agnostic());
    stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]));
    let findings = refusal_of(app);
    let unknown = findings.iter().filter(|one| one.rule.code == "CW0105");
    assert_ne!(unknown.count(), 0, "{findings}");
}

#[test]
fn strict_stacks_of_two_way_replication_would_wait_for_each_other() {
    let app = App::new();
    let stack = app.stack("S", home()).strict();
    stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]).two_way());
    let said = ["would wait for each other for `Regional-us-west-2/StrictKey`"];
    assert_error(&refusal_of(app), "CW1403", &said);
}

#[test]
fn filters_that_overlap_are_refused_for_every_event() {
    let app = App::new();
    let stack = app.stack("S", home());
    let filters = ["a/", "a/b/"].map(s3::Filter::prefix);
    let artifacts = ReplicatedBucket::to(["us-west-2"]);
    stack.add(
        "Artifacts",
        filters.into_iter().fold(artifacts, ReplicatedBucket::only),
    );
    let findings = refusal_of(app);
    let overlaps = findings.iter().filter(|one| one.rule.code == "CW1101");
    assert_eq!(overlaps.count(), 3, "{findings}");
}

#[test]
fn the_table_of_two_way_replication_is_in_a_known_region() {
    let app = App::new();
    let stack = app.stack("S", Environment::agnostic());
    stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]).two_way());
    assert_error(&refusal_of(app), "CW1403", &["the region of the table"]);
}
