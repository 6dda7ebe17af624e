//! Every right of the roles that a `NotifiedQueue` with a worker makes is taken away, one after another: what the programs do with
//! it fails, with its name, and nothing is lost. What AWS does as a role, to start a task or to write a log, has nothing that could
//! be run here: IAM is asked about it, by the local AWS's own `SimulatePrincipalPolicy`.

use std::collections::{BTreeMap, BTreeSet};

use cloudwright::lambda::Architecture;
use cloudwright::patterns::notified_queue::Worker;

use super::*;
use crate::cache_sync::without;
use crate::upload_handlers;

/// What the local AWS is to make; tasks run nowhere here, and their networks would take long.
const MADE: [&str; 10] = [
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::Secret",
];

/// Where objects go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sink {
    NetStorage,
    Http,
}

/// The stack of a queue with a worker, and its template.
struct System {
    name: &'static str,
    template: Document,
    source: Source,
    outputs: BTreeMap<String, String>,
}

impl System {
    fn deploy(name: &'static str, sink: Sink) -> Self {
        let template = template(name, sink);
        upload_handlers(&template, HERE);
        let outputs = aws(HERE).deploy(name, &template).outputs;
        let output = |name: &str| outputs[name].clone();
        let source = Source {
            bucket: output("BucketName"),
            queue: output("QueueUrl"),
            dead_letters: output("DeadLettersUrl"),
            role: output("TaskRole"),
        };
        Self {
            name,
            template,
            source,
            outputs,
        }
    }

    /// Takes a right away from every role, or gives all back.
    fn lack(&self, action: Option<&str>) {
        let template = match action {
            Some(action) => without(&self.template, action),
            None => self.template.clone(),
        };
        aws(HERE).deploy(self.name, &template);
    }

    /// The actions that a role may do to what it is said of, by the ids of the role's policy.
    fn rights(&self, role: &str) -> BTreeSet<String> {
        let resources = self.template["Resources"].as_object().unwrap();
        let policies = resources.iter().filter(|(id, one)| {
            one["Type"] == "AWS::IAM::Policy" && id.starts_with(&format!("Changes{role}"))
        });
        let statements = policies.flat_map(|(_, policy)| {
            policy["Properties"]["PolicyDocument"]["Statement"]
                .as_array()
                .unwrap()
        });
        let actions = statements.flat_map(|one| match &one["Action"] {
            Document::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        });
        actions
            .map(|action| action.as_str().unwrap().to_owned())
            .collect()
    }
}

fn template(name: &'static str, sink: Sink) -> Document {
    let app = App::new();
    let stack = app.stack(name, Environment::new(ACCOUNT, HERE));
    let login = stack.add(
        "Login",
        secretsmanager::Secret::generated(secretsmanager::Password::new()),
    );
    let worker = match sink {
        Sink::NetStorage => Worker::netstorage(CP_CODE, &login),
        Sink::Http => Worker::http("https://cdn.example/media").authorization(&login),
    };
    let changes = NotifiedQueue::new()
        .function_with(|function| {
            function
                .architecture(Architecture::X86_64)
                .retry_attempts(0)
        })
        .worker(worker);
    let changes = stack.add("Changes", changes);
    let worker = changes.worker().unwrap();
    let function = changes.function().unwrap();
    stack.output("BucketName", changes.bucket().name());
    stack.output("QueueUrl", changes.queue().url());
    let dead = changes.queue().dead_letter_queue().unwrap();
    stack.output("DeadLettersUrl", dead.url());
    stack.output("TaskRole", worker.task().role().arn());
    stack.output("ExecutionRole", worker.task().execution_role().arn());
    stack.output("FunctionRole", function.role().unwrap().arn());
    stack.output("FunctionName", function.name().cast::<String>());
    stack.output("LoginArn", login.arn().cast::<String>());
    let mut template = crate::template_of(app, name);
    let resources = template["Resources"].as_object_mut().unwrap();
    resources.retain(|_, one| MADE.contains(&one["Type"].as_str().unwrap()));
    let trusted = expected!({ "Statement": [{ "Action": "sts:AssumeRole", "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") } }], "Version": "2012-10-17" });
    for (id, role) in resources {
        // Whom AWS lets in there is played by the test.
        if role["Type"] == "AWS::IAM::Role" && id.contains("Task") {
            role["Properties"]["AssumeRolePolicyDocument"] = trusted.clone();
        }
    }
    template
}

/// The sink of a test, and what it has.
enum Served {
    NetStorage(NetStorage),
    Http(Server, Arc<Mutex<Taken>>),
}

/// What an HTTP server has, and how many uploads it turns away first.
#[derive(Default)]
struct Taken {
    files: BTreeSet<String>,
    refused: usize,
}

