//! Wrong regions, stacks that nobody knows, templates and assemblies that nobody takes, buckets of other people.

use serde_json::json;
use tests::aws::{Aws, Caller};
use tests::deploys::{Deployer, TestStack};
use tests::engine::Engine;

use super::{VERBS, stack, stopped};
use crate::{REGION, status, with_queue};

/// The stack, which leaves its region open.
pub(super) fn open() -> TestStack {
    let mut stack = stack();
    stack.place.1 = "unknown-region".to_owned();
    stack
}

#[test]
fn what_is_no_region_is_refused_before_anything_is_sent() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[open()]);
    for words in VERBS {
        let mut none = deployer.command(words);
        let _ = stopped(none.env_remove("AWS_REGION"), 2, "no region", "--region");
        let mut other = deployer.command(&[words, &["--region", "Frankfurt"]].concat());
        let said = "a region has a name like eu-central-1, got \"Frankfurt\"";
        let _ = stopped(&mut other, 2, said, "AWS_REGION");
    }
    let mut other = deployer.command(&["status", "--endpoint-url", "localhost:4566"]);
    let said = "begins with http:// or https://, got \"localhost:4566\"";
    let _ = stopped(&mut other, 2, said, "`--endpoint-url`");
}

/// Nothing is there in another region than the one that was meant, and it is told where nothing is.
#[test]
fn a_stack_of_another_region_is_not_deployed_in_this_one() {
    let mut stack = stack();
    stack.template = with_queue(&json!({}));
    stack.files.clear();
    stack.place.1 = "unknown-region".to_owned();
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let _ = deployer
        .run(&["deploy", "--region", "ca-central-1"])
        .ended(0);
    for verb in ["outputs", "resources", "events", "drift"] {
        let there = deployer.run(&[verb, "--region", "ca-central-1"]).ended(0);
        assert_eq!(there.err, "", "{verb}");
        let elsewhere = deployer.run(&[verb, "--region", "ca-west-1"]).ended(0);
        let said = "Mistaken is not deployed in 000000000000 ca-west-1\n";
        assert_eq!((&*elsewhere.err, &*elsewhere.out), (said, ""), "{verb}");
    }
    let elsewhere = deployer.run(&["status", "--region", "ca-west-1"]).ended(0);
    assert_eq!(elsewhere.out, "Mistaken  ca-west-1  not deployed\n");
    for verb in ["rollback", "cancel"] {
        let mut command = deployer.command(&[verb, "--region", "ca-west-1"]);
        let _ = stopped(&mut command, 2, "there is no stack Mistaken", "");
    }
}

#[test]
fn a_stack_that_nobody_knows_is_named_with_those_that_there_are() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[stack()]);
    let stacks = [
        "deploy",
        "destroy",
        "import",
        "rollback",
        "cancel",
        "publish",
        "bootstrap",
        "diff",
        "status",
        "outputs",
        "resources",
        "events",
        "drift",
        "doctor",
    ];
    for verb in stacks {
        let mut command = deployer.command(&[verb, "Mistake*s"]);
        let said = "no stack matches \"Mistake*s\"";
        let _ = stopped(&mut command, 2, said, "the stacks are Mistaken");
    }
}

#[test]
fn a_template_that_cloudformation_refuses_leaves_nothing_and_is_mended() {
    let refused = json!({ "Resources": { "Odd": { "Type": "AWS::Odd::Thing" } } });
    let name = "Refused";
    let stack = |template| TestStack::new(name, REGION, template);
    let deployer = Deployer::new(Engine::shared(), &[stack(refused.clone())]);
    for _ in 0..2 {
        let mut command = deployer.command(&["deploy", "--yes"]);
        let run = stopped(
            &mut command,
            1,
            "AWS::Odd::Thing",
            "mend what the message names",
        );
        assert!(
            run.err.contains("error: Refused: CreateChangeSet: "),
            "{}",
            run.err
        );
        assert_eq!(status(name), None);
    }
    deployer.write(&[stack(with_queue(&json!({})))]);
    let mended = deployer.run(&["deploy", "--json"]).ended(0);
    assert_eq!(mended.stack(name)["outcome"], "created");
    // The same of an update: the stack is what it was.
    deployer.write(&[stack(refused)]);
    for verb in [
        &["deploy", "--yes", "--allow-data-loss", "Jobs"][..],
        &["diff"],
    ] {
        let mut command = deployer.command(verb);
        let _ = stopped(
            &mut command,
            1,
            "AWS::Odd::Thing",
            "mend what the message names",
        );
        assert_eq!(status(name).as_deref(), Some("CREATE_COMPLETE"));
    }
    deployer.write(&[stack(with_queue(&json!({})))]);
    let same = deployer.run(&["deploy", "--json"]).ended(0);
    assert_eq!(same.stack(name)["outcome"], "unchanged");
}

