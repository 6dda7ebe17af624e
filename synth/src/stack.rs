//! Stacks: one template each, deployed as a unit.

use std::ops::Deref;

use crate::app::check_environment;
use crate::construct::Props;
use crate::diagnostic::SourceLocation;
use crate::environment::Environment;
use crate::json::{Json, Text, set_member};
use crate::rules;
use crate::scope::Scope;
use crate::tree::{Kind, ResourceData, StackData};
use crate::value::IntoValue;

/// A stack: the scope that a template is made of.
///
/// Everything that a [`Scope`] can do, a stack can do too. Its settings chain:
///
/// ```
/// # use cloudwright_synth::{App, Environment};
/// # let app = App::new();
/// let stack = app
///     .stack("Uploads", Environment::new("123456789012", "eu-central-1"))
///     .description("where customers put their files")
///     .termination_protection();
/// ```
#[derive(Clone)]
pub struct Stack(pub(crate) Scope);

impl Deref for Stack {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.0
    }
}

impl Stack {
    /// Describes the stack; at most 1,024 bytes.
    #[must_use = "the stack itself is what resources are added to"]
    pub fn description(self, text: impl Into<Text>) -> Self {
        let text = text.into();
        self.change(|data| data.description = Some(text))
    }

    /// Lets nobody delete the stack before this protection is taken away.
    #[must_use = "the stack itself is what resources are added to"]
    pub fn termination_protection(self) -> Self {
        self.change(|data| data.termination_protection = true)
    }

    /// Gives the deployed stack another name than the ids of its stage and itself joined by `-`.
    #[must_use = "the stack itself is what resources are added to"]
    pub fn stack_name(self, name: impl Into<Text>) -> Self {
        let name = name.into();
        self.change(|data| data.name = Some(name))
    }

    /// Tags the stack; CloudFormation hands the tag on to resources that take tags.
    #[must_use = "the stack itself is what resources are added to"]
    pub fn stack_tag(self, key: impl Into<Text>, value: impl Into<Text>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.change(|data| {
            data.tags.retain(|(name, _)| *name != key);
            data.tags.push((key, value));
        })
    }

    /// Asks for the second security bar: customer-managed keys, access logs, long retention.
    /// Say it before adding constructs.
    #[must_use = "the stack itself is what resources are added to"]
    pub fn strict(self) -> Self {
        self.change(|data| data.strict = true)
    }

    /// Makes all references from this stack to others weak: `Fn::GetStackOutput` in place of
    /// `Fn::ImportValue`, so that no producer is ever locked by this stack.
    #[must_use = "the stack itself is what resources are added to"]
    pub fn weak_references(self) -> Self {
        self.change(|data| data.weak = true)
    }

    /// Runs a [transform](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-section-structure.html)
    /// on the whole template, such as `AWS::Serverless-2016-10-31` or a macro of your own.
    #[must_use = "the stack itself is what resources are added to"]
    pub fn transform(self, name: impl Into<Text>) -> Self {
        let name = name.into();
        self.change(|data| data.transforms.push(name))
    }

    /// Gives an element of this stack another logical id than its path does: to move a construct
    /// without replacing its resource. `from` is the id that the path gives; an id that nothing has
    /// is an error, so that a leftover is noticed.
    #[must_use = "the stack itself is what resources are added to"]
    pub fn rename_logical_id(self, from: impl Into<Text>, to: impl Into<Text>) -> Self {
        let rename = (from.into(), to.into());
        self.change(|data| data.renames.push(rename))
    }

    /// Adds an entry to the template's `Metadata`.
    #[must_use = "the stack itself is what resources are added to"]
    pub fn template_metadata(self, key: impl Into<Text>, value: impl IntoValue<Json>) -> Self {
        let (key, value) = (key.into(), value.into_json());
        self.change(|data| set_member(&mut data.metadata, key, value))
    }

    fn change(self, change: impl FnOnce(&mut StackData)) -> Self {
        self.0.tree.write(|tree| {
            if let Some(data) = tree.stack_mut(self.0.node) {
                change(data);
            }
        });
        self
    }

