//! Baselines of git revisions: a committed assembly, a template at a path, and a program that is run in a worktree.

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::Command as Verb;
use cloudwright_graph::Source;
use cloudwright_review::cli::{self, Done, Host, Program, Stop};
use tempfile::TempDir;

/// A repository with one commit, in whose folder `infra` an assembly was committed, and the assembly of now.
struct Checkout(TempDir);

fn manifest() -> &'static str {
    r#"{"artifacts": {"Mail": {"type": "aws:cloudformation:stack", "displayName": "Mail",
        "environment": "aws://unknown-account/eu-central-1", "properties": {"templateFile": "Mail.template.json"}}}}"#
}

fn template(delay: u8) -> String {
    format!(
        r#"{{"Resources": {{"Inbox": {{"Type": "AWS::SQS::Queue", "Properties": {{"DelaySeconds": {delay}}}}}}}}}"#
    )
}

/// What an assembly of one stack is.
fn files(delay: u8) -> [(&'static str, String); 4] {
    [
        ("manifest.json", manifest().to_owned()),
        (
            "tree.json",
            r#"{"tree": {"path": "", "children": {}}}"#.to_owned(),
        ),
        (
            "facts.json",
            r#"{"version": 1, "edges": [], "lines": {}}"#.to_owned(),
        ),
        ("Mail.template.json", template(delay)),
    ]
}

impl Checkout {
    /// Commits the assembly to a folder of `infra`; and a program, which writes it to where it is told.
    fn new(folder: &str) -> Self {
        let checkout = Self(TempDir::new().unwrap());
        let kept = checkout.infra().join(folder);
        fs::create_dir_all(&kept).unwrap();
        for (name, content) in files(1) {
            fs::write(kept.join(name), content).unwrap();
        }
        let program =
            format!("[ \"$1 $2 $3\" = \"synth --quiet --out\" ] && cp -r {folder} \"$4\"\n");
        fs::write(checkout.infra().join("program"), program).unwrap();
        checkout.git(&["init", "--quiet"]);
        checkout.git(&["add", "."]);
        checkout.git(&["commit", "--quiet", "--message", "first"]);
        fs::remove_dir_all(kept).unwrap();
        checkout
    }

    fn infra(&self) -> std::path::PathBuf {
        self.0.path().join("infra")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let who = [
            "-c",
            "user.name=Somebody",
            "-c",
            "user.email=somebody@example.com",
        ];
        let output = Command::new("git")
            .arg("-C")
            .arg(self.0.path())
            .args(who)
            .args(arguments)
            .output()
            .expect("git starts");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Reviews the assembly of now since a baseline.
    fn review(&self, baseline: &str, program: Option<Program>) -> Result<Done, Stop> {
        let now = files(2);
        let file = |name: &str| {
            let found = now.iter().find(|(known, _)| *known == name);
            found
                .map(|(_, text)| text.clone())
                .ok_or(std::io::ErrorKind::NotFound.into())
        };
        let source = Source::read(&file).unwrap();
        let words = ["review", "--baseline", baseline, "--format", "markdown"];
        let arguments = cli::command(Verb::new("review"))
            .try_get_matches_from(words)
            .unwrap();
        let folder = self.infra();
        let host = Host {
            facts: &|_| None,
            folder: &folder,
            program,
            json: false,
            deployed: &|_| unreachable!("no test asks for it"),
            progress: &|_| {},
        };
        cli::run(&arguments, &source, &host)
    }
}

/// The change that all baselines here lead to.
fn is_the_change(done: &Done) -> bool {
    done.output.contains("`DelaySeconds`: `1` → `2`")
}

#[test]
fn a_revision_that_has_an_assembly_is_read_without_running_anything() {
    let checkout = Checkout::new("cloudwright.out");
    assert!(is_the_change(&checkout.review("git:HEAD", None).unwrap()));
    let before = Checkout::new("kept");
    assert!(is_the_change(
        &before.review("git:HEAD:kept", None).unwrap()
    ));
    assert!(is_the_change(
        &before
            .review("git:HEAD:kept/Mail.template.json", None)
            .unwrap()
    ));
}

#[test]
fn the_program_is_run_at_a_revision_and_nothing_is_left_behind() {
    let checkout = Checkout::new("kept");
    let program = || Some(Program::of_command("sh program", Vec::new()));
    assert!(is_the_change(
        &checkout.review("git:HEAD", program()).unwrap()
    ));
    assert_eq!(checkout.git(&["worktree", "list"]).lines().count(), 1);
    assert!(
        !Path::new(&checkout.infra()).join("kept").exists(),
        "this checkout is as it was"
    );
    let fails = Some(Program::of_command("sh missing", Vec::new()));
    let stop = checkout.review("git:HEAD", fails).unwrap_err();
    assert!(
        stop.message
            .starts_with("the program wrote no assembly at HEAD"),
        "{stop:?}"
    );
    assert_eq!(checkout.git(&["worktree", "list"]).lines().count(), 1);
}

#[test]
fn what_is_not_there_is_told() {
    let checkout = Checkout::new("kept");
    for (baseline, code, message) in [
        (
            "git:HEAD",
            2,
            "the revision HEAD has no assembly in cloudwright.out, and there is no program to write one",
        ),
        (
            "git:nowhere",
            3,
            "this repository has no revision \"nowhere\"",
        ),
        (
            "git:--help",
            3,
            "this repository has no revision \"--help\"",
        ),
        (
            "git:HEAD:gone",
            3,
            "the revision HEAD has nothing at \"gone\"",
        ),
        (
            "git:HEAD:program",
            3,
            "the baseline \"git:HEAD:program\" is no JSON",
        ),
    ] {
        let stop = checkout.review(baseline, None).unwrap_err();
        assert_eq!(stop.code, code, "{stop:?}");
        assert!(stop.message.starts_with(message), "{stop:?}");
    }
}
