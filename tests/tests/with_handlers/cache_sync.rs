//! `CacheSync` as a program says it: the construct's own stack, deployed as it is, with the rights that
//! it gives and no other. Packages come into the bucket, and the tables of a pypicloud server follow.

use std::collections::BTreeSet;

use cloudwright::patterns::PackageTables;
use cloudwright::prelude::*;
use serde_json::{Value as Document, json as expected};
use tests::aws::{Deployed, wait_for};
use tests::engine::Engine;
use tests::pypicloud::{Demo, Pypicloud};

use crate::{ACCOUNT, HERE, aws, template_of, upload_handlers};

/// A stack with an index in tables of its own.
struct Index {
    name: &'static str,
    template: Document,
    deployed: Deployed,
}

impl Index {
    fn deploy(name: &'static str, build: impl FnOnce(&Stack, CacheSync) -> CacheSync) -> Self {
        let app = App::new();
        app.set_context("cloudwright:architecture", "x86_64");
        let stack = app.stack(name, Environment::new(ACCOUNT, HERE));
        let index = CacheSync::tables(PackageTables::new().namespace(name))
            .prefix("py/")
            .timeout(seconds(10));
        let index = stack.add("Index", build(&stack, index));
        stack.output("Bucket", index.bucket().name());
        stack.output("Function", index.function().name().cast::<String>());
        stack.output("Rebuild", index.rebuild_function().name().cast::<String>());
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

    fn put(&self, key: &str, summary: &str) {
        let metadata = expected!({ "summary": summary, "hash-sha256": "abc" });
        let object = expected!({
            "Bucket": self.output("Bucket"), "Key": key, "Body": "content", "Metadata": metadata,
        });
        aws(HERE).call("s3", "PutObject", &object);
    }

    fn delete(&self, key: &str) {
        let object = expected!({ "Bucket": self.output("Bucket"), "Key": key });
        aws(HERE).call("s3", "DeleteObject", &object);
    }

    /// All rows of a table: the attribute and another one's text.
    fn rows(&self, table: &str, key: &str, other: &str) -> BTreeSet<(String, String)> {
        let table =
            expected!({ "TableName": format!("{}{table}", self.name), "ConsistentRead": true });
        let found = aws(HERE).call("dynamodb", "Scan", &table);
        let text = |item: &Document, name: &str| {
            let text = item[name]["S"].as_str().unwrap_or_default();
            text.to_owned()
        };
        let rows = found["Items"].as_array().unwrap().iter();
        rows.map(|item| (text(item, key), text(item, other)))
            .collect()
    }

    /// Waits until the tables are as they should be.
    fn expect(&self, files: &[(&str, &str)], names: &[(&str, &str)]) {
        let wanted = |rows: &[(&str, &str)]| {
            let rows = rows.iter();
            rows.map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
                .collect::<BTreeSet<_>>()
        };
        let (files, names) = (wanted(files), wanted(names));
        wait_for(&format!("{files:?} and {names:?}"), || {
            let now = self.rows("DynamoPackage", "filename", "version");
            let said = self.rows("PackageSummary", "name", "summary");
            (now == files && said == names).then_some(())
        });
    }

    /// What a function answers.
    fn call(&self, function: &str, event: &Document) -> Document {
        let call =
            expected!({ "FunctionName": self.output(function), "Payload": event.to_string() });
        let answer = aws(HERE).call("lambda", "Invoke", &call);
        serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap()
    }

    fn tell(&self, key: &str) -> Document {
        let record = expected!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": HERE,
            "s3": { "bucket": { "name": self.output("Bucket") }, "object": { "key": key } } });
        self.call("Function", &expected!({ "Records": [record] }))
    }
}

