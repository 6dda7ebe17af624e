//! The command line, replayed: every file of `tests/cli` is a transcript of what was typed, what
//! came back on either stream, and with which exit code.
//!
//! After a wanted change, `UPDATE_TRANSCRIPTS=1 cargo test -p cloudwright` writes the files anew;
//! review them like code.

mod demo;
mod orders;
mod releases;
mod shell;
mod transcript;

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::App;

use super::session::{Session, Stream};
use shell::Shell;

/// The transcripts of programs with, or without, the features `full` and `validate`.
const OTHER_BUILDS: [&str; 2] = [
    if cfg!(feature = "full") {
        "without_full.txt"
    } else {
        "full.txt"
    },
    if cfg!(feature = "validate") {
        "without_validate.txt"
    } else {
        "aws.txt"
    },
];

fn transcripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli")
}

#[test]
fn every_transcript_replays() {
    let mut wrong = Vec::new();
    let mut files: Vec<_> = fs::read_dir(transcripts())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 5, "the transcripts are gone: {files:?}");
    let is_other = |file: &&PathBuf| OTHER_BUILDS.iter().any(|other| file.ends_with(other));
    for file in files.iter().filter(|file| !is_other(file)) {
        let recorded = fs::read_to_string(file).unwrap();
        let mut shell = Shell::new();
        let replayed = transcript::replay(&recorded, |line| shell.run(line));
        if replayed == recorded {
            continue;
        }
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            fs::write(file, replayed).unwrap();
        } else {
            let name = file.file_name().unwrap().to_string_lossy();
            wrong.push(format!(
                "{name}: {}",
                transcript::difference(&recorded, &replayed)
            ));
        }
    }
    let help = "\nrun with UPDATE_TRANSCRIPTS=1 to accept";
    assert!(wrong.is_empty(), "{}{help}", wrong.join("\n"));
}

/// A stream whose reader went away or whose disk is full.
struct Broken(ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs `uploads ls` with standard output broken; yields the exit code and standard error.
fn run_broken(kind: ErrorKind) -> (u8, String) {
    let mut err = Vec::new();
    let session = Session {
        arguments: vec!["uploads".into(), "ls".into()],
        variable: &|_| None,
        folder: PathBuf::new(),
        out: Stream {
            writer: &mut Broken(kind),
            terminal: false,
        },
        err: Stream {
            writer: &mut err,
            terminal: false,
        },
    };
    let build = demo::program("uploads").unwrap();
    let code = super::run(session, App::without_checks(), Box::new(build));
    (code, String::from_utf8(err).unwrap())
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    assert_eq!(run_broken(ErrorKind::BrokenPipe), (0, String::new()));
}

#[test]
fn a_full_disk_is_an_error() {
    let (code, said) = run_broken(ErrorKind::StorageFull);
    assert_eq!(code, 3);
    assert!(
        said.starts_with("error: cannot write to standard output: "),
        "{said}"
    );
}
