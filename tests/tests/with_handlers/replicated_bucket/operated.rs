//! A bucket with replicas by the command line: deployed, changed, and healed from its dead letters.

use std::fs;
use std::path::Path;

use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::wait_for;
use tests::deploys::{Deployer, Run};
use tests::engine::Engine;

use super::{FAR, Side, app, quick, uploaded};
use crate::{ACCOUNT, HERE, KEY, THERE, aws};

/// Writes the assembly of an app to where the program finds it. Functions run the program that was built for this
/// machine, and failed events come again after a second, twice.
fn write(app: App, folder: &Path) {
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    assembly.write(folder).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".template.json") {
            change(&path, made_quick);
        } else if name.ends_with(".assets.json") {
            // Nothing is uploaded: the code is there.
            change(&path, |assets| assets["files"] = expected!({}));
        }
    }
}

fn change(file: &Path, how: impl Fn(&mut Document)) {
    let mut document = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    how(&mut document);
    fs::write(file, document.to_string()).unwrap();
}

fn made_quick(template: &mut Document) {
    for resource in template["Resources"].as_object_mut().unwrap().values_mut() {
        let is_function = resource["Type"] == "AWS::Lambda::Function";
        let properties = &mut resource["Properties"];
        if is_function {
            properties["Code"] =
                expected!({ "S3Bucket": format!("handlers-{HERE}"), "S3Key": "handlers.zip" });
        }
        if properties["RedrivePolicy"].is_object() {
            // Longer than a call takes, or what it finished would be given to another one.
            properties["VisibilityTimeout"] = expected!(15);
            properties["RedrivePolicy"]["maxReceiveCount"] = expected!(2);
        }
    }
}

fn document(run: &Run) -> Document {
    serde_json::from_str(&run.out).unwrap_or_else(|why| panic!("{why}: {run:?}"))
}

/// The queue of what the failure queue gave up, as `dead-letters list` tells of it.
fn dead_letters(deployer: &Deployer) -> Document {
    let listed = document(&deployer.run(&["dead-letters", "list", "--json"]).ended(0));
    let queues = listed["queues"].as_array().unwrap().iter();
    let mut of_messages = queues.filter(|queue| queue["feeds"][0]["what"] == "messages");
    let found = of_messages.next().unwrap().clone();
    assert!(of_messages.next().is_none(), "{listed}");
    found
}

fn await_letters(deployer: &Deployer, count: u32) {
    wait_for(&format!("{count} dead letters"), || {
        (dead_letters(deployer)["waiting"] == count).then_some(())
    });
}

