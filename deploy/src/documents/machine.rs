//! The documents of verbs that are about this machine: what `doctor` finds, and the local AWS.

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// What `doctor` looked at.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Checks {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// In the order in which they were made.
    pub checks: Vec<Check>,
}

/// Something that was looked at.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Check {
    /// What it is.
    pub name: String,
    /// How it is.
    pub state: CheckState,
    /// What was found.
    pub detail: String,
    /// What to do.
    pub help: Option<String>,
}

/// How something is that was looked at.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum CheckState {
    /// It is as it should be.
    Ok,
    /// It may be in the way.
    Warning,
    /// It is in the way: the exit code is 1.
    Error,
}

/// The local AWS of a folder.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct EngineUp {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// `started`, or `running` where it was there already.
    #[schemars(extend("enum" = ["started", "running"]))]
    pub state: String,
    /// The address of all services.
    pub endpoint_url: String,
    /// Its process.
    pub process: u64,
    /// The folder of its files.
    pub folder: String,
}

/// The end of the local AWS of a folder.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EngineDown {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// `stopped`, or `absent` where there was none.
    #[schemars(extend("enum" = ["stopped", "absent"]))]
    pub state: String,
}

/// What leads other programs to the local AWS.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Environment {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// Variables that would lead elsewhere.
    pub unset: Vec<String>,
    /// Variables and their values.
    pub variables: BTreeMap<String, String>,
}
