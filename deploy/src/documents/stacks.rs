//! The documents of verbs that work on stacks.

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// What became of each stack.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Ended {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The stacks that were chosen, in their order.
    pub stacks: Vec<EndedStack>,
}

/// What became of a stack.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EndedStack {
    /// The path in the program, such as `Prod/Uploads`.
    pub path: String,
    /// The name that it is deployed under.
    pub name: String,
    /// What was done.
    pub outcome: Outcome,
    /// The outputs by name.
    pub outputs: BTreeMap<String, String>,
    /// Why it stopped.
    pub problem: Option<Problem>,
    /// The path of the stack that stopped before it could begin.
    pub after: Option<String>,
}

/// What was done with a stack.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum Outcome {
    /// It was as it should be.
    Unchanged,
    /// It is new.
    Created,
    /// It is what the assembly says.
    Updated,
    /// Functions were updated past CloudFormation.
    Swapped,
    /// Resources that existed are part of it now.
    Imported,
    /// It is gone.
    Deleted,
    /// There was none to delete.
    Absent,
    /// It stopped: see `problem`.
    Stopped,
    /// A stack that it needs stopped: see `after`.
    NotBegun,
}

/// Why something stopped.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Problem {
    /// What sort of problem it is; each has its exit code.
    pub kind: Kind,
    /// What is wrong, in a line.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The stack's status at the end.
    pub status: Option<String>,
    /// The resources that failed by themselves, the first one first.
    pub causes: Vec<Cause>,
}

/// What sort of problem it is.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum Kind {
    /// AWS refused something, or an operation failed: exit code 1.
    Failed,
    /// The command line makes no sense for these stacks: exit code 2.
    Usage,
    /// A file or folder cannot be read or written: exit code 3.
    Unreadable,
    /// It was not approved, or data would be lost: exit code 4.
    Refused,
    /// Somebody else's operation holds the stack: exit code 5.
    Busy,
}

/// A resource that failed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cause {
    /// The logical id.
    pub id: String,
    /// The CloudFormation type; empty where that is not told.
    pub r#type: String,
    /// The path in the program.
    pub path: String,
    /// The `file:line` of the program.
    pub line: Option<String>,
    /// The status that it failed in, or the name of the check.
    pub status: String,
    /// Why.
    pub reason: String,
    /// What the function of a custom resource logged last, line by line; empty for any other resource.
    pub log: Vec<String>,
}

/// The outputs that `--outputs-file` writes: by stack, then by name.
#[derive(JsonSchema)]
#[schemars(transparent)]
pub struct OutputsFile(pub BTreeMap<String, BTreeMap<String, String>>);

/// The files that are in their buckets now.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Published {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The files.
    pub assets: Vec<PublishedFile>,
    /// The container images.
    pub images: Vec<PublishedImage>,
}

/// A file.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PublishedFile {
    /// The path of its stack.
    pub stack: String,
    /// What it is.
    pub name: String,
    /// The bucket.
    pub bucket: String,
    /// The key in the bucket.
    pub key: String,
}

/// A container image.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PublishedImage {
    /// The path of its stack.
    pub stack: String,
    /// What it is.
    pub name: String,
    /// The repository.
    pub repository: String,
    /// The tag in the repository.
    pub tag: String,
}

/// The state of stacks.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Statuses {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The stacks.
    pub stacks: Vec<StackStatus>,
}

/// The state of a stack; what follows the region is `null` where it is not deployed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StackStatus {
    /// The path in the program.
    pub path: String,
    /// The name that it is deployed under.
    pub name: String,
    /// The region.
    pub region: String,
    /// Its status, as CloudFormation names it.
    pub status: Option<String>,
    /// Why it is in that status, where CloudFormation says so.
    pub reason: Option<String>,
    /// When it was changed last, in UTC.
    pub changed: Option<String>,
    /// Whether its deletion is refused.
    pub protected: Option<bool>,
}

/// The outputs of stacks.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Outputs {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// By the path of the stack, then by name.
    pub stacks: BTreeMap<String, BTreeMap<String, String>>,
}

/// The resources of deployed stacks.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Resources {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// By the path of the stack.
    pub stacks: BTreeMap<String, Vec<Resource>>,
}

/// A resource of a deployed stack.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Resource {
    /// The logical id.
    pub id: String,
    /// The path in the program.
    pub path: String,
    /// The CloudFormation type.
    pub r#type: String,
    /// The physical id.
    pub physical_id: String,
    /// Its status.
    pub status: String,
    /// Why it is in that status.
    pub reason: Option<String>,
}

/// The latest events of stacks.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Events {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// By the path of the stack, the newest first.
    pub stacks: BTreeMap<String, Vec<StackEvent>>,
}

/// An event of a stack.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StackEvent {
    /// When, in seconds since 1970.
    pub time: f64,
    /// The logical id of the resource; the name of the stack for one of the stack itself.
    pub id: String,
    /// The path in the program.
    pub path: String,
    /// The CloudFormation type.
    pub r#type: String,
    /// The status that began.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// The token of the operation.
    pub token: Option<String>,
}

/// What differs from what was deployed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Drifts {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// By the path of the stack: the resources that differ.
    pub stacks: BTreeMap<String, Vec<Drift>>,
}

/// A resource that differs from what was deployed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Drift {
    /// The logical id.
    pub id: String,
    /// The path in the program.
    pub path: String,
    /// The CloudFormation type.
    pub r#type: String,
    /// The physical id.
    pub physical_id: String,
    /// `MODIFIED` or `DELETED`.
    pub status: String,
    /// The properties that differ.
    pub differences: Vec<PropertyDrift>,
}

/// A property that differs from what was deployed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PropertyDrift {
    /// The place, such as `/DelaySeconds`.
    pub path: String,
    /// `ADD`, `REMOVE` or `NOT_EQUAL`.
    pub kind: String,
    /// The value that was deployed.
    pub expected: String,
    /// The value that is there.
    pub actual: String,
}
