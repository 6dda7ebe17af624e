//! Directories that follow a bucket.

use cloudwright_synth::{Scope, Text};

use super::quote::quoted;
use crate::rules;

/// How long a path may be, in bytes.
const PATH: usize = 255;

/// A directory on each server that follows the bucket, or what lies below a prefix of it.
///
/// What comes into the bucket comes into the directory; what leaves the bucket stays there unless it
/// is a [`mirror`](Self::mirror). Files belong to `root` and everybody may read them unless said.
#[derive(Clone)]
#[must_use = "a directory does nothing until a fleet has it: `SsmSyncFleet::directory`"]
pub struct Directory {
    path: Text,
    prefix: Text,
    mirror: bool,
    owner: Option<Text>,
    mode: u32,
    excludes: Vec<Text>,
}

impl Directory {
    /// A directory by its path, such as `/srv/content`: letters, digits and `._@+-/`. It is made where it is
    /// not there.
    pub fn new(path: impl Into<Text>) -> Self {
        Self {
            path: path.into(),
            prefix: "".into(),
            mirror: false,
            owner: None,
            mode: 0o644,
            excludes: Vec::new(),
        }
    }

    /// Follows only what lies below this prefix, such as `site/`, which is not part of the paths of files.
    pub fn prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Also removes files that are not in the bucket.
    pub const fn mirror(mut self) -> Self {
        self.mirror = true;
        self
    }

    /// Whose the files are: a user, or a user and a group as `nginx:www`.
    pub fn owner(mut self, owner: impl Into<Text>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Who may do what with files, such as `0o640`; who may read a file may also enter its directories.
    pub const fn mode(mut self, bits: u32) -> Self {
        self.mode = bits;
        self
    }

    /// Leaves keys alone that match, such as `*.tmp` or `drafts/*`: `*` stands for any characters, also `/`. Files
    /// that match are not removed either.
    pub fn exclude(mut self, pattern: impl Into<Text>) -> Self {
        self.excludes.push(pattern.into());
        self
    }

    pub(super) const fn path(&self) -> &Text {
        &self.path
    }

    pub(super) const fn key_prefix(&self) -> &Text {
        &self.prefix
    }

    pub(super) const fn is_mirror(&self) -> bool {
        self.mirror
    }

    /// The line of the script that brings it to the bucket's state.
    pub(super) fn line(&self) -> String {
        // Whoever may read what is in a directory may also enter it.
        let folders = self.mode | ((self.mode & 0o444) >> 2);
        let owner = self.owner.as_deref().unwrap_or_default();
        let mut words = vec![
            "sync_directory".to_owned(),
            quoted(&self.path),
            quoted(&self.prefix),
            quoted(owner),
            format!("{:04o}", self.mode),
            format!("{folders:04o}"),
        ];
        if self.mirror {
            words.push("--delete".to_owned());
        }
        for pattern in &self.excludes {
            words.extend(["--exclude".to_owned(), quoted(pattern)]);
        }
        words.join(" ")
    }

    /// Reports what no server could do.
    pub(super) fn check(&self, scope: &Scope) {
        self.check_path(scope);
        if !self.prefix.is_empty() && (!self.prefix.ends_with('/') || self.prefix.starts_with('/'))
        {
            let message = format!(
                "a directory follows a prefix like \"site/\", got \"{}\"",
                self.prefix
            );
            let help = "end it with `/`: what follows in a key is the path of the file";
            scope.error(&rules::BAD_FLEET, message, help);
        }
        if let Some(owner) = self.owner.as_ref().filter(|owner| !is_owner(owner)) {
            let message = format!(
                "files belong to a user, or a user and a group like \"nginx:www\", got \"{owner}\""
            );
            scope.error(
                &rules::BAD_FLEET,
                message,
                "say names, of small letters, digits, `_` and `-`",
            );
        }
        if self.mode > 0o777 {
            let message = format!("a mode has three digits from 0 to 7, got 0o{:o}", self.mode);
            scope.error(&rules::BAD_FLEET, message, "such as `.mode(0o640)`");
        }
        for pattern in &self.excludes {
            if pattern.is_empty() || pattern.starts_with('/') || pattern.contains(char::is_control)
            {
                let message =
                    format!("what is left alone is a pattern like \"*.tmp\", got {pattern:?}");
                scope.error(&rules::BAD_FLEET, message, "`*` stands for any characters");
            }
        }
    }

    fn check_path(&self, scope: &Scope) {
        let is_plain = |one: u8| one.is_ascii_alphanumeric() || b"._@+-/".contains(&one);
        let mut parts = self.path.strip_prefix('/').unwrap_or_default().split('/');
        let is_right = self.path.len() <= PATH
            && self.path.bytes().all(is_plain)
            && parts.all(|part| !["", ".", ".."].contains(&part));
        if !is_right {
            let message = format!(
                "a directory is an absolute path of up to {PATH} letters, digits and `._@+-/`, got \"{}\"",
                self.path
            );
            let help = "such as \"/srv/content\", without `..` and without `/` at its end";
            scope.error(&rules::BAD_FLEET, message, help);
        }
    }
}

fn is_owner(owner: &str) -> bool {
    let is_name = |name: &str| {
        let is_plain =
            |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || b"_-".contains(&one);
        (1..=32).contains(&name.len())
            && name.bytes().all(is_plain)
            && name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
    };
    match owner.split_once(':') {
        Some((user, group)) => is_name(user) && is_name(group),
        None => is_name(owner),
    }
}

impl From<&'static str> for Directory {
    fn from(path: &'static str) -> Self {
        Self::new(path)
    }
}

impl From<String> for Directory {
    fn from(path: String) -> Self {
        Self::new(path)
    }
}
