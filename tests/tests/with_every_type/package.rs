//! Builds and runs the generated program in a package of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Writes the files as a package that uses this checkout's crates, and runs it with the folder
/// for its templates as argument.
pub fn run(folder: &Path, files: &BTreeMap<String, String>, templates: &Path) {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let workspace = workspace.canonicalize().expect("the workspace is there");
    fs::create_dir_all(folder.join("src")).expect("the target folder can be written to");
    fs::create_dir_all(templates).expect("the target folder can be written to");
    fs::write(folder.join("Cargo.toml"), manifest(&workspace)).expect("a manifest is written");
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock is copied");
    for (name, text) in files {
        fs::write(folder.join("src").join(name), text).expect("a source is written");
    }
    let status = Command::new(env!("CARGO"))
        .current_dir(folder)
        .args(["run", "--quiet", "--target-dir", "target", "--"])
        .arg(templates)
        .status()
        .expect("cargo starts");
    assert!(
        status.success(),
        "the program in {} failed",
        folder.display()
    );
}

fn manifest(workspace: &Path) -> String {
    let root = workspace.display();
    format!(
        r#"[package]
name = "every-type"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
cloudwright-cfn = {{ path = "{root}/constructs/cfn", features = ["all"] }}
cloudwright-synth = {{ path = "{root}/synth" }}

[profile.dev]
debug = false

[workspace]
"#
    )
}
