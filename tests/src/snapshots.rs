//! Snapshots of templates in `snapshots/`: one file per stack, to be read in a review.
//!
//! The whole set is given at once, so that a snapshot whose stack is gone is as much a failure as
//! one that is missing or stale. `cargo insta review` (or `INSTA_UPDATE=always cargo test`)
//! accepts changes; the test run of `cargo xtask test` never does.

use std::any::Any;
use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// What stands in a snapshot for the hash of an asset, which changes with every edit of its source.
const MASK: &str = "<asset-hash>";

/// The hexadecimal digits of an asset's hash.
const HASH_LENGTH: usize = 64;

/// A stack's template and the name of its snapshot.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The name of the file without its ending, such as `quickstart.Uploads`.
    pub name: String,
    /// The template as it was written.
    pub template: String,
}

/// Compares every template with its snapshot in the `snapshots` folder of the repository.
///
/// # Panics
/// If a snapshot is missing or stale, if one has no subject any more, or if two subjects share a
/// name; all of them are named.
#[track_caller]
pub fn assert_snapshots(subjects: &[Subject]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots");
    assert_snapshots_in(&folder, subjects);
}

/// As [`assert_snapshots`], for snapshots in another folder.
///
/// # Panics
/// As [`assert_snapshots`].
#[track_caller]
pub fn assert_snapshots_in(folder: &Path, subjects: &[Subject]) {
    let expected: BTreeSet<_> = subjects
        .iter()
        .map(|s| format!("{}.snap", s.name))
        .collect();
    assert_eq!(
        expected.len(),
        subjects.len(),
        "two subjects share a name: {expected:?}"
    );
    let mut problems: Vec<_> = subjects
        .iter()
        .filter_map(|s| difference(folder, s))
        .collect();
    problems.extend(strays(folder, &expected));
    assert!(
        problems.is_empty(),
        "the snapshots do not hold:\n  {}",
        problems.join("\n  ")
    );
}

/// What is wrong with the snapshot of a subject, if anything; insta prints the difference.
fn difference(folder: &Path, subject: &Subject) -> Option<String> {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(absolute(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let template = masked(&subject.template);
    let compare = || settings.bind(|| insta::assert_snapshot!(subject.name.as_str(), template));
    let problem = catch_unwind(AssertUnwindSafe(compare)).err()?;
    Some(format!("{}: {}", subject.name, message(problem.as_ref())))
}

fn absolute(folder: &Path) -> PathBuf {
    std::path::absolute(folder).expect("the working directory of the test exists")
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it differs")
        .to_owned()
}

/// Files of the folder that belong to no subject: orphans, and changes that wait for a review.
fn strays(folder: &Path, expected: &BTreeSet<String>) -> Vec<String> {
    let entries = fs::read_dir(folder).map(Iterator::collect::<Result<Vec<_>, _>>);
    let Ok(Ok(entries)) = entries else {
        return vec![format!("{} cannot be read", folder.display())];
    };
    let names = entries
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let strays = names.filter(|name| !expected.contains(name));
    let mut advice: Vec<_> = strays
        .filter(|name| name.contains(".snap"))
        .map(|name| said_of(&name))
        .collect();
    advice.sort();
    advice
}

fn said_of(name: &str) -> String {
    if name.ends_with(".new") {
        return format!("{name} waits for `cargo insta review`");
    }
    format!("{name} has no stack any more: delete it")
}

/// The template with the hash of every asset replaced.
#[must_use]
pub fn masked(template: &str) -> String {
    let mut masked = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find(is_hash_digit) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_hash_digit(c)).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        masked.push_str(before);
        masked.push_str(if digits.len() == HASH_LENGTH {
            MASK
        } else {
            digits
        });
        rest = after;
    }
    masked + rest
}

fn is_hash_digit(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}
