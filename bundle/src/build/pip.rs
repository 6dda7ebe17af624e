//! Packing Python programs with their wheels.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::archive::{Entry, of_files};
use super::process::run;
use super::{Workshop, save};
use crate::files::{self, Selection};
use crate::{Problem, PythonRecipe};

/// The first version whose runtime is on Amazon Linux 2023, with glibc 2.34; those before it are on
/// Amazon Linux 2, with glibc 2.26
/// ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html)).
const FIRST_ON_AL2023: u32 = 12;
/// The platforms of wheels that each of them can load, the newest first.
const ON_AL2023: &[&str] = &["manylinux_2_34", "manylinux_2_31", "manylinux_2_28"];
const ON_AL2: &[&str] = &[
    "manylinux_2_26",
    "manylinux_2_24",
    "manylinux_2_17",
    "manylinux2014",
];

/// The program's files over those of its wheels.
pub(super) fn package(
    shop: &mut Workshop<'_>,
    recipe: &PythonRecipe,
    checkout: &Path,
) -> Result<Vec<Entry>, Problem> {
    let mut entries = of_files(&recipe.files(checkout)?)?;
    if let Some(requirements) = &recipe.requirements {
        let file = checkout.join(requirements);
        shop.say(&format!(
            "installing {requirements} for {}",
            recipe.target.name()
        ));
        let installed = install(shop, recipe, &file)?;
        let own = |entry: &Entry| entries.iter().any(|own| own.path == entry.path);
        let added: Vec<_> = installed.into_iter().filter(|entry| !own(entry)).collect();
        entries.extend(added);
    }
    Ok(entries)
}

fn install(
    shop: &Workshop<'_>,
    recipe: &PythonRecipe,
    requirements: &Path,
) -> Result<Vec<Entry>, Problem> {
    let folder = Scratch::new(&shop.home)?;
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]);
    // Only wheels: building one would be for this machine, and would run its code.
    pip.args(["--only-binary=:all:", "--implementation=cp", "--no-compile"]);
    pip.args(["--python-version", &recipe.version]);
    for platform in platforms(recipe) {
        pip.args(["--platform", &platform]);
    }
    pip.arg("--target").arg(&folder.0);
    pip.arg("--requirement").arg(requirements);
    pip.stdout(Stdio::from(io::stderr()));
    run(&mut pip, "install Python 3 with pip")?;
    let files = files::list(&folder.0, Selection::Everything)?;
    let kept = files
        .into_iter()
        .filter(|file| !file.path.starts_with("bin/"));
    let mut entries = of_files(&kept.collect::<Vec<_>>())?;
    entries.iter_mut().for_each(forget_scripts);
    Ok(entries)
}

/// What starts a program by hand names this machine's Python, and Lambda has no use for it.
fn forget_scripts(entry: &mut Entry) {
    if entry.path.ends_with(".dist-info/RECORD") {
        let text = String::from_utf8_lossy(&entry.content).into_owned();
        let kept = text
            .split_inclusive('\n')
            .filter(|line| !line.contains("../bin/"));
        entry.content = kept.collect::<String>().into_bytes();
    }
}

fn platforms(recipe: &PythonRecipe) -> Vec<String> {
    let minor = recipe.version.split('.').nth(1);
    let minor = minor
        .and_then(|minor| minor.parse::<u32>().ok())
        .unwrap_or_default();
    let newer = if minor >= FIRST_ON_AL2023 {
        ON_AL2023
    } else {
        &[]
    };
    let names = newer.iter().chain(ON_AL2);
    names
        .map(|name| format!("{name}_{}", recipe.target.machine()))
        .collect()
}

/// A folder that goes away with its user.
struct Scratch(PathBuf);

impl Scratch {
    fn new(home: &Path) -> Result<Self, Problem> {
        let folder = home.join(format!("pip-{}", std::process::id()));
        // Makes the folder, and shows early whether it can be written.
        save(&folder.join("keep"), b"")?;
        fs::remove_file(folder.join("keep"))
            .map_err(|error| Problem::unreadable(&folder, &error))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
