//! `cargo cloudwright new`: a project of it is built offline on this checkout, synthesizes, and its test passes; what cannot
//! be made is told, and leaves nothing behind.
#![cfg(feature = "new")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn new(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-cloudwright"));
    command
        .args(["cloudwright", "new"])
        .args(arguments)
        .current_dir(folder);
    command.output().unwrap()
}

#[track_caller]
fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Everything in a folder, by name.
fn inside(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Runs cargo in a project, without a network; what is compiled stays for the next run of this test.
#[track_caller]
fn cargo(project: &Path, arguments: &[&str], accept: &str) -> String {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(project);
    cargo
        .env("CARGO_NET_OFFLINE", "true")
        .env("INSTA_UPDATE", accept);
    cargo.env(
        "CARGO_TARGET_DIR",
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("new"),
    );
    let output = cargo.output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[test]
fn a_project_is_built_offline_synthesizes_and_is_tested() {
    let home = TempDir::new().unwrap();
    let checkout = checkout();
    let made = new(
        home.path(),
        &["my-uploads", "--path", checkout.to_str().unwrap()],
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert_eq!(
        text(&made.stdout),
        "made my-uploads: `cd my-uploads`, then `cargo run -- synth`\n"
    );
    let project = home.path().join("my-uploads");
    let files = [
        ".github",
        ".gitignore",
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "src",
        "tests",
    ];
    assert_eq!(inside(&project), files);
    let readme = fs::read_to_string(project.join("README.md")).unwrap();
    for command in ["cargo run -- synth", "INSTA_UPDATE=always cargo test"] {
        assert!(readme.contains(command), "{readme}");
    }
    let said = cargo(&project, &["run", "--quiet", "--", "synth"], "no");
    assert!(said.contains("Uploads"), "{said}");
    assert!(
        project
            .join("cloudwright.out/Uploads.template.json")
            .exists()
    );
    cargo(&project, &["test", "--quiet"], "always");
    assert_eq!(inside(&project.join("snapshots")), ["Uploads.snap"]);
    cargo(&project, &["test", "--quiet"], "no");
}

#[test]
fn every_example_is_told_and_made_with_the_published_names() {
    let home = TempDir::new().unwrap();
    let examples = [
        "environments",
        "handler",
        "pypi-cache",
        "quickstart",
        "replicated-bucket",
        "ssm-sync-fleet",
    ];
    for (number, example) in examples.iter().enumerate() {
        let name = format!("p{number}");
        let made = new(home.path(), &[&name, "--from", example]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        let project = home.path().join(&name);
        let manifest = fs::read_to_string(project.join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("cloudwright = { version = \"0.1.0\""),
            "{manifest}"
        );
        let program = fs::read_to_string(project.join("src/main.rs")).unwrap();
        assert!(program.contains("cloudwright::main("), "{program}");
        assert_eq!(
            project.join("book/Cargo.toml").exists(),
            *example == "handler"
        );
        assert!(!program.contains("package!(\"handler/"), "{program}");
    }
}

#[test]
fn what_cannot_be_made_is_told_and_leaves_nothing_behind() {
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join("there")).unwrap();
    fs::write(home.path().join("file"), "mine").unwrap();
    let cases: [(&[&str], &str); 6] = [
        (&["there"], "\"there\" is there already"),
        (&["file"], "\"file\" is there already"),
        (&["2x"], "\"2x\" is no name for a crate"),
        (
            &["x", "--from", "nothing"],
            "there are quickstart, environments, handler",
        ),
        (&["x", "--path", "there"], "it has no constructs/Cargo.toml"),
        (&["x", "--path", "missing"], "is no checkout of cloudwright"),
    ];
    for (arguments, said) in cases {
        let output = new(home.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = text(&output.stderr);
        assert!(
            error.starts_with("error: ") && error.contains(said),
            "{error}"
        );
        assert!(error.contains("= help: "), "{error}");
        assert_eq!(inside(home.path()), ["file", "there"]);
    }
    assert_eq!(
        fs::read_to_string(home.path().join("file")).unwrap(),
        "mine"
    );
    assert!(inside(&home.path().join("there")).is_empty());
}
