//! Zip archives that are the same whenever and wherever they are made.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::package::read;
use crate::{File, Problem};

/// The most thorough level of deflate that is still quick.
const LEVEL: i64 = 9;

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its path, with `/` between the parts.
    pub path: String,
    /// Whether it may be executed.
    pub executable: bool,
    /// What it holds.
    pub content: Vec<u8>,
}

/// The files of a folder.
pub(super) fn of_files(files: &[File]) -> Result<Vec<Entry>, Problem> {
    let entry = |file: &File| {
        Ok(Entry {
            path: file.path.clone(),
            executable: file.executable,
            content: read(&file.on_disk)?,
        })
    };
    files.iter().map(entry).collect()
}

/// Packs files into an archive: sorted, of the year 1980, readable by everybody.
///
/// # Errors
/// When two files have the same path, or the archive gets too large for its format.
pub fn pack(entries: &[Entry]) -> Result<Vec<u8>, Problem> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in sorted {
        let mode = if entry.executable { 0o755 } else { 0o644 };
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(DateTime::DEFAULT)
            .unix_permissions(mode);
        let started = archive.start_file(&*entry.path, options);
        started.map_err(|error| unpackable(&entry.path, &error))?;
        let written = archive.write_all(&entry.content);
        written.map_err(|error| unpackable(&entry.path, &error))?;
    }
    let content = archive.finish();
    let content = content.map_err(|error| unpackable("the archive", &error))?;
    Ok(content.into_inner())
}

fn unpackable(path: &str, error: &dyn std::error::Error) -> Problem {
    let message = format!("cannot pack \"{path}\": {error}");
    Problem::new(
        message,
        "leave the file out, or pack it by yourself: `Code::zip`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, executable: bool, content: &str) -> Entry {
        Entry {
            path: path.to_owned(),
            executable,
            content: content.into(),
        }
    }

    #[test]
    fn the_same_files_give_the_same_bytes_in_any_order() {
        let files = [
            entry("b/c.txt", false, "hello hello hello"),
            entry("bootstrap", true, "\u{7f}ELF"),
        ];
        let mut turned = files.clone();
        turned.reverse();
        let packed = pack(&files).unwrap();
        assert_eq!(packed, pack(&turned).unwrap());
        let mut archive = zip::ZipArchive::new(Cursor::new(&packed)).unwrap();
        let modes: Vec<_> = (0..archive.len())
            .map(|index| {
                let file = archive.by_index(index).unwrap();
                let time = file.last_modified().unwrap();
                assert_eq!(
                    (
                        time.year(),
                        time.hour(),
                        file.extra_data().map_or(0, <[u8]>::len)
                    ),
                    (1980, 0, 0)
                );
                (file.name().to_owned(), file.unix_mode().unwrap() & 0o777)
            })
            .collect();
        let expected = [
            ("b/c.txt".to_owned(), 0o644),
            ("bootstrap".to_owned(), 0o755),
        ];
        assert_eq!(modes, expected);
        // The system that made it is Unix, wherever that was, so that the modes count.
        let directory = packed
            .windows(4)
            .position(|at| at == b"PK\x01\x02")
            .unwrap();
        assert_eq!(packed[directory + 5], 3);
    }

    #[test]
    fn two_files_of_one_path_are_refused() {
        let files = [entry("a", false, "1"), entry("a", false, "2")];
        assert!(pack(&files).is_err());
    }
}
