//! What a user waits for: compiling an app that only synthesizes, in a folder outside the workspace,
//! with the program of the quickstart example as its source.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::Settings;
use super::measure::Costs;
use super::report::{Figure, OURS, Row};
use crate::process::capture;
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
        app.third_party_crates()?,
    ])
}

/// Every service of CloudFormation at once.
pub(super) fn all(_: &Settings) -> Outcome<Vec<Row>> {
    let folder = TempDir::new().map_err(|e| e.to_string())?;
    let app = App::write(folder.path(), "features = [\"all\"]")?;
    Ok(vec![
        row("check with `all`", app.clean(1, &["check"])?).goal(35.0),
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
        let path = root.join("constructs");
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies.cloudwright]\npath = {path:?}\n{features}\n\n[workspace]\n"
        );
        let read =
            |file: &str| fs::read_to_string(root.join(file)).map_err(|e| format!("{file}: {e}"));
        let app = Self {
            folder,
            program: read("examples/quickstart/main.rs")?,
        };
        app.put("Cargo.toml", &manifest)?;
        // The same versions as the workspace.
        app.put("Cargo.lock", &read("Cargo.lock")?)?;
        app.put("src/main.rs", &app.program)?;
        Ok(app)
    }

    fn put(&self, file: &str, text: &str) -> Outcome {
        let path = self.folder.join(file);
        let folder = path.parent().unwrap_or(self.folder);
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
        written.map_err(|e| format!("{}: {e}", path.display()))
    }

    /// Builds from nothing; what cargo downloads is there before.
    fn clean(&self, runs: usize, arguments: &[&str]) -> Outcome<Costs> {
        capture(self.cargo().arg("fetch"))?;
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
            let lines = "// edited\n".repeat(run + 1);
            self.put(
                "src/main.rs",
                &self
                    .program
                    .replacen("fn main", &format!("{lines}fn main"), 1),
            )?;
            let mut command = self.cargo();
            command.arg("build");
            Ok(command)
        })
    }

    fn third_party_crates(&self) -> Outcome<Row> {
        let arguments = ["tree", "--edges", "normal,build", "--prefix", "none"];
        let tree = capture(self.cargo().args(arguments))?;
        let count = third_party_crates(&tree).len();
        // A count of crates is exact in a float.
        #[allow(clippy::cast_precision_loss)]
        let most = MOST_THIRD_PARTY as f64;
        Ok(Row::new("third-party crates", OURS, Figure::Count(count)).goal(most))
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"));
        cargo
    }
}
