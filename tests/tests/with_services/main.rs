//! The services of the construct library with every setting in use: cfn-lint accepts them all.
//!
//! Each service has a module of its name with a function that fills stacks. A setting that the
//! library gains and that is not used there fails the second test, so the first one cannot fall
//! behind. To add a service: a module, and a line in `SERVICES`.

#![allow(unreachable_pub)] // every module here is private to this test

mod apigatewayv2;
mod applicationautoscaling;
mod autoscaling;
mod cache_sync;
mod cloudwatch;
mod defaults;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod events;
mod iam;
mod kms;
mod lambda;
mod logs;
mod notified_queue;
mod processing_pipeline;
mod queue_worker;
mod replicated_bucket;
mod s3;
mod scheduler;
mod secretsmanager;
mod settings;
mod sns;
mod sqs;
mod ssm;
mod ssm_sync_fleet;
mod stepfunctions;

use std::path::PathBuf;

use cloudwright::iam::{Principal, Role, Statement};
use cloudwright::{App, Environment, Stack};
use tempfile::TempDir;
use tests::cfn_lint::assert_clean;
use tests::parliament;

/// The name of a service, what fills a stack with it, and the text of that module.
type Service = (&'static str, fn(&Stack), &'static str);

const SERVICES: &[Service] = &[
    (
        "apigatewayv2",
        apigatewayv2::fill,
        include_str!("apigatewayv2.rs"),
    ),
    (
        "applicationautoscaling",
        applicationautoscaling::fill,
        include_str!("applicationautoscaling.rs"),
    ),
    (
        "autoscaling",
        autoscaling::fill,
        include_str!("autoscaling.rs"),
    ),
    (
        "cloudwatch",
        cloudwatch::fill,
        include_str!("cloudwatch.rs"),
    ),
    ("defaults", defaults::fill, include_str!("defaults.rs")),
    ("dynamodb", dynamodb::fill, include_str!("dynamodb.rs")),
    ("ec2", ec2::fill, include_str!("ec2.rs")),
    ("ecr", ecr::fill, include_str!("ecr.rs")),
    ("ecs", ecs::fill, include_str!("ecs.rs")),
    ("events", events::fill, include_str!("events.rs")),
    ("iam", iam::fill, include_str!("iam.rs")),
    ("kms", kms::fill, include_str!("kms.rs")),
    ("lambda", lambda::fill, include_str!("lambda.rs")),
    ("logs", logs::fill, include_str!("logs.rs")),
    (
        "patterns/cache_sync",
        cache_sync::fill,
        include_str!("cache_sync.rs"),
    ),
    (
        "patterns/notified_queue",
        notified_queue::fill,
        include_str!("notified_queue.rs"),
    ),
    (
        "patterns/notified_queue/worker",
        queue_worker::fill,
        include_str!("queue_worker.rs"),
    ),
    (
        "patterns/processing_pipeline",
        processing_pipeline::fill,
        include_str!("processing_pipeline.rs"),
    ),
    (
        "patterns/replicated_bucket",
        replicated_bucket::fill,
        include_str!("replicated_bucket.rs"),
    ),
    (
        "patterns/ssm_sync_fleet",
        ssm_sync_fleet::fill,
        include_str!("ssm_sync_fleet.rs"),
    ),
    ("s3", s3::fill, include_str!("s3.rs")),
    ("scheduler", scheduler::fill, include_str!("scheduler.rs")),
    (
        "secretsmanager",
        secretsmanager::fill,
        include_str!("secretsmanager.rs"),
    ),
    ("sns", sns::fill, include_str!("sns.rs")),
    ("sqs", sqs::fill, include_str!("sqs.rs")),
    ("ssm", ssm::fill, include_str!("ssm.rs")),
    (
        "stepfunctions",
        stepfunctions::fill,
        include_str!("stepfunctions.rs"),
    ),
];

/// Every service in three kinds of stacks, and their templates.
fn templates() -> (TempDir, Vec<PathBuf>) {
    let app = App::new();
    for (path, fill, _) in SERVICES {
        let service = path.rsplit(['/', '_']).next().unwrap();
        let home = || Environment::new("123456789012", "us-east-1");
        fill(&app.stack(format!("{service}-full"), home()));
        fill(&app.stack(format!("{service}-strict"), home()).strict());
        fill(&app.stack(format!("{service}-anywhere"), Environment::agnostic()));
    }
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let folder = TempDir::new().unwrap();
    assembly.write_into(folder.path()).unwrap();
    let stacks = assembly.all_stacks().iter();
    let templates: Vec<_> = stacks
        .map(|stack| folder.path().join(stack.template_file()))
        .collect();
    // A pattern makes stacks of its own.
    assert!(templates.len() > 3 * SERVICES.len());
    (folder, templates)
}

#[test]
fn cfn_lint_accepts_every_service() {
    let (_folder, templates) = templates();
    assert_clean(&templates);
}

#[test]
fn parliament_accepts_every_policy_of_every_service() {
    let (_folder, templates) = templates();
    let policies = parliament::assert_clean_but_for_all_that_is_meant(&templates);
    assert!(policies > 200, "the services have {policies} policies");
}

#[test]
fn parliament_finds_a_misspelt_action_and_one_on_the_wrong_resource() {
    let app = App::new();
    let stack = app.stack("Wrong", Environment::new("123456789012", "us-east-1"));
    let jobs = stack.add("Jobs", cloudwright::sqs::Queue::new());
    for (id, action) in [("Misspelt", "sqs:SendMesage"), ("Wrong", "sns:Publish")] {
        let role = Role::assumed_by(Principal::service("ecs-tasks.amazonaws.com"));
        let queue = jobs.arn().cast::<String>();
        stack.add(id, role.statement(Statement::allow([action]).on(queue)));
    }
    let assembly = app.synth().unwrap_or_else(|findings| panic!("{findings}"));
    let folder = TempDir::new().unwrap();
    assembly.write_into(folder.path()).unwrap();
    let (policies, findings) = parliament::judge(&[folder.path().join("Wrong.template.json")]);
    assert_eq!((policies, findings.len()), (2, 2), "{findings:?}");
    assert!(findings.iter().any(|one| one.contains("UNKNOWN_ACTION")));
    assert!(findings.iter().any(|one| one.contains("RESOURCE_MISMATCH")));
}

#[test]
fn every_setting_of_every_service_is_in_use() {
    let unused: Vec<_> = SERVICES
        .iter()
        .flat_map(|(service, _, program)| settings::unused(service, program))
        .collect();
    assert!(unused.is_empty(), "not used by its module: {unused:#?}");
}
