//! What a document is given each time that it runs.

use std::ops::RangeInclusive;

use cloudwright_synth::{IntoValue, Json, Scope, Text};

use super::pattern::keeps_quotes_out;
use crate::rules;

/// A parameter of a [`Document`](super::Document): text, which each run may give another value
/// ([AWS](https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html)).
///
/// Scripts find the value in the environment variable `SSM_` and its name, never in their own text:
/// Systems Manager writes it there (agent 3.3.2746.0 and later). For older agents a script writes it
/// itself, between quotes, when the pattern of the parameter keeps quotes out; with another pattern it
/// stops on such an agent, and says so.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::ssm::{Document, DocumentParameter, Step};
/// # let app = App::new();
/// # let stack = app.stack("Servers", Environment::agnostic());
/// let folder = DocumentParameter::new("Folder")
///     .description("what is emptied")
///     .pattern("^/[A-Za-z0-9._/-]{1,255}$")
///     .default_value("/var/cache/shop");
/// let empty = Document::command("Empties a folder")
///     .parameter(folder)
///     .step(Step::shell("Empty", ["find \"$SSM_Folder\" -mindepth 1 -delete"]));
/// stack.add("Empty", empty);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a parameter does nothing until a document has it: `Document::parameter`"]
pub struct DocumentParameter {
    name: Text,
    description: Option<Text>,
    default: Option<Json>,
    pattern: Option<Text>,
    values: Vec<Text>,
    length: Option<RangeInclusive<u32>>,
}

impl DocumentParameter {
    /// A parameter by its name: a letter, then up to 49 letters, digits and `_`.
    pub fn new(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            description: None,
            default: None,
            pattern: None,
            values: Vec::new(),
            length: None,
        }
    }

    /// Says what it is for.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// What it holds when a run does not say. Without one, every run has to.
    pub fn default_value(mut self, value: impl IntoValue<String>) -> Self {
        self.default = Some(value.into_json());
        self
    }

    /// The regular expression that the whole value has to match, such as `^[a-z]{1,20}$`.
    pub fn pattern(mut self, expression: impl Into<Text>) -> Self {
        self.pattern = Some(expression.into());
        self
    }

    /// The only values that it may have.
    pub fn one_of<T: Into<Text>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.values = values.into_iter().map(Into::into).collect();
        self
    }

    /// How many characters it has.
    pub const fn length(mut self, characters: RangeInclusive<u32>) -> Self {
        self.length = Some(characters);
        self
    }

    pub(super) const fn name(&self) -> &Text {
        &self.name
    }

    /// Whether a value can be written between single quotes as it is.
    pub(super) fn is_quotable(&self) -> bool {
        let plain =
            |value: &Text| !value.contains(['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}']);
        match &self.pattern {
            Some(pattern) => keeps_quotes_out(pattern),
            None => !self.values.is_empty() && self.values.iter().all(plain),
        }
    }

    pub(super) fn content(&self) -> Json {
        let mut members = vec![
            ("type", Json::Text("String".into())),
            ("interpolationType", Json::Text("ENV_VAR".into())),
        ];
        if let Some(text) = &self.description {
            members.push(("description", Json::Text(text.clone())));
        }
        if let Some(value) = &self.default {
            members.push(("default", value.clone()));
        }
        if let Some(pattern) = &self.pattern {
            members.push(("allowedPattern", Json::Text(pattern.clone())));
        }
        if !self.values.is_empty() {
            let values = self.values.iter().cloned().map(Json::Text);
            members.push(("allowedValues", Json::List(values.collect())));
        }
        if let Some(length) = &self.length {
            members.push(("minChars", Json::Int((*length.start()).into())));
            members.push(("maxChars", Json::Int((*length.end()).into())));
        }
        Json::map(members)
    }

    /// Reports what Systems Manager refuses, and what no script could use.
    pub(super) fn check(&self, scope: &Scope) {
        if !is_name(&self.name) {
            let message = format!(
                "a parameter of a document is called by a letter and up to 49 letters, digits and `_`, got \"{}\"",
                self.name
            );
            let help = "scripts find it in the environment variable `SSM_` and its name";
            scope.error(&rules::BAD_NAME, message, help);
        }
        if let Some(length) = self.length.as_ref().filter(|length| length.is_empty()) {
            let message = format!(
                "the parameter \"{}\" has {} to {} characters, which no value has",
                self.name,
                length.start(),
                length.end()
            );
            scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "say the smaller number first",
            );
        }
        let default = self.default.as_ref().and_then(Json::as_text);
        if let Some(default) = default
            && !self.values.is_empty()
            && !self.values.iter().any(|value| *value == default)
        {
            let message = format!(
                "the parameter \"{}\" holds \"{default}\" unless said, which is none of its values",
                self.name
            );
            let help = "choose one of the values, or add it to `.one_of(..)`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }
}

/// The environment variable of a parameter.
pub(super) fn variable(name: &str) -> String {
    format!("SSM_{name}")
}

fn is_name(name: &str) -> bool {
    let is_word = |one: u8| one.is_ascii_alphanumeric() || one == b'_';
    name.len() <= 50
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(is_word)
}
