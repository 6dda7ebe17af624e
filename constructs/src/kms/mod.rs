//! Keys of the Key Management Service.

mod key;

pub(crate) use key::strict_key;
pub use key::{Key, KeyRef};