/// What a beginner names in place of the folder of an assembly, what is said to it, and what to do.
const NO_ASSEMBLIES: [(&str, &str, &str); 6] = [
    (
        "emty",
        "\"emty\" is neither a folder nor a program that starts: ",
        OR,
    ),
    (
        "empty",
        "there is no assembly in \"empty\": it has no manifest.json",
        SYNTH,
    ),
    (
        "cut",
        "\"cut/manifest.json\" is not JSON: EOF while parsing",
        ANEW,
    ),
    (
        "other",
        "\"other/manifest.json\" is not a manifest of an assembly",
        ANEW,
    ),
    (
        "notes.txt",
        "\"notes.txt\" is a file, and no program that starts: ",
        OR,
    ),
    (
        "cloudwright.out/manifest.json",
        "is a file, and no program that starts: ",
        "name the folder: `--app cloudwright.out`",
    ),
];
const OR: &str = "name the folder that `synth` wrote, or a program: `--app cloudwright.out`";
const SYNTH: &str =
    "write one by `cargo run -- synth`, or name its folder or a program: `--app DIR`";
const ANEW: &str = "write the assembly anew by `synth`";

#[test]
fn what_is_no_assembly_is_told_by_every_verb_with_the_next_step() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[stack()]);
    let (folder, app) = (deployer.folder(), deployer.app());
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let manifest = std::fs::read_to_string(app.join("manifest.json")).unwrap();
    for name in ["empty", "cut", "other"] {
        std::fs::create_dir(folder.join(name)).unwrap();
    }
    write("cut/manifest.json", &manifest[..manifest.len() / 2]);
    write("other/manifest.json", "[1, 2]");
    write("notes.txt", "not ours");
    let more = [&["graph"][..], &["review", "--baseline", "x"]];
    let all = || VERBS.into_iter().chain(more);
    for words in all() {
        for (named, said, help) in NO_ASSEMBLIES {
            let mut command = deployer.command(&[words, &["--app", named]].concat());
            let _ = stopped(&mut command, 3, said, help);
        }
    }
    // The usual folder, from a folder that is not that of the program.
    std::fs::rename(&app, folder.join("elsewhere")).unwrap();
    let said = "there is no assembly in \"cloudwright.out\": there is no such folder in /";
    for words in all() {
        let _ = stopped(&mut deployer.command(words), 3, said, SYNTH);
    }
    // A program that writes none.
    for words in all() {
        let mut command = deployer.command(&[words, &["--app", "false"]].concat());
        let said = "`false` did not write an assembly: exit status: 1";
        let _ = stopped(&mut command, 1, said, "mend what it says above");
    }
}

#[test]
fn an_assembly_of_another_version_is_told_by_every_verb() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[stack()]);
    let manifest = deployer.app().join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("36.0.0", "99.1.0")).unwrap();
    let said = "the assembly is of version 99.1.0, expected 36";
    for words in VERBS {
        let mut command = deployer.command(words);
        let _ = stopped(&mut command, 3, said, "write it by `synth`");
    }
    let doctor = deployer.run(&["doctor"]).out;
    assert!(
        doctor.starts_with(&format!("warning  assembly: {said}\n")),
        "{doctor}"
    );
    // What it says of lines, operations and needs has a version of its own.
    std::fs::write(&manifest, text).unwrap();
    std::fs::write(deployer.app().join("facts.json"), "{}").unwrap();
    let said = "facts.json\" says no version, expected 1";
    for words in VERBS {
        let mut command = deployer.command(words);
        let _ = stopped(&mut command, 3, said, "write it by `synth`");
    }
}

#[test]
fn a_bucket_of_somebody_else_is_left_alone() {
    let (own, other, region) = ("777777777777", "888888888888", "eu-south-1");
    let bucket = format!("cdk-hnb659fds-assets-{own}-{region}");
    let caller = Caller {
        key: other.to_owned(),
        secret: "test".to_owned(),
        token: None,
    };
    let aws = Aws::with_caller(&Engine::shared().endpoint(), region, caller);
    let create =
        json!({ "Bucket": bucket, "CreateBucketConfiguration": { "LocationConstraint": region } });
    aws.call("s3", "CreateBucket", &create);
    let mut stack = stack();
    stack.place = (own.to_owned(), region.to_owned());
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    for words in [
        &["deploy", "--yes"][..],
        &["publish"],
        &["bootstrap", "--yes"],
    ] {
        let mut command = deployer.command(words);
        let said = format!("the bucket {bucket} is not that of account {own}");
        let help = "choose another qualifier";
        let _ = stopped(command.env("AWS_ACCESS_KEY_ID", own), 1, &said, help);
    }
    let mut doctor = deployer.command(&["doctor"]);
    let doctor = tests::deploys::run(doctor.env("AWS_ACCESS_KEY_ID", own)).ended(1);
    assert!(
        doctor.out.contains("is not that of account"),
        "{}",
        doctor.out
    );
    let objects = aws.call("s3", "ListObjectsV2", &json!({ "Bucket": bucket }));
    assert!(objects["Contents"].is_null(), "{objects}");
}
