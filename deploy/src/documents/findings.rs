//! The document of `check`, which a user's own program has, and of any verb that stops at its findings.

use schemars::JsonSchema;

/// What the checks looked at and found. When there are errors, the findings alone.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("x-optional" = ["aws", "full", "resources", "stacks"]))]
pub struct Checked {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// How many stacks there are, nested ones included.
    pub stacks: u32,
    /// How many resources they have.
    pub resources: u32,
    /// Whether patterns that need a regular expression engine were checked, too.
    pub full: bool,
    /// What AWS's engine was asked; `null` without `--aws`.
    pub aws: Option<Asked>,
    /// What was found, errors first.
    pub diagnostics: Vec<Finding>,
}

/// What AWS's engine was asked.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Asked {
    /// The engine and its release.
    pub engine: String,
    /// How many rules of Guard were asked, too.
    pub guard_rules: u32,
}

/// A mistake of the program.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Finding {
    /// How bad it is.
    #[schemars(extend("enum" = ["error", "warning"]))]
    pub severity: String,
    /// The rule: `CW` and four digits, a code of AWS's engine, or the name of a rule of Guard; `null` for an error of the
    /// program's own.
    pub code: Option<String>,
    /// What the rule is about.
    pub title: Option<String>,
    /// What was given and what was expected.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The path of the construct; empty for the app.
    pub construct: String,
    /// The file of the program.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<u32>,
}
