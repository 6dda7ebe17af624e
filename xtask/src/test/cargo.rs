//! The checks that cargo itself runs.

use std::process::Command;

use cloudwright_bundle::build::without_caller;
use serde_json::Value;

use crate::process::{capture, run};
use crate::tools::{TOOLS_VARIABLE, directory};
use crate::{Outcome, target_dir, workspace_root};

/// Test files whose name begins so need the tools; `--fast` leaves them out.
const NEEDS_TOOLS: &str = "with_";

/// The package whose test files cross crates.
const CROSSING: &str = "tests";

pub(super) fn format() -> Outcome {
    run(cargo().args(["fmt", "--all", "--check"]))
}

pub(super) fn lints() -> Outcome {
    run(cargo().args([
        "clippy",
        "--keep-going",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

/// What `deny.toml` says of licenses, of crates that are not to come in, and of where crates come from. Known
/// vulnerabilities are not looked up: their list is no package of a registry, and a new one would break what built before.
pub(super) fn dependencies() -> Outcome {
    let program = directory(&target_dir()).join("cargo-deny/bin/cargo-deny");
    let checks = ["check", "licenses", "bans", "sources"];
    run(Command::new(program)
        .current_dir(workspace_root())
        .args(["--locked", "--log-level", "error"])
        .args(checks))
}

pub(super) fn docs() -> Outcome {
    run(cargo()
        .env("RUSTDOCFLAGS", "-D warnings")
        .args(["doc", "--no-deps", "--workspace"]))
}

/// All tests, doc tests included. A failing package does not stop the others.
pub(super) fn tests(fast: bool, filter: Option<&str>) -> Outcome {
    if !fast {
        return run(&mut test(filter, &["--workspace"]));
    }
    let (left_out, kept) = crossing_tests()?;
    eprintln!("left out by --fast: {}", left_out.join(", "));
    run(&mut test(filter, &["--workspace", "--exclude", CROSSING]))?;
    let mut selection = vec!["--package", CROSSING, "--lib"];
    selection.extend(kept.iter().flat_map(|name| ["--test", name.as_str()]));
    run(&mut test(filter, &selection))
}

/// What is built with the SDK, whoever asks for a part of it: another choice of features would compile the SDK once more.
pub(crate) const WITH_SDK: [&str; 14] = [
    "--package",
    "cloudwright-runtime",
    "--package",
    "cloudwright-deploy",
    "--package",
    "examples",
    "--package",
    "convert",
    "--package",
    "catalog",
    "--features",
    "handlers,harness,worker,full,deploy,function",
    "--profile",
    "handlers-dev",
];

/// What needs the SDK, which nothing else compiles since its build takes minutes: the handlers of functions,
/// deployment, and examples that deploy themselves. All in one call, so that what they share is compiled once. Testing the programs also leaves
/// them where the tests of whole stacks look for them.
pub(super) fn with_sdk() -> Outcome {
    // A program without tests of its own, which other tests deploy.
    let programs = ["build", "--bin", "catalog"];
    run(cargo().args(programs).args(WITH_SDK))?;
    worker_alone(&WITH_SDK)?;
    let tests = run(cargo().args(["test", "--no-fail-fast"]).args(WITH_SDK));
    let lints =
        run(cargo()
            .arg("clippy")
            .args(WITH_SDK)
            .args(["--all-targets", "--", "-D", "warnings"]));
    tests.and(lints)
}

/// The command line with AWS's engine in it (`check --aws`), which nothing else compiles: it takes a minute and asks for
/// Rust 1.96. Older compilers of the last releases compile it, too. All tests of the command line run again: the engine
/// turns on features of `serde_json` that must not show.
pub(super) fn with_aws() -> Outcome {
    const BUILD: [&str; 6] = [
        "--package",
        "cloudwright",
        "--features",
        "validate",
        "--ignore-rust-version",
        "--lib",
    ];
    let tests = run(cargo().args(["test"]).args(BUILD).args(["--", "cli::"]));
    let lints =
        run(cargo()
            .arg("clippy")
            .args(BUILD)
            .args(["--profile", "test", "--", "-D", "warnings"]));
    tests.and(lints)
}

/// Links the program of the container image once more from the same objects, with its C library in it, as an image
/// needs it: to compile all of them anew for that would take minutes.
fn worker_alone(build: &[&str]) -> Outcome {
    let told = ["build", "--bin", "worker", "--message-format=json"];
    let messages = capture(cargo().args(told).args(build))?;
    let library = messages.lines().rev().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == "cloudwright_runtime";
        let mut files = list(&message["filenames"]).filter(|_| is_it);
        files
            .find_map(|file| Some(file.as_str()?.to_owned()).filter(|file| file.ends_with(".rlib")))
    });
    let library = library.ok_or("cargo built no library of the handlers")?;
    let place = target_dir().join("handlers-dev");
    let mut rustc = Command::new("rustc");
    rustc.current_dir(workspace_root().join("runtime"));
    rustc.args([
        "src/bin/worker.rs",
        "--edition",
        "2024",
        "-Ctarget-feature=+crt-static",
    ]);
    rustc
        .arg("--extern")
        .arg(format!("cloudwright_runtime={library}"));
    let dependencies = place.join("deps");
    rustc
        .arg("-L")
        .arg(format!("dependency={}", dependencies.display()));
    run(rustc.arg("-o").arg(place.join("worker-alone")))
}

/// The test files of the crossing package, those that need tools first.
fn crossing_tests() -> Outcome<(Vec<String>, Vec<String>)> {
    let metadata = capture(cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|e| format!("cargo metadata: {e}"))?;
    let names = list(&metadata["packages"])
        .filter(|package| package["name"] == CROSSING)
        .flat_map(|package| list(&package["targets"]))
        .filter(|target| list(&target["kind"]).any(|kind| kind == "test"))
        .filter_map(|target| target["name"].as_str().map(str::to_owned));
    Ok(names.partition(|name| name.starts_with(NEEDS_TOOLS)))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn test(filter: Option<&str>, selection: &[&str]) -> Command {
    let mut command = cargo();
    command.args(["test", "--no-fail-fast"]).args(selection);
    command.env(TOOLS_VARIABLE, directory(&target_dir()));
    command.args(filter);
    command
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace_root());
    // A snapshot is changed by a person who looked at it, never by a test run.
    cargo.env("INSTA_UPDATE", "no");
    // Who calls `cargo test` after `cargo xtask test` finds everything compiled.
    without_caller(&mut cargo);
    cargo
}
