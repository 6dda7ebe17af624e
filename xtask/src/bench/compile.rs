//! What a user waits for: compiling an app that only synthesizes, in a folder outside the workspace,
//! with the program of the quickstart example as its source.
//!
//! The app takes the library from a registry (`registry.rs`), as a user does, so only the app itself is
//! compiled incrementally, which is cargo's default. Every figure is CPU seconds of cargo and all
//! compilers that it ran, user and system; on a busy machine the least of several runs says most.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::Settings;
use super::measure::Costs;
use super::report::{Figure, OURS, Row};
use crate::registry::{self, write};
use crate::tidy::{MOST_THIRD_PARTY, third_party_crates};
use crate::{Outcome, workspace_root};

/// A clean build takes long and varies little.
const MOST_RUNS: usize = 3;

/// The default features: what a newcomer builds.
pub(super) fn run(settings: &Settings) -> Outcome<Vec<Row>> {
    let folder = TempDir::new().map_err(|e| e.to_string())?;
    let app = App::write(folder.path(), "")?;
    let clean = app.clean(settings.runs.min(MOST_RUNS), &["build"])?;
    let edited = app.edited(settings.runs)?;
    Ok(vec![
        row("clean debug build", clean).goal(22.0),
        row("edit and build", edited).goal(0.5),
        third_party_crates_row()?,
    ])
}

/// Every service of CloudFormation at once.
pub(super) fn all(settings: &Settings) -> Outcome<Vec<Row>> {
    let folder = TempDir::new().map_err(|e| e.to_string())?;
    let app = App::write(folder.path(), "features = [\"all\"]")?;
    Ok(vec![
        row(
            "check with `all`",
            app.clean(settings.runs.min(MOST_RUNS), &["check"])?,
        )
        .goal(35.0),
    ])
}

fn row(work: &str, costs: Costs) -> Row {
    Row::new(work, OURS, Figure::Costs(costs))
}

/// A user's package in a folder of its own.
struct App<'a> {
    folder: &'a Path,
    program: String,
}

impl<'a> App<'a> {
    fn write(folder: &'a Path, features: &str) -> Outcome<Self> {
        let root = workspace_root();
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies.cloudwright]\nversion = \"{}\"\n{features}\n\n[workspace]\n",
            env!("CARGO_PKG_VERSION")
        );
        let read =
            |file: &str| fs::read_to_string(root.join(file)).map_err(|e| format!("{file}: {e}"));
        let app = Self {
            folder,
            program: read("examples/quickstart/main.rs")?,
        };
        // The same versions as the workspace.
        write(&folder.join("Cargo.lock"), &read("Cargo.lock")?)?;
        app.write_program("")?;
        write(&folder.join("Cargo.toml"), &manifest)?;
        registry::serve(folder)?;
        Ok(app)
    }

    /// Writes the program with `lines` in front of `main`.
    fn write_program(&self, lines: &str) -> Outcome {
        let text = self
            .program
            .replacen("fn main", &format!("{lines}fn main"), 1);
        write(&self.folder.join("src/main.rs"), &text)
    }

    /// Builds from nothing; what cargo downloads is there before.
    fn clean(&self, runs: usize, arguments: &[&str]) -> Outcome<Costs> {
        Costs::of(runs, |_| {
            let target = self.folder.join("target");
            if target.exists() {
                fs::remove_dir_all(&target).map_err(|e| format!("{}: {e}", target.display()))?;
            }
            let mut command = self.cargo();
            command.args(arguments);
            Ok(command)
        })
    }

    /// Builds again after a line was put in front of `main`, which moves all that follows.
    fn edited(&self, runs: usize) -> Outcome<Costs> {
        Costs::of(runs, |run| {
            self.write_program(&"// edited\n".repeat(run + 1))?;
            let mut command = self.cargo();
            command.arg("build");
            Ok(command)
        })
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(self.folder)
            .env_remove("CARGO_INCREMENTAL")
            .env("CARGO_TARGET_DIR", self.folder.join("target"));
        cargo
    }
}

fn third_party_crates_row() -> Outcome<Row> {
    let count = third_party_crates(&registry::library_tree()?).len();
    // A count of crates is exact in a float.
    #[allow(clippy::cast_precision_loss)]
    let most = MOST_THIRD_PARTY as f64;
    Ok(Row::new("third-party crates", OURS, Figure::Count(count)).goal(most))
}
