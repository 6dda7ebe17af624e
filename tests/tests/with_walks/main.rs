//! What the READMEs of examples and the guide have people type, typed: on a local AWS of a folder of their own, command by
//! command, and what they say of each is looked at. A command that a README has and no test types fails.

mod commands;
mod replicated_bucket;
mod ssm_sync_fleet;
mod tutorial;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::deploys::{Run, run};
use tests::examples::{program, readme};
use tests::tools::{bootstrap, cargo_cloudwright, isolated, require};

/// What stands for the words of a README in a shell: the program of the example, and the verbs of deployment, which
/// it has with the feature `operate` just as `cargo cloudwright` has them. Both go to the local AWS.
const WORDS: &str = r#"
builds() {
  [ "$1" != local ] || shift
  case "$1" in
    ls | diff | synth) "$PROGRAM" "$@" ;;
    *) "$VERBS" local "$@" ;;
  esac
}
cargo() {
  case "$1" in
    run) while [ "$1" != -- ]; do shift; done; shift; builds "$@" ;;
    cloudwright) shift; builds "$@" ;;
    *) echo "not a word of a README: cargo $*" >&2; return 64 ;;
  esac
}
"#;

/// A README, typed in a folder with a local AWS, which is down afterwards.
pub(crate) struct Walk {
    readme: String,
    folder: TempDir,
    example: &'static str,
    typed: RefCell<BTreeSet<String>>,
}

impl Walk {
    /// Writes the assembly of an example for this machine, as `local deploy` of its program does. Its functions run
    /// the program that was built already.
    pub(crate) fn new(example: &'static str) -> Self {
        Self::of(example, readme(example))
    }

    /// As [`new`](Self::new), with another document than the example's README.
    pub(crate) fn of(example: &'static str, document: String) -> Self {
        let walk = Self {
            readme: document,
            folder: TempDir::new().expect("a folder to type in"),
            example,
            typed: RefCell::default(),
        };
        let synth = format!(
            "builds synth --context cloudwright:architecture={}",
            processor()
        );
        let _ = walk.shell(&synth).ended(0);
        let archive = walk.folder().join("cloudwright.out/handlers.zip");
        let packed = isolated(&require("ministack", "bin/python"))
            .args(["-m", "zipfile", "-c"])
            .args([&archive, &bootstrap()])
            .status();
        assert!(packed.is_ok_and(|status| status.success()));
        for entry in fs::read_dir(walk.folder().join("cloudwright.out")).unwrap() {
            let path = entry.unwrap().path();
            if path
                .to_str()
                .is_some_and(|name| name.ends_with(".assets.json"))
            {
                take_what_is_built(&path);
            }
        }
        walk
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a line of `bash` in which the words of the README mean what they should.
    pub(crate) fn shell(&self, line: &str) -> Run {
        let tools = require("awscli", "bin/aws");
        let path = std::env::var("PATH").unwrap();
        let mut command = isolated(Path::new("/bin/bash"));
        command
            .args(["-c", &format!("{WORDS}\n{line}")])
            .current_dir(self.folder())
            .env(
                "PATH",
                format!("{}:{path}", tools.parent().unwrap().display()),
            )
            .env("PROGRAM", program(self.example))
            .env("VERBS", cargo_cloudwright())
            .env("HOME", self.folder())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            // The engine's environment is made once for all runs of this checkout.
            .env(
                "CLOUDWRIGHT_HOME",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("cloudwright-home"),
            )
            .stdin(Stdio::null());
        let ran = run(&mut command);
        println!("$ {line}\n{}{}", ran.out, ran.err);
        ran
    }

    /// Types a command of the README, with these words in place of its own. `aws` goes to the local AWS, too, by what
    /// `local env` says.
    #[track_caller]
    pub(crate) fn types(&self, command: &str, words: &[(&str, &str)]) -> Run {
        let there = commands(&self.readme).contains(command);
        assert!(there, "the README has no `{command}`");
        self.typed.borrow_mut().insert(command.to_owned());
        let change = |line: String, (from, to): &(&str, &str)| line.replace(from, to);
        let line = words.iter().fold(command.to_owned(), change);
        if line.starts_with("aws ") {
            return self.shell(&format!("eval \"$(builds env '{}')\"; {line}", self.home()));
        }
        self.shell(&line)
    }

    /// The stack that `aws` asks about.
    fn home(&self) -> &'static str {
        match self.example {
            "replicated-bucket" => "Prod/Artifacts",
            _ => "*",
        }
    }

    /// Everything was typed but these, for the reasons that stand beside them.
    #[track_caller]
    pub(crate) fn is_through(&self, left: &[(&str, &str)]) {
        let all = commands(&self.readme);
        for (command, why) in left {
            assert!(
                all.contains(*command),
                "the README has no `{command}` ({why})"
            );
            self.typed.borrow_mut().insert((*command).to_owned());
        }
        let typed = self.typed.borrow();
        let missing: Vec<_> = all.difference(&typed).collect();
        assert!(missing.is_empty(), "nobody types these: {missing:#?}");
    }

    /// The document that a verb prints.
    #[track_caller]
    pub(crate) fn document(&self, line: &str) -> Value {
        let ran = self.shell(&format!("{line} --json")).ended(0);
        serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {ran:?}"))
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        let mut down = Command::new(cargo_cloudwright());
        down.args(["local", "down"]).current_dir(self.folder());
        down.env(
            "CLOUDWRIGHT_HOME",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("cloudwright-home"),
        );
        let _ = down.output();
    }
}

/// The commands of a README: the lines of its blocks for a shell, and what stands within a sentence or a table.
fn commands(readme: &str) -> BTreeSet<String> {
    let blocks = readme.split("\n```").skip(1).step_by(2);
    let shell = blocks.filter_map(|block| block.strip_prefix("sh\n"));
    let lines = shell.flat_map(str::lines);
    let prose = readme.split("\n```").step_by(2);
    let words = prose.flat_map(|text| text.split('`').skip(1).step_by(2));
    let is_command = |text: &str| {
        let first = text.split_whitespace().next().unwrap_or_default();
        let second = text.split_whitespace().nth(1).unwrap_or_default();
        first == "builds" && !second.is_empty() || text.starts_with("cargo cloudwright ")
    };
    let words = words.filter(|text| is_command(text));
    let without_remark = |line: &str| line.split("  #").next().unwrap_or(line).trim().to_owned();
    let all = lines.chain(words).map(without_remark);
    all.filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// Has an assembly's functions take the program that is beside it.
fn take_what_is_built(assets: &Path) {
    let mut document: Value = serde_json::from_str(&fs::read_to_string(assets).unwrap()).unwrap();
    let files = document["files"].as_object_mut().unwrap().values_mut();
    for file in files.filter(|file| file["source"]["executable"].is_array()) {
        file["source"] = json!({ "path": "handlers.zip", "packaging": "file" });
    }
    fs::write(assets, document.to_string()).unwrap();
}

const fn processor() -> &'static str {
    if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    }
}

#[test]
fn commands_are_found_in_blocks_and_in_sentences() {
    let readme = "# A\n\n```sh\nbuilds up  # starts\n# why\nbuilds \"a b\"\n```\n\nSay `builds c` or `.d(..)`.\n\n```json\nno\n```\n| `cargo cloudwright run E` |\n";
    let found = commands(readme);
    let found: Vec<_> = found.iter().map(String::as_str).collect();
    assert_eq!(
        found,
        [
            "builds \"a b\"",
            "builds c",
            "builds up",
            "cargo cloudwright run E"
        ]
    );
}
