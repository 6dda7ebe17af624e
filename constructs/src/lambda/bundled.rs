//! The handlers that cloudwright brings along, and the program of its container image: built from
//! `cloudwright-runtime` when they are deployed.

use std::fs;
use std::path::{Path, PathBuf};

use cloudwright_bundle::{Handlers, Recipe, RuntimeRecipe};
use cloudwright_contract::Handler;
use cloudwright_synth::Scope;

use super::Architecture;
use super::made::Made;
use crate::rules;

/// The context key that says how the handlers are built.
const KEY: &str = "cloudwright:handlers";
/// Its value for all handlers in one small program, which is what it means to say nothing.
const RELEASE: &str = "release";
/// Its value for a quick build of the handler that is used.
const DEVELOPMENT: &str = "development";

/// The hash of the source of `cloudwright-runtime`. Synthesis has no source to hash when cloudwright
/// is a published crate, so it is written here: `cargo xtask handlers` does, and `cargo xtask tidy`
/// tells when it has to.
const SOURCE: &str = "0659929927090c79a9a4767a183d96fc036f71250a96764d923e22931770ac77";

/// The package with a handler: the one program of all of them, which the function's `Handler` tells
/// what to be, or a development build of this one.
pub(super) fn find(scope: &Scope, handler: Handler, architecture: Architecture) -> Made {
    let handlers = handlers(scope, handler);
    let name = match &handlers {
        Handlers::Only(name) => format!("{name} (development)"),
        Handlers::Every | Handlers::Worker => "cloudwright-runtime".to_owned(),
    };
    let recipe = RuntimeRecipe {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: architecture.built_for(),
        handlers,
    };
    Made::known(
        recipe.key(SOURCE),
        Recipe::Runtime(recipe),
        format!("{name} for {}", architecture.name()),
        checkout(),
    )
}

/// The image of the program `worker`, in the repository of the bootstrap.
#[cfg(feature = "queue-worker")]
pub(crate) fn worker(scope: &Scope, architecture: Architecture) -> cloudwright_synth::AssetRef {
    let recipe = RuntimeRecipe {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: architecture.built_for(),
        handlers: Handlers::Worker,
    };
    let (key, name) = (recipe.key(SOURCE), architecture.name());
    let command = Recipe::Runtime(recipe).command(&key);
    let image = cloudwright_synth::FileAsset::image(key, command);
    let image = image.named(format!("worker for {name} (image)"));
    scope.asset(match checkout() {
        Some(checkout) => image.from_checkout(checkout),
        None => image,
    })
}

/// How the context wants the handlers to be built.
fn handlers(scope: &Scope, handler: Handler) -> Handlers {
    match scope.context(KEY).as_deref() {
        None | Some(RELEASE) => Handlers::Every,
        Some(DEVELOPMENT) => Handlers::Only(handler.name().to_owned()),
        Some(text) => {
            let message =
                format!("the context value {KEY} is {RELEASE} or {DEVELOPMENT}, got \"{text}\"");
            let help = format!("`--context {KEY}={DEVELOPMENT}`, or leave it out");
            scope.error(&rules::UNKNOWN_BUILD, message, help);
            Handlers::Every
        }
    }
}

/// The checkout of cloudwright that this was compiled in; none for a published crate.
fn checkout() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let is_there = root.join("runtime/Cargo.toml").is_file();
    is_there.then(|| fs::canonicalize(root).ok())?
}
