//! The verbs that look, compare, upload and prepare, in front of answers that no engine gives: pages, throttling, refusals,
//! and faults in the middle.

use std::fs;

use cloudwright_runtime::harness::http::Reply;
use serde_json::{Value, json};
use tests::deploys::{Deployer, Run, TestStack};

use crate::REGION;
use crate::script::{ID, Script, answer, done, error, event, no_stack, stack, template, told};
use crate::with_queue;

fn throttled(action: &'static str) -> (&'static str, Reply) {
    (action, error(400, "Throttling", "Rate exceeded"))
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|why| panic!("{why}: {run:?}"))
}

fn queues() -> Value {
    with_queue(&json!({}))
}

#[test]
fn a_status_and_its_outputs_are_told_though_aws_asks_for_patience() {
    let script = Script::of(vec![
        throttled("DescribeStacks"),
        ("DescribeStacks", Reply::HangUp),
        stack("UPDATE_ROLLBACK_FAILED"),
    ]);
    let status = script.run(queues(), &["status", "--json"]).ended(0);
    assert_eq!(status.stack("Mail")["status"], "UPDATE_ROLLBACK_FAILED");
    assert_eq!(status.stack("Mail")["changed"], "2026-01-01T00:00:00Z");

    let outputs = "<Outputs><member><OutputKey>Url</OutputKey><OutputValue>a &amp; b</OutputValue></member></Outputs>";
    let inner = format!(
        "<Stacks><member><StackId>{ID}</StackId><StackName>Mail</StackName><StackStatus>HALF_MELTED</StackStatus>\
         <CreationTime>2026-01-01T00:00:00Z</CreationTime>{outputs}</member></Stacks>"
    );
    let script = Script::of(vec![("DescribeStacks", answer("DescribeStacks", &inner))]);
    let outputs = script.run(queues(), &["outputs"]).ended(0);
    assert_eq!(outputs.out, "Mail  Url  a & b\n");

    let denied = "is not authorized to perform: cloudformation:DescribeStacks";
    let refused = ("DescribeStacks", error(403, "AccessDenied", denied));
    let refused = Script::of(vec![refused])
        .run(queues(), &["outputs"])
        .ended(1);
    assert!(
        refused.err.contains("the caller needs the right"),
        "{}",
        refused.err
    );
}

#[test]
fn resources_of_all_pages_are_listed() {
    let page = |ids: [&str; 2], next: &str| {
        let member = |id: &str| {
            format!(
                "<member><LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>real-{id}</PhysicalResourceId>\
                 <ResourceType>AWS::SQS::Queue</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
                 <LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>"
            )
        };
        let all = ids.map(member).concat();
        let inner = format!("<StackResourceSummaries>{all}</StackResourceSummaries>{next}");
        ("ListStackResources", answer("ListStackResources", &inner))
    };
    let script = Script::of(vec![
        stack("CREATE_COMPLETE"),
        page(["Jobs", "B"], "<NextToken>more</NextToken>"),
        throttled("ListStackResources"),
        // The list is begun again.
        page(["Jobs", "B"], "<NextToken>more</NextToken>"),
        page(["C", "D"], ""),
    ]);
    let listed = script.run(queues(), &["resources", "--json"]).ended(0);
    let listed = &document(&listed)["stacks"]["Mail"];
    let ids: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, ["Jobs", "B", "C", "D"]);
    assert_eq!(
        (&listed[0]["path"], &listed[1]["path"]),
        (&json!("Mail/Jobs"), &json!("B"))
    );
    assert!(script.sent("ListStackResources")[3].contains("NextToken=more"));
}

#[test]
fn events_are_followed_until_nothing_is_under_way() {
    let jobs = ("Jobs", "", "AWS::SQS::Queue");
    let begun = event(ID, jobs, ("CREATE_IN_PROGRESS", ""));
    let failed = event(ID, jobs, ("CREATE_FAILED", "no such delay"));
    let events = |all: &[String]| told(all);
    let script = Script::of(vec![
        stack("CREATE_IN_PROGRESS"),
        events(std::slice::from_ref(&begun)),
        stack("CREATE_IN_PROGRESS"),
        throttled("DescribeStackEvents"),
        events(&[failed.clone(), begun.clone()]),
        stack("ROLLBACK_COMPLETE"),
    ]);
    let followed = script.run(queues(), &["events", "--follow"]).ended(0);
    let lines: Vec<_> = followed.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", followed.out);
    assert!(
        lines[1].ends_with("Mail/Jobs  AWS::SQS::Queue: no such delay"),
        "{}",
        lines[1]
    );

    let script = Script::of(vec![stack("ROLLBACK_COMPLETE"), events(&[failed, begun])]);
    let newest = script.run(queues(), &["events", "--json"]).ended(0);
    let newest = &document(&newest)["stacks"]["Mail"][0];
    assert_eq!(
        (&newest["status"], &newest["reason"]),
        (&json!("CREATE_FAILED"), &json!("no such delay"))
    );
}

