//! Container images: pushed by the program itself, to the registry of the local AWS, before the stacks that use them.

use std::fs;
use std::path::Path;
use std::process::Command;

use cloudwright_bundle::build::Image;
use cloudwright_bundle::{Handlers, Recipe, RuntimeRecipe, Target};
use serde_json::{Value, json};
use tests::deploys::{Deployer, Run, TestStack, run};
use tests::engine::Engine;

use super::{status_in, with_queue};

/// The command of the image of a key.
fn command(key: &str) -> Vec<String> {
    let recipe = RuntimeRecipe {
        version: "0.1.0".to_owned(),
        target: Target::Arm64,
        handlers: Handlers::Worker,
    };
    Recipe::Runtime(recipe).command(key)
}

/// An image that was made before: what a build takes minutes for. Gives its digest.
fn made(home: &Path, key: &str) -> String {
    let folder = home.join("assets").join(format!("{key}.oci"));
    let image = Image::of("worker", key.as_bytes().to_vec(), Target::Arm64);
    image.write(&folder).unwrap()
}

fn stack(name: &str, region: &str, key: &str, delay: u32) -> TestStack {
    let mut stack = TestStack::new(name, region, with_queue(&json!({ "DelaySeconds": delay })));
    stack.images = vec![(key.to_owned(), command(key))];
    stack
}

fn deploy(deployer: &Deployer, arguments: &[&str]) -> Run {
    let mut command: Command = deployer.command(arguments);
    run(command.env("CLOUDWRIGHT_HOME", deployer.folder()))
}

/// The digest of a tag.
fn pushed(region: &str, key: &str) -> Option<Value> {
    let aws = Engine::shared().client(region);
    let asked = json!({ "repositoryName": format!("cdk-hnb659fds-container-assets-000000000000-{region}"),
        "imageIds": [{ "imageTag": key }] });
    let answer = aws.try_call("ecr", "DescribeImages", &asked).ok()?;
    answer["imageDetails"][0].get("imageDigest").cloned()
}

#[test]
fn an_image_is_pushed_once_and_before_its_stack() {
    let (name, region, key) = ("Imaged", "ap-south-1", &*"a1".repeat(32));
    let deployer = Deployer::new(Engine::shared(), &[stack(name, region, key, 1)]);
    let digest = made(deployer.folder(), key);
    let first = deploy(&deployer, &["deploy", "--yes", "--json"]).ended(0);
    assert_eq!(first.stack(name)["outcome"], "created");
    assert_eq!(pushed(region, key), Some(json!(digest)));
    let said = |text: &str| {
        first
            .err
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {}", first.err))
    };
    assert!(
        said("uploaded worker") < said("AWS::SQS::Queue"),
        "{}",
        first.err
    );

    // It is there: nobody makes it again, wherever it was.
    fs::remove_dir_all(deployer.folder().join("assets")).unwrap();
    deployer.write(&[stack(name, region, key, 2)]);
    let second = deploy(&deployer, &["deploy", "--yes", "--json"]).ended(0);
    assert_eq!(second.stack(name)["outcome"], "updated");
    assert!(!second.err.contains("worker"), "{}", second.err);
    let listed = deploy(&deployer, &["publish", "--json"]).ended(0);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(listed["images"][0]["tag"], *key);
}

#[test]
fn a_bootstrap_of_before_gets_its_repository_and_one_of_another_tool_is_left_alone() {
    let (region, key) = ("ap-southeast-2", &*"b2".repeat(32));
    let bucket = format!("cdk-hnb659fds-assets-000000000000-{region}");
    let before = json!({ "Resources": { "Bucket": { "Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain",
        "Properties": { "BucketName": bucket } } } });
    // Somebody else's, under another name.
    let theirs = TestStack::new("CDKToolkit", region, before.clone());
    let deployer = Deployer::new(Engine::shared(), &[theirs]);
    let _ = deploy(&deployer, &["deploy", "--yes"]).ended(0);
    let stopped = stack("Waiting", region, key, 1);
    let waiting = Deployer::new(Engine::shared(), &[stopped]);
    let digest = made(waiting.folder(), key);
    for verb in ["deploy", "bootstrap"] {
        let refused = deploy(&waiting, &[verb, "--yes"]);
        assert_ne!(refused.code, 0, "{refused:?}");
        let told = "whoever made it makes the repository";
        assert!(refused.err.contains(told), "{}", refused.err);
    }
    assert_eq!(status_in(region, "Waiting"), None);
    let destroyed = ["destroy", "--yes", "--allow-data-loss", "Bucket"];
    let _ = deploy(&deployer, &destroyed).ended(0);

    let ours = TestStack::new("cloudwright-bootstrap-hnb659fds", region, before);
    deployer.write(&[ours]);
    let _ = deploy(&deployer, &["deploy", "--yes"]).ended(0);
    // Nobody is asked and nothing approved: it is told what is missing.
    let refused = deploy(&waiting, &["deploy"]);
    assert_ne!(refused.code, 0);
    assert!(
        refused.err.contains("there is no repository"),
        "{}",
        refused.err
    );
    let _ = deploy(&waiting, &["bootstrap", "--yes"]).ended(0);
    assert_eq!(pushed(region, key), None);
    let _ = deploy(&waiting, &["deploy", "--yes"]).ended(0);
    assert_eq!(pushed(region, key), Some(json!(digest)));
}
