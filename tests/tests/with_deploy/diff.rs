//! `diff` with what is deployed: everything is told, and nothing is changed.

use serde_json::{Value, json};
use tests::deploys::{Deployer, Run, TestStack, run};
use tests::engine::Engine;
use tests::tools::{isolated, quickstart};

use crate::{REGION, status, with_queue};

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|why| panic!("{why}: {run:?}"))
}

#[test]
fn what_a_deployment_would_do_is_told_and_nothing_is_done() {
    let name = "Compared";
    let named =
        |queue: &str| TestStack::new(name, REGION, with_queue(&json!({ "QueueName": queue })));
    let deployer = Deployer::new(Engine::shared(), &[named("compared-1")]);
    let new = document(&deployer.run(&["diff", "--json"]).ended(0));
    assert_eq!(new["stacks"][0]["status"], "added");
    assert_eq!(status(name), None);
    let _ = deployer.run(&["deploy"]).ended(0);
    let same = deployer.run(&["diff", "--fail-on", "any"]).ended(0);
    assert_eq!(same.out, "Stack Compared is as it should be\n");

    deployer.write(&[named("compared-2")]);
    for asks in [true, false] {
        let quiet: &[&str] = if asks { &[] } else { &["--no-change-set"] };
        let changed =
            deployer.run(&[&["diff", "--json", "--fail-on", "destructive"][..], quiet].concat());
        let changed = &document(&changed.ended(1))["stacks"][0];
        assert_eq!(
            changed["compared"],
            if asks { "changeSet" } else { "templates" }
        );
        assert_eq!(changed["losses"][0]["path"], "Compared/Jobs");
        assert_eq!(changed["changes"].as_array().unwrap().is_empty(), !asks);
        assert_eq!(changed["difference"]["resources"][0]["replacement"], "yes");
    }
    let shown = deployer.run(&["diff"]).ended(0).out;
    assert!(
        shown.contains("Jobs Compared/Jobs (src/Compared.rs:7): it is replaced"),
        "{shown}"
    );
    let aws = Engine::shared().client(REGION);
    let sets = aws.call(
        "cloudformation",
        "ListChangeSets",
        &json!({ "StackName": name }),
    );
    let left = sets["Summaries"].as_array().into_iter().flatten();
    let left: Vec<_> = left
        .filter(|set| set["ChangeSetName"].as_str().unwrap().ends_with("-look"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(status(name).as_deref(), Some("CREATE_COMPLETE"));
}

#[test]
fn the_users_own_program_compares_with_what_is_deployed_too() {
    let folder = tempfile::tempdir().unwrap();
    let program = |arguments: &[&str]| {
        let mut command = isolated(&quickstart());
        command
            .current_dir(folder.path())
            .args(arguments)
            .env("HOME", folder.path());
        command
            .env("AWS_ENDPOINT_URL", Engine::shared().endpoint())
            .env("AWS_REGION", "ap-northeast-1");
        command
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
        run(command.env("AWS_EC2_METADATA_DISABLED", "true"))
    };
    let new = document(&program(&["diff", "--deployed", "--json"]).ended(0));
    assert_eq!(new["stacks"][0]["status"], "added");
    let alone = program(&["diff", "--no-change-set"]).ended(2);
    assert!(alone.err.contains("--deployed"), "{}", alone.err);
}
