//! The source of a cargo package: all that decides what a build of it is.
//!
//! Counted are, for the package and every package in a folder that it is built from, the files that
//! `cargo package` would take and its `Cargo.toml`; what they inherit from their workspace; of
//! `Cargo.lock` the packages that they are built from; the workspace's profiles; the pinned
//! toolchain and the build settings in `.cargo/config.toml` up to the workspace's root.
//!
//! Not counted are times, modes and places of files; other members of the workspace; dependencies
//! of tests; comments in `Cargo.toml`; and whatever is outside the workspace, such as the settings
//! in the user's home.

use std::fs;
use std::path::{Path, PathBuf};

use cloudwright_spec::sorted::{Map, sort};

use crate::Problem;
use crate::files::{self, Selection};
use crate::hash::Fields;
use crate::lock::Lock;
use crate::manifest::{self, Dependency, Manifest};
use crate::toml::{self, Table, Toml};

/// What of a `Cargo.toml` decides nothing about a program: the workspace's part is counted by what
/// is inherited, and profiles count at the workspace's root.
const MEANINGLESS: &[&str] = &[
    "workspace",
    "dev-dependencies",
    "lints",
    "profile",
    "patch",
    "badges",
];
/// What of a `.cargo/config.toml` decides something about a program.
const SETTINGS: &[&str] = &[
    "build", "env", "host", "patch", "profile", "target", "unstable",
];
/// What pins the compiler.
const TOOLCHAINS: &[&str] = &["rust-toolchain", "rust-toolchain.toml"];

/// A package with what it is built from.
pub(crate) struct Package {
    workspace: Manifest,
    lock: Lock,
    root: Manifest,
    /// The packages it is built from, by their place in the lock, with the folder of those that
    /// have one.
    parts: Map<usize, Option<PathBuf>>,
}

impl Package {
    pub(crate) fn read(folder: &Path) -> Result<Self, Problem> {
        let folder = manifest::canonical(folder)?;
        let root = Manifest::read(&folder)?;
        let workspace = manifest::workspace_of(&root)?;
        let lock = Lock::read(&workspace.folder)?;
        let first = lock.local(root.name()?)?;
        let mut package = Self {
            workspace,
            lock,
            root,
            parts: Map::new(),
        };
        package.follow(first, folder)?;
        Ok(package)
    }

    /// The folder of the workspace.
    pub(crate) fn workspace(&self) -> &Path {
        &self.workspace.folder
    }

    /// The name of the program to build: the one that is asked for, or the only one.
    pub(crate) fn program(&self, asked: Option<&str>) -> Result<String, Problem> {
        let mut programs = self.root.programs()?;
        let (name, all) = (self.root.name()?, programs.join(", "));
        match asked {
            Some(asked) if programs.iter().any(|program| program == asked) => Ok(asked.to_owned()),
            Some(asked) => Err(Problem::new(
                format!("the package \"{name}\" has no program \"{asked}\", but {all}"),
                "name one of these: `.bin(\"..\")`",
            )),
            None if programs.len() == 1 => Ok(programs.remove(0)),
            None if programs.is_empty() => Err(Problem::new(
                format!("the package \"{name}\" has no program"),
                "a handler starts in `src/main.rs`",
            )),
            None => Err(Problem::new(
                format!(
                    "the package \"{name}\" has {} programs: {all}",
                    programs.len()
                ),
                "say which one is the handler: `.bin(\"..\")`",
            )),
        }
    }

    /// Finds all that a package is built from.
    fn follow(&mut self, first: usize, folder: PathBuf) -> Result<(), Problem> {
        let mut open = vec![(first, Some(folder))];
        while let Some((index, folder)) = open.pop() {
            if self.parts.contains_key(&index) {
                continue;
            }
            let needed = match &folder {
                Some(folder) => {
                    let manifest = Manifest::read(folder)?;
                    let other = self.other_workspace_of(&manifest)?;
                    manifest.dependencies(other.as_ref().unwrap_or(&self.workspace))
                }
                None => Vec::new(),
            };
            let is_used = |name: &str| folder.is_none() || needed.iter().any(|d| d.name == name);
            for found in self.lock.dependencies(index, is_used)? {
                let at = self.folder_of(found, &needed)?;
                open.push((found, at));
            }
            self.parts.insert(index, folder);
        }
        Ok(())
    }

    /// The workspace of a package that is built from and lies elsewhere, such as in another checkout: it inherits from there.
    fn other_workspace_of(&self, package: &Manifest) -> Result<Option<Manifest>, Problem> {
        if package.folder.starts_with(&self.workspace.folder) {
            return Ok(None);
        }
        manifest::workspace_of(package).map(Some)
    }

    /// The folder of a package that has no other source: from whoever needs it, or from a patch.
    fn folder_of(&self, index: usize, needed: &[Dependency]) -> Result<Option<PathBuf>, Problem> {
        let entry = self.lock.entry(index);
        if entry.source.is_some() {
            return Ok(None);
        }
        let named = needed.iter().filter(|need| need.name == entry.name);
        let folder = named.filter_map(|need| need.folder.clone()).next();
        let folder = folder.or_else(|| self.patched(&entry.name));
        let Some(folder) = folder else {
            let message = format!("no path leads to the package \"{}\"", entry.name);
            let help = "run `cargo check`: Cargo.lock and Cargo.toml disagree";
            return Err(Problem::new(message, help));
        };
        manifest::canonical(&folder).map(Some)
    }