#[test]
fn a_comparison_with_what_is_there_takes_its_time_or_fails() {
    const STATUS: &str = "DescribeStackDriftDetectionStatus";
    const DRIFTS: &str = "DescribeStackResourceDrifts";
    let state = |state: &str, why: &str| {
        let inner = format!(
            "<StackId>{ID}</StackId><StackDriftDetectionId>d</StackDriftDetectionId><DetectionStatus>{state}</DetectionStatus>\
             <DetectionStatusReason>{why}</DetectionStatusReason><Timestamp>2026-01-01T00:00:00Z</Timestamp>"
        );
        (STATUS, answer(STATUS, &inner))
    };
    let page = |id: &str, status: &str, next: &str| {
        let inner = format!(
            "<StackResourceDrifts><member><StackId>{ID}</StackId><LogicalResourceId>{id}</LogicalResourceId>\
             <ResourceType>AWS::SQS::Queue</ResourceType><StackResourceDriftStatus>{status}</StackResourceDriftStatus>\
             <Timestamp>2026-01-01T00:00:00Z</Timestamp></member></StackResourceDrifts>{next}"
        );
        (DRIFTS, answer(DRIFTS, &inner))
    };
    let begun = || {
        let inner = "<StackDriftDetectionId>d</StackDriftDetectionId>";
        ("DetectStackDrift", answer("DetectStackDrift", inner))
    };
    let script = Script::of(vec![
        stack("CREATE_COMPLETE"),
        begun(),
        state("DETECTION_IN_PROGRESS", ""),
        throttled(STATUS),
        state("DETECTION_COMPLETE", ""),
        page("Jobs", "DELETED", "<NextToken>more</NextToken>"),
        page("Other", "MODIFIED", ""),
    ]);
    let drifted = script
        .run(queues(), &["drift", "--fail", "--json"])
        .ended(1);
    let drifted = &document(&drifted)["stacks"]["Mail"];
    assert_eq!(
        (&drifted[0]["status"], &drifted[1]["id"]),
        (&json!("DELETED"), &json!("Other"))
    );

    let script = Script::of(vec![
        stack("CREATE_COMPLETE"),
        begun(),
        state("DETECTION_FAILED", "Jobs cannot be read"),
    ]);
    let failed = script.run(queues(), &["drift"]).ended(1);
    assert!(failed.err.contains("Jobs cannot be read"), "{}", failed.err);
}

/// S3's answer to a list: these keys of a byte each.
pub(crate) fn listed(keys: &[&str]) -> (&'static str, Reply) {
    let contents = keys
        .iter()
        .map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>"));
    let text = format!(
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}</ListBucketResult>",
        contents.collect::<String>()
    );
    (
        "GET",
        Reply::new(200, text).with("content-type", "application/xml"),
    )
}

/// An error of S3.
fn refused(method: &'static str, status: u16, code: &str) -> (&'static str, Reply) {
    let text = format!("<Error><Code>{code}</Code><Message>as it is</Message></Error>");
    (
        method,
        Reply::new(status, text).with("content-type", "application/xml"),
    )
}

fn with_file(script: &Script) -> Deployer {
    let deployer = script.deployer(queues());
    let mut mail = TestStack::new("Mail", REGION, queues());
    mail.files = vec![("66ff.json".to_owned(), b"{}".to_vec())];
    deployer.write(&[mail]);
    deployer
}

#[test]
fn a_file_is_uploaded_once_and_again_where_s3_has_no_time() {
    let script = Script::of(vec![
        listed(&[]),
        listed(&["66ff.json.other"]),
        refused("PUT", 503, "SlowDown"),
        ("PUT", Reply::new(200, "")),
    ]);
    let run = with_file(&script).run(&["publish", "--json"]).ended(0);
    script.require_all(&run);
    assert_eq!(document(&run)["assets"][0]["key"], "66ff.json");
    for put in script.sent("PUT") {
        let owner = "(\"x-amz-expected-bucket-owner\", \"000000000000\")";
        for part in [owner, "(\"if-none-match\", \"*\")", "x-amz-checksum-sha256"] {
            assert!(put.contains(part), "{part}: {put}");
        }
    }
    // Somebody else was quicker; and what is there is not sent.
    let quicker = Script::of(vec![
        listed(&[]),
        listed(&[]),
        refused("PUT", 412, "PreconditionFailed"),
    ]);
    let run = with_file(&quicker).run(&["publish"]).ended(0);
    quicker.require_all(&run);
    let there = Script::of(vec![listed(&[]), listed(&["66ff.json"])]);
    let run = with_file(&there).run(&["publish"]).ended(0);
    there.require_all(&run);
}

