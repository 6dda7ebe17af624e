//! Keys of the Key Management Service.

mod key;

pub use key::{Key, KeyRef};
pub(crate) use key::strict_key;
