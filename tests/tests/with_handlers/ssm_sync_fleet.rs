//! `SsmSyncFleet` as a program says it: the construct's own stack, deployed as it is, with the rights that it
//! gives and no other. The local AWS has no servers; it judges commands as AWS does, holds them against the model
//! of the API, and writes them down.

use std::time::{Duration, SystemTime};

use cloudwright::patterns::ssm_sync_fleet::object_parameters;
use cloudwright::prelude::*;
use cloudwright::ssm::{self, Servers, Step};
use serde_json::{Value as Document, json as expected};
use tests::aws::{Deployed, wait_for};

use crate::{ACCOUNT, HERE, aws, template_of, upload_handlers};

/// Within which time a change has to be a command.
const PROMISE: Duration = Duration::from_secs(1);
/// The window unless said.
const WINDOW: f64 = 5.0;

/// A stack with servers that follow.
struct Content {
    name: &'static str,
    template: Document,
    deployed: Deployed,
}

impl Content {
    fn deploy(name: &'static str, build: impl FnOnce(&Stack) -> SsmSyncFleet) -> Self {
        let app = App::new();
        app.set_context("cloudwright:architecture", "x86_64");
        let stack = app.stack(name, Environment::new(ACCOUNT, HERE));
        let content = stack.add("Content", build(&stack));
        stack.output("Bucket", content.bucket().name());
        stack.output("Function", content.function().name().cast::<String>());
        stack.output("Document", content.document().name().cast::<String>());
        let lost = content.queue().dead_letter_queue();
        stack.output("Lost", lost.unwrap().url());
        let template = template_of(app, name);
        upload_handlers(&template, HERE);
        let deployed = aws(HERE).deploy(name, &template);
        Self {
            name,
            template,
            deployed,
        }
    }

    fn output(&self, id: &str) -> &str {
        &self.deployed.outputs[id]
    }

    fn put(&self, key: &str) {
        aws(HERE).put_object(self.output("Bucket"), key, "content");
    }

    /// The commands so far, the first one first.
    fn commands(&self) -> Vec<Document> {
        let all = expected!({ "MaxResults": 50 });
        let found = aws(HERE).call("ssm", "ListCommands", &all);
        let mut found = found["Commands"].as_array().unwrap().clone();
        found.retain(|one| one["DocumentName"] == self.output("Document"));
        found.reverse();
        found
    }

    fn await_commands(&self, count: usize) -> Vec<Document> {
        wait_for(&format!("{count} commands"), || {
            let found = self.commands();
            (found.len() >= count).then_some(found)
        })
    }

    /// What the function answers.
    fn call(&self, event: &Document) -> Document {
        let call =
            expected!({ "FunctionName": self.output("Function"), "Payload": event.to_string() });
        let answer = aws(HERE).call("lambda", "Invoke", &call);
        serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap()
    }

    fn tell(&self, key: &str) -> Document {
        let object = expected!({ "key": key, "sequencer": "0055AED6DC" });
        let record = expected!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": HERE,
            "s3": { "bucket": { "name": self.output("Bucket") }, "object": object } });
        self.call(&expected!({ "Records": [record] }))
    }
}

fn web() -> Servers {
    Servers::tagged("role", "web")
}

/// When the engine took a command, in seconds since 1970.
fn taken(command: &Document) -> f64 {
    let text = command["RequestedDateTime"].as_str().unwrap();
    let python = tests::tools::require("ministack", "bin/python");
    let said =
        "import sys, datetime as d; print(d.datetime.fromisoformat(sys.argv[1]).timestamp())";
    let output = tests::tools::isolated(&python)
        .args(["-c", said, text])
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs_f64()
}

