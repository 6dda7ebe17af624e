//! `Cargo.lock`: the exact versions of what a package is built from.

use std::path::Path;

use crate::Problem;
use crate::manifest::read_toml;
use crate::toml::{Table, Toml};

/// A lock file.
pub(crate) struct Lock(Vec<Entry>);

/// A package of a lock file.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The registry or repository; none for a folder.
    pub(crate) source: Option<String>,
    checksum: Option<String>,
    /// `name`, `name version` or `name version (source)`.
    dependencies: Vec<String>,
}

impl Lock {
    pub(crate) fn read(workspace: &Path) -> Result<Self, Problem> {
        let path = workspace.join("Cargo.lock");
        if !path.exists() {
            let message = "a handler's exact versions are in a Cargo.lock, and there is none";
            let help = "run `cargo generate-lockfile` there, and keep the file in the repository";
            return Err(Problem::new(message, help));
        }
        let table = read_toml(&path)?;
        let entries = table.get("package").map_or(&[][..], Toml::items);
        let tables = entries.iter().filter_map(Toml::as_table);
        Ok(Self(tables.map(Entry::new).collect()))
    }

    pub(crate) fn entry(&self, index: usize) -> &Entry {
        &self.0[index]
    }

    /// Where a package is that stands in a folder.
    pub(crate) fn local(&self, name: &str) -> Result<usize, Problem> {
        let found = |entry: &Entry| entry.name == name && entry.source.is_none();
        self.0.iter().position(found).ok_or_else(|| stale(name))
    }

    /// Where a package's dependencies are, those of which `is_used` holds.
    pub(crate) fn dependencies(
        &self,
        index: usize,
        is_used: impl Fn(&str) -> bool,
    ) -> Result<Vec<usize>, Problem> {
        let named = self.0[index].dependencies.iter();
        let used = named.filter(|text| is_used(text.split(' ').next().unwrap_or_default()));
        used.map(|text| self.find(text)).collect()
    }

    fn find(&self, text: &str) -> Result<usize, Problem> {
        let mut parts = text.splitn(3, ' ');
        let name = parts.next().unwrap_or_default();
        let version = parts.next();
        let source = parts
            .next()
            .map(|source| source.trim_matches(|c| c == '(' || c == ')'));
        let found = |entry: &Entry| {
            entry.name == name
                && version.is_none_or(|version| entry.version == version)
                && source.is_none_or(|source| entry.is_from(source))
        };
        self.0.iter().position(found).ok_or_else(|| stale(name))
    }
}

impl Entry {
    fn new(table: &Table) -> Self {
        let text = |key| table.get(key).and_then(Toml::as_text).map(str::to_owned);
        let dependencies = table.get("dependencies").map_or(&[][..], Toml::items);
        Self {
            name: text("name").unwrap_or_default(),
            version: text("version").unwrap_or_default(),
            source: text("source"),
            checksum: text("checksum"),
            dependencies: dependencies
                .iter()
                .filter_map(Toml::as_text)
                .map(str::to_owned)
                .collect(),
        }
    }

    /// A repository's source ends in the revision, which those who depend on it do not repeat.
    fn is_from(&self, source: &str) -> bool {
        let own = self.source.as_deref().unwrap_or_default();
        own == source || own.split('#').next() == Some(source)
    }

    /// What is hashed of it.
    pub(crate) fn text(&self) -> String {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let (source, checksum) = (text(&self.source), text(&self.checksum));
        format!("{} {} {source} {checksum}", self.name, self.version)
    }
}

fn stale(name: &str) -> Problem {
    let message = format!("Cargo.lock does not know the package \"{name}\"");
    Problem::new(message, "run `cargo check`, which brings it up to date")
}
