//! The templates of all stacks, kept to be reviewed: a change of the program shows here what it changes in AWS.
//!
//! `INSTA_UPDATE=always cargo test` accepts what is new; commit `snapshots/`.

use std::fs;
use std::path::Path;
use std::process::Command;

use cloudwright::testing::{Subject, assert_snapshots};

#[test]
fn every_template_is_its_snapshot() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("templates");
    let program = Command::new(env!("CARGO_BIN_EXE_NAME"))
        .args(["synth", "--quiet", "--out"])
        .arg(&out)
        .status();
    assert!(
        program.unwrap().success(),
        "the program has mistakes, see above"
    );
    let files = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let templates = files.filter_map(|file| {
        let name = file
            .file_name()?
            .to_str()?
            .strip_suffix(".template.json")?
            .to_owned();
        let template = fs::read_to_string(&file).unwrap();
        Some(Subject { name, template })
    });
    let templates: Vec<_> = templates.collect();
    assert_snapshots!(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots"),
        &templates
    );
}
