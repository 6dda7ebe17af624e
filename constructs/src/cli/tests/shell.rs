//! A shell of a few words, so that transcripts need no process and no particular machine.
//!
//! It knows the demo programs, `VARIABLE=value` before them, single quotes, and for the files
//! around them `ls`, `cat`, `write FILE TEXT`, `mkdir`, `mv` and `rm`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use crate::App;
use tempfile::TempDir;

use super::demo;
use super::transcript::Reply;
use crate::cli::session::{Session, Stream};

pub(super) struct Shell {
    home: TempDir,
}

impl Shell {
    pub(super) fn new() -> Self {
        Self {
            home: TempDir::new().unwrap(),
        }
    }

    pub(super) fn run(&mut self, line: &str) -> Reply {
        let mut words = words(line);
        let mut variables = BTreeMap::new();
        while let Some((name, value)) = assignment(&words[0]) {
            variables.insert(name, value);
            words.remove(0);
        }
        let mut reply = if demo::program(&words[0]).is_some() {
            self.program(&words, &variables)
        } else {
            self.files(&words)
        };
        let home = format!("{}/", self.home.path().display());
        reply.err = reply.err.replace(&home, "");
        reply
    }

    fn program(&self, words: &[String], variables: &BTreeMap<String, String>) -> Reply {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let terminal = variables.contains_key("TERMINAL");
        let stream = |writer| Stream { writer, terminal };
        let session = Session {
            arguments: words.iter().map(OsString::from).collect(),
            variable: &|name| variables.get(name).cloned(),
            folder: self.home.path().to_owned(),
            out: stream(&mut out),
            err: stream(&mut err),
        };
        let build = demo::program(&words[0]).unwrap();
        let code = crate::cli::run(session, App::without_checks(), Box::new(build));
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Reply {
            out: text(out),
            err: text(err),
            code,
        }
    }

    fn path(&self, word: &str) -> PathBuf {
        self.home.path().join(word)
    }

    fn files(&self, words: &[String]) -> Reply {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut out = String::new();
        match words[..] {
            ["ls", folder] => out = self.listing(folder),
            ["cat", file] => out = fs::read_to_string(self.path(file)).unwrap(),
            ["write", file, text] => fs::write(self.path(file), text).unwrap(),
            ["mkdir", folder] => fs::create_dir_all(self.path(folder)).unwrap(),
            ["mv", from, to] => fs::rename(self.path(from), self.path(to)).unwrap(),
            ["rm", folder] => fs::remove_dir_all(self.path(folder)).unwrap(),
            _ => panic!("the shell does not know {words:?}"),
        }
        Reply {
            out,
            err: String::new(),
            code: 0,
        }
    }

    fn listing(&self, folder: &str) -> String {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names.iter().map(|name| format!("{name}\n")).collect()
    }
}

/// `NAME=value`, the name in capitals.
fn assignment(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let capitals = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    capitals.then(|| (name.to_owned(), value.to_owned()))
}

/// The words of a line; single quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    let mut word: Option<String> = None;
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}
