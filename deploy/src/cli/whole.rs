//! Files that are written as a whole or not at all: on a full disk what was there before stays.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

/// Writes a file. What is no plain file, such as a device, a pipe or a link, is written to as it is.
pub(super) fn write(file: &Path, text: &str) -> io::Result<()> {
    let is_other = |there: fs::Metadata| !there.is_file();
    if fs::symlink_metadata(file).is_ok_and(is_other) {
        return fs::write(file, text);
    }
    let name = file.file_name().unwrap_or_default();
    let mut aside = OsString::from(".");
    aside.push(name);
    aside.push(format!(".{}", std::process::id()));
    let aside = file.with_file_name(aside);
    let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, file));
    if written.is_err() {
        // There may be nothing to remove.
        let _ = fs::remove_file(&aside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("outputs.json");
        for text in ["{}", "[]"] {
            write(&file, text).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let absent = folder.path().join("absent/outputs.json");
        assert!(write(&absent, "{}").is_err());
        // A folder is in the way, and what was written aside is gone.
        fs::create_dir(folder.path().join("taken")).unwrap();
        assert!(write(&folder.path().join("taken"), "{}").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        write(&file, "1").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, "2").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "2");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