    /// The name of the deployed stack.
    #[must_use]
    pub fn physical_name(&self) -> String {
        self.0.tree.read(|tree| tree.stack_name(self.0.node))
    }

    /// The stack of the same stage in `environment`, made on first use. See [`Scope::sibling_stack`].
    pub(crate) fn sibling(scope: &Scope, environment: Environment, caller: SourceLocation) -> Self {
        let environment = scope.tree.read(|tree| tree.accounts.resolve(environment));
        let home = scope.environment();
        if environment == home {
            return scope.stack();
        }
        let stage = Scope {
            tree: scope.tree.clone(),
            node: scope.tree.read(|tree| tree.stage(scope.node)),
        };
        let id = sibling_id(&stage, &home, &environment);
        let location = scope
            .tree
            .read(|tree| tree.user_location(scope.node, caller));
        if let Some(stack) = stage.find(&id) {
            refuse_other_account(scope, &stack, &environment, location);
            return Self(stack);
        }
        let data = StackData {
            environment: environment.clone(),
            ..StackData::default()
        };
        let stack = stage.make_stack(&id.into(), data, location);
        check_environment(&stack, &environment, location);
        stack
    }

    /// A nested stack: a scope of its own template and the resource that deploys it.
    pub(crate) fn nested(scope: &Scope, id: &Text, caller: SourceLocation) -> Self {
        let location = scope
            .tree
            .read(|tree| tree.user_location(scope.node, caller));
        let environment = scope.environment();
        let data = StackData {
            environment,
            ..StackData::default()
        };
        let resource_id: Text = format!("{id}.NestedStackResource").into();
        let shell_id: Text = format!("{id}.NestedStack").into();
        let stack = scope.make_stack(id, data, location);
        let deployed = scope
            .tree
            .read(|tree| tree.node(scope.node).stack.is_some());
        if !deployed {
            let message = "a nested stack was added outside of any stack";
            let help = "add it to a stack: `app.stack(\"Name\", ..).nested_stack(..)`";
            scope.error_at(location, &rules::NO_STACK, message, help);
            return stack;
        }
        scope.tree.write(|tree| {
            let shell = tree.child(scope.node, &shell_id, "cloudwright::NestedStack", location);
            let resource = tree.child(shell, &resource_id, "cloudwright::NestedStack", location);
            let data = ResourceData {
                kind: "AWS::CloudFormation::Stack".into(),
                props: Props::new().0,
                ..ResourceData::default()
            };
            tree.node_mut(resource).kind = Kind::Resource(Box::new(data));
            if let Some(data) = tree.stack_mut(stack.0.node) {
                data.nested = Some(resource);
            }
        });
        stack
    }
}

/// Reports that the stack of the sibling's name is deployed to another account: two stacks of one
/// stage, in two accounts, ask for one region. A name that depended on which of them asks first
/// would change with the order of the program.
fn refuse_other_account(
    scope: &Scope,
    found: &Scope,
    wanted: &Environment,
    location: SourceLocation,
) {
    let there = found.environment();
    if there == *wanted {
        return;
    }
    let message = format!(
        "`{}` is a stack in {}, and its name is wanted for one in {}",
        found.path(),
        there.url(),
        wanted.url()
    );
    let help = "give each account a stage of its own: `app.stage(\"Prod\").stack(..)`";
    scope.error_at(location, &rules::TAKEN_ID, message, help);
}

/// `Regional-us-west-2`, or `Regional-123456789012-us-west-2` in another account.
fn sibling_id(stage: &Scope, home: &Environment, environment: &Environment) -> String {
    let app_name = stage
        .tree
        .read(|tree| tree.name.clone())
        .filter(|_| stage.node == 0);
    let mut words: Vec<&str> = app_name.as_deref().into_iter().collect();
    words.push("Regional");
    if environment.account != home.account {
        words.extend(environment.account.as_deref());
    }
    words.extend(environment.region.as_deref());
    words.join("-")
}
