//! Container images: repositories that keep them.
//!
//! A [`Repository`] takes each tag once, so that what was deployed under a tag stays what it was, and looks
//! for known weaknesses in what is pushed. Who runs an image is granted to pull it; `ecs` does so by itself.

mod handle;
mod lifecycle;
mod repository;

pub use handle::RepositoryRef;
pub use lifecycle::LifecycleRule;
pub use repository::Repository;