impl Served {
    fn start(sink: Sink) -> Self {
        if sink == Sink::NetStorage {
            return Self::NetStorage(NetStorage::start());
        }
        let taken = Arc::<Mutex<Taken>>::default();
        let shared = Arc::clone(&taken);
        let server = Server::start(move |request| {
            let mut taken = shared.lock().unwrap();
            if taken.refused > 0 {
                taken.refused -= 1;
                return Reply::new(503, "");
            }
            if request.method == "PUT" {
                taken.files.insert(request.target.clone());
            }
            Reply::new(200, "")
        });
        Self::Http(server.expect("a free port"), taken)
    }

    fn has(&self, key: &str) -> bool {
        match self {
            Self::NetStorage(storage) => storage.file(key).is_some(),
            Self::Http(_, taken) => {
                let file = format!("/files/{key}");
                taken.lock().unwrap().files.contains(&file)
            }
        }
    }

    /// Turns the next uploads away.
    fn refuse(&self, uploads: usize) {
        match self {
            Self::NetStorage(storage) => storage.fail(vec![Fault::Status(503); uploads]),
            Self::Http(_, taken) => taken.lock().unwrap().refused = uploads,
        }
    }

    /// A worker with the role of the task.
    fn worker(&self, source: &Source) -> Running {
        let usual = [("VISIBILITY_SECONDS", "6"), ("MAX_RECEIVES", "100")];
        match self {
            Self::NetStorage(storage) => Running::start(source, storage, &usual),
            Self::Http(server, _) => {
                let url = format!("{}/files", server.url());
                let more = [&usual[..], &[("SINK", "http"), ("SINK_URL", &url)]].concat();
                // It is asked for nothing.
                Running::start(source, &NetStorage::start(), &more)
            }
        }
    }
}

impl Running {
    /// Waits for a line that tells of a missing right.
    fn await_refusal(&self, operation: &str, action: &str) {
        let is_it = |line: &String| {
            line.contains("\"errorType\":\"AccessDenied\"")
                && line.contains(operation)
                && line.to_lowercase().contains(&action.to_lowercase())
        };
        wait_for(operation, || {
            let log = self.log.lock().unwrap();
            log.iter().any(is_it).then_some(())
        });
    }
}

/// What a worker does first, with a right that it lacks, and the operation that its log names.
type Lacks = (&'static str, fn(&Source, &Served), &'static str);

/// Every right of the task's role but the one to list, which IAM is asked about: the local AWS tells everybody what is not there.
const LACKS: [Lacks; 5] = [
    (
        "s3:GetObject",
        |source, _| source.put("film", "x"),
        "S3 GetObject",
    ),
    (
        "sqs:ReceiveMessage",
        |source, _| source.put("film", "x"),
        "SQS ReceiveMessage",
    ),
    (
        "sqs:DeleteMessage",
        |source, _| source.put("film", "x"),
        "SQS DeleteMessage",
    ),
    (
        "sqs:ChangeMessageVisibility",
        |source, served| {
            served.refuse(3);
            source.put("film", "x");
        },
        "SQS ChangeMessageVisibility",
    ),
    (
        "sqs:SendMessage",
        |source, _| source.send("no JSON at all", "torn"),
        "SQS SendMessage to the dead-letter queue",
    ),
];

fn every_right_of_the_task_is_needed(name: &'static str, sink: Sink) {
    let system = System::deploy(name, sink);
    let named: BTreeSet<_> = LACKS
        .iter()
        .map(|(action, ..)| (*action).to_owned())
        .collect();
    let and_list = named
        .into_iter()
        .chain(["s3:ListBucket".to_owned()])
        .collect();
    assert_eq!(system.rights("WorkerTaskRole"), and_list);
    for (action, begin, operation) in LACKS {
        let served = Served::start(sink);
        // `forward` sends as the worker does, and has told of it before.
        begin(&system.source, &served);
        system.source.await_count(1);
        system.lack(Some(action));
        let worker = served.worker(&system.source);
        worker.await_refusal(operation, action);
        drop(worker);
        assert_eq!(system.source.count(&system.source.queue), 1, "{action}");
        assert_eq!(
            system.source.count(&system.source.dead_letters),
            0,
            "{action}"
        );
        system.lack(None);
        let _healed = served.worker(&system.source);
        system.source.await_empty();
        let is_torn = action == "sqs:SendMessage";
        assert_eq!(served.has("film"), !is_torn, "{action}");
        let given_up = system.source.count(&system.source.dead_letters);
        assert_eq!(given_up, u32::from(is_torn), "{action}");
    }
}

#[test]
fn every_right_of_a_worker_for_netstorage_is_needed() {
    every_right_of_the_task_is_needed("NetStorageRights", Sink::NetStorage);
}

#[test]
fn every_right_of_a_worker_for_an_http_server_is_needed() {
    every_right_of_the_task_is_needed("HttpRights", Sink::Http);
}

/// Whether IAM lets a role do something.
fn is_allowed(role: &str, action: &str, resource: &str) -> bool {
    let asked =
        expected!({ "PolicySourceArn": role, "ActionNames": [action], "ResourceArns": [resource] });
    let answer = aws(HERE).call("iam", "SimulatePrincipalPolicy", &asked);
    let result = &answer["EvaluationResults"][0];
    assert_eq!(result["EvalActionName"], action, "{answer}");
    result["EvalDecision"] == "allowed"
}

