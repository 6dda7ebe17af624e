//! A program's command line as a process: what its transcripts (`constructs/tests/cli`) cannot show.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tests::examples;

fn uploads(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uploads"));
    command.current_dir(folder).env_remove("CDK_OUTDIR");
    command
}

#[test]
fn the_process_ends_with_the_exit_code() {
    let folder = TempDir::new().unwrap();
    let code = |arguments: &[&str]| {
        let output = uploads(folder.path()).args(arguments).output().unwrap();
        output.status.code()
    };
    assert_eq!(code(&["check"]), Some(0));
    assert_eq!(code(&["check", "-c", "timeout=soon"]), Some(1));
    assert_eq!(code(&[]), Some(2));
    fs::write(folder.path().join("taken"), "").unwrap();
    assert_eq!(code(&["synth", "--out", "taken"]), Some(3));
}

#[test]
fn templates_land_in_the_current_folder() {
    let folder = TempDir::new().unwrap();
    let output = uploads(folder.path()).arg("synth").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("Wrote 1 stack to cloudwright.out (no warnings)\n"),
        "{said}"
    );
    assert!(!said.contains('\x1b'), "colours in a pipe: {said}");
    let template = folder.path().join("cloudwright.out/Uploads.template.json");
    let printed = uploads(folder.path())
        .args(["synth", "--print"])
        .output()
        .unwrap();
    assert_eq!(fs::read(template).unwrap(), printed.stdout);
}

#[test]
fn a_reader_that_closes_early_is_no_error() {
    let folder = TempDir::new().unwrap();
    let mut child = uploads(folder.path())
        .args(["synth", "--print"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = TempDir::new().unwrap();
    let full = fs::File::create("/dev/full").unwrap();
    let output = uploads(folder.path())
        .args(["synth", "--print"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot write to standard output"), "{said}");
}

#[test]
fn without_the_feature_a_full_check_says_which() {
    let mut command = Command::new(examples::program("environments"));
    let output = command.args(["check", "--full"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("`cargo add cloudwright --features full`"),
        "{said}"
    );
}
