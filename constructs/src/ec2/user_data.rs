//! What a server does when it starts for the first time.

use cloudwright_synth::intrinsic::base64;
use cloudwright_synth::{IntoValue, Json, Scope, Text, Value};

use crate::rules;

/// How much a server takes, in bytes.
const LARGEST: usize = 16 * 1024;

/// A script that a server runs as `root` when it starts for the first time
/// ([AWS](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html)): up to 16 KB. Everybody who may describe
/// the server can read it.
#[derive(Clone, Default)]
#[must_use = "a script does nothing until servers start with it: `LaunchTemplate::user_data`"]
pub struct UserData {
    lines: Vec<Json>,
}

impl UserData {
    /// A script for `bash`, which stops at the first command that fails.
    pub fn bash() -> Self {
        Self::script("#!/bin/bash").line("set -euo pipefail")
    }

    /// A script that begins with this line.
    pub fn script(first: impl Into<Text>) -> Self {
        Self {
            lines: vec![Json::Text(first.into())],
        }
    }

    /// Adds a line, which may hold values that only the deployment knows.
    pub fn line(mut self, text: impl IntoValue<String>) -> Self {
        self.lines.push(text.into_json());
        self
    }

    /// Adds lines.
    pub fn lines<T: Into<Text>>(mut self, lines: impl IntoIterator<Item = T>) -> Self {
        let lines = lines.into_iter().map(|line| Json::Text(line.into()));
        self.lines.extend(lines);
        self
    }

    /// The whole script.
    #[must_use]
    pub fn text(&self) -> Value<String> {
        let newline = || Json::Text("\n".into());
        let lines = self.lines.iter();
        let parts = lines.flat_map(|line| [line.clone(), newline()]).collect();
        Value::from_json(Json::concat(parts))
    }

    /// As servers take it; a script that is too large is reported.
    pub(super) fn encoded(&self, scope: &Scope) -> Value<String> {
        let known = self.lines.iter();
        let size: usize = known
            .map(|line| line.as_text().map_or(0, str::len) + 1)
            .sum();
        if size > LARGEST {
            let message =
                format!("a server takes a script of at most {LARGEST} bytes (16 KB), got {size}");
            let help = "put the script into a bucket or an image, and start it from here";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        base64(self.text())
    }
}
