//! The environment of the `ssm-sync` handler.

mod limit;
mod marker;
mod reading;
mod window;

use crate::environment::{EnvironmentError, Process, Reader, Variable, Variables, variable};
use crate::writer::{Writer, indexed};

pub use limit::Limit;
pub use marker::Marker;
pub use window::Window;

const LIST: &str = "COMMAND";

/// What [`Command::bucket_parameter`] is by default.
const BUCKET_PARAMETER: &str = "S3Bucket";

/// What stands for no bucket parameter; no parameter of a document can have this name.
const NO_PARAMETER: &str = "-";

/// How long a command may wait for its servers, in seconds.
const DELIVERY_SECONDS: u32 = 600;

/// How the `ssm-sync` handler is set up: when objects of a bucket change, it has Systems Manager run
/// documents on servers
/// ([SendCommand](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html)),
/// one command for each bucket and document of a burst of changes.
///
/// `V` is what a value is: text in the handler, text or a token in a construct.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct SsmSync<V = String> {
    /// What is sent. At least one.
    pub commands: Vec<Command<V>>,
    /// Makes few commands of many changes. Without one, each event sends its commands.
    pub window: Option<Window<V>>,
    /// The table that remembers windows, and which markers have started a command; needed for both.
    pub ledger: Option<V>,
}

impl SsmSync {
    /// The member of an event that asks for a run of each document that follows a bucket: `{"sync": {}}`. The
    /// answer names the commands: `{"commands": ["id"]}`.
    pub const SYNC: &str = "sync";
}

/// A document, and where and how it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Command<V = String> {
    /// The name or the ARN of the document.
    pub document: V,
    /// `$DEFAULT`, `$LATEST` or a number; Systems Manager takes the default version if it is not set.
    pub document_version: Option<String>,
    /// The bucket whose changes it is sent for; every bucket's if it is not set.
    pub bucket: Option<V>,
    /// The object that it is sent for, once for each version of it, with its key as the parameter
    /// `S3Key` and its version, if it has one, as `S3Version`. Unless set, it is sent for every change, and
    /// once for many.
    pub marker: Option<Marker>,
    /// The servers that run it: those that have all these tags. 1 to 5.
    pub targets: Vec<Target<V>>,
    /// The parameter of the document that gets the name of the bucket, `S3Bucket` by default; `None`
    /// for a document that has no such parameter.
    pub bucket_parameter: Option<String>,
    /// The other parameters.
    pub parameters: Vec<Parameter<V>>,
    /// On how many servers it runs at the same time: at least 1 or 1 %. Systems Manager's 50 if it is
    /// not set.
    pub max_concurrency: Option<Limit>,
    /// After how many failed servers it is not sent to further ones: 0 stops at the first, which is
    /// what Systems Manager does if it is not set.
    pub max_errors: Option<Limit>,
    /// How long it may wait for a server to start it, in seconds, 30 to 2,592,000 (30 days). How long
    /// it may run is set in the document.
    pub delivery_seconds: u32,
    /// What the console shows for it, up to 100 characters.
    pub comment: String,
    /// Where its output is kept.
    pub output: Output<V>,
}

/// Servers by a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Target<V = String> {
    /// The key of the tag, up to 128 characters.
    pub tag: String,
    /// The values, one of which the tag has. 1 to 50.
    pub values: Vec<V>,
}

/// A parameter of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Parameter<V = String> {
    /// Its name.
    pub name: String,
    /// One value for a `String`, any number for a `StringList`; at least one.
    pub values: Vec<V>,
}

/// Where the output of a command is kept. Systems Manager itself keeps the first 24,000 characters of
/// each server's output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Output<V = String> {
    /// The bucket that gets the output as objects, if it is set. Servers write to it by their own role.
    pub bucket: Option<V>,
    /// What is put before the keys of these objects, up to 500 characters.
    pub prefix: String,
    /// The log group that gets the output, if it is set.
    pub log_group: Option<V>,
}

