//! The engine itself, and what it says of the templates of all examples.

use std::fs;
use std::path::{Path, PathBuf};

use super::accepted::Accepted;
use super::engine::{Engine, Outcome, RELEASE, Template, Told, guarded};
use super::guard::{Files, split};

fn template(text: String) -> Template {
    Template {
        text,
        account: None,
        region: None,
    }
}

/// The templates of the examples, as the snapshots have them.
fn examples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "snap"))
        .collect();
    files.sort();
    let named = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        // Behind the head of the snapshot.
        let (_, text) = text.split_once("\n---\n").unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, text.to_owned())
    };
    files.into_iter().map(named).collect()
}

#[test]
fn the_engine_finds_nothing_in_any_example() {
    let engine = Engine::start().unwrap();
    let examples = examples();
    assert!(examples.len() > 20, "the snapshots are gone");
    let mut wrong = Vec::new();
    for (name, text) in examples {
        let accepted = Accepted::of(&text);
        let Outcome { told, failures } = engine.look(&template(text));
        let told = told.into_iter().filter(|told| !accepted.accepts(told));
        wrong.extend(told.map(|told| format!("{name}: {told:?}")));
        wrong.extend(failures.into_iter().map(|why| format!("{name}: {why:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_release_is_the_one_that_is_compiled() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
    let (_, release) = RELEASE.split_once(' ').unwrap();
    let pin = format!("package = \"cloudformation-validate-cel-engine\", version = \"={release}\"");
    assert!(manifest.unwrap().contains(&pin), "{pin}");
}

#[test]
fn a_text_that_is_no_template_is_told() {
    let engine = Engine::start().unwrap();
    let outcome = engine.look(&template("{ \"Resources\": ".to_owned()));
    assert_eq!(outcome.failures, []);
    let [told] = &outcome.told[..] else {
        panic!("expected one finding, got {:?}", outcome.told);
    };
    assert!(told.is_error && told.code == "F1101", "{told:?}");
}

#[test]
fn a_panic_is_a_failure_with_its_text() {
    let failed: Result<(), String> = guarded(|| panic!("no schema for {}", "AWS::X::Y"));
    assert_eq!(failed, Err("no schema for AWS::X::Y".to_owned()));
}

#[test]
fn a_broken_rule_file_is_told_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policies.guard");
    let text = "rule named {\n  AWS::SQS::Queue {\n    Properties.QueueName exits\n  }\n}\n";
    fs::write(&file, text).unwrap();
    let Err(stop) = Files::read(std::slice::from_ref(&file)) else {
        panic!("it is broken");
    };
    let said = stop.text(crate::cli::color::Paint { enabled: false });
    let place = format!(
        "{}:2:19: Guard cannot read what begins here: `AWS::SQS::Queue {{`",
        file.display()
    );
    assert!(said.contains(&place), "{said}");
}

#[test]
fn a_violation_of_guard_is_split_from_its_remedy() {
    let told = Told {
        code: "NAMED".to_owned(),
        is_guard: true,
        is_error: true,
        message: "\n  Violation: no name\n  Fix: set   QueueName\n".to_owned(),
        help: String::new(),
        id: None,
    };
    let told = split(told);
    assert_eq!(told.message, "no name");
    assert_eq!(told.help, "set QueueName");
}
