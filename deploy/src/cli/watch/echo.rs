//! The files that this program's own output ends in through a pipe: `watch | tee log`, in the watched folder, would begin
//! a round with every line that a round writes.
//!
//! Linux tells who reads from a pipe, and what they have open. Elsewhere, and where a file is written by anything else,
//! `--path` has to name folders without it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Whether somebody who reads what this program writes has a file open to write to.
pub(super) fn is_echo(file: &Path) -> bool {
    let streams = ["/proc/self/fd/1", "/proc/self/fd/2"];
    let pipes = streams
        .iter()
        .filter_map(|stream| fs::read_link(stream).ok());
    let pipes: Vec<PathBuf> = pipes.filter(|link| is_pipe(link)).collect();
    !pipes.is_empty() && written_by_readers_of(&pipes).contains(&file.to_owned())
}

fn is_pipe(link: &Path) -> bool {
    link.to_string_lossy().starts_with("pipe:[")
}

/// The files that those who read from these pipes have open to write to.
fn written_by_readers_of(pipes: &[PathBuf]) -> Vec<PathBuf> {
    let mut written = Vec::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        // Those of somebody else are not shown, and others end meanwhile.
        let open = open_of(&process.path()).unwrap_or_default();
        if open
            .iter()
            .any(|(link, reads, _)| *reads && pipes.contains(link))
        {
            let files = open.into_iter().filter(|(_, _, writes)| *writes);
            written.extend(files.map(|(link, ..)| link));
        }
    }
    written
}

/// What a process has open, and whether it reads from it and writes to it.
fn open_of(process: &Path) -> io::Result<Vec<(PathBuf, bool, bool)>> {
    let mut open = Vec::new();
    for descriptor in fs::read_dir(process.join("fd"))?.flatten() {
        let path = descriptor.path();
        // The rights of the link are those of the descriptor.
        if let (Ok(link), Ok(about)) = (fs::read_link(&path), fs::symlink_metadata(&path)) {
            let mode = about.permissions().mode();
            open.push((link, mode & 0o400 != 0, mode & 0o200 != 0));
        }
    }
    Ok(open)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::fd::AsRawFd as _;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_reads_from_a_pipe_tells_where_it_writes() {
        let folder = tempfile::TempDir::new().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let log = folder.join("log");
        let tee = Command::new("tee")
            .arg(&log)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn();
        let mut tee = tee.unwrap();
        let pipe = tee.stdin.as_ref().unwrap().as_raw_fd();
        let pipe = fs::read_link(format!("/proc/self/fd/{pipe}")).unwrap();
        assert!(is_pipe(&pipe));
        // It opens the file a while after it was started.
        while !log.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(written_by_readers_of(&[pipe]).contains(&log));
        assert!(!written_by_readers_of(&["pipe:[0]".into()]).contains(&log));
        drop(tee.stdin.take());
        assert!(tee.wait().unwrap().success());
    }
}
