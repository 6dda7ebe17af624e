//! Several stacks, accounts, regions and runs at once; files and large templates.

use std::fs;

use serde_json::{Value, json};
use tests::deploys::{Deployer, TestStack, run};
use tests::engine::Engine;

use crate::{REGION, queue, status, with_queue};

fn topic() -> Value {
    json!({ "Type": "AWS::SNS::Topic" })
}

#[test]
fn stacks_come_in_the_order_of_their_needs_and_a_failure_stops_only_those_after_it() {
    let base = json!({ "Resources": { "News": topic() },
        "Outputs": { "News": { "Value": { "Ref": "News" }, "Export": { "Name": "Base:News" } } } });
    let alarm = json!({ "Type": "AWS::SNS::Subscription", "Properties": { "Protocol": "email",
        "Endpoint": "a@example.com", "TopicArn": { "Fn::ImportValue": "Base:News" } } });
    let mut user = TestStack::new("User", REGION, json!({ "Resources": { "Mail": alarm } }));
    user.needs = vec!["Base".to_owned()];
    let base = TestStack::new("Base", REGION, base);
    let broken = TestStack::new(
        "Bad",
        REGION,
        json!({ "Resources": { "Jobs": queue(&json!({ "DelaySeconds": 100_000 })) } }),
    );
    let mut after = TestStack::new(
        "After",
        REGION,
        json!({ "Resources": { "Topic": topic() } }),
    );
    after.needs = vec!["Bad".to_owned()];
    let deployer = Deployer::new(Engine::shared(), &[user, base, broken, after]);
    let deployed = deployer.run(&["deploy", "--json"]).ended(1);
    let outcome = |stack: &str| deployed.stack(stack)["outcome"].clone();
    assert_eq!(
        [outcome("Base"), outcome("User"), outcome("Bad")],
        ["created", "created", "stopped"]
    );
    assert_eq!(
        (outcome("After"), deployed.stack("After")["after"].clone()),
        (json!("notBegun"), json!("Bad"))
    );
    assert_eq!(status("After"), None);

    // An export in use: alone it cannot go; with the stack that needs it, in the right order.
    let failed = deployer
        .run(&["destroy", "Base", "--exclusively", "--yes"])
        .ended(1);
    assert!(failed.err.contains("Base:News"), "{}", failed.err);
    let both = deployer
        .run(&["destroy", "Base", "--yes", "--json"])
        .ended(0);
    assert_eq!(
        [
            both.stack("Base")["outcome"].clone(),
            both.stack("User")["outcome"].clone()
        ],
        ["deleted", "deleted"]
    );
}

#[test]
fn two_accounts_and_two_regions_are_deployed_in_one_run() {
    let places = [
        ("111111111111", REGION),
        ("111111111111", "us-west-2"),
        ("222222222222", REGION),
        ("222222222222", "us-west-2"),
    ];
    let stacks = places.map(|(account, region)| {
        let mut stack = TestStack::new(
            &format!("Far-{account}-{region}"),
            region,
            with_queue(&json!({ "QueueName": "far" })),
        );
        stack.place.0 = account.to_owned();
        stack
    });
    let deployer = Deployer::new(Engine::shared(), &stacks);
    let profiles = ["111111111111", "222222222222"].map(|account| {
        format!(
            "[{}]\naws_access_key_id = {account}\naws_secret_access_key = x\n",
            if account.starts_with('1') {
                "one"
            } else {
                "two"
            }
        )
    });
    let file = deployer.folder().join("credentials");
    fs::write(&file, profiles.concat()).unwrap();
    let profiles = [
        "--profile",
        "111111111111=one",
        "--profile",
        "222222222222=two",
    ];
    let mut command = deployer.command(&[&["deploy", "--json"][..], &profiles].concat());
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    let deployed = run(command.env("AWS_SHARED_CREDENTIALS_FILE", &file)).ended(0);
    for (account, region) in places {
        let url = deployed.stack(&format!("Far-{account}-{region}"))["outputs"]["Url"].clone();
        assert!(
            url.as_str()
                .is_some_and(|url| url.ends_with(&format!("/{account}/far"))),
            "{url}"
        );
    }
}

