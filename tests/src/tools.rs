//! Where the pinned third-party programs are that `cargo xtask test` prepares.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The path of `program` (such as `bin/cfn-lint`) of the prepared `tool`.
///
/// # Panics
/// If the tool is not there, with the command that prepares it.
#[must_use]
pub fn require(tool: &str, program: &str) -> PathBuf {
    let path = home().join(tool).join(program);
    assert!(
        path.exists(),
        "{tool} is missing at {}: run `cargo xtask test` (prepares target/tools)",
        path.display()
    );
    path
}

/// A file of `tests/support`, where the scripts and fixtures of these tests are.
#[must_use]
pub fn support(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("support")
        .join(file)
}

/// A command that inherits nothing but the search path: no credentials, no endpoint, no proxy of
/// the machine reaches a judge.
#[must_use]
pub fn isolated(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default());
    command.env("LC_ALL", "C.UTF-8");
    command
}

/// The program of the bundled handlers, in its quick build.
///
/// # Panics
/// If it is not there, with the command that builds it.
#[must_use]
pub fn bootstrap() -> PathBuf {
    built(
        "bootstrap",
        "cloudwright-runtime --features handlers,harness",
    )
}

/// The program that carries objects, in its quick build.
///
/// # Panics
/// If it is not there, with the command that builds it.
#[must_use]
pub fn worker() -> PathBuf {
    built("worker", "cloudwright-runtime --features worker")
}

/// The same program as it is in an image: with its C library in it.
///
/// # Panics
/// If it is not there, with the command that links it.
#[must_use]
pub fn worker_alone() -> PathBuf {
    built("worker-alone", "cloudwright-runtime --features worker")
}

/// The program `cargo-cloudwright` with all verbs, in its quick build.
///
/// # Panics
/// If it is not there, with the command that builds it.
#[must_use]
pub fn cargo_cloudwright() -> PathBuf {
    built("cargo-cloudwright", "cloudwright-deploy --features full")
}

/// The example `quickstart` with the verbs of deployment.
///
/// # Panics
/// If it is not there, with the command that builds it.
#[must_use]
pub fn quickstart() -> PathBuf {
    built("quickstart", "examples --features deploy")
}

/// The program of the example `object-catalog`, in its quick build.
///
/// # Panics
/// If it is not there, with the command that builds it.
#[must_use]
pub fn catalog() -> PathBuf {
    built("catalog", "catalog --features function")
}

/// A program whose SDK takes minutes to build, which is why the tests only use it.
fn built(program: &str, package: &str) -> PathBuf {
    let path = workspace()
        .join(target())
        .join("handlers-dev")
        .join(program);
    assert!(
        path.exists(),
        "{} is missing: run `cargo xtask test`, or `cargo build --profile handlers-dev --package {package}`",
        path.display()
    );
    path
}

/// `CLOUDWRIGHT_TOOLS` as set by `cargo xtask test`, else where that command puts the tools.
fn home() -> PathBuf {
    let chosen = env::var_os("CLOUDWRIGHT_TOOLS").map(PathBuf::from);
    workspace().join(chosen.unwrap_or_else(|| target().join("tools")))
}

/// The folder of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Where cargo builds, from the workspace.
fn target() -> PathBuf {
    let chosen = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    chosen.unwrap_or_else(|| PathBuf::from("target"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "run `cargo xtask test` (prepares target/tools)")]
    fn a_missing_tool_fails_and_says_what_to_run() {
        let _ = require("no-such-tool", "bin/no-such-tool");
    }

    #[test]
    fn credentials_of_the_machine_reach_no_judge() {
        let command = isolated(Path::new("env"));
        let names: Vec<_> = command
            .get_envs()
            .map(|(name, _)| name.to_owned())
            .collect();
        assert_eq!(names, ["LC_ALL", "PATH"]);
    }
}
