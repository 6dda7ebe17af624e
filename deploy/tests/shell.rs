//! What `cargo cloudwright` gives to shells and to `man`, and how it says which release it is.
#![cfg(feature = "shell")]

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-cloudwright"));
    command.arg("cloudwright").args(arguments).output().unwrap()
}

#[track_caller]
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_version_names_the_release_of_the_facts() {
    let release = cloudwright_spec::release!();
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!("cargo cloudwright {version} (CloudFormation spec {release})\n");
    assert_eq!(said(&run(&["--version"])), expected);
    assert!(
        release.starts_with("20") && release.len() == 10,
        "{release}"
    );
}

#[test]
fn verbs_of_the_program_are_told_apart_from_those_that_nobody_has() {
    let refused = |verb: &str| {
        let output = run(&[verb]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let synth = refused("synth");
    assert!(
        synth.ends_with("   = help: run the program: `cargo run -- synth`\n"),
        "{synth}"
    );
    assert!(refused("sinth").contains("unrecognized subcommand 'sinth'"));
}

#[test]
fn each_shell_gets_a_script_with_every_verb() {
    for (shell, beginning) in [
        ("bash", "_cargo_cloudwright()"),
        ("fish", "# Print an optspec"),
        ("zsh", "#compdef cargo-cloudwright"),
    ] {
        let script = said(&run(&["completions", shell]));
        for expected in [beginning, "bundle", "completions", "man"] {
            assert!(
                script.contains(expected),
                "{shell}: no {expected}\n{script}"
            );
        }
    }
    assert_eq!(run(&["completions", "cmd"]).status.code(), Some(2));
}

#[test]
fn the_manual_has_a_page_for_the_program_and_for_each_verb() {
    let home = TempDir::new().unwrap();
    let folder = home.path().join("share/man1");
    let wrote = said(&run(&["man", "--out", folder.to_str().unwrap()]));
    let pages: Vec<_> = fs::read_dir(&folder).unwrap().collect();
    let expected = format!("wrote {} pages to {}\n", pages.len(), folder.display());
    assert_eq!(wrote, expected);
    let page = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let first = page("cargo-cloudwright.1");
    assert!(first.contains(".TH cargo-cloudwright 1"), "{first}");
    assert!(first.contains("cargo\\-cloudwright\\-bundle(1)"), "{first}");
    let bundle = page("cargo-cloudwright-bundle.1");
    for expected in [".SH SYNOPSIS", "\\-\\-key", "cargo cloudwright bundle"] {
        assert!(bundle.contains(expected), "no {expected}: {bundle}");
    }
    // The same again is the same, and nothing else is touched.
    fs::write(folder.join("other.1"), "mine").unwrap();
    let _ = said(&run(&["man", "--out", folder.to_str().unwrap()]));
    assert_eq!(
        (page("cargo-cloudwright.1"), page("other.1")),
        (first, "mine".to_owned())
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "mine").unwrap();
    let output = run(&["man", "--out", file.join("pages").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: cannot write to \""), "{error}");
    assert_eq!(run(&["man"]).status.code(), Some(2));
}