#[test]
fn one_upload_is_a_command_within_a_second_and_a_burst_is_one_more() {
    let content = Content::deploy("Following", |_| {
        SsmSyncFleet::new("/srv/content").servers(web())
    });
    // The client of the test is a program that has to start; the function, which has to start as well, counts.
    let client = aws(HERE);
    client.call(
        "s3",
        "HeadBucket",
        &expected!({ "Bucket": content.output("Bucket") }),
    );
    let before = now();
    client.put_object(content.output("Bucket"), "index.html", "content");
    let first = content.await_commands(1).remove(0);
    let waited = taken(&first) - before;
    println!("PutObject to SendCommand: {waited:.3} s");
    assert!(waited >= 0.0, "the command was there before the object");
    assert!(waited <= PROMISE.as_secs_f64(), "{waited} s");
    for number in 0..20 {
        client.put_object(content.output("Bucket"), &format!("{number}"), "content");
    }
    let last = now();
    let commands = wait_for("a command that sees the last of the burst", || {
        let commands = content.commands();
        let newest = commands.last().map(taken);
        newest.is_some_and(|at| at > last).then_some(commands)
    });
    // One more for each window that the burst took: one, unless this machine is very slow.
    let took = taken(&commands[commands.len() - 1]) - taken(&first);
    let windows = commands.len() - 1;
    assert!(windows >= 1, "{windows} in {took} s");
    assert!(
        took > WINDOW * f64::from(u8::try_from(windows).unwrap()) - WINDOW / 2.0,
        "{windows} in {took} s"
    );

    let bucket = content.output("Bucket");
    assert_eq!(
        first["Targets"],
        expected!([{ "Key": "tag:role", "Values": ["web"] }])
    );
    assert_eq!(first["Parameters"], expected!({ "S3Bucket": [bucket] }));
    assert_eq!(first["Comment"], format!("{bucket}: 1 changed"));
    assert_eq!(
        (&first["MaxErrors"], &first["TimeoutSeconds"]),
        (&expected!("100%"), &expected!(600))
    );
    let group = &first["CloudWatchOutputConfig"]["CloudWatchLogGroupName"];
    assert!(
        content.deployed.resources.values().any(|id| id == group),
        "{group}"
    );

    // Nothing more comes of the burst; and whoever asks gets a run at once.
    let answer = content.call(&expected!({ "sync": {} }));
    let all = content.commands();
    assert_eq!(all.len(), commands.len() + 1);
    let newest = &all[commands.len()]["CommandId"];
    assert_eq!(answer, expected!({ "commands": [newest] }));
    assert!(aws(HERE).take_messages(content.output("Lost")).is_empty());
}

/// A document that is told of a marker, on servers by two tags, with everything at its limit.
fn batches(stack: &Stack) -> SsmSyncFleet {
    let import = ssm::Document::command("Imports a batch");
    let import = object_parameters()
        .into_iter()
        .fold(import, ssm::Document::parameter);
    let import = stack.add("Import", import.step(Step::shell("Import", ["true"])));
    let output = stack.add("Output", s3::Bucket::new());
    SsmSyncFleet::run_document(&import)
        .on_marker("batch-complete.txt")
        .prefix("orders/")
        .bucket_with(s3::Bucket::versioned)
        .servers(Servers::tagged_one_of(
            "cloudwright:role",
            ["shop", "stock"],
        ))
        .servers(Servers::tagged("stage", "prod"))
        .max_concurrency("100%")
        .max_errors("0")
        .delivery_timeout(days(30))
        .output_bucket(&output)
}

#[test]
fn a_marker_is_one_command_with_the_key_as_it_is() {
    let content = Content::deploy("Batches", batches);
    // As long as keys are, and nothing that a shell takes as it is.
    let hostile = "orders/$(touch hacked);'\"`&&\n{{S3Key}} ü/batch-complete.txt";
    let long = format!("orders/{}/batch-complete.txt", "k".repeat(998));
    for key in [
        "orders/not-batch-complete.txt",
        "batch-complete.txt",
        hostile,
        &long,
    ] {
        content.put(key);
    }
    let commands = content.await_commands(2);
    let told = |name: &str| {
        let mut told: Vec<_> = commands
            .iter()
            .map(|one| one["Parameters"][name][0].clone())
            .collect();
        told.sort_by_key(|one| one.to_string().len());
        told
    };
    assert_eq!(told("S3Key"), [expected!(hostile), expected!(long)]);
    assert!(told("S3Version").iter().all(Document::is_string));
    assert!(
        commands
            .iter()
            .all(|one| one["Comment"].as_str().unwrap().chars().count() <= 100)
    );
    assert_eq!(
        commands[0]["Targets"],
        expected!([
            { "Key": "tag:cloudwright:role", "Values": ["shop", "stock"] },
            { "Key": "tag:stage", "Values": ["prod"] },
        ])
    );

    // The same event twice is one command; another one is another.
    for _ in 0..2 {
        assert_eq!(
            content.tell("orders/again/batch-complete.txt"),
            Document::Null
        );
    }
    assert_eq!(
        content.tell("orders/other/batch-complete.txt"),
        Document::Null
    );
    assert_eq!(content.commands().len(), 4);
}

/// The statements of the function's own policy.
fn statements(template: &mut Document) -> &mut Vec<Document> {
    let resources = template["Resources"].as_object_mut().unwrap().iter_mut();
    let mut policies = resources.filter(|(_, one)| {
        one["Type"] == "AWS::IAM::Policy" && one.to_string().contains("ssm:SendCommand")
    });
    let (_, policy) = policies.next().unwrap();
    let statements = &mut policy["Properties"]["PolicyDocument"]["Statement"];
    statements.as_array_mut().unwrap()
}