/// What AWS does as the roles: the output with the role, the action and what it is done to.
fn done_by_aws(system: &System) -> Vec<(&'static str, &'static str, String)> {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{HERE}:{ACCOUNT}:{rest}");
    let asked = expected!({ "StackName": system.name });
    let made = aws(HERE).call("cloudformation", "DescribeStackResources", &asked);
    let made = made["StackResources"].as_array().unwrap();
    let named = |kind: &str, part: &str| {
        let is_it = |one: &&Document| {
            one["ResourceType"] == kind && one["LogicalResourceId"].as_str().unwrap().contains(part)
        };
        let found = made.iter().find(is_it).expect(part);
        found["PhysicalResourceId"].as_str().unwrap().to_owned()
    };
    let queue = |url: &str| arn("sqs", url.rsplit('/').next().unwrap());
    let failures = queue(&named("AWS::SQS::Queue", "FailureQueue"));
    let logs = |part: &str| {
        let group = named("AWS::Logs::LogGroup", part);
        arn("logs", &format!("log-group:{group}:log-stream:a"))
    };
    let images = format!("repository/cdk-hnb659fds-container-assets-{ACCOUNT}-{HERE}");
    let images = arn("ecr", &images);
    let bucket = format!("arn:aws:s3:::{}", system.source.bucket);
    let table: [(&str, &[&str], String); 9] = [
        ("TaskRole", &["s3:ListBucket"], bucket),
        (
            "FunctionRole",
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            logs("Function"),
        ),
        (
            "FunctionRole",
            &["sqs:SendMessage"],
            queue(&system.source.queue),
        ),
        ("FunctionRole", &["sqs:SendMessage"], failures),
        (
            "FunctionRole",
            &["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            "*".to_owned(),
        ),
        (
            "ExecutionRole",
            &["ecr:GetAuthorizationToken"],
            "*".to_owned(),
        ),
        (
            "ExecutionRole",
            &[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            images,
        ),
        (
            "ExecutionRole",
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            logs("Task"),
        ),
        (
            "ExecutionRole",
            &["secretsmanager:GetSecretValue"],
            system.outputs["LoginArn"].clone(),
        ),
    ];
    let rows = table.into_iter().flat_map(|(role, actions, resource)| {
        let row = move |action: &&'static str| (role, *action, resource.clone());
        actions.iter().map(row).collect::<Vec<_>>()
    });
    rows.collect()
}

#[test]
fn what_aws_does_as_the_roles_is_allowed_where_it_is_needed_and_nowhere_else() {
    let system = System::deploy("RolesOfAws", Sink::NetStorage);
    let table = done_by_aws(&system);
    let of = |role: &str| -> BTreeSet<_> {
        let rows = table.iter().filter(|(one, ..)| *one == role);
        rows.map(|(_, action, _)| (*action).to_owned()).collect()
    };
    assert_eq!(system.rights("FunctionServiceRole"), of("FunctionRole"));
    assert_eq!(
        system.rights("WorkerTaskExecutionRole"),
        of("ExecutionRole")
    );
    for (role, action, resource) in &table {
        let arn = &*system.outputs[*role];
        assert!(
            is_allowed(arn, action, resource),
            "{role} {action} {resource}"
        );
        if resource != "*" {
            let other = format!("{resource}-other").replace("log-group:", "log-group:other-");
            assert!(!is_allowed(arn, action, &other), "{role} {action} {other}");
        }
        system.lack(Some(action));
        assert!(
            !is_allowed(arn, action, resource),
            "{role} without {action}"
        );
        system.lack(None);
    }
}

#[test]
fn forward_needs_its_right_to_send_and_names_it() {
    let system = System::deploy("ForwardRights", Sink::Http);
    let call = || {
        let record = expected!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": HERE,
            "s3": { "bucket": { "name": system.source.bucket }, "object": { "key": "film" } } });
        let event = expected!({ "Records": [record] }).to_string();
        let asked = expected!({ "FunctionName": system.outputs["FunctionName"], "Payload": event });
        let answer = aws(HERE).call("lambda", "Invoke", &asked);
        serde_json::from_str::<Document>(answer["Payload"].as_str().unwrap()).unwrap()
    };
    system.lack(Some("sqs:SendMessage"));
    let error = call();
    assert_eq!(error["errorType"], "AccessDenied", "{error}");
    let text = error["errorMessage"].as_str().unwrap();
    assert!(text.contains("SQS SendMessageBatch"), "{text}");
    assert!(text.to_lowercase().contains("sqs:sendmessage"), "{text}");
    assert_eq!(system.source.count(&system.source.queue), 0);
    system.lack(None);
    assert_eq!(call(), Document::Null);
    assert_eq!(system.source.count(&system.source.queue), 1);
}
