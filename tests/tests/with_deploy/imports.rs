//! `import`: a queue that was made by hand becomes part of a stack.

use serde_json::{Value, json};
use tests::deploys::{Deployer, TestStack};
use tests::engine::Engine;

use crate::{REGION, queue, status};

#[test]
fn a_queue_that_exists_becomes_part_of_a_stack() {
    let name = "Taken";
    let stack = |more: &[(&str, Value)]| {
        let mut template = json!({ "Resources": { "News": { "Type": "AWS::SNS::Topic" } } });
        for (id, body) in more {
            template["Resources"][id] = body.clone();
        }
        TestStack::new(name, REGION, template)
    };
    let deployer = Deployer::new(Engine::shared(), &[stack(&[])]);
    let _ = deployer.run(&["deploy"]).ended(0);
    let aws = Engine::shared().client(REGION);
    let made = aws.call("sqs", "CreateQueue", &json!({ "QueueName": "by-hand" }));
    let url = made["QueueUrl"].as_str().unwrap().to_owned();
    aws.call(
        "sqs",
        "SendMessage",
        &json!({ "QueueUrl": url, "MessageBody": "kept" }),
    );

    let jobs = queue(&json!({ "QueueName": "by-hand" }));
    deployer.write(&[stack(&[("Jobs", jobs)])]);
    let listed = deployer.run(&["import"]).ended(2);
    assert!(
        listed.err.contains("--resource Jobs=QueueUrl"),
        "{}",
        listed.err
    );
    let resource = format!("Jobs={url}");
    let unasked = deployer.run(&["import", "--resource", &resource]).ended(4);
    assert!(
        unasked.err.contains("becomes part of the stack"),
        "{}",
        unasked.err
    );
    let absent = [
        "import",
        "--yes",
        "--resource",
        "Jobs=http://127.0.0.1/000000000000/absent",
    ];
    let absent = deployer.run(&absent).ended(1);
    assert!(!absent.err.contains("--allow-data-loss"), "{}", absent.err);

    let import = ["import", "--yes", "--json", "--resource", &resource];
    assert_eq!(
        deployer.run(&import).ended(0).stack(name)["outcome"],
        "imported"
    );
    assert_eq!(status(name).as_deref(), Some("IMPORT_COMPLETE"));
    assert!(
        deployer
            .run(&["resources"])
            .ended(0)
            .out
            .contains("Taken/Jobs  AWS::SQS::Queue")
    );
    let messages = aws.await_messages(&url);
    assert_eq!(messages[0]["Body"], "kept");
    let again = deployer.run(&import).ended(2);
    assert!(
        again.err.contains("is part of the stack already"),
        "{}",
        again.err
    );
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);
}
