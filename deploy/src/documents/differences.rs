//! The document of `diff --deployed`: what a deployment would change, lose and open.

use schemars::JsonSchema;
use serde_json::Value;

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
