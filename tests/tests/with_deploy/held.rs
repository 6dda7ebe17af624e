//! Operations that last until the test lets them end: followed by the next run, by several at once, waited for,
//! cancelled, rolled back.

use serde_json::{Value, json};
use tests::aws::{Aws, wait_for};
use tests::deploys::{Deployer, Started, TestStack};
use tests::engine::Engine;

use crate::{REGION, queue, status, with_queue};

/// A template with something that is made only when somebody says so, and whatever else.
pub(crate) fn held(more: &[(&str, Value)]) -> Value {
    let signal = json!({ "ResourceSignal": { "Count": 1, "Timeout": "PT2H" } });
    let mut template = json!({ "Resources": {
        "Held": { "Type": "AWS::CloudFormation::WaitCondition", "CreationPolicy": signal } } });
    for (id, body) in more {
        template["Resources"][id] = body.clone();
    }
    template
}

/// Lets what is held be made.
pub(crate) fn let_go(aws: &Aws, stack: &str) {
    let signal = json!({ "StackName": stack, "LogicalResourceId": "Held", "UniqueId": "1", "Status": "SUCCESS" });
    wait_for("somebody who waits for the signal", || {
        aws.try_call("cloudformation", "SignalResource", &signal)
            .ok()
    });
}

#[test]
fn an_interrupted_creation_is_followed_by_all_who_want_the_same_and_held_against_others() {
    let name = "Lasting";
    let stack = TestStack::new(name, REGION, held(&[]));
    let deployer = Deployer::new(Engine::shared(), std::slice::from_ref(&stack));
    let mut first = deployer.start(&["deploy"]);
    first.until("Lasting: creating");
    first.interrupt();
    let said = first.end().ended(130).err;
    let follow = "Lasting goes on in AWS without this program: `deploy Lasting` follows it again";
    assert!(said.contains(follow), "{said}");
    assert_eq!(status(name).as_deref(), Some("CREATE_IN_PROGRESS"));

    let more = held(&[("News", json!({ "Type": "AWS::SNS::Topic" }))]);
    let other = Deployer::new(Engine::shared(), &[TestStack::new(name, REGION, more)]);
    let refused = other.run(&["deploy", "--yes"]).ended(5).err;
    let holder = "Lasting is in CREATE_IN_PROGRESS: the operation cloudwright-";
    assert!(refused.contains(holder), "{refused}");

    let started = |deployer: &Deployer, arguments: &[&str], said: &str| {
        let mut run = deployer.start(arguments);
        run.until(said);
        run
    };
    let deploy = ["deploy", "--yes", "--json"];
    let same = [0, 1].map(|_| started(&deployer, &deploy, "following the operation under way"));
    let waits = [&deploy[..], &["--wait"]].concat();
    let waiting = started(&other, &waits, "waiting for somebody else's operation");
    let_go(&Engine::shared().client(REGION), name);
    let outcome = |run: Started| run.end().ended(0).stack(name)["outcome"].clone();
    // The one that waits may begin before the others have looked again; what they follow is over all the same.
    assert_eq!(same.map(outcome), ["created", "created"]);
    assert_eq!(outcome(waiting), "updated");
}

#[test]
fn an_update_is_cancelled_and_a_failed_one_rolled_back() {
    let name = "Regretted";
    let small = with_queue(&json!({ "DelaySeconds": 1 }));
    let deployer = Deployer::new(
        Engine::shared(),
        &[TestStack::new(name, REGION, small.clone())],
    );
    let _ = deployer.run(&["deploy"]).ended(0);
    let after = json!({ "Type": "AWS::SNS::Topic", "DependsOn": "Held" });
    let more = held(&[
        ("Jobs", queue(&json!({ "DelaySeconds": 2 }))),
        ("After", after),
    ]);
    deployer.write(&[TestStack::new(name, REGION, more)]);
    let mut update = deployer.start(&["deploy", "--yes", "--json"]);
    update.until("Regretted: updating");
    let mut cancel = deployer.start(&["cancel", "--json"]);
    cancel.until("Regretted: rolling back");
    // The engine looks whether it goes on before each resource.
    let aws = Engine::shared().client(REGION);
    let_go(&aws, name);
    let cancelled = cancel.end().ended(0);
    assert_eq!(cancelled.stack(name)["problem"], Value::Null);
    assert_eq!(status(name).as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    let update = update.end().ended(1);
    let problem = &update.stack(name)["problem"];
    assert_eq!(problem["status"], "UPDATE_ROLLBACK_COMPLETE");
    let again = deployer.run(&["cancel"]).ended(2).err;
    assert!(again.contains("only an update can be cancelled"), "{again}");

    // Somebody else's update, which is not rolled back by itself.
    let broken = with_queue(&json!({ "DelaySeconds": 100_000 })).to_string();
    let update = json!({ "StackName": name, "TemplateBody": broken, "DisableRollback": true });
    aws.call("cloudformation", "UpdateStack", &update);
    wait_for("the end of the update", || {
        (status(name)? == "UPDATE_FAILED").then_some(())
    });
    deployer.write(&[TestStack::new(name, REGION, small)]);
    let refused = deployer.run(&["deploy"]).ended(4).err;
    assert!(refused.contains("or run `rollback`"), "{refused}");
    let back = deployer.run(&["rollback", "--json"]).ended(0);
    assert_eq!(back.stack(name)["problem"], Value::Null);
    assert_eq!(status(name).as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    let _ = deployer.run(&["rollback"]).ended(2);
}
