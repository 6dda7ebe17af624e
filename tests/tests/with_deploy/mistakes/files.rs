//! Full disks, and readers who go away. A limit on the size of files stands in for a disk: what is written to a file
//! fails, what goes through a pipe does not.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::aws::wait_for;
use tests::deploys::{Deployer, TestStack, run};
use tests::engine::Engine;
use tests::tools::{cargo_cloudwright, isolated, quickstart};

use super::stopped;
use crate::hotswap;
use crate::{REGION, status, status_in, with_queue};

/// The same command where no file can get a byte.
fn on_a_full_disk(command: &Command) -> Command {
    within("trap '' XFSZ; ulimit -f 0; exec \"$@\"", command)
}

/// The same command within a script of bash, which has it as its arguments.
fn within(script: &str, command: &Command) -> Command {
    let mut shell = isolated(Path::new("bash"));
    shell.args(["-c", &format!("set -o pipefail; {script}"), "bash"]);
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell
        .current_dir(command.get_current_dir().unwrap())
        .stdin(Stdio::null());
    shell
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn outputs_that_cannot_be_written_leave_those_of_before_and_come_with_the_next_run() {
    let stack = TestStack::new("Written", REGION, with_queue(&json!({})));
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let file = deployer.folder().join("outputs.json");
    let before = "{\"Other\": {\"Url\": \"kept\"}}";
    fs::write(&file, before).unwrap();
    let before_names = names(deployer.folder());
    let command = deployer.command(&["deploy", "--quiet", "--outputs-file", "outputs.json"]);
    let said = "cannot write \"outputs.json\"";
    let _ = stopped(
        &mut on_a_full_disk(&command),
        3,
        said,
        "choose another file",
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    assert_eq!(names(deployer.folder()), before_names);
    // What is deployed is deployed.
    assert_eq!(status("Written").as_deref(), Some("CREATE_COMPLETE"));
    let again = deployer.run(&["deploy", "--json", "--outputs-file", "outputs.json"]);
    assert_eq!(again.ended(0).stack("Written")["outcome"], "unchanged");
    let outputs: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(outputs["Other"]["Url"], "kept");
    assert!(outputs["Written"]["Url"].is_string(), "{outputs}");
    // A folder that is not there is told before anything is deployed.
    let absent = ["deploy", "--outputs-file", "absent/outputs.json"];
    let mut absent = deployer.command(&absent);
    let run = stopped(&mut absent, 3, "cannot write \"absent/outputs.json\"", "");
    assert_eq!(run.out, "");
}

#[test]
fn results_that_cannot_be_written_are_told_after_the_work_is_done() {
    let stack = TestStack::new("Untold", REGION, with_queue(&json!({})));
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let full = |words: &[&str]| within("exec \"$@\" > /dev/full", &deployer.command(words));
    let said = "cannot write to standard output: ";
    for words in [
        &["deploy", "--quiet"][..],
        &["status", "--json"],
        &["outputs"],
        &["completions", "bash"],
    ] {
        let _ = stopped(&mut full(words), 3, said, "free space");
    }
    assert_eq!(status("Untold").as_deref(), Some("CREATE_COMPLETE"));
    let again = deployer.run(&["deploy", "--json"]).ended(0);
    assert_eq!(again.stack("Untold")["outcome"], "unchanged");
    // Where not even problems can be written, the exit code says it.
    let mute = within(
        "exec \"$@\" > /dev/full 2>&1",
        &deployer.command(&["status"]),
    );
    let _ = run(&mut { mute }).ended(3);
    let mute = within(
        "exec \"$@\" 2> /dev/full",
        &deployer.command(&["new", "a b"]),
    );
    let _ = run(&mut { mute }).ended(2);
    let mute = within("exec \"$@\" 2> /dev/full", &deployer.command(&["deploy"]));
    let _ = run(&mut { mute }).ended(0);
}

#[test]
fn a_program_that_cannot_write_its_assembly_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let region = "ap-south-2";
    let mut command = isolated(&quickstart());
    command
        .current_dir(folder.path())
        .args(["deploy", "--yes", "--quiet"])
        .env("HOME", folder.path())
        .env("AWS_ENDPOINT_URL", Engine::shared().endpoint())
        .env("AWS_REGION", region)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let said = "cannot write ";
    let help = "the assembly is written to the current folder";
    let _ = stopped(&mut on_a_full_disk(&command), 3, said, help);
    assert_eq!(status_in(region, "Uploads"), None);
    let _ = run(&mut command).ended(0);
    assert_eq!(
        status_in(region, "Uploads").as_deref(),
        Some("CREATE_COMPLETE")
    );
    assert_eq!(names(folder.path()), ["cloudwright.out"]);
}

/// A swap that this machine could not remember could never be brought back.
#[test]
fn functions_are_not_swapped_where_that_cannot_be_remembered() {
    let name = "Forgotten";
    let deployer = Deployer::new(Engine::shared(), &[hotswap::stack(name, "1", "calm")]);
    let _ = deployer.run(&["bootstrap", "--yes"]).ended(0);
    let _ = deployer.run(&["deploy", "--yes"]).ended(0);
    deployer.write(&[hotswap::stack(name, "1", "merry")]);
    let swap = deployer.command(&["deploy", "--hotswap", "--quiet"]);
    let said = "Forgotten: cannot use ";
    let _ = stopped(
        &mut on_a_full_disk(&swap),
        3,
        said,
        "functions were swapped",
    );
    assert_eq!(hotswap::told(&deployer), json!(["1", "calm"]));
    let swapped = deployer.run(&["deploy", "--hotswap", "--json"]).ended(0);
    assert_eq!(swapped.stack(name)["outcome"], "swapped");
    assert_eq!(hotswap::told(&deployer), json!(["1", "merry"]));
}

#[test]
fn a_project_and_a_local_aws_that_find_no_room_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let command = |words: &[&str]| {
        let mut command = isolated(&cargo_cloudwright());
        command
            .current_dir(folder.path())
            .args(words)
            .env("HOME", folder.path())
            .env("CLOUDWRIGHT_HOME", folder.path().join("home"));
        command
    };
    let new = run(&mut on_a_full_disk(&command(&["new", "uploads"]))).ended(3);
    assert!(
        new.err.starts_with("error: cannot write \"uploads\": "),
        "{}",
        new.err
    );
    assert!(!folder.path().join("uploads").exists());
    let _ = run(&mut command(&["new", "uploads"])).ended(0);

    let mut up = on_a_full_disk(&command(&["local", "up"]));
    let up = run(&mut up).ended(3);
    let said = up
        .err
        .lines()
        .find(|line| line.starts_with("error: "))
        .unwrap();
    assert!(said.contains("File too large"), "{}", up.err);
    let down = run(&mut command(&["local", "down"])).ended(0);
    assert_eq!(down.out, "there is no local AWS for this folder\n");
}

