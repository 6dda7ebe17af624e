//! How the app is run, in another checkout.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The command of a program whose `synth` writes an assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    words: Vec<String>,
    /// The package of a program that cargo runs.
    package: Option<PathBuf>,
    /// Context values.
    context: Vec<(String, String)>,
}

impl Program {
    /// The command that a user wrote.
    #[must_use]
    pub fn of_command(command: &str, context: Vec<(String, String)>) -> Self {
        Self {
            words: command.split_whitespace().map(str::to_owned).collect(),
            package: None,
            context,
        }
    }

    /// The running program, as cargo runs it in another checkout.
    #[must_use]
    pub fn running(name: &str, context: Vec<(String, String)>) -> Self {
        let words = ["cargo", "run", "--bin", name, "--"];
        Self {
            words: words.map(str::to_owned).into(),
            package: env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
            context,
        }
    }

    /// Has the program write its assembly to `out`. It starts in `start`, a folder of the checkout at the second of
    /// `places`, as the checkout at the first one has it.
    pub(super) fn synthesize(
        &self,
        start: &Path,
        (top, checkout): (&Path, &Path),
        out: &Path,
    ) -> Result<(), String> {
        let (first, rest) = self.words.split_first().ok_or("its command is empty")?;
        let mut command = Command::new(first);
        command.current_dir(start);
        // Where it is compiled: beside what this checkout compiles, so that the next time takes less.
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| top.join("target"), PathBuf::from);
        command.env("CARGO_TARGET_DIR", target.join("cloudwright-review"));
        let package = self.package.as_ref();
        let package = package.and_then(|package| package.strip_prefix(top).ok());
        for word in rest {
            if let (Some(package), "--bin") = (package, word.as_str()) {
                let manifest = checkout.join(package).join("Cargo.toml");
                command.arg("--manifest-path").arg(manifest);
            }
            command.arg(word);
        }
        command.args(["synth", "--quiet", "--out"]).arg(out);
        for (key, value) in &self.context {
            command.arg("--context").arg(format!("{key}={value}"));
        }
        // What it says goes where our own messages go.
        match command.stdin(Stdio::null()).stdout(Stdio::null()).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(status.to_string()),
            Err(why) => Err(format!("\"{first}\" does not start: {why}")),
        }
    }
}
