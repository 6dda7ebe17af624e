//! The commands of the guide: the page of them is what the programs say of themselves, and every line that a page has
//! people type is one that the programs understand.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tests::deploys::run;
use tests::examples::repository;
use tests::tools::{cargo_cloudwright, isolated, quickstart};

use crate::commands;

const STORY: &str = "\
# Commands

<!-- Written by `UPDATE_GUIDE=1 cargo test --package tests --test with_walks`; do not edit. -->

Your program is a command line. Which verbs it has is a matter of the features of `cloudwright`:

| feature | verbs |
|---|---|
| none | `synth`, `ls`, `check`, `diff`, `explain` |
| `graph`, `review`, `bundle`, `completions` | those of their names |
| `validate` | no verb of its own: `check --aws`, by AWS's own engine, which asks for Rust 1.96 |
| `deploy` | all that take stacks to AWS, and `local` |
| `operate` | those that work with what runs: `run`, `invoke`, `logs`, `dead-letters`, `secret`, `alarms`, `metrics` |

`cargo cloudwright` works on any assembly; installed with the feature `full` it has them all. `cargo cloudwright man --out DIR`
writes pages of the manual.
";

/// Where the guide's pages are.
fn book() -> PathBuf {
    repository().join("docs/src")
}

/// A page of the guide.
#[track_caller]
pub(crate) fn page(name: &str) -> String {
    fs::read_to_string(book().join(format!("{name}.md"))).unwrap()
}

/// A program by the name that people type.
struct Program {
    path: PathBuf,
    name: &'static str,
}

impl Program {
    /// What it says of itself, or of one of its verbs.
    fn help(&self, verbs: &[&str]) -> String {
        let mut command = isolated(&self.path);
        command.arg0(self.name).args(verbs).arg("--help");
        run(&mut command).ended(0).out
    }

    /// The section of a verb, and of those below it.
    fn section(&self, verbs: &[&str], section: &mut String) {
        let help = self.help(verbs);
        let title = match verbs {
            [] => self.name.replace('-', " "),
            verbs => verbs.join(" "),
        };
        let depth = if verbs.is_empty() { "##" } else { "###" };
        let _ = write!(
            section,
            "\n{depth} {title}\n\n```text\n{}\n```\n",
            help.trim()
        );
        // Below `local` are the verbs of deployment once more.
        if verbs != ["local"] {
            for verb in below(&help) {
                self.section(&[verbs, &[&*verb]].concat(), section);
            }
        }
    }
}

/// The verbs that a help text lists.
fn below(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let list = list.take_while(|line| !line.is_empty());
    let named = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = named.filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn the_page_of_commands_is_what_the_programs_say() {
    let mut expected = STORY.to_owned();
    let programs = [
        (quickstart(), "uploads"),
        (cargo_cloudwright(), "cargo-cloudwright"),
    ];
    for (path, name) in programs {
        Program { path, name }.section(&[], &mut expected);
    }
    let path = book().join("reference/commands.md");
    if env::var_os("UPDATE_GUIDE").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/src/reference/commands.md is not what the programs say: UPDATE_GUIDE=1 writes it anew"
    );
}

/// What stands for the programs in a shell: every line is asked for its help, which clap gives after it has read the
/// words before.
const WORDS: &str = r#"
asked() {
  case "$1" in
    synth | ls | check | diff | explain) "$PROGRAM" "$@" ;;
    *) "$VERBS" "$@" ;;
  esac
}
cargo() {
  case "$1" in
    run) while [ "$1" != -- ]; do shift; done; shift; asked "$@" ;;
    cloudwright) shift; asked "$@" ;;
    *) echo "nobody asks: cargo $*" >&2; return 64 ;;
  esac
}
"#;

/// All pages below a folder.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            found.push(path);
        }
    }
}

/// The part of a line that one of our programs reads.
fn ours(line: &str) -> Option<&str> {
    let line = line
        .strip_prefix("eval \"$(")
        .map_or(line, |inner| inner.trim_end_matches(")\""));
    let is_run = line.starts_with("cargo run ") && line.contains(" -- ");
    (is_run || line.starts_with("cargo cloudwright ")).then_some(line)
}

#[test]
fn every_line_of_the_guide_is_one_that_the_programs_understand() {
    let mut paths = Vec::new();
    pages(&book(), &mut paths);
    let folder = TempDir::new().unwrap();
    let mut count = 0;
    for path in paths {
        let text = fs::read_to_string(&path).unwrap().replace("\\\n", " ");
        let lines = commands(&text);
        for line in lines.iter().filter_map(|line| ours(line)) {
            let mut shell = isolated(Path::new("/bin/bash"));
            shell
                .args(["-c", &format!("{WORDS}\n{line} --help")])
                .env("PROGRAM", quickstart())
                .env("VERBS", cargo_cloudwright())
                .current_dir(folder.path());
            let said = run(&mut shell);
            assert_eq!(said.code, 0, "{}: `{line}`: {}", path.display(), said.err);
            count += 1;
        }
    }
    assert!(count > 40, "only {count} commands are asked");
}

#[test]
fn a_word_that_no_program_has_is_found() {
    let mut refused = Command::new(cargo_cloudwright());
    let refused = run(refused.args(["deploy", "--no-such-word", "--help"]));
    assert_eq!(refused.code, 2, "{refused:?}");
    assert_eq!(ours("aws s3 ls"), None);
    assert_eq!(
        ours("eval \"$(cargo run -- local env)\""),
        Some("cargo run -- local env")
    );
}
