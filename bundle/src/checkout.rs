//! Checkouts: the folders where a recipe's paths start, and how they are found again.
//!
//! An assembly holds no path of a machine, so the command in it names a folder below *some*
//! checkout. Whoever writes an assembly [remembers](remember) the checkouts of its assets in the
//! user's own folder ([`home`]), and the command looks there, and in the folders above the one that
//! it is run in. What it finds has to have the very key that it was asked for, so a wrong guess does
//! no harm, and nothing stale is ever published under a new key or a new source under an old one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cloudwright_spec::sorted::Set;
use hmac_sha256::Hash;

use crate::hash::hex;
use crate::{Problem, Recipe};

/// The variable that names the user's folder for cloudwright.
const HOME: &str = "CLOUDWRIGHT_HOME";
/// The variable that names a checkout to look at first.
pub const CHECKOUT: &str = "CLOUDWRIGHT_CHECKOUT";

/// The user's folder for cloudwright: `CLOUDWRIGHT_HOME`, or `cloudwright` in cargo's home.
/// `variable` reads the environment.
pub fn home(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let set = |name: &str| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let cargo = || {
        let user = || set("HOME").or_else(|| set("USERPROFILE"));
        set("CARGO_HOME").or_else(|| user().map(|user| user.join(".cargo")))
    };
    set(HOME).or_else(|| cargo().map(|cargo| cargo.join("cloudwright")))
}

/// Notes where a checkout is, and forgets those that are gone.
///
/// # Errors
/// When the user's folder cannot be written. Then the command has to be run inside the checkout.
pub fn remember(home: &Path, checkout: &Path) -> io::Result<()> {
    let folder = folder(home);
    fs::create_dir_all(&folder)?;
    for (note, known) in notes(&folder) {
        if !known.is_dir() {
            fs::remove_file(note)?;
        }
    }
    let Some(text) = checkout.to_str() else {
        return Err(io::Error::other("the path is no Unicode"));
    };
    let note = folder.join(&hex(&Hash::hash(text.as_bytes()))[..16]);
    // The content follows from the name, so two writers at once do no harm.
    if fs::read_to_string(&note).is_ok_and(|known| known == text) {
        return Ok(());
    }
    fs::write(note, text)
}

/// The checkouts that are remembered, sorted.
#[must_use]
pub fn remembered(home: &Path) -> Vec<PathBuf> {
    let known = notes(&folder(home)).into_iter().map(|(_, known)| known);
    let known: Set<_> = known.collect();
    known.into_vec()
}

fn folder(home: &Path) -> PathBuf {
    home.join("checkouts")
}

fn notes(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let texts = files.filter_map(|file| {
        let text = fs::read_to_string(file.path()).ok()?;
        Some((file.path(), PathBuf::from(text)))
    });
    texts.collect()
}

/// The folders at and above one that may be checkouts.
#[must_use]
pub fn around(folder: &Path) -> Vec<PathBuf> {
    let marks = ["Cargo.lock", "Cargo.toml", ".git"];
    let marked = folder
        .ancestors()
        .filter(|above| marks.iter().any(|mark| above.join(mark).exists()));
    marked.map(Path::to_path_buf).collect()
}

/// The first of the candidates whose source has the key.
///
/// # Errors
/// When none has; the text says what was found instead.
pub fn find(recipe: &Recipe, key: &str, candidates: &[PathBuf]) -> Result<PathBuf, Problem> {
    let mut reasons = Vec::new();
    let mut seen = Set::new();
    for checkout in candidates {
        if !checkout.join(recipe.path()).exists() || !seen.insert(checkout) {
            continue;
        }
        match recipe.key(checkout) {
            Ok(found) if found == key => return Ok(checkout.clone()),
            Ok(found) => reasons.push(format!("{} has the key {found}", checkout.display())),
            Err(problem) => reasons.push(format!("{}: {}", checkout.display(), problem.message)),
        }
    }
    let message = if reasons.is_empty() {
        format!("no checkout with \"{}\" is known", recipe.path())
    } else {
        format!(
            "\"{}\" has changed since synthesis: expected the key {key}\n  {}",
            recipe.path(),
            reasons.join("\n  ")
        )
    };
    let help = format!(
        "synthesize again, or run this inside the checkout that the assembly was made from, \
         or name it: `{CHECKOUT}=DIR`"
    );
    Err(Problem::new(message, help))
}
