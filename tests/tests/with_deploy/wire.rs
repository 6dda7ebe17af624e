//! The real program in front of a CloudFormation that follows a script, word for word: what is sent, and what
//! is made of answers that no engine gives.

use std::time::Instant;

use cloudwright_runtime::harness::http::Reply;
use serde_json::json;
use tests::aws::wait_for;
use tests::deploys::Deployer;

use crate::script::{
    ID, Script, answer, change, described, done, error, event, expires_half_way, made,
    may_be_replaced, no_stack, refused_after, refused_early, stack, template, told,
};
use crate::with_queue;

/// The name of a change set that a stack of this template gets is not known here, so events of an operation
/// cannot carry it: a run follows them until the stack has been at rest for a while.
const NO_EVENTS: &str = "<StackEvents></StackEvents>";

#[test]
fn a_review_names_what_only_cloudformation_knows_on_any_page() {
    let old = json!({ "Resources": { "Jobs": { "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": 1 } } } });
    let new = json!({ "Resources": { "Jobs": { "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": 2 } } } });
    let first = change("News", "Add", "", "");
    let pages = vec![
        described("CREATE_PENDING", "", ""),
        described("CREATE_COMPLETE", &first, "more"),
        may_be_replaced(),
    ];
    let script = Script::of(refused_after(&old, pages));
    let refused = script.run(new, &["deploy", "--yes"]).ended(4);
    assert!(
        refused
            .err
            .contains("Jobs Mail/Jobs (src/Mail.rs:7): it may be replaced, and its data deleted"),
        "{}",
        refused.err
    );
    assert!(
        refused.err.contains("~ News  AWS::SQS::Queue (Add)"),
        "{}",
        refused.err
    );
    let pages = script.sent("DescribeChangeSet");
    assert!(
        pages[0].contains("IncludePropertyValues=true") && pages[2].contains("NextToken=more"),
        "{pages:?}"
    );
}

/// Who may read and not change anything still gets an answer.
#[test]
fn a_difference_is_told_by_a_change_set_or_without_one() {
    let old = with_queue(&json!({ "DelaySeconds": 1 }));
    let new = with_queue(&json!({ "DelaySeconds": 2 }));
    let there = || ("ListStackResources", answer("ListStackResources", ""));
    let denied = (
        "CreateChangeSet",
        error(
            403,
            "AccessDenied",
            "not authorized to perform: cloudformation:CreateChangeSet",
        ),
    );
    let first = || vec![stack("UPDATE_COMPLETE"), template(&old)];
    let without = [first(), vec![denied, template(&old), there()]].concat();
    let by_templates = Script::of(without)
        .run(new.clone(), &["diff", "--json"])
        .ended(0);
    assert_eq!(by_templates.stack("Mail")["compared"], "templates");

    let changes = change("Jobs", "Modify", "", "False");
    let asked = vec![
        made(),
        described("CREATE_COMPLETE", &changes, ""),
        done("DeleteChangeSet"),
        template(&old),
        there(),
    ];
    let script = Script::of([first(), asked].concat());
    let told = script.run(new, &["diff", "--json"]).ended(0);
    assert_eq!(told.stack("Mail")["compared"], "changeSet");
    assert_eq!(told.stack("Mail")["changes"][0]["replacement"], "False");
    assert!(script.sent("CreateChangeSet")[0].contains("-look&"));
}

#[test]
fn only_what_is_needed_is_sent_and_the_same_token_everywhere() {
    let script = Script::of(expires_half_way());
    let stopped = script.run(with_queue(&json!({})), &["deploy"]).ended(1);
    // Expired half-way: the operation goes on, and so does the next run.
    assert!(
        stopped.err.contains("sign in again") && stopped.err.contains("goes on where it stopped"),
        "{}",
        stopped.err
    );
    let (make, execute) = (
        &script.sent("CreateChangeSet")[0],
        &script.sent("ExecuteChangeSet")[0],
    );
    let value = |body: &str, name: &str| {
        body.split('&')
            .find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
    };
    assert_eq!(value(make, "ChangeSetType").as_deref(), Some("CREATE"));
    for absent in [
        "Capabilities",
        "ImportExistingResources",
        "RoleARN",
        "Parameters",
    ] {
        assert!(!make.contains(absent), "{absent}: {make}");
    }
    let token = value(make, "ChangeSetName").unwrap();
    assert_eq!(value(make, "ClientToken").as_ref(), Some(&token));
    assert_eq!(value(execute, "ClientRequestToken").as_ref(), Some(&token));
    assert_eq!(
        value(execute, "RetainExceptOnCreate").as_deref(),
        Some("true")
    );
    assert_eq!(value(execute, "DisableRollback").as_deref(), Some("false"));
}

#[test]
fn what_is_refused_before_provisioning_names_the_resource_and_the_line() {
    let script = Script::of(refused_early());
    let refused = script
        .run(
            with_queue(&json!({ "QueueName": "taken" })),
            &["deploy", "--json"],
        )
        .ended(1);
    let problem = &refused.stack("Mail")["problem"];
    let cause = json!({ "id": "Jobs", "type": "", "path": "Mail/Jobs/Properties/QueueName", "line": "src/Mail.rs:7",
        "status": "NAME_CONFLICT_VALIDATION", "reason": "a queue of this name exists", "log": [] });
    assert_eq!(problem["causes"], json!([cause]));
}

