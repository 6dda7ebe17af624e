//! Secrets: values that no template and no environment variable shows.
//!
//! A [`Secret`] is declared empty and filled by a person or a program, or gets a [`Password`] that
//! Secrets Manager makes up. Who is granted to read it gets its ARN in the environment, never its value.

mod grants;
mod handle;
mod password;
mod secret;

pub use handle::SecretRef;
pub use password::Password;
pub use secret::Secret;