#[test]
fn a_bucket_of_another_region_or_caller_is_told_with_what_to_do() {
    let elsewhere = Script::of(vec![refused("GET", 301, "PermanentRedirect")]);
    let run = with_file(&elsewhere).run(&["publish"]).ended(1);
    assert!(
        run.err
            .contains("name the region that it is in: `--region`"),
        "{}",
        run.err
    );
    for (words, code) in [
        (&["publish"][..], 1),
        (&["bootstrap", "--yes"], 1),
        (&["deploy", "--yes"], 1),
    ] {
        let steps = if words[0] == "deploy" {
            vec![no_stack()]
        } else {
            Vec::new()
        };
        let denied = Script::of([steps, vec![refused("GET", 403, "AccessDenied")]].concat());
        let run = with_file(&denied).run(words).ended(code);
        denied.require_all(&run);
        assert!(
            run.err.contains("is not that of account 000000000000"),
            "{}",
            run.err
        );
    }
}

#[test]
fn a_bucket_that_may_not_be_made_leaves_nothing() {
    let denied = "is not authorized to perform: cloudformation:CreateChangeSet";
    let script = Script::of(vec![
        refused("GET", 404, "NoSuchBucket"),
        no_stack(),
        ("CreateChangeSet", error(403, "AccessDenied", denied)),
    ]);
    let run = with_file(&script)
        .run(&["bootstrap", "--yes", "--json"])
        .ended(1);
    script.require_all(&run);
    let made = &document(&run)["stacks"][0];
    assert_eq!(
        (&made["outcome"], &made["problem"]["kind"]),
        (&json!("stopped"), &json!("failed"))
    );
    assert!(
        run.err.contains("the caller needs the right"),
        "{}",
        run.err
    );
}

#[test]
fn the_doctor_tells_of_credentials_and_of_buckets_that_are_refused() {
    let script = Script::of(vec![refused("GET", 403, "AccessDenied")]);
    let run = with_file(&script).run(&["doctor", "--json"]);
    let checks = document(&run.ended(1))["checks"].clone();
    let of = |name: &str| {
        let all = checks.as_array().unwrap().iter();
        let mut all = all.filter(|check| check["name"].as_str().unwrap().starts_with(name));
        all.next().unwrap()["state"].clone()
    };
    assert_eq!(
        (of("credentials"), of("bootstrap")),
        (json!("ok"), json!("error"))
    );
}

/// Each round of `watch` is a run of its own: one that fails is followed by the next change.
#[test]
fn watching_goes_on_after_credentials_have_expired() {
    let same = queues();
    let text = "The security token included in the request is expired";
    let script = Script::of(vec![
        ("DescribeStacks", error(403, "ExpiredToken", text)),
        stack("CREATE_COMPLETE"),
        template(&same),
    ]);
    let deployer = script.deployer(same);
    fs::create_dir(deployer.folder().join("src")).unwrap();
    let words = ["watch", "--yes", "--path", "src", "--build", "true"];
    let mut watcher = deployer.start(&words);
    watcher.until("sign in again");
    watcher.until("the deployment ended early (exit status: 1)");
    watcher.until("watching ");
    fs::write(deployer.folder().join("src/main.rs"), "").unwrap();
    watcher.until("watching ");
    watcher.interrupt();
    let run = watcher.end().ended(130);
    script.require_all(&run);
}

#[test]
fn a_deletion_that_aws_refuses_changes_nothing_and_can_be_tried_again() {
    let topic = json!({ "Resources": { "News": { "Type": "AWS::SNS::Topic" } } });
    let resources = || ("ListStackResources", answer("ListStackResources", ""));
    let text = "is not authorized to perform: cloudformation:DeleteStack";
    let script = Script::of(vec![
        stack("CREATE_COMPLETE"),
        template(&topic),
        resources(),
        told(&[]),
        ("DeleteStack", error(403, "AccessDenied", text)),
    ]);
    let refused = script.run(topic.clone(), &["destroy", "--yes"]).ended(1);
    assert!(
        refused.err.contains("cloudformation:DeleteStack"),
        "{}",
        refused.err
    );
    let script = Script::of(vec![
        stack("CREATE_COMPLETE"),
        template(&topic),
        resources(),
        told(&[]),
        done("DeleteStack"),
        told(&[]),
        no_stack(),
    ]);
    let deleted = script.run(topic, &["destroy", "--yes", "--json"]).ended(0);
    assert_eq!(deleted.stack("Mail")["outcome"], "deleted");
}
