//! The documents of `review` and `graph`: what a change does, and who does what to whom.

use schemars::JsonSchema;

use super::differences::Difference;

/// What a change does to the stacks, for the person who says yes or no.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Reviewed {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// What is compared with, as it was asked for; `null` where the system is shown as it is.
    pub baseline: Option<String>,
    /// Whether anything differs.
    pub any_change: bool,
    /// Whether somebody may do more than before.
    pub broadening: bool,
    /// Whether data is lost, or may be.
    pub destructive: bool,
    /// Types of changed resources of which it is not known what a change replaces.
    pub unknown_types: Vec<String>,
    /// In the order of their paths, with those that are no more.
    pub stacks: Vec<ReviewedStack>,
    /// The warnings of the checks.
    pub findings: Vec<Finding>,
}

/// What becomes of a stack.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReviewedStack {
    /// The path in the program.
    pub path: String,
    /// The name that it is deployed under.
    pub name: String,
    /// What becomes of it.
    #[schemars(extend("enum" = ["unchanged", "changed", "added", "removed"]))]
    pub status: String,
    /// The differences of the templates.
    pub difference: Difference,
    /// The resources that change: what is lost or replaced first.
    pub changes: Vec<Fate>,
    /// Who may do what, and what comes in and goes out: openings first.
    pub access: Vec<Sentence>,
}

/// What happens to a resource.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Fate {
    /// The logical id.
    pub id: String,
    /// The path in the program.
    pub path: String,
    /// The `file:line` of the program.
    pub line: Option<String>,
    /// What happens, in words.
    pub fate: String,
}

/// A right or a network rule in words.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sentence {
    /// Whether it is there from now on, or no more.
    #[schemars(extend("enum" = ["opened", "closed"]))]
    pub access: String,
    /// The sentence.
    pub sentence: String,
    /// The same as the template has it: actions, resources and conditions.
    pub exactly: String,
    /// Whether it lets in anybody, or lets do anything.
    pub wide: bool,
}

/// A warning of a check.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Finding {
    /// Such as `CW0202`.
    pub code: String,
    /// What the code means.
    pub title: String,
    /// What was found.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The path of the construct.
    pub construct: String,
    /// The `file:line` of the program.
    pub line: Option<String>,
    /// Why it matters.
    pub explanation: String,
}

/// The system as people draw it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Picture {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// How much it shows.
    #[schemars(extend("enum" = ["overview", "system", "full"]))]
    pub level: String,
    /// Accounts, regions, stacks and constructs with more than one box; each after the one around it.
    pub frames: Vec<Frame>,
    /// The boxes.
    pub nodes: Vec<Node>,
    /// The lines.
    pub edges: Vec<Edge>,
}

/// What is drawn around boxes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Frame {
    /// What it stands for.
    #[schemars(extend("enum" = ["account", "region", "stack", "construct"]))]
    pub kind: String,
    /// The title.
    pub label: String,
    /// What is said beside the title.
    pub detail: String,
    /// The place of the frame around it in the list.
    pub parent: Option<u32>,
}

/// A box.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Node {
    /// The path in the program.
    pub path: String,
    /// What is written in it.
    pub label: String,
    /// What it is, in words.
    pub kind: String,
    /// The CloudFormation type, where it is made of one resource.
    pub r#type: Option<String>,
    /// The `file:line` of the program.
    pub line: Option<String>,
    /// The place of the frame around it in the list.
    pub frame: Option<u32>,
}

/// A line: what a box does to another one.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Edge {
    /// The path of the box that does it.
    pub from: String,
    /// What it does, such as `may-read`.
    pub verb: String,
    /// The path of the box that it is done to.
    pub to: String,
    /// What more is known of it, such as a prefix.
    pub details: Vec<String>,
}
