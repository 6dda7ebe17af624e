//! Every example system: its program writes the same bytes wherever it runs, nothing of the machine
//! is in them, each template is a snapshot that was reviewed, and its README tells the truth.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloudwright::testing::{Subject, assert_snapshots};
use tempfile::TempDir;
use tests::examples::{names, program, readme, repository, synth, synth_by};
use tests::tools::isolated;

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A copy of the program at a place of its own, started as somebody else.
fn moved(example: &str, place: &Path) -> Command {
    let copy = place.join("moved");
    // Copied by a process of its own: a program that this one has open to write, if only for a
    // moment and in what another test is just starting, cannot be started.
    let mut cp = Command::new("cp");
    let copied = cp.arg(program(example)).arg(&copy).status();
    assert!(copied.is_ok_and(|status| status.success()));
    let home = place.join("home");
    fs::create_dir(&home).unwrap();
    let mut command = isolated(&copy);
    command.env("HOME", &home).env("TMPDIR", &home);
    command.env("USER", "somebody").env("LC_ALL", "tr_TR.UTF-8");
    command
        .env("TZ", "Pacific/Kiritimati")
        .current_dir(repository());
    command
}

#[test]
fn an_assembly_is_the_same_bytes_whoever_makes_it_and_wherever() {
    for example in names() {
        let first = synth(&example).files();
        assert_same(&example, &first, &synth(&example).files());
        let place = TempDir::new().unwrap();
        let elsewhere = synth_by(moved(&example, place.path()));
        assert_same(&example, &first, &elsewhere.files());
    }
}

/// Compares file by file, so that a failure names the file and not a thousand numbers.
#[track_caller]
fn assert_same(example: &str, one: &Files, other: &Files) {
    assert!(!one.is_empty(), "{example} wrote nothing");
    assert!(one.keys().eq(other.keys()), "{example}: other file names");
    for (path, content) in one {
        let same = content == &other[path];
        assert!(same, "{example}: {} differs", path.display());
    }
}

#[test]
fn no_file_of_an_assembly_holds_a_path_of_the_machine() {
    for example in names() {
        let assembly = synth(&example);
        let mut places = places_of_the_machine();
        places.push(assembly.folder());
        for (path, content) in assembly.files() {
            let found = place_in(&content, &places);
            assert_eq!(found, None, "{example}: {}", path.display());
        }
    }
}

/// The checkout, the home and temporary folders, and where the programs are.
fn places_of_the_machine() -> Vec<PathBuf> {
    let checkout = repository().canonicalize().unwrap();
    let this_program = env::current_exe().unwrap();
    let target = this_program.ancestors().nth(3).unwrap().to_owned();
    let mut places = vec![checkout, target, env::temp_dir()];
    places.extend(env::var_os("HOME").map(PathBuf::from));
    places.extend(env::var_os("CARGO_HOME").map(PathBuf::from));
    places.retain(|place| place.components().count() > 1);
    places
}

fn place_in(content: &[u8], places: &[PathBuf]) -> Option<PathBuf> {
    let text = String::from_utf8_lossy(content);
    let found = places
        .iter()
        .find(|place| text.contains(&*place.to_string_lossy()));
    found.cloned()
}

#[test]
fn a_path_of_the_machine_would_be_found() {
    let places = places_of_the_machine();
    for place in &places {
        let content = format!(r#"{{"file":"{}/main.rs"}}"#, place.display());
        assert!(place_in(content.as_bytes(), &places).is_some());
    }
    assert_eq!(place_in(br#"{"file":"examples/main.rs"}"#, &places), None);
}

#[test]
fn every_template_is_its_snapshot() {
    let mut subjects = Vec::new();
    for example in names() {
        let assembly = synth(&example);
        for path in assembly.templates() {
            let stack = path.to_string_lossy().replace(['/', '\\'], ".");
            let stack = stack.trim_end_matches(".template.json");
            subjects.push(Subject {
                name: format!("{example}.{stack}"),
                template: fs::read_to_string(assembly.folder().join(&path)).unwrap(),
            });
        }
    }
    assert_snapshots!(repository().join("snapshots"), &subjects);
}

/// The contents of the fenced blocks of this language.
fn blocks<'a>(markdown: &'a str, language: &str) -> Vec<&'a str> {
    let mut fences = markdown.split("\n```").skip(1).step_by(2);
    let mut found = Vec::new();
    while let Some((named, content)) = fences.next().and_then(|block| block.split_once('\n')) {
        if named.trim() == language {
            found.push(content);
        }
    }
    found
}

fn without_whitespace(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn the_templates_that_a_readme_shows_are_those_that_are_made() {
    for example in names() {
        let assembly = synth(&example);
        let read = |path: PathBuf| fs::read_to_string(assembly.folder().join(path)).unwrap();
        let templates: Vec<_> = assembly
            .templates()
            .into_iter()
            .map(|path| without_whitespace(&read(path)))
            .collect();
        let readme = readme(&example);
        let excerpts = blocks(&readme, "json");
        assert!(
            !excerpts.is_empty(),
            "the README of {example} shows no template"
        );
        for excerpt in excerpts {
            let wanted = without_whitespace(excerpt);
            let there = templates.iter().any(|template| template.contains(&wanted));
            assert!(
                wanted.len() > 20 && there,
                "{example} makes no template with:\n{excerpt}"
            );
        }
    }
}

#[test]
fn the_run_that_a_readme_shows_is_a_real_one() {
    for example in names() {
        let readme = readme(&example);
        let command = format!("cargo run --bin {example} -- synth");
        // An example that needs a feature says so.
        let with_feature = format!("cargo run --features {example} --bin {example} -- synth");
        let shown = blocks(&readme, "sh").concat();
        let said = shown.contains(&command) || shown.contains(&with_feature);
        assert!(said, "{example}: no `{command}`");
        let folder = TempDir::new().unwrap();
        let mut run = isolated(&program(&example));
        let output = run.arg("synth").current_dir(folder.path()).output();
        let said = String::from_utf8(output.unwrap().stdout).unwrap();
        let runs = blocks(&readme, "text");
        assert!(!runs.is_empty(), "the README of {example} shows no run");
        for run in runs {
            let same = run.trim() == said.trim();
            assert!(
                same,
                "the README of {example} shows another run than:\n{said}"
            );
        }
    }
}

#[test]
fn fenced_blocks_are_found_by_their_language() {
    let markdown = "# A\n\n```sh\nrun\n```\n\ntext\n```json\n{\n}\n```\n```json\n[]\n```\n";
    assert_eq!(blocks(markdown, "json"), ["{\n}", "[]"]);
    assert_eq!(blocks(markdown, "sh"), ["run"]);
    assert!(blocks(markdown, "text").is_empty());
}