#[test]
fn files_and_large_templates_go_through_the_bucket_of_the_bootstrap() {
    let region = "eu-west-1";
    let large = |bytes: usize| {
        let mut template = json!({ "Description": "é", "Resources": { "Topic": topic() }, "Metadata": { "Fill": "" } });
        let missing = bytes - template.to_string().len();
        template["Metadata"]["Fill"] = json!("x".repeat(missing));
        assert_eq!(template.to_string().len(), bytes);
        template
    };
    let mut stack = TestStack::new("Large", region, large(51_200));
    let deployer = Deployer::new(Engine::shared(), std::slice::from_ref(&stack));
    // Just small enough for a request: bytes count.
    let _ = deployer.run(&["deploy"]).ended(0);
    stack.template = large(51_201);
    stack.files = vec![
        ("11aa.json".to_owned(), b"{}".to_vec()),
        ("22bb.zip".to_owned(), vec![7; 100]),
    ];
    deployer.write(std::slice::from_ref(&stack));
    let refused = deployer.run(&["deploy"]).ended(1);
    assert!(
        refused.err.contains("make it by `bootstrap`"),
        "{}",
        refused.err
    );

    let made = deployer.run(&["bootstrap", "--yes", "--json"]).ended(0);
    let path = format!("cloudwright-bootstrap-hnb659fds (000000000000, {region})");
    assert_eq!(made.stack(&path)["outcome"], "created", "{}", made.out);
    assert_eq!(
        deployer.run(&["bootstrap", "--json"]).ended(0).stack(&path)["outcome"],
        "unchanged"
    );
    // An archive without entries, which another tool left, counts as missing.
    let aws = Engine::shared().client(region);
    let bucket = format!("cdk-hnb659fds-assets-000000000000-{region}");
    aws.put_object(&bucket, "22bb.zip", &"x".repeat(22));
    let first = deployer.run(&["publish"]).ended(0);
    assert_eq!(first.err.matches("uploaded").count(), 2, "{}", first.err);
    let again = deployer.run(&["publish"]).ended(0);
    assert_eq!(
        (again.err.matches("uploaded").count(), &*again.out),
        (0, "2 files are there\n")
    );
    let _ = deployer.run(&["deploy"]).ended(0);
    let objects = aws.call("s3", "ListObjectsV2", &json!({ "Bucket": bucket }));
    // The two files and the template.
    assert_eq!(
        objects["Contents"].as_array().map(Vec::len),
        Some(3),
        "{objects}"
    );
    assert_eq!(
        deployer.run(&["deploy", "--json"]).ended(0).stack("Large")["outcome"],
        "unchanged"
    );
}

#[test]
fn of_two_runs_at_once_one_creates_the_stack_and_both_end_well() {
    let resources: serde_json::Map<_, _> =
        (0..40).map(|n| (format!("Topic{n}"), topic())).collect();
    let stack = TestStack::new("Race", REGION, json!({ "Resources": resources }));
    let deployers = [0, 1].map(|_| Deployer::new(Engine::shared(), std::slice::from_ref(&stack)));
    let runs =
        deployers.map(|deployer| std::thread::spawn(move || deployer.run(&["deploy", "--json"])));
    for run in runs {
        let run = run.join().unwrap().ended(0);
        assert!(
            ["created", "unchanged"].contains(&run.stack("Race")["outcome"].as_str().unwrap()),
            "{}",
            run.out
        );
    }
    let aws = Engine::shared().client(REGION);
    let events = aws.call(
        "cloudformation",
        "DescribeStackEvents",
        &json!({ "StackName": "Race" }),
    );
    let created = events["StackEvents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| {
            event["ResourceType"] == "AWS::CloudFormation::Stack"
                && event["ResourceStatus"] == "CREATE_COMPLETE"
        });
    assert_eq!(created.count(), 1);
}
