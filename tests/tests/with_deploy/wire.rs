//! The real program in front of a CloudFormation that follows a script, word for word: what is sent, and what
//! is made of answers that no engine gives.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Value, json};
use tests::aws::wait_for;
use tests::deploys::{Deployer, Run, TestStack};

use crate::{REGION, with_queue};

pub(crate) const ID: &str = "arn:aws:cloudformation:eu-central-1:000000000000:stack/Mail/1";

/// The expected actions with their answers, in their order. An action that is not expected ends the run.
pub(crate) struct Script {
    server: Server,
    steps: Arc<Mutex<VecDeque<(&'static str, Reply)>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) fn of(steps: Vec<(&'static str, Reply)>) -> Self {
        let steps = Arc::new(Mutex::new(VecDeque::from(steps)));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (left, seen) = (Arc::clone(&steps), Arc::clone(&requests));
        let server = Server::start(move |request| reply(request, &left, &seen)).unwrap();
        Self {
            server,
            steps,
            requests,
        }
    }

    /// Where it listens: host and port.
    pub(crate) fn host(&self) -> String {
        self.server.host()
    }

    pub(crate) fn deployer(&self, template: Value) -> Deployer {
        Deployer::at(
            &self.server.url(),
            &[TestStack::new("Mail", REGION, template)],
        )
    }

    pub(crate) fn run(&self, template: Value, arguments: &[&str]) -> Run {
        let run = self.deployer(template).run(arguments);
        self.require_all(&run);
        run
    }

    /// Every step was asked for.
    pub(crate) fn require_all(&self, run: &Run) {
        let left: Vec<_> = self
            .steps
            .lock()
            .unwrap()
            .iter()
            .map(|(action, _)| *action)
            .collect();
        assert!(left.is_empty(), "not asked for: {left:?}\n{run:?}");
    }

    /// The bodies of the requests of an action.
    pub(crate) fn sent(&self, action: &str) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let is_one = |body: &&String| {
            body.starts_with(&format!("Action={action}&"))
                || body.contains(&format!("method: \"{action}\""))
        };
        requests.iter().filter(is_one).cloned().collect()
    }
}

