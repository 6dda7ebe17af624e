//! The documents of verbs that work on stacks.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

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

/// What a deployment would change in what is deployed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Differences {
    /// The version of this form.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The stacks that were chosen.
    pub stacks: Vec<StackDifferences>,
}

/// What a deployment would change in a stack.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct StackDifferences {
    /// The path in the program.
    pub path: String,
    /// The name that it is deployed under.
    pub name: String,
    /// Whether the stack is there, and the same.
    #[schemars(extend("enum" = ["unchanged", "changed", "added"]))]
    pub status: String,
    /// What the difference was learned from.
    #[schemars(extend("enum" = ["templates", "changeSet"]))]
    pub compared: String,
    /// The differences of the templates; `null` where there are none.
    pub difference: Option<Difference>,
    /// What CloudFormation would do; empty where it was not asked.
    pub changes: Vec<Planned>,
    /// The resources whose data would be lost, or may be.
    pub losses: Vec<Loss>,
    /// The capabilities that the template needs.
    pub capabilities: Vec<String>,
}

/// What CloudFormation would do with a resource.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct Planned {
    /// The logical id.
    pub id: String,
    /// The CloudFormation type.
    pub r#type: String,
    /// `Add`, `Modify`, `Remove`, `Import` or `Dynamic`.
    pub action: String,
    /// `True`, `False` or `Conditional`; empty where it does not matter.
    pub replacement: String,
    /// `Delete`, `Retain`, `Snapshot`, `ReplaceAndDelete`, ..; empty where it does not matter.
    pub policy_action: String,
}

/// Data that would be lost, or may be.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Loss {
    /// The logical id.
    pub id: String,
    /// The path in the program.
    pub path: String,
    /// The `file:line` of the program.
    pub line: Option<String>,
    /// How.
    #[schemars(extend("enum" = ["deleted", "replaced", "maybe-replaced"]))]
    pub how: String,
}

/// The difference between two templates.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Difference {
    /// Whether there is none.
    pub empty: bool,
    /// Whether data is lost, or may be.
    pub destructive: bool,
    /// Whether somebody may do more than before.
    pub broadening: bool,
    /// The resources.
    pub resources: Vec<ResourceDifference>,
    /// What else stands in the template.
    pub elements: Vec<ElementDifference>,
    /// Who may do more or less.
    pub permissions: Vec<Permission>,
    /// What security groups let through.
    pub network: Vec<Rule>,
}

/// The difference of a resource.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct ResourceDifference {
    /// The logical id.
    pub id: String,
    /// The logical id of before, where it is another.
    pub old_id: Option<String>,
    /// The CloudFormation type.
    pub r#type: String,
    /// What happens to it.
    #[schemars(extend("enum" = ["add", "remove", "modify", "rename"]))]
    pub action: String,
    /// Whether another takes its place.
    #[schemars(extend("enum" = ["no", "maybe", "yes", "impossible"]))]
    pub replacement: String,
    /// What makes it so.
    pub because: Vec<String>,
    /// What becomes of its data.
    pub data_loss: Option<String>,
    /// Whether it stays when it is no longer part of the stack.
    pub kept: bool,
    /// The properties.
    pub properties: Vec<Change>,
    /// What stands beside the properties, such as policies.
    pub attributes: Vec<Change>,
}

/// The difference of what is no resource.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ElementDifference {
    /// The section of the template.
    pub section: String,
    /// Its name.
    pub name: String,
    /// What happens to it.
    pub action: String,
    /// The values.
    pub changes: Vec<Change>,
}

/// A value that is another.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("x-optional" = ["old", "new"]))]
pub struct Change {
    /// The place.
    pub path: String,
    /// Whether another resource takes the place of the one with this property.
    pub replacement: String,
    /// The value of before, if there was one.
    pub old: Value,
    /// The value from now on, if there is one.
    pub new: Value,
}

/// What somebody may do from now on, or no more.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Permission {
    /// `opened` or `closed`.
    pub access: String,
    /// Whose policy it is.
    pub holder: String,
    /// `identity`, `resource`, `trust` or `managed`.
    pub kind: String,
    /// What of the statement differs.
    pub reason: String,
    /// Whether the statement denies.
    pub denies: bool,
    /// The actions.
    pub actions: Vec<String>,
    /// The resources.
    pub resources: Vec<String>,
    /// Who.
    pub principals: Vec<String>,
    /// Under which conditions.
    pub conditions: Vec<String>,
}

/// What a security group lets through from now on, or no more.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rule {
    /// `opened` or `closed`.
    pub access: String,
    /// The security group.
    pub group: String,
    /// `in` or `out`.
    pub direction: String,
    /// The protocol.
    pub protocol: String,
    /// The ports.
    pub ports: String,
    /// Where to, or from.
    pub peer: String,
}
