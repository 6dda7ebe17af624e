//! The scripts of a document.

use std::time::Duration;

use cloudwright_synth::{Json, Scope, Text};

use super::document_parameter::{DocumentParameter, variable};
use crate::rules;
use crate::units::{check_seconds, hours};

/// The longest time that a script may run, in seconds: 48 hours.
const LONGEST: i64 = 172_800;

/// A script of a [`Document`](super::Document)
/// ([AWS](https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html)).
///
/// It runs as `root` on Linux, as the system on Windows, and is skipped on the other. It may run for an
/// hour unless said. When a script fails, those after it are not started.
#[derive(Clone)]
#[must_use = "a step does nothing until a document has it: `Document::step`"]
pub struct Step {
    name: Text,
    platform: Platform,
    lines: Vec<Text>,
    timeout: Duration,
    folder: Option<Text>,
    cleans_up: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Platform {
    Linux,
    Windows,
}

impl Step {
    /// Lines of a script for Linux. The shell is `sh` unless the first line names another: `#!/bin/bash`.
    pub fn shell<T: Into<Text>>(name: impl Into<Text>, lines: impl IntoIterator<Item = T>) -> Self {
        Self::new(name, Platform::Linux, lines)
    }

    /// Lines of a PowerShell script for Windows.
    pub fn power_shell<T: Into<Text>>(
        name: impl Into<Text>,
        lines: impl IntoIterator<Item = T>,
    ) -> Self {
        Self::new(name, Platform::Windows, lines)
    }

    fn new<T: Into<Text>>(
        name: impl Into<Text>,
        platform: Platform,
        lines: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            name: name.into(),
            platform,
            lines: lines.into_iter().map(Into::into).collect(),
            timeout: hours(1),
            folder: None,
            cleans_up: false,
        }
    }

    /// How long the script may run: 1 second to 48 hours.
    pub const fn timeout(mut self, duration: Duration) -> Self {
        self.timeout = duration;
        self
    }

    /// The folder that the script starts in.
    pub fn working_directory(mut self, path: impl Into<Text>) -> Self {
        self.folder = Some(path.into());
        self
    }

    /// Runs at the end, also when a step before it failed. Only the last step can.
    pub const fn always(mut self) -> Self {
        self.cleans_up = true;
        self
    }

    pub(super) const fn name(&self) -> &Text {
        &self.name
    }

    pub(super) const fn is_final(&self) -> bool {
        self.cleans_up
    }

    pub(super) fn content(&self, scope: &Scope, parameters: &[DocumentParameter]) -> Json {
        let seconds = check_seconds(scope, "a step's timeout", self.timeout, 1..=LONGEST);
        let (action, platform) = match self.platform {
            Platform::Linux => ("aws:runShellScript", "Linux"),
            Platform::Windows => ("aws:runPowerShellScript", "Windows"),
        };
        let lines = self.script(parameters).into_iter().map(Json::Text);
        let mut inputs = vec![
            ("runCommand", Json::List(lines.collect())),
            ("timeoutSeconds", Json::Text(seconds.to_string().into())),
        ];
        if let Some(folder) = &self.folder {
            inputs.push(("workingDirectory", Json::Text(folder.clone())));
        }
        if self.cleans_up {
            inputs.push(("finallyStep", Json::Bool(true)));
        } else {
            inputs.push(("onFailure", Json::Text("exit".into())));
        }
        let is_platform = ["platformType", platform].map(|text| Json::Text(text.into()));
        let is_platform = Json::map([("StringEquals", Json::List(is_platform.into()))]);
        Json::map([
            ("action", Json::Text(action.into())),
            ("name", Json::Text(self.name.clone())),
            ("precondition", is_platform),
            ("inputs", Json::map(inputs)),
        ])
    }