#[test]
fn throttling_resets_and_broken_answers_are_waited_out() {
    let same = with_queue(&json!({}));
    let throttled = || ("DescribeStacks", error(400, "Throttling", "Rate exceeded"));
    let script = Script::of(vec![
        throttled(),
        ("DescribeStacks", Reply::HangUp),
        ("DescribeStacks", Reply::Break),
        ("DescribeStacks", Reply::new(503, "busy")),
        stack("UPDATE_COMPLETE"),
        template(&same),
    ]);
    let started = Instant::now();
    let run = script.run(same, &["deploy", "--json"]).ended(0);
    assert_eq!(run.stack("Mail")["outcome"], "unchanged");
    assert!(started.elapsed().as_secs() >= 4, "{:?}", started.elapsed());
}

#[test]
fn a_failed_rollback_is_explained_and_continued_without_what_is_named() {
    let same = with_queue(&json!({}));
    let script = Script::of(vec![stack("UPDATE_ROLLBACK_FAILED")]);
    let explained = script.run(same.clone(), &["deploy", "--yes"]).ended(1);
    assert!(
        explained.err.contains("`rollback --skip LOGICAL_ID`"),
        "{}",
        explained.err
    );
    let script = Script::of(vec![
        stack("UPDATE_ROLLBACK_FAILED"),
        (
            "DescribeStackEvents",
            answer("DescribeStackEvents", NO_EVENTS),
        ),
        (
            "ContinueUpdateRollback",
            error(
                400,
                "ValidationError",
                "Jobs is not in a state to be skipped",
            ),
        ),
    ]);
    let refused = script.run(same, &["rollback", "--skip", "Jobs"]).ended(1);
    assert!(
        refused.err.contains("Jobs is not in a state to be skipped"),
        "{}",
        refused.err
    );
    assert!(script.sent("ContinueUpdateRollback")[0].contains("ResourcesToSkip.member.1=Jobs"));
}

#[test]
fn what_fails_within_a_nested_stack_has_its_own_path_and_line() {
    const STACK: &str = "AWS::CloudFormation::Stack";
    let inner = "arn:aws:cloudformation:eu-central-1:000000000000:stack/Outer-Inner/2";
    let deployer = "InnerNestedStackInnerNestedStackResource745E041B";
    let begun = event(
        ID,
        ("Outer", ID, STACK),
        ("UPDATE_IN_PROGRESS", "User Initiated"),
    );
    let within = event(ID, (deployer, inner, STACK), ("UPDATE_IN_PROGRESS", ""));
    let failed = event(ID, (deployer, inner, STACK), ("UPDATE_FAILED", "it failed"));
    let jobs = ("Jobs", "", "AWS::SQS::Queue");
    let jobs = event(inner, jobs, ("UPDATE_FAILED", "no such delay"));
    let script = Script::of(vec![
        stack("UPDATE_IN_PROGRESS"),
        told(std::slice::from_ref(&begun)),
        done("CancelUpdateStack"),
        told(&[failed, within, begun]),
        told(&[jobs]),
        stack("UPDATE_ROLLBACK_FAILED"),
    ]);
    let deployer = Deployer::at(&script.url(), &[]);
    crate::nested::synth(&deployer, "10");
    let failed = deployer.run(&["cancel", "--json"]).ended(1);
    let causes = &failed.stack("Outer")["problem"]["causes"];
    assert_eq!(causes[0]["path"], "Outer/Inner/Jobs", "{causes}");
    let line = causes[0]["line"].as_str().unwrap();
    assert!(line.ends_with("programs/nested.rs:13"), "{line}");
    assert_eq!(causes.as_array().map(Vec::len), Some(1));
}

#[test]
fn ctrl_c_leaves_the_stack_to_aws_and_says_how_to_get_back() {
    let mut steps = vec![
        no_stack(),
        made(),
        described("CREATE_COMPLETE", "", ""),
        done("ExecuteChangeSet"),
    ];
    for _ in 0..200 {
        steps.push(stack("CREATE_IN_PROGRESS"));
        steps.push((
            "DescribeStackEvents",
            answer("DescribeStackEvents", NO_EVENTS),
        ));
    }
    let script = Script::of(steps);
    let deployer = script.deployer(with_queue(&json!({})));
    let mut program = deployer.start(&["deploy"]);
    program.until("Mail: creating");
    // It is stopped while it follows the operation, not before.
    wait_for("the first look at the operation", || {
        (!script.sent("DescribeStackEvents").is_empty()).then_some(())
    });
    program.interrupt();
    let said = program.end().ended(130).err;
    let said = said.lines().last().unwrap_or_default();
    assert!(
        said.contains("`deploy Mail` follows it again") && said.contains("`cancel Mail`"),
        "{said}"
    );
    assert!(script.sent("CancelUpdateStack").is_empty() && script.sent("DeleteStack").is_empty());
}
