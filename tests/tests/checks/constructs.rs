//! The rules of constructs: what they are told.
#![allow(clippy::too_many_lines, reason = "a table")]

use std::time::Duration;

use cloudwright::apigatewayv2::HttpApi;
use cloudwright::ec2::{Port, SecurityGroup, Vpc};
use cloudwright::iam::Role;
use cloudwright::lambda::{Code, EventSource, Function, Handler, Layer};
use cloudwright::patterns::{RedisServer, Replica, Stage};
use cloudwright::prelude::*;
use cloudwright::rules::PLAIN_TRANSPORT;
use cloudwright::scheduler::Schedule;
use cloudwright::sns::{FilterPolicy, Match, Subscription, Topic};
use cloudwright::sqs::Queue;
use cloudwright::ssm::{Document, DocumentParameter, Servers, Step};
use cloudwright::stepfunctions::{Flow, Pass, StateMachine, Succeed};
use cloudwright::{Acknowledge, Finding};

use crate::{examples, home};

examples! {
CW1001 {
    fails(stack: Stack) {
        let function = Function::new(Code::s3("releases", "resize.zip"));
        stack.add("Resize", function.timeout(Duration::from_millis(1500)));
    }
    passes(stack: Stack) {
        let function = Function::new(Code::s3("releases", "resize.zip"));
        stack.add("Resize", function.timeout(seconds(2)));
    }
}
CW1002 {
    fails(stack: Stack) {
        stack.add("Resize", Function::new(Code::s3("releases", "resize.zip")).memory(MiB(64)));
    }
    passes(stack: Stack) {
        stack.add("Resize", Function::new(Code::s3("releases", "resize.zip")).memory(MiB(128)));
    }
}
CW1003 {
    fails(stack: Stack) {
        Function::import(stack, "Old", "arn:aws:s3:::uploads");
        stack.add("Jobs", Queue::new());
    }
    passes(stack: Stack) {
        Function::import(stack, "Old", "arn:aws:lambda:eu-central-1:123456789012:function:old");
        stack.add("Jobs", Queue::new());
    }
}
CW1004 {
    fails(stack: Stack) {
        stack.add("Jobs", Queue::new().queue_name("my jobs"));
    }
    passes(stack: Stack) {
        stack.add("Jobs", Queue::new().queue_name("my-jobs"));
    }
}
CW1005 {
    fails(stack: Stack) {
        let orders = Topic::import(stack, "Orders", "arn:aws:sns:eu-central-1:123456789012:orders");
        orders.grant_publish(&Principal::account("210987654321"));
        stack.add("Jobs", Queue::new());
    }
    passes(stack: Stack) {
        let orders = stack.add("Orders", Topic::new());
        orders.grant_publish(&Principal::account("210987654321"));
    }
}
CW1101 {
    fails(stack: Stack) {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        let (jobs, photos) = (stack.add("Jobs", Queue::new()), stack.add("Photos", Queue::new()));
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::prefix("in/"), &jobs);
        uploads.notify(s3::Event::ObjectCreatedPut, s3::Filter::suffix(".jpg"), &photos);
    }
    passes(stack: Stack) {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        let (jobs, photos) = (stack.add("Jobs", Queue::new()), stack.add("Photos", Queue::new()));
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::suffix(".csv"), &jobs);
        uploads.notify(s3::Event::ObjectCreatedPut, s3::Filter::suffix(".jpg"), &photos);
    }
}
CW1103 {
    fails(stack: Stack) {
        stack.add("Changes", NotifiedQueue::new().events([]));
    }
    passes(stack: Stack) {
        stack.add("Changes", NotifiedQueue::new().events([s3::Event::ObjectCreated]));
    }
}
CW1104 {
    fails(stack: Stack) {
        let jobs = stack.add("Jobs", Queue::new().visibility_timeout(seconds(360)));
        jobs.cfn().expect("it is ours").raw("VisibilityTimeout", 10);
        let work = stack.add("Work", Function::new(Code::s3("releases", "work.zip")).timeout(seconds(60)));
        work.consume(EventSource::new(&jobs));
    }
    passes(stack: Stack) {
        let jobs = stack.add("Jobs", Queue::new().visibility_timeout(seconds(360)));
        let work = stack.add("Work", Function::new(Code::s3("releases", "work.zip")).timeout(seconds(60)));
        work.consume(EventSource::new(&jobs));
    }
}
CW1106 {
    fails(stack: Stack) {
        stack.add("Orders", Topic::new()).subscribe(Subscription::email("operators"));
    }
    passes(stack: Stack) {
        stack.add("Orders", Topic::new()).subscribe(Subscription::email("operators@example.com"));
    }
}
CW1107 {
    fails(stack: Stack) {
        let address: Value<String> = stack.add("Address", Parameter::string());
        stack.add("Orders", Topic::new()).subscribe(Subscription::email(address));
    }
    passes(stack: Stack) {
        let address: Value<String> = stack.add("Address", Parameter::string());
        let subscription = Subscription::email(address).id("Operators");
        stack.add("Orders", Topic::new()).subscribe(subscription);
    }
}
CW1108 {
    fails(stack: Stack) {
        let policy = FilterPolicy::attributes().key("store", Match::any(Vec::<String>::new()));
        let orders = stack.add("Orders", Topic::new());
        orders.subscribe(Subscription::email("operators@example.com").filter(policy));
    }
    passes(stack: Stack) {
        let policy = FilterPolicy::attributes().key("store", Match::any(["berlin"]));
        let orders = stack.add("Orders", Topic::new());
        orders.subscribe(Subscription::email("operators@example.com").filter(policy));
    }
}
CW1109 {
    fails(app: App) {
        let away = app.stack("Away", Environment::new("123456789012", "eu-west-1"));
        let jobs = away.add("Jobs", Queue::new().queue_name("jobs"));
        let uploads = app.stack("Here", home()).add("Uploads", s3::Bucket::new());
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &jobs);
    }
    passes(app: App) {
        let here = app.stack("Here", home());
        let jobs = here.add("Jobs", Queue::new());
        let uploads = here.add("Uploads", s3::Bucket::new());
        uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &jobs);
    }
}
CW1110 {
    fails(app: App) {
        let away = app.stack("Away", Environment::new("210987654321", "eu-central-1"));
        let worker = away.add("Worker", Role::assumed_by(Principal::service("lambda.amazonaws.com")));
        app.stack("Here", home()).add("Jobs", Queue::new()).grant_send(&worker);
    }
    passes(app: App) {
        let away = app.stack("Away", Environment::new("210987654321", "eu-central-1"));
        let worker = Role::assumed_by(Principal::service("lambda.amazonaws.com")).role_name("worker");
        let worker = away.add("Worker", worker);
        app.stack("Here", home()).add("Jobs", Queue::new()).grant_send(&worker);
    }
}
CW1111 {
    fails(stack: Stack) {
        let theirs = Role::import(stack, "Theirs", "arn:aws:iam::210987654321:role/theirs");
        theirs.add_statement(Statement::allow(["sqs:ListQueues"]).on("*"));
        stack.add("Jobs", Queue::new());
    }
    passes(stack: Stack) {
        let theirs = Role::import(stack, "Theirs", "arn:aws:iam::210987654321:role/theirs");
        stack.add("Jobs", Queue::new()).grant_send(&theirs);
    }
}
CW1112 {
    fails(stack: Stack) {
        let role = Role::import(stack, "Role", "arn:aws:iam::123456789012:role/worker");
        stack.add("Jobs", Queue::new()).grant_send(&role.without_policy_updates());
    }
    passes(stack: Stack) {
        let role = Role::import(stack, "Role", "arn:aws:iam::123456789012:role/worker");
        stack.add("Jobs", Queue::new()).grant_send(&role);
    }
}
CW1201 {
    fails(stack: Stack) {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.acknowledge(Finding::NoReplication, "");
    }
    passes(stack: Stack) {
        let uploads = stack.add("Uploads", s3::Bucket::new());
        uploads.acknowledge(Finding::NoReplication, "can be uploaded again from the scanner");
    }
}
CW1202 {
    fails(stack: Stack) {
        let function = Function::new(Code::s3("releases", "work.zip"));
        stack.add("Work", function.env("DB_PASSWORD", "hunter2"));
    }
    passes(stack: Stack) {
        let secret = stack.add("Secret", cloudwright::secretsmanager::Secret::new());
        let function = Function::new(Code::s3("releases", "work.zip"));
        let work = stack.add("Work", function.env("DB_SECRET_ARN", secret.arn()));
        secret.grant_read(&work);
    }
}
CW1203 {
    fails(stack: Stack) {
        let jobs = stack.add("Jobs", sqs::Queue::new());
        jobs.scope().accept(&PLAIN_TRANSPORT, "only reached from within the network");
    }
    passes(stack: Stack) {
        let topic = stack.add("Told", cfn::sns::Topic::new());
        topic.handle().scope().accept(&PLAIN_TRANSPORT, "only reached from within the network");
    }
}
CW1301 {
    fails(stack: Stack) {
        stack.add("Work", Function::new(Code::cargo("no/such/package")));
    }
    passes(stack: Stack) {
        stack.add("Work", Function::new(Code::bundled(Handler::Forward)));
    }
}
CW1302 {
    fails(stack: Stack) {
        let function = Function::new(Code::s3("releases", "work.zip"));
        stack.add("Work", function.env("AWS_REGION", "eu-central-1"));
    }
    passes(stack: Stack) {
        let function = Function::new(Code::s3("releases", "work.zip"));
        stack.add("Work", function.env("HOME_REGION", "eu-central-1"));
    }
}
CW1303 {
    fails(stack: Stack) {
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:old";
        let old = Function::import(stack, "Old", arn);
        stack.add("Uploads", s3::Bucket::new()).grant_read(&old);
    }
    passes(stack: Stack) {
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:old";
        let role = Role::import(stack, "Role", "arn:aws:iam::123456789012:role/old");
        let old = Function::import(stack, "Old", arn).acting_as(&role);
        stack.add("Uploads", s3::Bucket::new()).grant_read(&old);
    }
}
CW1304 {
    fails(stack: Stack) {
        let jobs = stack.add("Jobs", Queue::new());
        let work = stack.add("Work", Function::new(Code::s3("releases", "work.zip")));
        work.consume(EventSource::new(&jobs).filter(json!({ "body": { "kind": "order" } })));
    }
    passes(stack: Stack) {
        let jobs = stack.add("Jobs", Queue::new());
        let work = stack.add("Work", Function::new(Code::s3("releases", "work.zip")));
        work.consume(EventSource::new(&jobs).filter(json!({ "body": { "kind": ["order"] } })));
    }
}
CW1305 {
    fails(app: App) {
        app.set_context("cloudwright:architecture", "riscv");
        app.stack("Work", home()).add("Forward", Function::new(Code::bundled(Handler::Forward)));
    }
    passes(app: App) {
        app.set_context("cloudwright:architecture", "x86_64");
        app.stack("Work", home()).add("Forward", Function::new(Code::bundled(Handler::Forward)));
    }
}
CW1306 {
    fails(app: App) {
        app.set_context("cloudwright:handlers", "fast");
        app.stack("Work", home()).add("Forward", Function::new(Code::bundled(Handler::Forward)));
    }
    passes(app: App) {
        app.set_context("cloudwright:handlers", "development");
        app.stack("Work", home()).add("Forward", Function::new(Code::bundled(Handler::Forward)));
    }
}
CW1307 {
    fails(stack: Stack) {
        let layer = Layer::by_region([("us-east-1", "arn:aws:lambda:us-east-1:123456789012:layer:gdal:3")]);
        stack.add("Work", Function::new(Code::s3("releases", "work.zip")).layer(layer));
    }
    passes(stack: Stack) {
        let layer = Layer::by_region([("eu-central-1", "arn:aws:lambda:eu-central-1:123456789012:layer:gdal:3")]);
        stack.add("Work", Function::new(Code::s3("releases", "work.zip")).layer(layer));
    }
}
CW1401 {
    fails(stack: Stack) {
        stack.add("Artifacts", ReplicatedBucket::to([Replica::in_source("")]));
    }
    passes(stack: Stack) {
        stack.add("Artifacts", ReplicatedBucket::to([Replica::in_source("copies/")]));
    }
}
CW1402 {
    fails(stack: Stack) {
        stack.add("Artifacts", ReplicatedBucket::to(["us-west-2", "us-west-2"]));
    }
    passes(stack: Stack) {
        stack.add("Artifacts", ReplicatedBucket::to(["us-west-2", "us-east-1"]));
    }
}
CW1403 {
    fails(stack: Stack) {
        stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]).native().skip("tmp/", ""));
    }
    passes(stack: Stack) {
        stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]).skip("tmp/", ""));
    }
}
CW1411 {
    fails(stack: Stack) {
        stack.add("Index", CacheSync::redis(RedisServer::at("cache:6379")));
    }
    passes(stack: Stack) {
        stack.add("Index", CacheSync::dynamodb());
    }
}
CW1421 {
    fails(stack: Stack) {
        let stage = || Stage::function(Function::new(Code::s3("releases", "convert.zip")));
        let pipeline = ProcessingPipeline::new()
            .stage("Convert", stage().writes("Staging"))
            .stage("Check", stage().reads("Stagin"));
        stack.add("Pipeline", pipeline);
    }
    passes(stack: Stack) {
        let stage = || Stage::function(Function::new(Code::s3("releases", "convert.zip")));
        let pipeline = ProcessingPipeline::new()
            .stage("Convert", stage().writes("Staging"))
            .stage("Check", stage().reads("Staging"));
        stack.add("Pipeline", pipeline);
    }
}
CW1422 {
    fails(stack: Stack) {
        let stage = || Stage::function(Function::new(Code::s3("releases", "convert.zip")));
        let pipeline = ProcessingPipeline::new()
            .stage("Convert", stage().writes("Staging"))
            .stage("Mend", stage().writes("Incoming"));
        stack.add("Pipeline", pipeline);
    }
    passes(stack: Stack) {
        let stage = || Stage::function(Function::new(Code::s3("releases", "convert.zip")));
        let pipeline = ProcessingPipeline::new()
            .stage("Convert", stage().writes("Staging"))
            .stage("Mend", stage().writes("Mended"));
        stack.add("Pipeline", pipeline);
    }
}
CW1501 {
    fails(stack: Stack) {
        let arn = "arn:aws:lambda:eu-central-1:123456789012:function:stock";
        let stock = Function::import(stack, "Stock", arn);
        stack.add("stock", Operation::invoke(&stock));
        stack.add("Jobs", Queue::new());
    }
    passes(stack: Stack) {
        let stock = stack.add("Stock", Function::new(Code::s3("releases", "stock.zip")));
        stack.add("stock", Operation::invoke(&stock));
    }
}
CW1601 {
    fails(stack: Stack) {
        let folder = DocumentParameter::new("Folder").pattern("^/[a-z/]{1,255}$");
        let document = Document::command("Empties a folder").parameter(folder);
        stack.add("Empty", document.step(Step::shell("Empty", ["rm -r {{ Folder }}"])));
    }
    passes(stack: Stack) {
        let folder = DocumentParameter::new("Folder").pattern("^/[a-z/]{1,255}$");
        let document = Document::command("Empties a folder").parameter(folder);
        stack.add("Empty", document.step(Step::shell("Empty", ["rm -r \"$SSM_Folder\""])));
    }
}
CW1611 {
    fails(stack: Stack) {
        stack.add("Network", Vpc::new("10.0.0.1/16"));
    }
    passes(stack: Stack) {
        stack.add("Network", Vpc::new("10.0.0.0/16"));
    }
}
CW1612 {
    fails(stack: Stack) {
        let network = stack.add("Network", Vpc::new("10.0.0.0/16"));
        let group = SecurityGroup::new(&network, "servers");
        stack.add("Servers", group.allow_from_range("0.0.0.0/0", Port::tcp(22), "everybody"));
    }
    passes(stack: Stack) {
        let network = stack.add("Network", Vpc::new("10.0.0.0/16"));
        let group = SecurityGroup::new(&network, "servers");
        stack.add("Servers", group.allow_from_range("0.0.0.0/0", Port::tcp(443), "everybody"));
    }
}
CW1621 {
    fails(stack: Stack) {
        stack.add("Web", SsmSyncFleet::new("srv/web").servers(Servers::tagged("role", "web")));
    }
    passes(stack: Stack) {
        stack.add("Web", SsmSyncFleet::new("/srv/web").servers(Servers::tagged("role", "web")));
    }
}
CW1631 {
    fails(stack: Stack) {
        stack.add("Nightly", events::Rule::at("cron(15 3 * * * *)"));
    }
    passes(stack: Stack) {
        stack.add("Nightly", events::Rule::at("cron(15 3 * * ? *)"));
    }
}
CW1641 {
    fails(stack: Stack) {
        let flow = Flow::new()
            .state("Look", Pass::new().next("Dome"))
            .state("Done", Succeed::new());
        stack.add("Machine", StateMachine::new(flow));
    }
    passes(stack: Stack) {
        let flow = Flow::new()
            .state("Look", Pass::new().next("Done"))
            .state("Done", Succeed::new());
        stack.add("Machine", StateMachine::new(flow));
    }
}
CW1642 {
    fails(stack: Stack) {
        let jobs = stack.add("Jobs", Queue::new());
        stack.add("Nightly", Schedule::at("every day", &jobs));
    }
    passes(stack: Stack) {
        let jobs = stack.add("Jobs", Queue::new());
        stack.add("Nightly", Schedule::at("rate(1 day)", &jobs));
    }
}
CW1651 {
    fails(stack: Stack) {
        let orders = stack.add("Orders", Function::new(Code::s3("releases", "orders.zip")));
        stack.add("Api", HttpApi::new()).route("GET orders", &orders);
    }
    passes(stack: Stack) {
        let orders = stack.add("Orders", Function::new(Code::s3("releases", "orders.zip")));
        stack.add("Api", HttpApi::new()).route("GET /orders", &orders);
    }
}
}
