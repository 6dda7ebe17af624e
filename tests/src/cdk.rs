//! The official CDK command line on an assembly, offline and without credentials: proof that what
//! we write can be handed to it at any time.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::engine::Engine;
use crate::tools::{isolated, require};

/// The account that moto's credentials are of.
const ACCOUNT: &str = "123456789012";

/// The official CLI, pointed at one assembly or program.
#[derive(Clone, Debug)]
pub struct Cdk {
    app: App,
}

#[derive(Clone, Debug)]
enum App {
    Assembly(PathBuf),
    Program(PathBuf),
}

impl Cdk {
    /// The CLI on the assembly in this folder.
    #[must_use]
    pub fn on(assembly: &Path) -> Self {
        Self {
            app: App::Assembly(assembly.to_owned()),
        }
    }

    /// The CLI starting this program, as in `cdk --app ./target/debug/uploads`.
    #[must_use]
    pub fn starting(program: &Path) -> Self {
        Self {
            app: App::Program(program.to_owned()),
        }
    }

    /// The stacks of the assembly: `cdk ls --long --json`.
    ///
    /// # Panics
    /// If the CLI is missing or refuses the assembly.
    #[track_caller]
    #[must_use]
    pub fn ls(&self) -> Value {
        parsed(&self.run(&["ls", "--long", "--json"]).stdout)
    }

    /// The template of a stack: `cdk synth STACK --json`.
    ///
    /// # Panics
    /// If the CLI is missing or refuses the assembly or the stack.
    #[track_caller]
    #[must_use]
    pub fn synth(&self, stack: &str) -> Value {
        parsed(&self.run(&["synth", stack, "--json"]).stdout)
    }

    /// How a stack differs from an old template, as the CLI words it:
    /// `cdk diff STACK --exclusively --template FILE`; without the flag the CLI adds the stacks that
    /// this one waits for, and then refuses to compare several with one template.
    ///
    /// # Panics
    /// If the CLI is missing or refuses the assembly, the stack or the template.
    #[track_caller]
    #[must_use]
    pub fn diff(&self, stack: &str, template: &Path) -> String {
        let template = template
            .to_str()
            .expect("the path of a test's template is text");
        let said = self.run(&["diff", stack, "--exclusively", "--template", template]);
        said.stdout + &said.stderr
    }

    /// The template of a stack of a program that is given a context value:
    /// `cdk synth STACK --context KEY=VALUE`.
    ///
    /// # Panics
    /// If the CLI is missing, or the program fails.
    #[track_caller]
    #[must_use]
    pub fn synth_with(&self, stack: &str, context: &str) -> Value {
        parsed(
            &self
                .run(&["synth", stack, "--json", "--context", context])
                .stdout,
        )
    }

    /// Deploys a stack to moto, and those before it, in a region: `cdk bootstrap`, then `cdk deploy STACK` in an empty
    /// folder. Both have the variables in their environment.
    ///
    /// # Panics
    /// If one of the two fails.
    #[track_caller]
    pub fn deploy(&self, stack: &str, region: &str, variables: &[(&str, OsString)]) {
        let deployed = self.try_deploy(stack, region, variables);
        deployed.unwrap_or_else(|said| panic!("{said}"));
    }

    /// As [`deploy`](Self::deploy).
    ///
    /// # Errors
    /// What the CLI says of why it fails.
    pub fn try_deploy(
        &self,
        stack: &str,
        region: &str,
        variables: &[(&str, OsString)],
    ) -> Result<(), String> {
        // The CLI takes the first label of another name for a bucket.
        let endpoint = Engine::moto().endpoint().replace("127.0.0.1", "localhost");
        let place = format!("aws://{ACCOUNT}/{region}");
        let arguments: [&[&str]; 2] = [
            &["bootstrap", &place],
            // Moto forgets what a stack exports that a change set made.
            &[
                "deploy",
                stack,
                "--require-approval=never",
                "--method=direct",
            ],
        ];
        for arguments in arguments {
            self.try_run(arguments, |command| {
                command.envs(variables.iter().map(|(name, value)| (name, value)));
                command.env("AWS_ENDPOINT_URL", &endpoint);
                command.env("AWS_REGION", region);
                command.env("AWS_ACCESS_KEY_ID", "test");
                command.env("AWS_SECRET_ACCESS_KEY", "test");
            })?;
        }
        Ok(())
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Said {
        let said = self.try_run(arguments, |_| {});
        said.unwrap_or_else(|said| panic!("{said}"))
    }

    fn try_run(
        &self,
        arguments: &[&str],
        extend: impl FnOnce(&mut Command),
    ) -> Result<Said, String> {
        let home = TempDir::new().expect("a temporary home for the CDK CLI");
        let app = match &self.app {
            App::Program(program) => program.clone(),
            App::Assembly(assembly) => {
                // The CLI leaves lock files in an assembly that it refuses.
                let copy = home.path().join("assembly");
                copy_folder(assembly, &copy).expect("the assembly can be copied");
                copy
            }
        };
        let mut command = isolated(&require("aws-cdk", "node_modules/.bin/cdk"));
        command
            .env("HOME", home.path())
            .env("CDK_DISABLE_CLI_TELEMETRY", "true")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .current_dir(home.path())
            .arg("--app")
            .arg(app)
            .args(["--no-notices", "--no-color", "--no-version-reporting"])
            .args(arguments);
        extend(&mut command);
        let output = command.output().expect("the CDK CLI starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = Said {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        };
        if output.status.success() {
            return Ok(said);
        }
        let Said { stdout, stderr } = said;
        let arguments = arguments.join(" ");
        Err(format!("cdk {arguments} failed:\n{stdout}{stderr}"))
    }
}

struct Said {
    stdout: String,
    stderr: String,
}

#[track_caller]
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("the CDK CLI gives no JSON ({e}): {text}"))
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}