#[test]
fn what_was_given_up_is_redriven_and_the_replicas_converge() {
    uploaded(HERE);
    let (app, stack) = app("Redrive");
    let artifacts = stack.add("Artifacts", quick([THERE, FAR]));
    stack.output("Source", artifacts.source().name());
    stack.output("West", artifacts.replicas()[0].bucket().name());
    stack.output("Far", artifacts.replicas()[1].bucket().name());
    let deployer = Deployer::new(Engine::shared(), &[]);
    write(app, &deployer.app());
    let deployed = deployer.run(&["deploy", "--yes", "--json"]).ended(0);
    let outputs = deployed.stack("Redrive/Data")["outputs"].clone();
    let side = |region: &str, output: &str| Side {
        aws: aws(region),
        bucket: outputs[output].as_str().unwrap().to_owned(),
    };
    let (source, west, far) = (side(HERE, "Source"), side(THERE, "West"), side(FAR, "Far"));

    let open = west.policy();
    let mut refusing: Document = serde_json::from_str(&open).unwrap();
    let objects = format!("arn:aws:s3:::{}/*", west.bucket);
    let deny = expected!({ "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": objects });
    refusing["Statement"].as_array_mut().unwrap().push(deny);
    west.set_policy(&refusing.to_string());
    source.put(KEY, "first");
    source.put("other", "other");
    far.await_length(KEY, Some(5));
    far.await_length("other", Some(5));
    await_letters(&deployer, 2);
    let queue = dead_letters(&deployer)["path"].as_str().unwrap().to_owned();
    assert_eq!(queue, "Redrive/Data/Artifacts/Failures/DeadLetterQueue");
    let shown = deployer
        .run(&["dead-letters", "show", &queue, "--json"])
        .ended(0);
    for message in document(&shown)["messages"].as_array().unwrap() {
        let record = &message["record"];
        assert_eq!(record["error"]["type"], "AccessDenied", "{record}");
        let text = record["error"]["message"].as_str().unwrap();
        assert!(text.contains(&west.bucket), "{text}");
    }

    // It is still refused, so all comes back; and what happens meanwhile is not undone later.
    let redrive = ["dead-letters", "redrive", &*queue, "--yes", "--json"];
    let moved = document(&deployer.run(&redrive).ended(0));
    assert_eq!(
        (&moved["moved"], &moved["kept"]),
        (&expected!(2), &expected!([]))
    );
    await_letters(&deployer, 2);
    west.set_policy(&open);
    source.put(KEY, "the newest");
    west.await_length(KEY, Some(10));
    source.call("DeleteObject", "other");
    far.await_length("other", None);

    let moved = document(&deployer.run(&redrive).ended(0));
    assert_eq!(moved["moved"], 2, "{moved}");
    wait_for("empty queues", || {
        let listed = document(&deployer.run(&["dead-letters", "list", "--json"]).ended(0));
        let mut queues = listed["queues"].as_array().unwrap().iter();
        let is_empty = |queue: &Document| queue["waiting"] == 0 && queue["taken"] == 0;
        queues.all(is_empty).then_some(())
    });
    for replica in [&west, &far] {
        assert!(replica.has(KEY, 10), "{}", replica.bucket);
        assert!(replica.head("other").is_none(), "{}", replica.bucket);
    }
}

/// A bucket with three replicas whose policies let their account do this.
fn with_policy(action: &'static str) -> App {
    let (app, stack) = app("Policies");
    let let_in = move |replica: &s3::BucketRef| {
        let reader = Principal::account(replica.scope().account());
        let statement = Statement::allow([action]).by(reader);
        statement.on(replica.objects(""))
    };
    let artifacts = quick([THERE, FAR, HERE]).replica_statement(let_in);
    let artifacts = stack.add("Artifacts", artifacts);
    for (index, replica) in artifacts.replicas().iter().enumerate() {
        stack.output(format!("Replica{index}"), replica.bucket().name());
    }
    app
}

#[test]
fn a_change_of_the_policy_reaches_all_replicas_by_one_deployment() {
    uploaded(HERE);
    let deployer = Deployer::new(Engine::shared(), &[]);
    let deploy = |action| {
        write(with_policy(action), &deployer.app());
        deployer.run(&["deploy", "--yes", "--json"]).ended(0)
    };
    let first = deploy("s3:GetObject");
    let outputs = first.stack("Policies/Data")["outputs"].clone();
    let replicas = [THERE, FAR, HERE]
        .into_iter()
        .zip(["Replica0", "Replica1", "Replica2"]);
    let replicas: Vec<_> = replicas
        .map(|(region, output)| Side {
            aws: aws(region),
            bucket: outputs[output].as_str().unwrap().to_owned(),
        })
        .collect();
    let allowed = |replica: &Side, action: &str| {
        let policy: Document = serde_json::from_str(&replica.policy()).unwrap();
        let account = format!("arn:aws:iam::{ACCOUNT}:root");
        let mut statements = policy["Statement"].as_array().unwrap().iter();
        statements.any(|one| one["Action"] == action && one["Principal"]["AWS"] == *account)
    };
    for replica in &replicas {
        assert!(allowed(replica, "s3:GetObject"), "{}", replica.policy());
    }
    let second = deploy("s3:GetObjectVersion");
    for path in [
        "Policies/Data",
        "Policies/Regional-us-west-2",
        "Policies/Regional-ca-central-1",
    ] {
        assert_eq!(second.stack(path)["outcome"], "updated", "{}", second.out);
    }
    for replica in &replicas {
        let policy = replica.policy();
        assert!(allowed(replica, "s3:GetObjectVersion"), "{policy}");
        assert!(!allowed(replica, "s3:GetObject"), "{policy}");
    }
}
