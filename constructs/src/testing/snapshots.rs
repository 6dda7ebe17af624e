//! Snapshots of templates: one file per stack, to be read in a review.
//!
//! The whole set is given at once, so that a snapshot whose stack is gone is as much a failure as
//! one that is missing or stale. `cargo insta review` (or `INSTA_UPDATE=always cargo test`)
//! accepts changes. The hashes of assets are masked: they change with every edit of a source.

use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use cloudwright_synth::sorted::{Set, sort};
use cloudwright_synth::{Assembly, StackArtifact};

/// What stands in a snapshot for the hash of an asset, which changes with every edit of its source.
const MASK: &str = "<asset-hash>";

/// The hexadecimal digits of an asset's hash.
const HASH_LENGTH: usize = 64;

/// What snapshots are of: an assembly, or subjects.
pub trait Subjects {
    /// The templates and the names of their snapshots.
    fn subjects(&self) -> Vec<Subject>;
}

impl Subjects for Assembly {
    fn subjects(&self) -> Vec<Subject> {
        Subject::all(self)
    }
}

impl Subjects for [Subject] {
    fn subjects(&self) -> Vec<Subject> {
        self.to_vec()
    }
}

impl Subjects for Vec<Subject> {
    fn subjects(&self) -> Vec<Subject> {
        self.clone()
    }
}

impl<S: Subjects + ?Sized> Subjects for &S {
    fn subjects(&self) -> Vec<Subject> {
        (**self).subjects()
    }
}

/// Compares a template with the snapshot of this name.
type Assert<'a> = dyn Fn(&str, &str) + 'a;

/// A stack's template and the name of its snapshot.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The name of the file without its ending, such as `quickstart.Uploads`.
    pub name: String,
    /// The template as it was written.
    pub template: String,
}

impl Subject {
    /// Every stack of an assembly; `Prod/Uploads` is `Prod-Uploads`.
    #[must_use]
    pub fn all(assembly: &Assembly) -> Vec<Self> {
        assembly.all_stacks().iter().map(Self::of).collect()
    }

    fn of(stack: &StackArtifact) -> Self {
        Self {
            name: stack.path().replace('/', "-"),
            template: stack.template().to_json(),
        }
    }
}

/// Compares the template of every stack of an assembly with its snapshot in the folder `snapshots` of the
/// package that is tested; a stack `Prod/Uploads` is `Prod-Uploads.snap`. Panics if a snapshot is missing or
/// stale, or if one has no stack any more, and names all of them.
///
/// A folder of the package in front tells several apps of a package apart: each folder holds the snapshots of
/// one call and no others. In place of an assembly [`Subject`]s can be given, such as the stacks of several programs.
///
/// ```no_run
/// # fn build(_: &cloudwright::App) {}
/// use cloudwright::testing;
///
/// // In a function with `#[test]`:
/// testing::assert_snapshots!(testing::synth(build));
/// testing::assert_snapshots!("snapshots/small", testing::synth(build));
/// ```
// A macro, because insta writes into a snapshot which file asserted it: the user's, not one of ours.
#[macro_export]
macro_rules! assert_snapshots {
    ($subjects:expr $(,)?) => {
        $crate::testing::assert_snapshots!("snapshots", $subjects)
    };
    ($folder:expr, $subjects:expr $(,)?) => {
        $crate::testing::assert_snapshots_by(
            &::std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join($folder),
            &$crate::testing::Subjects::subjects(&$subjects),
            &|name, template| $crate::testing::insta::assert_snapshot!(name, template),
        )
    };
}

/// What `assert_snapshots!` does, with insta's macro as the user's file expands it.
///
/// # Panics
/// As the macro says, or if two subjects share a name.
#[doc(hidden)]
#[track_caller]
pub fn assert_snapshots_by(folder: &Path, subjects: &[Subject], assert: &Assert<'_>) {
    let expected: Set<_> = subjects
        .iter()
        .map(|s| format!("{}.snap", s.name))
        .collect();
    assert_eq!(
        expected.as_slice().len(),
        subjects.len(),
        "two subjects share a name: {expected:?}"
    );
    let mut problems: Vec<_> = subjects
        .iter()
        .filter_map(|s| difference(folder, s, assert))
        .collect();
    problems.extend(strays(folder, &expected));
    assert!(
        problems.is_empty(),
        "the snapshots do not hold:\n  {}",
        problems.join("\n  ")
    );
}

/// What is wrong with the snapshot of a subject, if anything; insta prints the difference.
fn difference(folder: &Path, subject: &Subject, assert: &Assert<'_>) -> Option<String> {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(absolute(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let template = masked(&subject.template);
    let compare = || settings.bind(|| assert(&subject.name, &template));
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
fn strays(folder: &Path, expected: &Set<String>) -> Vec<String> {
    let entries = fs::read_dir(folder).map(Iterator::collect::<Result<Vec<_>, _>>);
    let Ok(Ok(entries)) = entries else {
        return vec![format!("{} cannot be read", folder.display())];
    };
    let names = entries
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    // What waits for a stack that is there is told with the stack, or insta has just taken it.
    let strays = names.filter(|name| !expected.contains(name.trim_end_matches(".new")));
    let mut advice: Vec<_> = strays
        .filter(|name| name.contains(".snap"))
        .map(|name| said_of(&name))
        .collect();
    sort(&mut advice);
    advice
}

fn said_of(name: &str) -> String {
    if name.ends_with(".new") {
        return format!("{name} waits for `cargo insta review`");
    }
    format!(
        "{name} has no stack any more: delete it, or give the app whose it is a folder of its own"
    )
}

/// The template with the hash of every asset replaced.
///
/// ```
/// use cloudwright::testing::masked;
/// let key = "0b".repeat(32);
/// assert_eq!(masked(&format!("assets/{key}.zip, version abc123")), "assets/<asset-hash>.zip, version abc123");
/// ```
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