impl<V> Default for Output<V> {
    fn default() -> Self {
        Self {
            bucket: None,
            prefix: String::new(),
            log_group: None,
        }
    }
}

impl<V> Target<V> {
    /// The servers whose tag has this value.
    #[must_use]
    pub fn tag(tag: impl Into<String>, value: V) -> Self {
        Self {
            tag: tag.into(),
            values: vec![value],
        }
    }
}

impl<V> Command<V> {
    /// The document, on these servers, for the changes of every bucket, with the bucket's name as
    /// `S3Bucket` and ten minutes to start.
    #[must_use]
    pub fn new(document: V, targets: Vec<Target<V>>) -> Self {
        Self {
            document,
            document_version: None,
            bucket: None,
            marker: None,
            targets,
            bucket_parameter: Some(BUCKET_PARAMETER.to_owned()),
            parameters: Vec::new(),
            max_concurrency: None,
            max_errors: None,
            delivery_seconds: DELIVERY_SECONDS,
            comment: String::new(),
            output: Output::default(),
        }
    }

    fn write<L: Fn(String) -> V>(self, index: usize, variables: &mut Writer<V, L>) {
        let name = |field: &str| indexed(LIST, index, field);
        variables.value(name("DOCUMENT"), Some(self.document));
        let version = self.document_version.unwrap_or_default();
        variables.text(name("DOCUMENT_VERSION"), version);
        variables.value(name("BUCKET"), self.bucket);
        if let Some(marker) = self.marker {
            variables.text(name("MARKER"), marker.name);
            variables.text(name("MARKER_PREFIX"), marker.prefix);
        }
        for (target, Target { tag, values }) in self.targets.into_iter().enumerate() {
            let name = |field: &str| name(&indexed("TARGET", target, field));
            variables.text(name("TAG"), tag);
            write_values(name, values, variables);
        }
        match self.bucket_parameter {
            None => variables.text(name("BUCKET_PARAMETER"), NO_PARAMETER.to_owned()),
            Some(parameter) if parameter == BUCKET_PARAMETER => {}
            Some(parameter) => variables.text(name("BUCKET_PARAMETER"), parameter),
        }
        for (parameter, Parameter { name: its, values }) in self.parameters.into_iter().enumerate()
        {
            let name = |field: &str| name(&indexed("PARAMETER", parameter, field));
            variables.text(name("NAME"), its);
            write_values(name, values, variables);
        }
        let limit = |limit: Option<Limit>| limit.map(|limit| limit.to_string());
        let concurrency = limit(self.max_concurrency).unwrap_or_default();
        variables.text(name("MAX_CONCURRENCY"), concurrency);
        let errors = limit(self.max_errors).unwrap_or_default();
        variables.text(name("MAX_ERRORS"), errors);
        let (seconds, default) = (self.delivery_seconds.into(), DELIVERY_SECONDS.into());
        variables.number(&name("DELIVERY_SECONDS"), seconds, default);
        variables.text(name("COMMENT"), self.comment);
        variables.value(name("OUTPUT_BUCKET"), self.output.bucket);
        variables.text(name("OUTPUT_PREFIX"), self.output.prefix);
        variables.value(name("OUTPUT_LOG_GROUP"), self.output.log_group);
    }
}

fn write_values<V, L: Fn(String) -> V>(
    name: impl Fn(&str) -> String,
    values: Vec<V>,
    variables: &mut Writer<V, L>,
) {
    for (index, value) in values.into_iter().enumerate() {
        variables.value(name(&format!("VALUE_{}", index + 1)), Some(value));
    }
}

impl<V> SsmSync<V> {
    /// Sends these commands, for each event.
    #[must_use]
    pub const fn new(commands: Vec<Command<V>>) -> Self {
        Self {
            commands,
            window: None,
            ledger: None,
        }
    }

