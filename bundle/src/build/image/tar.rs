//! Archives in the form of [ustar](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06), as the
//! layers of images are: blocks of 512 bytes, a header before each file, nothing of the machine in it.

use std::collections::BTreeSet;

use super::ImageFile;
use crate::Problem;

const BLOCK: usize = 512;
/// The longest path that a header holds, in bytes.
const LONGEST: usize = 100;

const FILE: u8 = b'0';
const FOLDER: u8 = b'5';

/// The archive of files, sorted by path, with the folders above them.
pub(super) fn pack(files: &[ImageFile]) -> Result<Vec<u8>, Problem> {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by(|one, other| one.path.cmp(&other.path));
    let (mut archive, mut folders) = (Vec::new(), BTreeSet::new());
    for (at, file) in sorted.iter().enumerate() {
        check(&file.path)?;
        if at > 0 && sorted[at - 1].path == file.path {
            let message = format!("\"{}\" is in the image twice", file.path);
            return Err(Problem::new(message, "drop one of the two"));
        }
        for (end, _) in file.path.match_indices('/') {
            if folders.insert(&file.path[..end]) {
                archive.extend(header(&format!("{}/", &file.path[..end]), 0o755, 0, FOLDER));
            }
        }
        let mode = if file.is_program { 0o755 } else { 0o644 };
        archive.extend(header(&file.path, mode, file.content.len(), FILE));
        archive.extend(&file.content);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    // Two empty blocks are the end.
    archive.resize(archive.len() + 2 * BLOCK, 0);
    Ok(archive)
}

fn check(path: &str) -> Result<(), Problem> {
    let is_name = |part: &str| !matches!(part, "" | "." | "..");
    if path.len() < LONGEST && path.split('/').all(is_name) && path.is_ascii() {
        return Ok(());
    }
    let message = format!(
        "a file of an image is at up to {} ASCII characters, without a slash at its ends and without `.` and `..`, got \"{path}\"",
        LONGEST - 1
    );
    Err(Problem::new(
        message,
        "such as \"etc/ssl/certs/ca-certificates.crt\"",
    ))
}

/// The block before a file or folder: of nobody, from 1970.
fn header(path: &str, mode: u32, size: usize, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, path.as_bytes());
    put(100, format!("{mode:07o}").as_bytes());
    put(108, b"0000000");
    put(116, b"0000000");
    put(124, format!("{size:011o}").as_bytes());
    put(136, b"00000000000");
    // The sum is made as if it were spaces itself.
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_elsewhere_or_do_not_fit_are_refused() {
        let long = "x".repeat(100);
        for wrong in ["", "/worker", "a/../b", "./worker", "a//b", &long, "ü"] {
            let file = ImageFile {
                path: wrong.to_owned(),
                content: Vec::new(),
                is_program: false,
            };
            let problem = pack(&[file]).unwrap_err();
            assert!(problem.message.contains("a file of an image"), "{problem}");
        }
    }
}
