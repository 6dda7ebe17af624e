//! `package!`: paths that start at the package whose source says them.

/// The path of a file or folder of the package that calls this macro.
///
/// A relative path would start at the folder that the program is run from; this one starts where
/// the package's `Cargo.toml` is, wherever the program is run.
///
/// ```
/// let manifest = cloudwright::package!("Cargo.toml");
/// assert!(std::path::Path::new(manifest).exists());
/// ```
#[macro_export]
macro_rules! package {
    ($path:literal) => {
        ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", $path)
    };
}
