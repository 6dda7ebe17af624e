//! `Cargo.toml`: what a package is called, what it needs, and which programs it has.

use std::fs;
use std::path::{Path, PathBuf};

use cloudwright_spec::sorted::{sort, sort_by};

use crate::Problem;
use crate::problem::shown;
use crate::toml::{self, Table, Toml};

/// The tables of what a package is built from; what only its tests need is not among them.
const DEPENDENCIES: &[&str] = &["dependencies", "build-dependencies"];

/// Reads a TOML file.
pub(crate) fn read_toml(path: &Path) -> Result<Table, Problem> {
    let text = fs::read_to_string(path).map_err(|error| Problem::unreadable(path, &error))?;
    toml::parse(&text).map_err(|line| {
        let message = format!("\"{}\" is no TOML at line {line}", shown(path));
        Problem::new(message, "run `cargo check` in its folder")
    })
}

/// A package's `Cargo.toml`.
pub(crate) struct Manifest {
    pub(crate) folder: PathBuf,
    pub(crate) table: Table,
}

/// What a package needs.
pub(crate) struct Dependency {
    /// The package's name, whatever it is called in the source.
    pub(crate) name: String,
    /// Its folder, when it is not from a registry or a repository.
    pub(crate) folder: Option<PathBuf>,
}

impl Manifest {
    pub(crate) fn read(folder: &Path) -> Result<Self, Problem> {
        let path = folder.join("Cargo.toml");
        if folder.is_dir() && !path.exists() {
            let message = format!("\"{}\" holds no Cargo.toml", shown(folder));
            let help = "name the folder of a package: `Code::cargo(package!(\"handler\"))`";
            return Err(Problem::new(message, help));
        }
        let table = read_toml(&path)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            table,
        })
    }

    pub(crate) fn name(&self) -> Result<&str, Problem> {
        let name = toml::at(&self.table, &["package", "name"]).and_then(Toml::as_text);
        name.ok_or_else(|| {
            let message = format!("\"{}\" describes no package", shown(&self.folder));
            let help = "name the folder of one package of the workspace";
            Problem::new(message, help)
        })
    }

    /// What it is built from, features that are off included.
    pub(crate) fn dependencies(&self, workspace: &Self) -> Vec<Dependency> {
        let specs = self.dependency_tables().into_iter().flatten();
        specs
            .map(|(key, spec)| self.dependency(key, spec, workspace))
            .collect()
    }

    fn dependency_tables(&self) -> Vec<&Table> {
        let targets = toml::table_at(&self.table, &["target"]).into_iter();
        let targets = targets.flat_map(|targets| targets.values().filter_map(Toml::as_table));
        [&self.table]
            .into_iter()
            .chain(targets)
            .flat_map(|table| {
                DEPENDENCIES
                    .iter()
                    .map(|kind| toml::table_at(table, &[kind]))
            })
            .flatten()
            .collect()
    }

    fn dependency(&self, key: &str, spec: &Toml, workspace: &Self) -> Dependency {
        let empty = Table::new();
        let spec = spec.as_table().unwrap_or(&empty);
        let inherits = spec.get("workspace").is_some_and(Toml::is_true);
        let shared = toml::table_at(&workspace.table, &["workspace", "dependencies", key]);
        let (from, spec) = if inherits {
            (&workspace.folder, shared.unwrap_or(&empty))
        } else {
            (&self.folder, spec)
        };
        let text = |name| spec.get(name).and_then(Toml::as_text);
        Dependency {
            name: text("package").unwrap_or(key).to_owned(),
            folder: text("path").map(|path| from.join(path)),
        }
    }

    /// What it takes from the workspace, so that nothing else of the workspace counts.
    pub(crate) fn inherited<'w>(&self, workspace: &'w Self) -> Vec<(String, &'w Toml)> {
        let mut found = Vec::new();
        let package = toml::table_at(&self.table, &["package"]).into_iter();
        let tables = package.map(|table| ("package", table)).chain(
            self.dependency_tables()
                .into_iter()
                .map(|table| ("dependencies", table)),
        );
        for (kind, table) in tables {
            for (key, value) in table {
                let inherits = value.as_table().and_then(|value| value.get("workspace"));
                let shared = toml::at(&workspace.table, &["workspace", kind, key]);
                if let (Some(true), Some(shared)) = (inherits.map(Toml::is_true), shared) {
                    found.push((format!("{kind}.{key}"), shared));
                }
            }
        }
        sort_by(&mut found, |a, b| a.0.cmp(&b.0));
        found.dedup_by(|a, b| a.0 == b.0);
        found
    }

    /// The names of its programs, sorted.
    pub(crate) fn programs(&self) -> Result<Vec<String>, Problem> {
        let mut names = Vec::new();
        let listed = self.table.get("bin").map_or(&[][..], Toml::items);
        for program in listed.iter().filter_map(Toml::as_table) {
            names.extend(
                program
                    .get("name")
                    .and_then(Toml::as_text)
                    .map(str::to_owned),
            );
        }
        let says_not = toml::at(&self.table, &["package", "autobins"]);
        if !says_not.is_some_and(|said| *said == Toml::Scalar("false".to_owned())) {
            let has_path = |path: &str| {
                let mut listed = listed.iter().filter_map(Toml::as_table);
                listed.any(|bin| bin.get("path").and_then(Toml::as_text) == Some(path))
            };
            if self.folder.join("src/main.rs").exists() && !has_path("src/main.rs") {
                names.push(self.name()?.to_owned());
            }
            names.extend(self.found_programs(has_path));
        }
        sort(&mut names);
        names.dedup();
        Ok(names)
    }

    /// `src/bin/name.rs` and `src/bin/name/main.rs`.
    fn found_programs(&self, is_listed: impl Fn(&str) -> bool) -> Vec<String> {
        let entries = fs::read_dir(self.folder.join("src/bin")).into_iter();
        let names = entries.flatten().flatten().filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let (name, path) = if entry.path().join("main.rs").exists() {
                (name.clone(), format!("src/bin/{name}/main.rs"))
            } else {
                (
                    name.strip_suffix(".rs")?.to_owned(),
                    format!("src/bin/{name}"),
                )
            };
            (!is_listed(&path)).then_some(name)
        });
        names.collect()
    }
}

/// The folder whose `Cargo.toml` has the workspace of a package: its own when there is no other.
pub(crate) fn workspace_of(package: &Manifest) -> Result<Manifest, Problem> {
    let said = toml::at(&package.table, &["package", "workspace"]).and_then(Toml::as_text);
    if let Some(path) = said {
        let folder = canonical(&package.folder.join(path))?;
        return Manifest::read(&folder);
    }
    for folder in package.folder.ancestors() {
        if !folder.join("Cargo.toml").exists() {
            continue;
        }
        let manifest = Manifest::read(folder)?;
        if manifest.table.contains_key("workspace") && !excludes(&manifest, &package.folder) {
            return Ok(manifest);
        }
    }
    Manifest::read(&package.folder)
}

fn excludes(workspace: &Manifest, package: &Path) -> bool {
    let list = toml::at(&workspace.table, &["workspace", "exclude"]);
    let mut excluded = list.map_or(&[][..], Toml::items).iter();
    excluded.any(|path| {
        let path = path.as_text().map(|path| workspace.folder.join(path));
        path.is_some_and(|path| package.starts_with(path))
    })
}

/// The path without links and without `..`.
pub(crate) fn canonical(path: &Path) -> Result<PathBuf, Problem> {
    fs::canonicalize(path).map_err(|error| Problem::unreadable(path, &error))
}