/// The template without the statements that are so.
fn without(template: &Document, is_lacking: impl Fn(&Document) -> bool) -> Document {
    let mut template = template.clone();
    let statements = statements(&mut template);
    let count = statements.len();
    statements.retain(|statement| !is_lacking(statement));
    assert_eq!(statements.len() + 1, count, "one statement is taken away");
    template
}

fn allows(statement: &Document, action: &str) -> bool {
    statement["Action"]
        .to_string()
        .contains(&format!("\"{action}\""))
}

#[test]
fn every_right_is_needed_and_without_one_the_error_names_it() {
    let content = Content::deploy("Lacking", |_| {
        SsmSyncFleet::new("/srv/content")
            .servers(web())
            .window(minutes(15))
    });
    // The window is open from here on.
    assert_eq!(content.tell("first"), Document::Null);
    let is_on = |part: &'static str| {
        move |one: &Document| {
            allows(one, "ssm:SendCommand") && one["Resource"].to_string().contains(part)
        }
    };
    let sync = expected!({ "sync": {} });
    let cases: [(Document, Option<&Document>, &str); 4] = [
        (
            without(&content.template, |one| allows(one, "dynamodb:GetItem")),
            None,
            "DynamoDB GetItem",
        ),
        (
            without(&content.template, |one| allows(one, "sqs:SendMessage")),
            None,
            "SQS SendMessage",
        ),
        (
            without(&content.template, is_on("document/")),
            Some(&sync),
            "SSM SendCommand",
        ),
        (
            without(&content.template, is_on("instance/")),
            Some(&sync),
            "SSM SendCommand",
        ),
    ];
    for (template, event, operation) in cases {
        aws(HERE).deploy(content.name, &template);
        let error = event.map_or_else(|| content.tell("next"), |event| content.call(event));
        assert_eq!(error["errorType"], "AccessDenied", "{operation}: {error}");
        let text = error["errorMessage"].as_str().unwrap();
        assert!(text.contains(operation), "{text}");
    }
    aws(HERE).deploy(content.name, &content.template);
    assert_eq!(content.tell("next"), Document::Null);
    assert_eq!(content.commands().len(), 1);
    assert!(content.call(&sync)["commands"].is_array());
}

#[test]
fn servers_with_another_tag_and_other_documents_are_out_of_reach() {
    let content = Content::deploy("Reach", |_| {
        SsmSyncFleet::new("/srv/content").servers(web())
    });
    let mut elsewhere = content.template.clone();
    let resources = elsewhere["Resources"].as_object_mut().unwrap().values_mut();
    for function in resources.filter(|one| one["Properties"]["Handler"] == "ssm-sync") {
        let variables = &mut function["Properties"]["Environment"]["Variables"];
        variables["COMMAND_1_TARGET_1_VALUE_1"] = expected!("database");
    }
    let other = content.template.to_string();
    let name = expected!({ "Ref": content.template["Resources"].as_object().unwrap().iter()
        .find(|(_, one)| one["Type"] == "AWS::SSM::Document").unwrap().0 });
    let named = format!("\"COMMAND_1_DOCUMENT\":{name}");
    assert!(other.contains(&named), "{other}");
    let other = other.replace(&named, "\"COMMAND_1_DOCUMENT\":\"AWS-RunShellScript\"");
    for template in [elsewhere, serde_json::from_str(&other).unwrap()] {
        aws(HERE).deploy(content.name, &template);
        let error = content.call(&expected!({ "sync": {} }));
        assert_eq!(error["errorType"], "AccessDenied", "{error}");
    }
    assert!(content.commands().is_empty());
}

#[test]
fn a_change_whose_command_is_refused_again_and_again_ends_among_dead_letters() {
    let content = Content::deploy("Refused", |_| {
        SsmSyncFleet::new("/srv/content").servers(web())
    });
    let mut template = without(&content.template, |one| {
        allows(one, "ssm:SendCommand") && one["Resource"].to_string().contains("instance/")
    });
    // Attempts come fast.
    let resources = template["Resources"].as_object_mut().unwrap().values_mut();
    for queue in resources.filter(|one| one["Properties"]["RedrivePolicy"].is_object()) {
        queue["Properties"]["VisibilityTimeout"] = expected!(1);
        queue["Properties"]["RedrivePolicy"]["maxReceiveCount"] = expected!(2);
    }
    aws(HERE).deploy(content.name, &template);
    content.put("lost.html");
    let lost = aws(HERE).await_messages(content.output("Lost"));
    let body = lost[0]["Body"].as_str().unwrap();
    assert!(body.contains("lost.html"), "{body}");
    assert!(content.commands().is_empty());
}