#[test]
fn a_reader_who_has_read_enough_is_no_failure() {
    let stack = TestStack::new("Skimmed", REGION, with_queue(&json!({})));
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    // `head` is gone before the results come.
    let head = |words: &[&str]| within("\"$@\" | head -n 0", &deployer.command(words));
    let _ = run(&mut head(&["deploy", "--quiet"])).ended(0);
    assert_eq!(status("Skimmed").as_deref(), Some("CREATE_COMPLETE"));
    for words in [
        &["status"][..],
        &["events"],
        &["resources", "--json"],
        &["diff"],
        &["drift"],
        &["doctor"],
        &["publish"],
        &["alarms"],
        &["completions", "zsh"],
    ] {
        let closed = run(&mut head(words)).ended(0);
        assert!(!closed.err.contains("error: "), "{words:?}: {}", closed.err);
    }
}

/// Whoever follows events and stops to read ends the program, though the operation goes on.
#[test]
fn events_are_not_followed_for_nobody() {
    let held = crate::held::held(&[]);
    let stack = TestStack::new("Unread", REGION, held);
    let deployer = Deployer::new(Engine::shared(), &[stack]);
    let mut deploy = deployer.start(&["deploy", "--yes"]);
    deploy.until("Unread: creating");
    wait_for("the operation", || {
        (status("Unread")? == "CREATE_IN_PROGRESS").then_some(())
    });
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut follow = deployer.command(&["events", "--follow"]);
    let ended = follow
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), &b""[..]));
    assert_eq!(status("Unread").as_deref(), Some("CREATE_IN_PROGRESS"));
    crate::held::let_go(&Engine::shared().client(REGION), "Unread");
    let _ = deploy.end().ended(0);
}
