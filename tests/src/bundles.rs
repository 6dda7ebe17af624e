//! Packages of functions, made as a deployment makes them: by `cargo-cloudwright` on `PATH`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::examples::{Assembly, build_programs, target};
use crate::tools::isolated;

/// A machine that synthesizes and deploys: `cargo-cloudwright` is on its `PATH`, and checkouts are
/// remembered in a folder of this test.
#[derive(Debug)]
pub struct Machine {
    home: TempDir,
}

/// The context value that puts this machine's processor into template and key.
///
/// # Panics
/// On a processor that Lambda has not.
#[must_use]
pub fn own_processor() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "cloudwright:architecture=x86_64",
        "aarch64" => "cloudwright:architecture=arm64",
        other => panic!("Lambda has no {other}"),
    }
}

impl Machine {
    /// A machine that knows no checkout.
    ///
    /// # Panics
    /// If `cargo-cloudwright` does not compile.
    #[must_use]
    pub fn new() -> Self {
        programs();
        Self {
            home: TempDir::new().expect("a temporary folder for cloudwright"),
        }
    }

    /// A program on this machine, started elsewhere than in any checkout.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = isolated(program);
        for (name, value) in self.variables() {
            command.env(name, value);
        }
        command.current_dir(self.home.path());
        command
    }

    /// The environment of its programs.
    ///
    /// # Panics
    /// If `PATH` cannot be extended.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, OsString)> {
        let path = env::var_os("PATH").unwrap_or_default();
        let path = [programs().to_owned()]
            .into_iter()
            .chain(env::split_paths(&path));
        let path = env::join_paths(path).expect("a search path of folders");
        let mut variables = vec![
            ("PATH", path),
            ("CARGO_TARGET_DIR", target().into_os_string()),
            ("CLOUDWRIGHT_HOME", self.home.path().as_os_str().to_owned()),
        ];
        // Without these two, cargo and its toolchains are in the home folder.
        let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let set = env::var_os(name);
            variables.push((name, set.unwrap_or_else(|| home.join(folder).into())));
        }
        variables
    }

    /// Runs the command of an asset, exactly as the assembly has it.
    ///
    /// # Panics
    /// If it is no command of `cargo-cloudwright`.
    #[must_use]
    pub fn run(&self, executable: &[String]) -> Output {
        let (program, arguments) = executable.split_first().expect("a command has a program");
        assert_eq!(program, "cargo-cloudwright");
        let mut command = self.command(Path::new(program));
        let output = command.args(arguments).output();
        output.expect("cargo-cloudwright is on PATH")
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

/// The folder of `cargo-cloudwright`, built once.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| build_programs("cloudwright-deploy", &[]))
}

/// A file of an asset manifest that is made when it is deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFile {
    /// Its key, without the `.zip` that the object's name ends with.
    pub key: String,
    /// The command that makes it and prints where it is.
    pub executable: Vec<String>,
}

/// The files of a stack that are made when it is deployed.
///
/// # Panics
/// If the stack has no asset manifest.
#[track_caller]
#[must_use]
pub fn made_files(assembly: &Assembly, stack: &str) -> Vec<MadeFile> {
    let path = assembly.folder().join(format!("{stack}.assets.json"));
    let text = fs::read_to_string(&path).expect("the stack has an asset manifest");
    let manifest: Value = serde_json::from_str(&text).expect("a manifest is JSON");
    let files = manifest["files"].as_object().into_iter().flatten();
    let made = files.filter_map(|(key, file)| {
        let words = file["source"]["executable"].as_array()?;
        let words = words.iter().filter_map(Value::as_str);
        Some(MadeFile {
            key: key.clone(),
            executable: words.map(str::to_owned).collect(),
        })
    });
    made.collect()
}
