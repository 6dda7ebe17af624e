//! The release of CloudFormation's resource schemas that the facts were made of: the day on which AWS published it.
//!
//! Written by `cargo xtask spec`; do not edit.

/// That day, as text for `concat!`.
#[doc(hidden)]
#[macro_export]
macro_rules! release {
    () => {
        "2026-10-20"
    };
}
