//! Runs over all objects, by the state machine.

use std::thread::sleep;
use std::time::Duration;

use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::{Aws, wait_for};

use super::{FAR, Side, app, deploy, quick};
use crate::{HERE, KEY, THERE, aws};

/// Runs the state machine to its end; gives what was counted.
fn reconcile(aws: &Aws, machine: &str) -> Document {
    let start = expected!({ "stateMachineArn": machine });
    let run = aws.call("stepfunctions", "StartExecution", &start);
    let named = expected!({ "executionArn": run["executionArn"] });
    let run = wait_for("the end of the run", || {
        let run = aws.call("stepfunctions", "DescribeExecution", &named);
        (run["status"] != "RUNNING").then_some(run)
    });
    assert_eq!(run["status"], "SUCCEEDED", "{run}");
    let output: Document = serde_json::from_str(run["output"].as_str().unwrap()).unwrap();
    output[0]["reconciled"].clone()
}

#[test]
fn a_run_over_all_objects_repairs_what_no_event_told_of() {
    let (app, stack) = app("All");
    let old = stack.add("Old", s3::Bucket::new());
    let artifacts = quick([THERE, FAR]).source(&old).reconcile_on_demand();
    let artifacts = stack.add("Artifacts", artifacts);
    stack.output("Source", old.name());
    stack.output("West", artifacts.replicas()[0].bucket().name());
    stack.output("Far", artifacts.replicas()[1].bucket().name());
    stack.output(
        "Machine",
        artifacts.reconciliation().unwrap().cast::<String>(),
    );
    let outputs = deploy(app);
    let side = |region: &str, output: &str| Side {
        aws: aws(region),
        bucket: outputs[output].clone(),
    };
    let (source, west, far) = (side(HERE, "Source"), side(THERE, "West"), side(FAR, "Far"));
    let large = "x".repeat(6 << 20);
    for (key, body) in [(KEY, "content"), ("large", &large), ("lost", "1")] {
        source.put(key, body);
        west.await_length(key, Some(body.len()));
        far.await_length(key, Some(body.len()));
    }
    // Nobody is told of these.
    west.put(KEY, "tampered with");
    far.call("DeleteObject", "lost");
    far.put("of somebody", "else");

    let run = || reconcile(&source.aws, &outputs["Machine"]);
    let repaired = expected!({ "looked": 4, "repaired": 2, "failed": 0, "foreign": 1 });
    assert_eq!(run(), repaired);
    assert!(west.has(KEY, 7) && far.has("lost", 1) && far.has("of somebody", 4));
    let equal = expected!({ "looked": 4, "repaired": 0, "failed": 0, "foreign": 1 });
    assert_eq!(run(), equal);
}

#[test]
fn a_run_makes_buckets_equal_that_are_all_written_to() {
    let (app, stack) = app("AllBoth");
    let shared = quick([THERE, FAR]).two_way().reconcile_on_demand();
    let shared = stack.add("Shared", shared);
    stack.output("Source", shared.source().name());
    stack.output("West", shared.replicas()[0].bucket().name());
    stack.output("Far", shared.replicas()[1].bucket().name());
    stack.output("Machine", shared.reconciliation().unwrap().cast::<String>());
    let outputs = deploy(app);
    let sides = [(HERE, "Source"), (THERE, "West"), (FAR, "Far")].map(|(region, output)| Side {
        aws: aws(region),
        bucket: outputs[output].clone(),
    });
    // From here on nobody is told of anything.
    sides.iter().for_each(Side::quieten);
    let [here, west, far] = &sides;
    let large = "x".repeat(6 << 20);
    here.put(KEY, "old");
    west.put("only in the west", &large);
    far.put("only far away", "22");
    here.put("equal", "1");
    sleep(Duration::from_millis(1_100));
    far.put(KEY, "newer");
    let run = || reconcile(&here.aws, &outputs["Machine"]);
    let counts = |looked: u8, repaired: u8| expected!({ "looked": looked, "repaired": repaired, "failed": 0, "foreign": 0 });
    assert_eq!(run(), counts(4, 4));
    for side in &sides {
        assert!(
            side.has(KEY, 5) && side.has("only far away", 2),
            "{}",
            side.bucket
        );
        assert!(side.has("only in the west", large.len()) && side.has("equal", 1));
    }
    assert_eq!(run(), counts(4, 0));
    // A copy that somebody changed later is the newest change, and a copy that is missing comes back.
    sleep(Duration::from_millis(1_100));
    west.put(KEY, "the newest");
    here.call("DeleteObject", "only far away");
    assert_eq!(run(), counts(4, 2));
    for side in &sides {
        assert!(
            side.has(KEY, 10) && side.has("only far away", 2),
            "{}",
            side.bucket
        );
    }
}
