//! The handlers that cloudwright brings along, built from `cloudwright-runtime` when they are
//! deployed.

use std::fs;
use std::path::{Path, PathBuf};

use cloudwright_bundle::{Recipe, RuntimeRecipe};

use super::Architecture;
use super::made::Made;

/// The hash of the source of `cloudwright-runtime`. Synthesis has no source to hash when cloudwright
/// is a published crate, so it is written here: `cargo xtask handlers` does, and `cargo xtask tidy`
/// tells when it has to.
const SOURCE: &str = "76e4386fce1039d39a07b7e8e8fece47b467540e61e992cfb4a33b25e9549ed3";

/// The package of all handlers: one program, which the function's `Handler` tells what to be.
pub(super) fn find(architecture: Architecture) -> Made {
    let recipe = RuntimeRecipe {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: architecture.built_for(),
    };
    let name = format!("cloudwright-runtime for {}", architecture.name());
    Made::known(
        recipe.key(SOURCE),
        Recipe::Runtime(recipe),
        name,
        checkout(),
    )
}

/// The checkout of cloudwright that this was compiled in; none for a published crate.
fn checkout() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let is_there = root.join("runtime/Cargo.toml").is_file();
    is_there.then(|| fs::canonicalize(root).ok())?
}