    /// The variables to set on the function; `literal` makes a value of plain text. What equals its
    /// default is left out, so that a template shows what was chosen.
    #[must_use]
    pub fn variables(self, literal: impl Fn(String) -> V) -> Vec<(String, V)> {
        let mut variables = Writer::new(literal);
        for (index, command) in self.commands.into_iter().enumerate() {
            command.write(index, &mut variables);
        }
        if let Some(window) = self.window {
            window.write(&mut variables);
        }
        variables.value("LEDGER_TABLE".to_owned(), self.ledger);
        variables.written
    }
}

impl SsmSync {
    /// The variables and what they hold.
    pub const VARIABLES: &[Variable] = &[
        variable(
            "COMMAND_<n>_DOCUMENT",
            "the name or the ARN of the document",
        ),
        variable(
            "COMMAND_<n>_DOCUMENT_VERSION",
            "$DEFAULT, $LATEST or a number; the default version if it is not set",
        ),
        variable(
            "COMMAND_<n>_BUCKET",
            "the bucket whose changes it is sent for; every bucket's if it is not set",
        ),
        variable(
            "COMMAND_<n>_MARKER",
            "the name, without folders, of the object that it is sent for, once for each version; every change by default",
        ),
        variable(
            "COMMAND_<n>_MARKER_PREFIX",
            "what the key of that object begins with",
        ),
        variable(
            "COMMAND_<n>_TARGET_<n>_TAG",
            "the key of a tag of the servers; up to five, of which a server has all",
        ),
        variable(
            "COMMAND_<n>_TARGET_<n>_VALUE_<n>",
            "a value of that tag; up to 50, of which the tag has one",
        ),
        variable(
            "COMMAND_<n>_BUCKET_PARAMETER",
            "the parameter that gets the bucket's name; S3Bucket by default, - for none",
        ),
        variable(
            "COMMAND_<n>_PARAMETER_<n>_NAME",
            "the name of another parameter",
        ),
        variable("COMMAND_<n>_PARAMETER_<n>_VALUE_<n>", "its value or values"),
        variable(
            "COMMAND_<n>_MAX_CONCURRENCY",
            "on how many servers it runs at the same time, such as 10 or 25%; 50 by default",
        ),
        variable(
            "COMMAND_<n>_MAX_ERRORS",
            "how many servers may fail before it is sent to no more, such as 0 or 10%; 0 by default",
        ),
        variable(
            "COMMAND_<n>_DELIVERY_SECONDS",
            "how long it may wait for a server to start it, in seconds; 600 by default",
        ),
        variable(
            "COMMAND_<n>_COMMENT",
            "what the console shows for it; the bucket and the number of its changes by default",
        ),
        variable(
            "COMMAND_<n>_OUTPUT_BUCKET",
            "the bucket that gets its output; none by default",
        ),
        variable(
            "COMMAND_<n>_OUTPUT_PREFIX",
            "what is put before the keys of its output",
        ),
        variable(
            "COMMAND_<n>_OUTPUT_LOG_GROUP",
            "the log group that gets its output; none by default",
        ),
        variable(
            "WINDOW_SECONDS",
            "for how long after a command further changes wait for the next one, in seconds; not at all by default",
        ),
        variable(
            "WINDOW_QUEUE_URL",
            "the URL of the function's own queue, where a change waits; needed with WINDOW_SECONDS",
        ),
        variable(
            "LEDGER_TABLE",
            "the table, with the key id, that remembers windows and markers; needed for both",
        ),
    ];

    /// Reads the environment of this process.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    #[inline]
    pub fn from_env() -> Result<Self, EnvironmentError> {
        Self::read(&Process)
    }

    /// Reads the given variables.
    ///
    /// # Errors
    /// If a variable is missing or wrong.
    pub fn read(variables: &impl Variables) -> Result<Self, EnvironmentError> {
        reading::plan(&Reader(variables))
    }
}

#[cfg(test)]
mod tests;
