//! A CloudFormation that follows a script, word for word: the stand-in, its answers, and the courses of runs that several
//! files tell of.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::Value;
use tests::deploys::{Deployer, Run, TestStack};

use crate::REGION;

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

    /// The same as a URL.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn deployer(&self, template: Value) -> Deployer {
        Deployer::at(&self.url(), &[TestStack::new("Mail", REGION, template)])
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

/// The credentials of a creation expire while it is followed.
pub(crate) fn expires_half_way() -> Vec<(&'static str, Reply)> {
    let text = "The security token included in the request is expired";
    vec![
        no_stack(),
        made(),
        described("CREATE_COMPLETE", &change("Jobs", "Add", "", ""), ""),
        done("ExecuteChangeSet"),
        stack("CREATE_IN_PROGRESS"),
        ("DescribeStackEvents", error(403, "ExpiredToken", text)),
    ]
}

/// An update of a template is planned, and refused by whoever reads the pages of its change set.
pub(crate) fn refused_after(
    old: &Value,
    pages: Vec<(&'static str, Reply)>,
) -> Vec<(&'static str, Reply)> {
    let before = vec![stack("UPDATE_COMPLETE"), template(old), made()];
    let after = vec![
        template(old),
        ("ListStackResources", answer("ListStackResources", "")),
        done("DeleteChangeSet"),
    ];
    [before, pages, after].concat()
}

/// The last page of a change set that may replace the queue `Jobs`, as far as CloudFormation can tell.
pub(crate) fn may_be_replaced() -> (&'static str, Reply) {
    let changes = change("Jobs", "Modify", "ReplaceAndDelete", "Conditional");
    described("CREATE_COMPLETE", &changes, "")
}
