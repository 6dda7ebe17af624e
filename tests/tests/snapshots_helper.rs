//! The helper around snapshots: nothing missing, stale or orphaned passes.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use cloudwright::testing::{Subject, assert_snapshots, masked};
use tempfile::TempDir;

const STORED: &str = "---\nsource: tests/src/snapshots.rs\n---\n{}\n";

fn subject(name: &str, template: &str) -> Subject {
    Subject {
        name: name.to_owned(),
        template: template.to_owned(),
    }
}

/// A folder of snapshots with these files, all holding the template `{}`.
fn folder(names: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for name in names {
        fs::write(folder.path().join(name), STORED).unwrap();
    }
    folder
}

/// What the helper says about a set of subjects, if it is not content.
fn complaint(folder: &Path, subjects: &[Subject]) -> Option<String> {
    let panic = catch_unwind(|| assert_snapshots!(folder, subjects)).err()?;
    Some(panic.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn a_complete_set_passes() {
    let folder = folder(&["app.One.snap", "app.Two.snap"]);
    assert_eq!(
        complaint(
            folder.path(),
            &[subject("app.One", "{}"), subject("app.Two", "{}")]
        ),
        None
    );
}

#[test]
fn all_that_is_wrong_is_named_at_once() {
    let folder = folder(&["app.Stale.snap", "app.Gone.snap", "app.Waiting.snap.new"]);
    let subjects = [
        subject("app.Stale", "{\"Resources\": {}}"),
        subject("app.Missing", "{}"),
    ];
    let complaint = complaint(folder.path(), &subjects).unwrap();
    for name in [
        "app.Stale:",
        "app.Missing:",
        "app.Gone.snap has no stack",
        "app.Waiting.snap.new waits",
    ] {
        assert!(complaint.contains(name), "{name} is not in: {complaint}");
    }
}

#[test]
fn two_stacks_may_not_share_a_snapshot() {
    let folder = folder(&["app.One.snap"]);
    let said = complaint(
        folder.path(),
        &[subject("app.One", "{}"), subject("app.One", "{}")],
    );
    assert!(said.unwrap().contains("share a name"));
}

#[test]
fn only_what_is_as_long_as_a_hash_is_masked() {
    let hash = "0123456789abcdef".repeat(4);
    assert_eq!(masked(&format!("\"{hash}.zip\"")), "\"<asset-hash>.zip\"");
    assert_eq!(
        masked(&format!("\"{hash}0\" é beef")),
        format!("\"{hash}0\" é beef")
    );
}