fn reply(
    request: &Request,
    steps: &Mutex<VecDeque<(&'static str, Reply)>>,
    seen: &Mutex<Vec<String>>,
) -> Reply {
    let body = request.text();
    let action = body
        .split('&')
        .next()
        .and_then(|first| first.strip_prefix("Action="))
        // S3 has methods for actions.
        .unwrap_or(&request.method)
        .to_owned();
    if action == "GetCallerIdentity" {
        return answer(&action, "<Account>000000000000</Account>");
    }
    let seen_body = match &*request.method {
        "POST" => body,
        _ => format!("{request:?}"),
    };
    seen.lock().unwrap().push(seen_body);
    match steps.lock().unwrap().pop_front() {
        Some((expected, reply)) if expected == action => reply,
        next => error(
            400,
            "ValidationError",
            &format!(
                "{action} was sent, expected {:?}",
                next.map(|(action, _)| action)
            ),
        ),
    }
}

pub(crate) fn answer(action: &str, inner: &str) -> Reply {
    let space = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
    let text = format!(
        "<{action}Response xmlns=\"{space}\"><{action}Result>{inner}</{action}Result>\
         <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
    );
    Reply::new(200, text).with("content-type", "text/xml")
}

pub(crate) fn error(status: u16, code: &str, message: &str) -> Reply {
    let text = format!(
        "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    Reply::new(status, text).with("content-type", "text/xml")
}

pub(crate) fn stack(status: &str) -> (&'static str, Reply) {
    let inner = format!(
        "<Stacks><member><StackId>{ID}</StackId><StackName>Mail</StackName><StackStatus>{status}</StackStatus>\
         <CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks>"
    );
    ("DescribeStacks", answer("DescribeStacks", &inner))
}

pub(crate) fn no_stack() -> (&'static str, Reply) {
    (
        "DescribeStacks",
        error(400, "ValidationError", "Stack with id Mail does not exist"),
    )
}

pub(crate) fn template(template: &Value) -> (&'static str, Reply) {
    let text = template
        .to_string()
        .replace('&', "&amp;")
        .replace('<', "&lt;");
    (
        "GetTemplate",
        answer(
            "GetTemplate",
            &format!("<TemplateBody>{text}</TemplateBody>"),
        ),
    )
}

pub(crate) fn made() -> (&'static str, Reply) {
    ("CreateChangeSet", answer("CreateChangeSet", "<Id>a</Id>"))
}

/// A page of a change set.
pub(crate) fn described(status: &str, changes: &str, next: &str) -> (&'static str, Reply) {
    let execution = if status == "CREATE_COMPLETE" {
        "AVAILABLE"
    } else {
        "UNAVAILABLE"
    };
    let next = if next.is_empty() {
        String::new()
    } else {
        format!("<NextToken>{next}</NextToken>")
    };
    let inner = format!(
        "<Status>{status}</Status><ExecutionStatus>{execution}</ExecutionStatus><Changes>{changes}</Changes>{next}"
    );
    ("DescribeChangeSet", answer("DescribeChangeSet", &inner))
}

pub(crate) fn change(id: &str, action: &str, policy: &str, replacement: &str) -> String {
    let optional = |name: &str, value: &str| {
        if value.is_empty() {
            String::new()
        } else {
            format!("<{name}>{value}</{name}>")
        }
    };
    format!(
        "<member><Type>Resource</Type><ResourceChange><LogicalResourceId>{id}</LogicalResourceId>\
         <ResourceType>AWS::SQS::Queue</ResourceType><Action>{action}</Action>{}{}</ResourceChange></member>",
        optional("PolicyAction", policy),
        optional("Replacement", replacement)
    )
}

pub(crate) fn done(action: &'static str) -> (&'static str, Reply) {
    (action, answer(action, ""))
}

/// The name of a change set that a stack of this template gets is not known here, so events of an operation
/// cannot carry it: a run follows them until the stack has been at rest for a while.
const NO_EVENTS: &str = "<StackEvents></StackEvents>";

#[test]
fn a_review_names_what_only_cloudformation_knows_on_any_page() {
    let old = json!({ "Resources": { "Jobs": { "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": 1 } } } });
    let new = json!({ "Resources": { "Jobs": { "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": 2 } } } });
    let script = Script::of(vec![
        stack("UPDATE_COMPLETE"),
        template(&old),
        made(),
        described("CREATE_PENDING", "", ""),
        described("CREATE_COMPLETE", &change("News", "Add", "", ""), "more"),
        described(
            "CREATE_COMPLETE",
            &change("Jobs", "Modify", "ReplaceAndDelete", "Conditional"),
            "",
        ),
        template(&old),
        ("ListStackResources", answer("ListStackResources", "")),
        done("DeleteChangeSet"),
    ]);
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
    let script = Script::of(vec![
        no_stack(),
        made(),
        described("CREATE_COMPLETE", &change("Jobs", "Add", "", ""), ""),
        done("ExecuteChangeSet"),
        stack("CREATE_IN_PROGRESS"),
        (
            "DescribeStackEvents",
            error(
                403,
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
        ),
    ]);
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

/// What CloudFormation finds before it makes anything, and what is cleared up after it.
pub(crate) fn refused_early() -> Vec<(&'static str, Reply)> {
    let finding = "<OperationEvents><member><EventType>VALIDATION_ERROR</EventType><OperationId>1</OperationId>\
        <LogicalResourceId>Jobs</LogicalResourceId><ValidationName>NAME_CONFLICT_VALIDATION</ValidationName>\
        <ValidationStatus>FAILED</ValidationStatus><ValidationStatusReason>a queue of this name exists</ValidationStatusReason>\
        <ValidationPath>/Properties/QueueName</ValidationPath><ValidationFailureMode>FAIL</ValidationFailureMode>\
        </member></OperationEvents>";
    vec![
        no_stack(),
        made(),
        described("FAILED", "", ""),
        ("DescribeEvents", answer("DescribeEvents", finding)),
        done("DeleteChangeSet"),
        stack("REVIEW_IN_PROGRESS"),
        done("DeleteStack"),
    ]
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

/// An event of a stack: its id, what it is about, the status and why.
pub(crate) fn event(
    stack: &str,
    (id, physical, kind): (&str, &str, &str),
    (status, why): (&str, &str),
) -> String {
    format!(
        "<member><StackId>{stack}</StackId><EventId>{stack}-{id}-{status}</EventId><StackName>Outer</StackName>\
         <LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId>\
         <ResourceType>{kind}</ResourceType><Timestamp>2026-01-01T00:00:02Z</Timestamp>\
         <ResourceStatus>{status}</ResourceStatus><ResourceStatusReason>{why}</ResourceStatusReason></member>"
    )
}

pub(crate) fn told(events: &[String]) -> (&'static str, Reply) {
    let inner = format!("<StackEvents>{}</StackEvents>", events.concat());
    ("DescribeStackEvents", answer("DescribeStackEvents", &inner))
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
    let deployer = Deployer::at(&script.server.url(), &[]);
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