#[test]
fn a_package_index_follows_its_bucket_until_nothing_is_left() {
    let index = Index::deploy("following-", |_, index| index);
    index.put("py/1a2b/six/six-1.0.tar.gz", "one");
    index.put("py/pandas_x/pandas_x-2.0+local-py3-none-any.whl", "wheel");
    index.put("py/notes.txt", "no package");
    index.put("elsewhere/six-9.0.tar.gz", "not below the prefix");
    let wheel = "pandas_x-2.0+local-py3-none-any.whl";
    index.expect(
        &[("six-1.0.tar.gz", "1.0"), (wheel, "2.0+local")],
        &[("six", "one"), ("pandas-x", "wheel")],
    );
    // S3 tells when an object was written in whole seconds: of two in one second either is the newest.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    index.put("py/1a2b/six/six-1.0.tar.gz", "overwritten");
    index.put("py/2b3c/six/six-2.0.tar.gz", "");
    let both = [("six-1.0.tar.gz", "1.0"), ("six-2.0.tar.gz", "2.0")];
    index.delete("py/pandas_x/pandas_x-2.0+local-py3-none-any.whl");
    wait_for("the newest files", || {
        let files = index.rows("DynamoPackage", "filename", "summary");
        let new = ("six-1.0.tar.gz".to_owned(), "overwritten".to_owned());
        files.contains(&new).then_some(())
    });
    index.delete("py/2b3c/six/six-2.0.tar.gz");
    index.expect(&both[..1], &[("six", "overwritten")]);
    assert_eq!(
        index.call("Rebuild", &expected!({ "rebuild": {} })),
        expected!({ "files": 2, "changed": 0 }),
        "what events made is what a rebuild makes"
    );
    index.delete("py/1a2b/six/six-1.0.tar.gz");
    index.expect(&[], &[]);
}

