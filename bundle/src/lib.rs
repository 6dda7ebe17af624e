//! What the code of a function is made of, and how it is made.
//!
//! The key of an asset is a hash of its *source*: synthesis hashes files and starts nothing, so it
//! stays instant, and a template is the same on every machine. The package itself is made when it
//! is published, and only when its key is not there yet. In between, the assembly holds a command
//! that anybody who has the source can run, from any folder:
//!
//! ```text
//! cargo-cloudwright bundle --key HASH --cargo handlers/resize --target aarch64-unknown-linux-gnu ..
//! ```
//!
//! A [`Recipe`] is the one description that both sides share: synthesis asks it for its key and its
//! command, and the command, read back, finds the source (see [`checkout`]), asks the same recipe
//! for the key again, and refuses to make anything from a source of another key.
//!
//! The same key means the same source, never the same bytes: the compiler of the machine is not in
//! the key, unless the source pins one in `rust-toolchain.toml`.

#[cfg(feature = "build")]
pub mod build;
pub mod checkout;
mod files;
mod handlers;
mod hash;
mod ignore;
mod lock;
mod manifest;
mod package;
mod problem;
mod recipe;
mod requirements;
mod target;
mod toml;

pub use files::File;
pub use handlers::{Handlers, RuntimeRecipe};
pub use problem::Problem;
pub use recipe::{CargoRecipe, FolderRecipe, Found, PROGRAM, PythonRecipe, Recipe, source_digest};
pub use target::Target;
