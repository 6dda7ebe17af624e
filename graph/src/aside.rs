//! Files that are written in one step.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file in one step: what was there stays whole until the new one is, and nobody else's file is touched.
///
/// # Errors
/// When the folder cannot be written.
pub fn replace(file: &Path, content: &str) -> io::Result<()> {
    let name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let name = format!(".{}.{}", name.to_string_lossy(), std::process::id());
    let aside = file.with_file_name(name);
    // What stands there is somebody's.
    let mut new = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&aside)?;
    let written = new
        .write_all(content.as_bytes())
        .and_then(|()| fs::rename(&aside, file));
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written
}
