//! What is wrong with a program, told all at once.
//!
//! Checks and constructs never stop at the first mistake: they record a [`Diagnostic`] and go on.
//! Every diagnostic belongs to a [`Rule`] with a stable code, names the construct by its path and
//! points at the user's `file:line`.

use std::fmt;
use std::panic::Location;

use cloudwright_spec::sorted::sort_by;

/// A kind of mistake, with a stable code that can be looked up.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `CW` and four digits; a check of one's own has a prefix of its own.
    pub code: &'static str,
    /// How bad it is; in some places it is less.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it matters.
    pub explanation: &'static str,
    /// How to mend it.
    pub fix: &'static str,
    /// The page of AWS that it rests on; empty where it is about the program alone.
    pub page: &'static str,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No template is written.
    Error,
    /// The template is written; the finding is shown.
    Warning,
}

/// A place in the user's program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceLocation(pub(crate) &'static Location<'static>);

impl SourceLocation {
    /// The line that calls the function that calls this, when that function is `#[track_caller]`.
    #[must_use]
    #[track_caller]
    pub const fn caller() -> Self {
        Self(Location::caller())
    }

    /// The file, relative to the workspace (or to its package, for a path that is not).
    #[must_use]
    pub fn file(&self) -> &'static str {
        within_package(self.0.file())
    }

    /// The line, counted from one.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.0.line()
    }
}

/// Cuts an absolute path down to the package's folder, so that no host path is ever shown.
fn within_package(file: &'static str) -> &'static str {
    let absolute = file.starts_with('/') || file.get(1..2) == Some(":");
    if !absolute {
        return file;
    }
    let source = ["/src/", "/examples/", "/tests/", "\\src\\"];
    let end = source
        .iter()
        .filter_map(|folder| file.rfind(folder))
        .max()
        .unwrap_or(0);
    let start = file[..end].rfind(['/', '\\']).map_or(0, |slash| slash + 1);
    if end == 0 {
        file.rsplit(['/', '\\']).next().unwrap_or(file)
    } else {
        &file[start..]
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.file(), self.line())
    }
}

/// One finding about the user's program.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// The kind of mistake.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// What was given and what was expected: lower case, no full stop.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The construct's path, such as `Prod/Uploads/Bucket`; empty for the app itself.
    pub path: String,
    /// The user's line.
    pub location: Option<SourceLocation>,
}

impl fmt::Display for Diagnostic {
    /// Several lines, laid out as the Rust compiler lays out its own.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        write!(out, "{kind}[{}]: {}", self.rule.code, self.message)?;
        if let Some(location) = self.location {
            write!(out, "\n  --> {location}")?;
        }
        if !self.path.is_empty() {
            write!(out, "\n   = construct: {}", self.path)?;
        }
        if !self.help.is_empty() {
            write!(out, "\n   = help: {}", self.help)?;
        }
        Ok(())
    }
}

/// Everything that was found, errors first, in the order of the construct tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    pub(crate) fn new(mut found: Vec<Diagnostic>) -> Self {
        sort_by(&mut found, |a, b| {
            let key = |d: &Diagnostic| (d.severity, d.location.map(|l| (l.file(), l.line())));
            key(a)
                .cmp(&key(b))
                .then_with(|| a.path.cmp(&b.path))
                .then_with(|| a.rule.code.cmp(b.rule.code))
                .then_with(|| a.message.cmp(&b.message))
        });
        found.dedup();
        Self(found)
    }

    /// Whether any finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }

    /// The findings.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// How many findings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    /// The findings in the order in which they are shown, each once.
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(found: I) -> Self {
        Self::new(found.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, finding) in self.0.iter().enumerate() {
            if position > 0 {
                out.write_str("\n\n")?;
            }
            write!(out, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