#[test]
fn a_schedule_rebuilds_what_no_event_told() {
    let index = Index::deploy("scheduled-", |_, index| index.rebuild_every(minutes(1)));
    let silent = expected!({ "Bucket": index.output("Bucket"), "NotificationConfiguration": {} });
    aws(HERE).call("s3", "PutBucketNotificationConfiguration", &silent);
    index.put("py/six-1.0.tar.gz", "told by nobody");
    index.expect(&[("six-1.0.tar.gz", "1.0")], &[("six", "told by nobody")]);
    let machines = aws(HERE).call("stepfunctions", "ListStateMachines", &expected!({}));
    let mut machines = machines["stateMachines"].as_array().unwrap().iter();
    let is_own = |one: &&Document| {
        one["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("scheduled-"))
    };
    let machine = &machines.find(is_own).expect("the rebuild's machine")["stateMachineArn"];
    let runs = expected!({ "stateMachineArn": machine });
    let run = wait_for("the end of a run that the schedule began", || {
        let runs = aws(HERE).call("stepfunctions", "ListExecutions", &runs);
        let mut runs = runs["executions"].as_array().unwrap().iter();
        runs.find(|run| run["status"] == "SUCCEEDED").cloned()
    });
    let run = expected!({ "executionArn": run["executionArn"] });
    let run = aws(HERE).call("stepfunctions", "DescribeExecution", &run);
    assert_eq!(run["input"], "{}", "{run}");
    assert!(
        run["output"].as_str().unwrap().contains("\"files\""),
        "{run}"
    );
}

#[test]
fn an_index_follows_a_bucket_whose_notifications_somebody_else_has() {
    let index = Index::deploy("bridged-", |stack, index| {
        let bucket = stack.add("Wheels", s3::Bucket::new().event_bridge());
        let other = stack.add("Other", sqs::Queue::new());
        let all = [s3::Event::ObjectCreated, s3::Event::ObjectRemoved];
        bucket.notify(all, s3::Filter::all(), &other);
        index.bucket(&bucket).event_bridge()
    });
    index.put("py/a b/six-1.0+l.tar.gz", "bridged");
    index.expect(&[("six-1.0+l.tar.gz", "1.0+l")], &[("six", "bridged")]);
    index.delete("py/a b/six-1.0+l.tar.gz");
    index.expect(&[], &[]);
}

#[test]
fn an_unmodified_pypicloud_serves_what_events_wrote() {
    let index = Index::deploy("served-", |_, index| index);
    let demo = Demo::new("py/");
    aws(HERE).call("s3", "PutObject", &demo.object(index.output("Bucket")));
    index.put("py/6f8a/six/six-1.0.tar.gz", "one");
    index.put("py/7f8a/six/six-2.0+l.tar.gz", "two");
    let six = [("six-1.0.tar.gz", "1.0"), ("six-2.0+l.tar.gz", "2.0+l")];
    let files = [six[0], six[1], (Demo::FILE, "1.0")];
    wait_for("all files", || {
        let now = index.rows("DynamoPackage", "filename", "version");
        (now.len() == files.len()).then_some(())
    });

    let endpoint = Engine::shared().endpoint();
    let port = endpoint.rsplit(':').next().unwrap();
    let tables = [
        ("pypi.db", "dynamo"),
        ("db.region_name", HERE),
        ("db.host", "127.0.0.1"),
        ("db.port", port),
        ("db.namespace", index.name),
        ("db.aws_access_key_id", "test"),
        ("db.aws_secret_access_key", "test"),
    ];
    let server = Pypicloud::start(index.output("Bucket"), "py/", HERE, &tables);
    demo.is_served_by(&server);
    assert_eq!(server.files("six"), ["six-1.0.tar.gz", "six-2.0+l.tar.gz"]);
    let said = [("our-demo", Demo::SUMMARY), ("six", "two")];
    assert_eq!(
        server.summaries(),
        said.map(|(name, line)| (name.to_owned(), line.into()))
            .into()
    );

    index.delete(&demo.key);
    index.expect(&six, &[("six", "two")]);
    assert!(!server.get("/simple/").contains("our-demo"));
}

/// Takes an action away from every policy of a template.
pub(crate) fn without(template: &Document, action: &str) -> Document {
    let mut template = template.clone();
    let resources = template["Resources"].as_object_mut().unwrap().values_mut();
    let policies = resources.filter(|one| one["Type"] == "AWS::IAM::Policy");
    let mut taken = 0;
    for policy in policies {
        let statements = &mut policy["Properties"]["PolicyDocument"]["Statement"];
        for statement in statements.as_array_mut().unwrap() {
            let actions = match statement["Action"].take() {
                Document::Array(actions) => actions,
                one => vec![one],
            };
            let left: Vec<_> = actions
                .iter()
                .filter(|one| **one != action)
                .cloned()
                .collect();
            taken += actions.len() - left.len();
            // A statement has to say something.
            let rest = if left.is_empty() {
                vec!["xray:PutTraceSegments".into()]
            } else {
                left
            };
            statement["Action"] = Document::Array(rest);
        }
    }
    assert_ne!(taken, 0, "{action} is in no policy");
    template
}

/// A call that needs a right, and the operation that its error names.
type Needs = (&'static str, fn(&Index) -> Document, &'static str);

/// Every right of the two functions to bucket and tables.
const NEEDED: &[Needs] = &[
    (
        "s3:GetObject",
        |index| index.tell("py/a-1.zip"),
        "S3 GetObject",
    ),
    (
        "dynamodb:GetItem",
        |index| index.tell("py/a-1.zip"),
        "DynamoDB GetItem",
    ),
    (
        "dynamodb:PutItem",
        |index| index.tell("py/b-1.zip"),
        "DynamoDB PutItem",
    ),
    (
        "dynamodb:DeleteItem",
        |index| index.tell("py/gone-1.zip"),
        "DynamoDB DeleteItem",
    ),
    (
        "dynamodb:Query",
        |index| index.tell("py/gone-1.zip"),
        "DynamoDB Query",
    ),
    ("dynamodb:Scan", rebuild, "DynamoDB Scan"),
    ("dynamodb:BatchGetItem", rebuild, "DynamoDB BatchGetItem"),
    ("s3:ListBucket", rebuild, "S3 ListObjectsV2"),
];

fn rebuild(index: &Index) -> Document {
    index.call("Rebuild", &expected!({ "rebuild": {} }))
}

#[test]
fn every_right_is_needed_and_without_one_the_error_names_it() {
    let index = Index::deploy("lacking-", |_, index| index);
    index.put("py/a-1.zip", "a");
    index.expect(&[("a-1.zip", "1")], &[("a", "a")]);
    // Nothing but the calls of this test changes the index from here on.
    let mut deaf = index.template.clone();
    let resources = deaf["Resources"].as_object_mut().unwrap();
    for source in resources.values_mut() {
        if source["Type"] == "AWS::Lambda::EventSourceMapping" {
            source["Properties"]["Enabled"] = expected!(false);
        }
    }
    aws(HERE).deploy(index.name, &deaf);
    index.put("py/b-1.zip", "b");
    let row = expected!({
        "filename": { "S": "gone-1.zip" }, "name": { "S": "gone" }, "version": { "S": "1" },
        "last_modified": { "N": "1.5" }, "data": { "M": { "path": { "S": "py/gone-1.zip" } } },
    });
    for (action, call, operation) in NEEDED {
        let planted = expected!({ "TableName": "lacking-DynamoPackage", "Item": row });
        aws(HERE).call("dynamodb", "PutItem", &planted);
        aws(HERE).deploy(index.name, &without(&deaf, action));
        let error = call(&index);
        assert_eq!(error["errorType"], "AccessDenied", "{action}: {error}");
        let text = error["errorMessage"].as_str().unwrap();
        assert!(text.contains(operation), "{action}: {text}");
    }
    aws(HERE).deploy(index.name, &deaf);
    // What is in the bucket came in before the table could not be scanned.
    assert_eq!(rebuild(&index)["changed"], 1);
    index.expect(
        &[("a-1.zip", "1"), ("b-1.zip", "1")],
        &[("a", "a"), ("b", "b")],
    );
}

/// A bucket that nobody's stack owns, with a notification of somebody else.
fn foreign(name: &str) -> Document {
    let aws = aws(HERE);
    let location = expected!({ "LocationConstraint": HERE });
    let bucket = expected!({ "Bucket": name, "CreateBucketConfiguration": location });
    aws.call("s3", "CreateBucket", &bucket);
    let arn = format!("arn:aws:sqs:{HERE}:{ACCOUNT}:{name}-theirs");
    let allowed = expected!({ "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": arn });
    let policy = expected!({ "Version": "2012-10-17", "Statement": [allowed] }).to_string();
    let queue =
        expected!({ "QueueName": format!("{name}-theirs"), "Attributes": { "Policy": policy } });
    aws.call("sqs", "CreateQueue", &queue);
    let theirs = expected!({ "Id": "theirs", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"],
        "Filter": { "Key": { "FilterRules": [{ "Name": "prefix", "Value": "theirs/" }] } } });
    let all = expected!({ "QueueConfigurations": [theirs] });
    let request = expected!({ "Bucket": name, "NotificationConfiguration": all });
    aws.call("s3", "PutBucketNotificationConfiguration", &request);
    theirs
}

/// The notifications of a bucket: theirs, and what the keys of the others begin with.
fn told(bucket: &str) -> (Vec<Document>, BTreeSet<String>) {
    let bucket = expected!({ "Bucket": bucket });
    let found = aws(HERE).call("s3", "GetBucketNotificationConfiguration", &bucket);
    let all = found["QueueConfigurations"].as_array().cloned();
    let (theirs, ours): (Vec<_>, Vec<_>) = all
        .unwrap_or_default()
        .into_iter()
        .partition(|one| one["Id"] == "theirs");
    let beginning = |one: &Document| {
        let rule = &one["Filter"]["Key"]["FilterRules"][0]["Value"];
        rule.as_str().unwrap_or_default().to_owned()
    };
    (theirs, ours.iter().map(beginning).collect())
}

/// A template whose last step fails, after the notifications were changed.
fn failing(template: &Document) -> Document {
    let mut template = template.clone();
    let resources = template["Resources"].as_object_mut().unwrap();
    let others: Vec<_> = resources.keys().cloned().collect();
    let too_slow = expected!({ "Type": "AWS::SQS::Queue", "DependsOn": others,
        "Properties": { "DelaySeconds": 100_000 } });
    resources.insert("Broken".to_owned(), too_slow);
    template
}

#[test]
fn a_bucket_of_others_keeps_its_notifications_while_its_index_comes_and_goes() {
    let theirs = vec![foreign("wheels-of-others")];
    let index = Index::deploy("foreign-", |stack, index| {
        index.bucket(&s3::Bucket::import(stack, "Old", "wheels-of-others"))
    });
    let ours = |prefix: &str| (theirs.clone(), BTreeSet::from([prefix.to_owned()]));
    assert_eq!(told("wheels-of-others"), ours("py/"));
    index.put("py/six-1.0.tar.gz", "one");
    index.expect(&[("six-1.0.tar.gz", "1.0")], &[("six", "one")]);

    // The same stack, for other keys.
    let of = |prefix: &str| {
        let text = index.template.to_string().replace("py/", prefix);
        serde_json::from_str::<Document>(&text).unwrap()
    };
    aws(HERE).deploy(index.name, &of("wheels/"));
    assert_eq!(told("wheels-of-others"), ours("wheels/"));
    let follows = |key: &str, file: &str| {
        index.put(key, "more");
        wait_for("a file below the other prefix", || {
            let files = index.rows("DynamoPackage", "filename", "version");
            files.iter().any(|(found, _)| found == file).then_some(())
        });
    };
    follows("wheels/six-2.0.tar.gz", "six-2.0.tar.gz");

    // An update that fails gives back what was, to the stack and to the bucket.
    let status = aws(HERE).attempt(index.name, &failing(&of("third/")));
    assert_eq!(status, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(told("wheels-of-others"), ours("wheels/"));
    follows("wheels/six-3.0.tar.gz", "six-3.0.tar.gz");

    aws(HERE).call(
        "cloudformation",
        "DeleteStack",
        &expected!({ "StackName": index.name }),
    );
    wait_for("the bucket as it was", || {
        (told("wheels-of-others") == (theirs.clone(), BTreeSet::new())).then_some(())
    });
}
