//! Just enough of the zip format to tell whether Lambda will be able to start an archive.
//!
//! Only the directory at the archive's end is read
//! ([format](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT)); nothing is unpacked.

/// How every zip archive with an entry starts.
const MAGIC: &[u8] = b"PK\x03\x04";
/// How the record at the end of the directory starts.
const END_MAGIC: &[u8] = b"PK\x05\x06";
/// How a directory entry starts.
const ENTRY_MAGIC: &[u8] = b"PK\x01\x02";
/// The size of the end record, and of a directory entry, without their variable parts.
const END_SIZE: usize = 22;
const ENTRY_SIZE: usize = 46;
/// The systems whose archives carry Unix permissions.
const UNIX: u8 = 3;
const MACOS: u8 = 19;
/// Any of the three bits that make a file executable.
const EXECUTABLE: u32 = 0o111;

/// A file of an archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    /// Its size once unpacked, in bytes.
    pub(super) size: u64,
    /// Whether it may be executed; `None` when the archive does not say.
    pub(super) executable: Option<bool>,
}

/// The files of an archive; the error says what the content is instead.
pub(super) fn entries(content: &[u8]) -> Result<Vec<Entry>, &'static str> {
    if !content.starts_with(MAGIC) {
        return Err(kind_of(content));
    }
    read_directory(content).ok_or("a zip archive that is cut off or damaged")
}

fn kind_of(content: &[u8]) -> &'static str {
    match content {
        [] => "an empty file",
        [0x7f, b'E', b'L', b'F', ..] => "an executable that is not packed",
        [0x1f, 0x8b, ..] => "a gzip archive",
        [b'P', b'K', 5, 6, ..] => "a zip archive without files",
        _ => "something else",
    }
}

fn read_directory(content: &[u8]) -> Option<Vec<Entry>> {
    let end = (0..=content.len().checked_sub(END_SIZE)?)
        .rev()
        .find(|at| content[*at..].starts_with(END_MAGIC))?;
    let count = number(content, end + 10, 2)?;
    let mut at = usize::try_from(number(content, end + 16, 4)?).ok()?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let (entry, next) = read_entry(content, at)?;
        entries.push(entry);
        at = next;
    }
    Some(entries)
}

fn read_entry(content: &[u8], at: usize) -> Option<(Entry, usize)> {
    if !content.get(at..)?.starts_with(ENTRY_MAGIC) {
        return None;
    }
    let made_by = *content.get(at + 5)?;
    let length = |offset| number(content, at + offset, 2).and_then(|n| usize::try_from(n).ok());
    let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
    let name_at = at + ENTRY_SIZE;
    let mode = u32::try_from(number(content, at + 38, 4)?).ok()? >> 16;
    let entry = Entry {
        name: String::from_utf8_lossy(content.get(name_at..name_at + name)?).into_owned(),
        size: number(content, at + 24, 4)?,
        executable: (matches!(made_by, UNIX | MACOS) && mode != 0)
            .then_some(mode & EXECUTABLE != 0),
    };
    Some((entry, name_at + name + extra + comment))
}

/// A little-endian number of `size` bytes.
fn number(content: &[u8], at: usize, size: usize) -> Option<u64> {
    let bytes = content.get(at..at.checked_add(size)?)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
mod tests {
    use super::entries;

    #[test]
    fn what_is_no_archive_is_told_apart() {
        for (content, kind) in [
            (&b""[..], "an empty file"),
            (b"\x7fELF\x02", "an executable that is not packed"),
            (b"\x1f\x8b\x08", "a gzip archive"),
            (b"PK\x05\x06\0\0", "a zip archive without files"),
            (b"hello", "something else"),
            (b"PK\x03\x04", "a zip archive that is cut off or damaged"),
        ] {
            assert_eq!(entries(content), Err(kind));
        }
    }

    #[test]
    fn no_damage_makes_it_panic() {
        let mut content = b"PK\x03\x04".to_vec();
        content.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\0\0");
        for cut in 0..content.len() {
            let _ = entries(&content[..cut]);
        }
        assert!(entries(&content).is_err());
    }
}
