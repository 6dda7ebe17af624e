//! The programs that transcripts run: one that is right, and those that beginners write.
//!
//! Transcripts show line numbers of this file.

use crate::App;
use cloudwright_cfn::cloudformation::{self, lambda_hook};
use cloudwright_synth::{Environment, Handle, RawResource, Stack, json, rules};

use crate::error::Error;

pub(super) type Demo = fn(&App) -> Result<(), Error>;

/// The program that a transcript calls by this name.
pub(super) fn program(name: &str) -> Option<Demo> {
    Some(match name.rsplit('/').next()? {
        "uploads" => uploads,
        "mistakes" => mistakes,
        "unreadable" => unreadable,
        "text-error" => text_error,
        "empty" => |_| Ok(()),
        "many" => many,
        "nested" => nested,
        "doubtful" => doubtful,
        "guarded" => guarded,
        "patterns" => patterns,
        "releases" => super::releases::releases,
        name => return super::orders::program(name),
    })
}

/// Uploads of two stages: a bucket, a queue that hears of new objects, and what watches it.
fn uploads(app: &App) -> Result<(), Error> {
    app.account("prod", "123456789012");
    let dev = app.stage("Dev");
    storage(&dev.stack("Storage", Environment::region("eu-central-1")));
    let prod = app.stage("Prod");
    let environment = Environment::new("prod", "eu-central-1");
    let queue = storage(&prod.stack("Storage", environment.clone()));
    let watch = prod.stack("Watch", environment);
    let owner = app.context("owner").unwrap_or("nobody".into());
    watch.add("Backlog", alarm(&queue).property("AlarmDescription", owner));
    Ok(())
}

fn storage(stack: &Stack) -> Handle {
    let queue = stack.add("Incoming", queue());
    stack.add("Uploads", bucket());
    stack.output("QueueUrl", queue.attribute::<String>("QueueUrl"));
    queue
}

fn bucket() -> RawResource {
    let versioned = json!({ "Status": "Enabled" });
    RawResource::new("AWS::S3::Bucket").property("VersioningConfiguration", versioned)
}

fn queue() -> RawResource {
    RawResource::new("AWS::SQS::Queue").property("VisibilityTimeout", 300)
}

fn alarm(queue: &Handle) -> RawResource {
    let name = queue.attribute::<String>("QueueName");
    RawResource::new("AWS::CloudWatch::Alarm")
        .property("Namespace", "AWS/SQS")
        .property("MetricName", "ApproximateAgeOfOldestMessage")
        .property(
            "Dimensions",
            json!([{ "Name": "QueueName", "Value": name }]),
        )
        .property("ComparisonOperator", "GreaterThanThreshold")
        .property("EvaluationPeriods", 1)
        .property("Threshold", 600)
}

/// Several mistakes, all of which are shown at once.
fn mistakes(app: &App) -> Result<(), Error> {
    let stack = app.stack("Storage", Environment::new("1234", "eu-central"));
    stack.add("Uploads", bucket());
    stack.add("Uploads", bucket());
    stack.add("Übersicht", queue());
    app.scope().add("Incoming", queue());
    Ok(())
}

/// A file that is not there.
fn unreadable(app: &App) -> Result<(), Error> {
    app.stack("Storage", Environment::agnostic());
    std::fs::read_to_string("/nowhere/names.txt")?;
    Ok(())
}

/// An error of the program's own making, with a cause.
fn text_error(app: &App) -> Result<(), Error> {
    app.stack("Storage", Environment::agnostic());
    Err("the owner is not set: run with `-c owner=TEAM`".into())
}

/// More stacks than a message wants to list.
fn many(app: &App) -> Result<(), Error> {
    for number in 1..=30 {
        let stack = app.stack(format!("Tenant{number:02}"), Environment::agnostic());
        stack.add("Incoming", queue());
    }
    Ok(())
}

/// A stack within a stack, and one whose name its path does not tell.
fn nested(app: &App) -> Result<(), Error> {
    let stack = app.stack("Storage", Environment::agnostic());
    let archive = stack.nested_stack("Archive");
    archive.add("Uploads", bucket());
    app.stack("Mail", Environment::agnostic())
        .stack_name("team-a-mail")
        .add("Incoming", queue());
    Ok(())
}

/// A stack that is allowed, but likely not meant.
fn doubtful(app: &App) -> Result<(), Error> {
    let stack = app.stack("Storage", Environment::agnostic());
    stack.add("Incoming", queue());
    let message = "412 resources, 500 are allowed";
    stack.warn(
        &rules::NEAR_LIMIT,
        message,
        "move a part of them to another stack",
    );
    Ok(())
}

/// A value that only a regular expression can refuse.
fn patterns(app: &App) -> Result<(), Error> {
    let stack = app.stack("Storage", Environment::agnostic());
    stack.add("Guard", guard());
    Ok(())
}

fn guard() -> cloudformation::LambdaHook {
    cloudformation::LambdaHook::new(lambda_hook::Required {
        alias: "aws::uploads::guard",
        execution_role: "arn:aws:iam::123456789012:role/guard",
        failure_mode: lambda_hook::FailureMode::Warn,
        hook_status: lambda_hook::HookStatus::Enabled,
        lambda_function: "guard",
        target_operations: [lambda_hook::TargetOperations::Stack],
    })
}

/// Checks of the program's own, one of which fails itself.
fn guarded(app: &App) -> Result<(), Error> {
    app.check(Failing);
    app.check(Named);
    let stack = app.stack("Storage", Environment::agnostic());
    stack.add("Incoming", queue());
    Ok(())
}

static UNNAMED: crate::Rule = crate::Rule {
    code: "ACME01",
    severity: crate::Severity::Warning,
    title: "queue without a name",
    explanation: "Our dashboards find queues by their names.",
    fix: "Set QueueName.",
    page: "https://wiki.acme.example/queues",
};

struct Named;

impl crate::Check for Named {
    fn kinds(&self) -> &[&'static str] {
        &["AWS::SQS::Queue"]
    }

    fn resource(
        &self,
        queue: &crate::TemplateResource,
        _: &crate::View<'_>,
        found: &mut crate::Found,
    ) {
        if queue.properties().get("QueueName").is_none() {
            found.tell(&UNNAMED, "the queue has no name", "name it");
        }
    }
}

struct Failing;

impl crate::Check for Failing {
    fn name(&self) -> &'static str {
        "acme::Failing"
    }

    fn kinds(&self) -> &[&'static str] {
        &["AWS::SQS::Queue"]
    }

    fn resource(&self, _: &crate::TemplateResource, _: &crate::View<'_>, _: &mut crate::Found) {
        // Says nothing to the streams of the tests, as a panic's hook would.
        std::panic::resume_unwind(Box::new("no owner is known"));
    }
}