    fn patched(&self, name: &str) -> Option<PathBuf> {
        let patches = toml::table_at(&self.workspace.table, &["patch"])?;
        let mut specs = patches
            .values()
            .filter_map(Toml::as_table)
            .flatten()
            .filter_map(|(key, spec)| Some((key, spec.as_table()?)));
        let (_, spec) = specs.find(|(key, spec)| {
            let package = spec.get("package").and_then(Toml::as_text);
            package.unwrap_or(key) == name
        })?;
        let path = spec.get("path")?.as_text()?;
        Some(self.workspace.folder.join(path))
    }

    /// The hash of the source, without what a build of it is asked for.
    pub(crate) fn digest(&self) -> Result<String, Problem> {
        let mut fields = Fields::new("package/1");
        fields.add(self.root.name()?);
        let mut others = Vec::new();
        let mut local = Map::new();
        for (index, folder) in &self.parts {
            let entry = self.lock.entry(*index);
            match folder {
                Some(folder) => {
                    local.insert((&entry.name, &entry.version), folder);
                }
                None => others.push(entry.text()),
            }
        }
        for ((name, version), folder) in local {
            fields.add(name);
            fields.add(version);
            self.add_local(&mut fields, folder)?;
        }
        sort(&mut others);
        fields.list(others.iter());
        self.add_settings(&mut fields)?;
        Ok(fields.finish())
    }

    fn add_local(&self, fields: &mut Fields, folder: &Path) -> Result<(), Problem> {
        let manifest = Manifest::read(folder)?;
        let other = self.other_workspace_of(&manifest)?;
        let inherited = manifest.inherited(other.as_ref().unwrap_or(&self.workspace));
        fields.table(&without(&manifest.table, MEANINGLESS));
        fields.add(inherited.len().to_string());
        for (key, value) in inherited {
            fields.add(key);
            fields.toml(value);
        }
        let files = files::list(folder, Selection::Package)?;
        fields.add(files.len().to_string());
        for file in files {
            fields.add(&file.path);
            fields.add(read(&file.on_disk)?);
        }
        Ok(())
    }

    /// What the workspace says about every build.
    fn add_settings(&self, fields: &mut Fields) -> Result<(), Problem> {
        let root = &self.workspace;
        let empty = Table::new();
        let profiles = toml::table_at(&root.table, &["profile"]).unwrap_or(&empty);
        fields.table(profiles);
        let resolver = ["workspace", "package"]
            .into_iter()
            .find_map(|table| toml::at(&root.table, &[table, "resolver"])?.as_text());
        fields.add(resolver.unwrap_or_default());
        for (depth, folder) in self.folders_up().enumerate() {
            for name in TOOLCHAINS.iter().filter(|name| folder.join(name).is_file()) {
                fields.add(format!("toolchain {depth}"));
                fields.add(read(&folder.join(name))?);
            }
            for config in configs(folder) {
                let settings = only(&manifest::read_toml(&config)?, SETTINGS);
                if !settings.is_empty() {
                    fields.add(format!("settings {depth}"));
                    fields.table(&settings);
                }
            }
        }
        Ok(())
    }

    /// The folders from the package up to its workspace's.
    fn folders_up(&self) -> impl Iterator<Item = &Path> {
        let root = &self.workspace.folder;
        let above = self.root.folder.ancestors();
        above.take_while(move |folder| folder.starts_with(root))
    }

    /// The flags for the compiler that the workspace's settings have for every target.
    #[cfg(feature = "build")]
    pub(crate) fn compiler_flags(&self) -> Result<Vec<String>, Problem> {
        let mut flags = Vec::new();
        for config in self.folders_up().flat_map(configs) {
            let settings = manifest::read_toml(&config)?;
            match toml::at(&settings, &["build", "rustflags"]) {
                Some(Toml::Text(text)) => flags.extend(text.split_whitespace().map(str::to_owned)),
                Some(Toml::List(items)) => {
                    flags.extend(items.iter().filter_map(Toml::as_text).map(str::to_owned));
                }
                _ => {}
            }
        }
        Ok(flags)
    }
}

fn configs(folder: &Path) -> Vec<PathBuf> {
    let names = [".cargo/config.toml", ".cargo/config"];
    let files = names.map(|name| folder.join(name));
    files.into_iter().filter(|path| path.is_file()).collect()
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path).map_err(|error| Problem::unreadable(path, &error))
}

fn without(table: &Table, keys: &[&str]) -> Table {
    filtered(table, |key| !keys.contains(&key))
}

fn only(table: &Table, keys: &[&str]) -> Table {
    filtered(table, |key| keys.contains(&key))
}

fn filtered(table: &Table, is_kept: impl Fn(&str) -> bool) -> Table {
    let kept = table.iter().filter(|(key, _)| is_kept(key));
    kept.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