    /// The lines, behind those that make sure of the variables.
    fn script(&self, parameters: &[DocumentParameter]) -> Vec<Text> {
        let is_used = |parameter: &&DocumentParameter| {
            let variable = variable(parameter.name());
            self.lines.iter().any(|line| line.contains(&variable))
        };
        let used = parameters.iter().filter(is_used);
        let guards = used.flat_map(|parameter| self.guard(parameter));
        // The shell is named by the very first line.
        let is_shebang = |line: &&Text| line.starts_with("#!");
        let first = self.lines.first().filter(is_shebang).cloned();
        let rest = self
            .lines
            .iter()
            .skip(usize::from(first.is_some()))
            .cloned();
        first.into_iter().chain(guards).chain(rest).collect()
    }

    /// What an agent has to do that does not write parameters into the environment.
    fn guard(&self, parameter: &DocumentParameter) -> Vec<Text> {
        let name = parameter.name();
        let variable = variable(name);
        let too_old = "update the SSM agent of this server to 3.3.2746.0 or later";
        let line = match (self.platform, parameter.is_quotable()) {
            (Platform::Linux, true) => {
                format!(
                    "if [ -z \"${{{variable}+x}}\" ]; then export {variable}='{{{{{name}}}}}'; fi"
                )
            }
            (Platform::Linux, false) => {
                format!("if [ -z \"${{{variable}+x}}\" ]; then echo '{too_old}' >&2; exit 1; fi")
            }
            (Platform::Windows, true) => {
                format!(
                    "if (-not (Test-Path Env:{variable})) {{ $env:{variable} = '{{{{{name}}}}}' }}"
                )
            }
            (Platform::Windows, false) => {
                format!(
                    "if (-not (Test-Path Env:{variable})) {{ Write-Error '{too_old}'; exit 1 }}"
                )
            }
        };
        vec![Text::Owned(line)]
    }

    /// Reports what Systems Manager refuses, and a parameter that would become a part of the script.
    pub(super) fn check(&self, scope: &Scope, parameters: &[DocumentParameter]) {
        let is_word = |one: u8| one.is_ascii_alphanumeric() || b"_-".contains(&one);
        if self.name.is_empty() || self.name.len() > 100 || !self.name.bytes().all(is_word) {
            let message = format!(
                "a step is called by 1 to 100 letters, digits, `_` and `-`, got \"{}\"",
                self.name
            );
            scope.error(
                &rules::BAD_NAME,
                message,
                "such as `Step::shell(\"Sync\", ..)`",
            );
        }
        if self.lines.is_empty() {
            let message = format!("the step \"{}\" has no lines", self.name);
            scope.error(&rules::BAD_DOCUMENT, message, "say what it runs");
        }
        for line in &self.lines {
            self.check_line(scope, line, parameters);
        }
    }

    fn check_line(&self, scope: &Scope, line: &str, parameters: &[DocumentParameter]) {
        for (_, rest) in line
            .match_indices("{{")
            .map(|(at, _)| line.split_at(at + 2))
        {
            let inside = rest.split("}}").next().unwrap_or_default().trim();
            // Systems Manager itself fills in what it stores.
            if inside.starts_with("ssm:") || inside.starts_with("ssm-secure:") {
                continue;
            }
            let is_known = parameters.iter().any(|known| known.name() == inside);
            let (message, help) = if is_known {
                let variable = variable(inside);
                (
                    format!(
                        "the step \"{}\" has the parameter \"{inside}\" pasted into its script, where any text of it can become a command",
                        self.name
                    ),
                    format!(
                        "read the environment variable: `\"${variable}\"`, in PowerShell `$env:{variable}`"
                    ),
                )
            } else {
                (
                    format!("the step \"{}\" names \"{inside}\" between double braces, which is no parameter of the document", self.name),
                    "Systems Manager fills in whatever is between double braces: declare a parameter, or write the braces apart".to_owned(),
                )
            };
            scope.error(&rules::BAD_DOCUMENT, message, help);
        }
    }
}
