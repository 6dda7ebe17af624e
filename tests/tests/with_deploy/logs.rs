//! `logs` where there is nothing to show: what it says instead, and what it asks for.

use cloudwright_runtime::harness::http::Reply;
use serde_json::{Value, json};
use tests::aws::wait_for;
use tests::deploys::Deployer;
use tests::engine::Engine;

use crate::running::{function, role, system};
use crate::script::{Script, answer, error, no_stack, stack};
use crate::with_queue;

#[test]
fn a_log_that_is_empty_or_not_there_yet_is_told_with_where_to_look() {
    let name = "Quiet";
    let resources = |more: &[&str]| {
        let mut resources = json!({ "Worker": role("lambda.amazonaws.com", &["logs:*"]) });
        for id in more {
            resources[*id] = function("Worker");
        }
        resources
    };
    let deployer = Deployer::new(Engine::shared(), &[system(name, &resources(&[]))]);
    let logs = |more: &[&str], code: i32| {
        let run = deployer.run(&[&["logs"], more].concat()).ended(code);
        assert_eq!(run.out, "");
        run.err
    };
    let early = "the app has no deployed function; not deployed: Quiet\n";
    assert_eq!(logs(&[], 0), early);
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);
    assert_eq!(logs(&[], 0), "the app has no deployed function\n");

    deployer.write(&[system(name, &resources(&["Echo", "Other"]))]);
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);
    let unknown = logs(&["Quiett"], 2);
    assert!(
        unknown.contains("\"Quiett\"") && unknown.contains("Quiet/Echo"),
        "{unknown}"
    );
    // `Other` never ran, and `Echo` long enough ago.
    let _ = deployer.run(&["invoke", "Echo"]).ended(0);
    let group = |id: &str| {
        let listed = deployer.run(&["resources", "--json"]).ended(0).out;
        let listed: Value = serde_json::from_str(&listed).unwrap();
        let all = listed["stacks"][name].as_array().unwrap().iter();
        let mut found = all.filter(|one| one["id"] == id);
        let function = found.next().unwrap()["physicalId"]
            .as_str()
            .unwrap()
            .to_owned();
        format!("/aws/lambda/{function}")
    };
    let not_yet = format!(
        "Quiet/Other has no log yet ({}): it did not run since it was made",
        group("Other")
    );
    wait_for("the log of the function that ran", || {
        let run = deployer.run(&["logs"]).ended(0);
        run.out.contains("handed").then_some(())
    });
    assert_eq!(logs(&["Other"], 0).trim_end(), not_yet);
    let pattern = logs(&["--filter", "such a word is not there"], 0);
    let said = "nothing that the pattern lets through was logged in the last 10m: `--since 1d` looks further back\n";
    assert_eq!(pattern, format!("{not_yet}\n{said}"));
    wait_for("a second without a line", || {
        let run = deployer.run(&["logs", "Echo", "--since", "1s"]).ended(0);
        let said = "nothing was logged in the last 1s: `--since 1d` looks further back\n";
        (run.err == said).then_some(())
    });
}

#[test]
fn a_log_that_the_caller_may_not_read_is_no_empty_log() {
    let functions = json!({ "Resources": { "Echo": { "Type": "AWS::Lambda::Function", "Properties": {
        "LoggingConfig": { "LogGroup": "echoes" } } } } });
    let member = "<member><LogicalResourceId>Echo</LogicalResourceId><PhysicalResourceId>echo-1</PhysicalResourceId>\
        <ResourceType>AWS::Lambda::Function</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
        <LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>";
    let there = || {
        let inner = format!("<StackResourceSummaries>{member}</StackResourceSummaries>");
        ("ListStackResources", answer("ListStackResources", &inner))
    };
    let refusal = |code: &str, text: &str| {
        let body = json!({ "__type": code, "message": text }).to_string();
        (
            "POST",
            Reply::new(400, body).with("content-type", "application/x-amz-json-1.1"),
        )
    };
    let throttled = || refusal("ThrottlingException", "Rate exceeded");
    let denied = "User is not authorized to perform: logs:FilterLogEvents";
    let script = Script::of(vec![
        stack("CREATE_COMPLETE"),
        there(),
        throttled(),
        refusal("AccessDeniedException", denied),
    ]);
    let run = script.run(functions.clone(), &["logs"]).ended(1);
    assert!(
        run.err.contains("logs:FilterLogEvents") && run.err.contains("the caller needs the right"),
        "{}",
        run.err
    );

    let script = Script::of(vec![
        stack("CREATE_COMPLETE"),
        there(),
        refusal(
            "ResourceNotFoundException",
            "The specified log group does not exist.",
        ),
    ]);
    let run = script.run(functions, &["logs"]).ended(0);
    let said = "Mail/Echo has no log yet (echoes): it did not run since it was made\n";
    assert_eq!(run.err, said);

    let script = Script::of(vec![no_stack()]);
    let run = script.run(with_queue(&json!({})), &["logs"]).ended(0);
    assert_eq!(
        run.err,
        "the app has no deployed function; not deployed: Mail\n"
    );
    // It is told once, however often it is asked for.
    let denied = error(
        403,
        "AccessDenied",
        "not authorized to perform: cloudformation:DescribeStacks",
    );
    let script = Script::of(vec![("DescribeStacks", denied)]);
    let run = script.run(with_queue(&json!({})), &["logs"]).ended(1);
    assert!(
        run.err.contains("cloudformation:DescribeStacks"),
        "{}",
        run.err
    );
}

/// Tells CloudFormation that it failed, and why in its log alone.
pub(crate) const MAKER: &str = "
import json, urllib.request
def handler(event, context):
    print('making', event['LogicalResourceId'])
    print('the index has no pages')
    answer = {name: event[name] for name in ['StackId', 'RequestId', 'LogicalResourceId']}
    answer.update(Status='SUCCESS' if event['RequestType'] == 'Delete' else 'FAILED', Reason='see the log', PhysicalResourceId='index')
    request = urllib.request.Request(event['ResponseURL'], json.dumps(answer).encode(), method='PUT')
    urllib.request.urlopen(request)
";

#[test]
fn a_custom_resource_that_fails_is_told_with_what_its_function_logged_last() {
    let name = "Made";
    let mut maker = function("Worker");
    maker["Properties"]["Code"]["ZipFile"] = json!(MAKER);
    let resources = json!({ "Worker": role("lambda.amazonaws.com", &["logs:*"]), "Maker": maker,
        "Index": { "Type": "Custom::Index", "Properties": { "ServiceToken": { "Fn::GetAtt": ["Maker", "Arn"] } } } });
    let deployer = Deployer::new(Engine::shared(), &[system(name, &resources)]);
    let failed = deployer.run(&["deploy", "--yes", "--json"]).ended(1);
    let cause = &failed.stack(name)["problem"]["causes"][0];
    assert_eq!(cause["id"], "Index", "{failed:?}");
    assert_eq!(
        cause["log"],
        json!(["making Index", "the index has no pages"])
    );
    let said =
        "   = the end of its function's log:\n       making Index\n       the index has no pages\n";
    assert!(failed.err.contains(said), "{}", failed.err);
}
