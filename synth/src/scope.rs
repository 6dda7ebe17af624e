//! A place in the construct tree, and everything that can be said there.

use std::any::type_name;
use std::panic::Location;

use crate::aspect::{Aspect, AspectEntry};
use crate::asset::{Asset, AssetRef, FileAsset, qualifier};
use crate::construct::{Construct, Props};
use crate::diagnostic::{Rule, Severity, SourceLocation};
use crate::environment::{Environment, Regions};
use crate::expr::{Expr, NodeRef};
use crate::facts::{Edge, Entry, Fact, Verb};
use crate::json::{Json, Text};
use crate::output::Output;
use crate::pseudo::Pseudo;
use crate::resource::Handle;
use crate::rules;
use crate::stack::Stack;
use crate::tags::TagRule;
use crate::tree::{Kind, ResourceData, StackData, TreeRef};
use crate::value::{IntoValue, Value};

/// What the resource that a construct is made of is called within it.
const MAIN: &str = "Resource";

/// A construct's place in the tree: what `construct` receives and adds its children to.
///
/// A scope is a cheap name for the place, without a lifetime: clone it, return it, keep it.
#[derive(Clone)]
pub struct Scope {
    pub(crate) tree: TreeRef,
    pub(crate) node: u32,
}

impl Scope {
    /// Puts a construct here and yields its handle.
    ///
    /// `id` is unique among the constructs of this scope and becomes part of logical ids: changing
    /// it replaces the resources. Use UpperCamel ASCII names.
    #[track_caller]
    pub fn add<C: Construct>(&self, id: impl Into<Text>, construct: C) -> C::Handle {
        let caller = SourceLocation(Location::caller());
        let child = self.child_at(&id.into(), type_name::<C>(), caller);
        self.tree.write(|tree| tree.enter(child.node));
        let handle = construct.construct(&child);
        self.tree.write(crate::tree::Tree::leave);
        handle
    }

    /// Adds an output to the stack: a value that `describe-stacks` shows after a deployment.
    #[track_caller]
    pub fn output(&self, id: impl Into<Text>, value: impl IntoValue<String>) {
        self.add(id, Output::new(value));
    }

    /// A child that is empty for now: a place for what a merge of facts adds, which others can
    /// already wait for.
    #[track_caller]
    #[must_use]
    pub fn place(&self, id: impl Into<Text>) -> Self {
        self.child_at(
            &id.into(),
            "cloudwright::Place",
            SourceLocation(Location::caller()),
        )
    }

    fn child_at(&self, id: &Text, construct: &'static str, caller: SourceLocation) -> Self {
        let node = self
            .tree
            .write(|tree| tree.child(self.node, id, construct, caller));
        Self {
            tree: self.tree.clone(),
            node,
        }
    }

    /// Declares this place to be a resource. Every L1 type does so; constructs add L1 values.
    pub fn declare(&self, kind: Text, spec: &'static str, props: Props) -> Handle {
        let data = ResourceData {
            kind,
            spec,
            props: props.0,
            ..ResourceData::default()
        };
        self.become_kind(Kind::Resource(Box::new(data)));
        Handle::new(self.clone())
    }

    pub(crate) fn become_kind(&self, kind: Kind) {
        let outside = self.tree.write(|tree| {
            tree.node_mut(self.node).kind = kind;
            tree.node(self.node).stack.is_none()
        });
        if outside {
            let help = "add it to a stack: `app.stack(\"Name\", ..).add(..)`";
            self.error(
                &rules::NO_STACK,
                "a resource was added outside of any stack",
                help,
            );
        }
    }

    /// The stack that this place belongs to.
    #[must_use]
    pub fn stack(&self) -> Stack {
        let node = self
            .tree
            .read(|tree| tree.node(self.node).stack.unwrap_or(0));
        Stack(Self {
            tree: self.tree.clone(),
            node,
        })
    }

    /// The path from the app down, such as `Prod/Uploads/Bucket`.
    #[must_use]
    pub fn path(&self) -> String {
        self.tree.read(|tree| tree.path(self.node))
    }

    /// The construct's own id.
    #[must_use]
    pub fn id(&self) -> Text {
        self.tree.read(|tree| tree.node(self.node).id.clone())
    }

    /// The scope that this one was added to; the app is its own parent.
    #[must_use]
    pub fn parent(&self) -> Self {
        let node = self.tree.read(|tree| tree.node(self.node).parent);
        Self {
            tree: self.tree.clone(),
            node,
        }
    }

    /// The child called `id`, when there is one.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Self> {
        let node = self.tree.read(|tree| tree.find(self.node, id))?;
        Some(Self {
            tree: self.tree.clone(),
            node,
        })
    }

    /// The resource at this place, when it is one.
    #[must_use]
    pub fn resource(&self) -> Option<Handle> {
        let is_resource = self.tree.read(|tree| tree.resource(self.node).is_some());
        is_resource.then(|| Handle::new(self.clone()))
    }

    /// This place and all below it, parents first, siblings by id.
    #[must_use]
    pub fn descendants(&self) -> Vec<Self> {
        let nodes = self.tree.read(|tree| tree.below(self.node));
        nodes
            .into_iter()
            .map(|node| Self {
                tree: self.tree.clone(),
                node,
            })
            .collect()
    }

    /// A pseudo parameter of the stack of this place: a literal where its environment is known, and
    /// right even when the value is used in another stack.
    #[must_use]
    pub fn pseudo(&self, pseudo: Pseudo) -> Value<String> {
        let expr = Expr::PseudoOf {
            node: self.node_ref(),
            pseudo,
        };
        Value::from_json(Json::expr(expr))
    }

    /// The account of this stack.
    #[must_use]
    pub fn account(&self) -> Value<String> {
        self.pseudo(Pseudo::AccountId)
    }

    /// The region of this stack.
    #[must_use]
    pub fn region(&self) -> Value<String> {
        self.pseudo(Pseudo::Region)
    }

    /// The partition of this stack, `aws` in most regions.
    #[must_use]
    pub fn partition(&self) -> Value<String> {
        self.pseudo(Pseudo::Partition)
    }

    /// The ARN `arn:partition:service:region:account:resource` in this stack's environment.
    #[must_use]
    pub fn arn(&self, service: &'static str, resource: impl IntoValue<String>) -> Value<String> {
        let colon = || Json::Text(":".into());
        Value::from_json(Json::concat(vec![
            Json::Text("arn:".into()),
            self.partition().as_json().clone(),
            Json::Text(format!(":{service}:").into()),
            self.region().as_json().clone(),
            colon(),
            self.account().as_json().clone(),
            colon(),
            resource.into_json(),
        ]))
    }

    /// The environment of this stack.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.tree.read(|tree| {
            let stack = tree
                .node(self.node)
                .stack
                .and_then(|stack| tree.stack(stack));
            stack
                .map(|data| data.environment.clone())
                .unwrap_or_default()
        })
    }

    /// Whether the stack asks for the second, stricter security bar.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.tree.read(|tree| {
            let stack = tree
                .node(self.node)
                .stack
                .and_then(|stack| tree.stack(stack));
            stack.is_some_and(|data| data.strict)
        })
    }

    /// The nearest value of a context key, here or above.
    #[must_use]
    pub fn context(&self, key: &str) -> Option<Text> {
        self.tree.read(|tree| tree.context(self.node, key))
    }

    /// Sets a context value for this place and all below it.
    pub fn set_context(&self, key: impl Into<Text>, value: impl Into<Text>) {
        let pair = (key.into(), value.into());
        self.tree
            .write(|tree| tree.node_mut(self.node).context.push(pair));
    }

    /// Tags every taggable resource here and below.
    pub fn tag(&self, key: impl Into<Text>, value: impl Into<Text>) {
        self.tag_where(TagRule::new(key, value));
    }

    /// Tags the taggable resources here and below that the rule includes.
    pub fn tag_where(&self, rule: TagRule) {
        self.tree
            .write(|tree| tree.node_mut(self.node).tags.push(rule));
    }

    /// Visits every construct here and below, once, before facts are merged.
    #[track_caller]
    pub fn aspect(&self, priority: u16, aspect: impl Aspect + 'static) {
        self.tree.write(|tree| {
            tree.aspects
                .push(AspectEntry::new(self.node, priority, aspect));
        });
    }

    /// Records a fact, merged with all others of its type at synthesis.
    #[track_caller]
    pub fn record<F: Fact>(&self, fact: F) {
        let caller = SourceLocation(Location::caller());
        let location = self.tree.read(|tree| tree.user_location(self.node, caller));
        let entry = Entry::new(fact, self.clone(), location);
        self.tree.write(|tree| tree.facts.push(entry));
    }

    /// Records what this construct does to another, for pictures and reviews.
    pub fn edge(&self, verb: Verb, to: &Self, detail: impl Into<String>) {
        let edge = Edge {
            from: self.path(),
            verb,
            to: to.path(),
            detail: detail.into(),
        };
        self.tree.write(|tree| tree.edges.push(edge));
    }

    /// Makes every resource here wait for every resource of `other`; across stacks, the stack.
    pub fn depends_on(&self, other: &Self) {
        let pair = (self.node_ref(), other.node_ref());
        self.tree.write(|tree| tree.dependencies.push(pair));
    }

    /// Puts a file or folder into the assembly, to be uploaded before the stack is deployed.
    #[track_caller]
    pub fn asset(&self, file: FileAsset) -> AssetRef {
        let asset = match Asset::read(file, qualifier(self)) {
            Ok(asset) => asset,
            Err((message, help)) => {
                self.error(&rules::BAD_ASSET, message, help);
                Asset::missing()
            }
        };
        let reference = AssetRef::new(self, &asset);
        self.tree.write(|tree| {
            let stack = tree.top_stack(self.node);
            if let Some(stack) = stack.and_then(|stack| tree.stack_mut(stack)) {
                stack.assets.push(asset);
            }
        });
        reference
    }

    /// The regions that `choice` stands for in this app.
    pub fn regions(&self, choice: &Regions) -> Vec<Text> {
        let regions = match choice {
            Regions::Only(regions) => regions.clone(),
            Regions::Active => self.tree.read(|tree| tree.active_regions.clone()),
        };
        if regions.is_empty() {
            let help = "name regions here, or once for the app: `app.active_regions([\"eu-central-1\", ..])`";
            self.error(
                &rules::NO_REGION,
                "at least one region is wanted here, got none",
                help,
            );
        }
        regions
    }

    /// The stack for this construct's resources in another region of the same account.
    ///
    /// The same stack for every construct of the stage that asks for the same region, called
    /// `<stage or app name>-Regional-<region>`. Asking for the own region yields the own stack.
    /// Stacks of one stage in two accounts cannot both ask for one region: give each a stage.
    #[track_caller]
    pub fn sibling_stack(&self, region: impl Into<Text>) -> Stack {
        let environment = Environment {
            account: self.environment().account,
            region: Some(region.into()),
        };
        self.sibling_stack_in(environment)
    }

    /// The stack for this construct's resources in another account or region.
    #[track_caller]
    pub fn sibling_stack_in(&self, environment: Environment) -> Stack {
        Stack::sibling(self, environment, SourceLocation(Location::caller()))
    }

    /// A stack of its own template inside this stack, deployed and deleted with it.
    ///
    /// Parameters and outputs between the two are wired where values cross.
    #[track_caller]
    pub fn nested_stack(&self, id: impl Into<Text>) -> Stack {
        Stack::nested(self, &id.into(), SourceLocation(Location::caller()))
    }

    /// Reports a mistake in what the program says here: no template will be written.
    #[track_caller]
    pub fn error(&self, rule: &'static Rule, message: impl Into<String>, help: impl Into<String>) {
        let location = SourceLocation(Location::caller());
        self.report(
            Severity::Error,
            rule,
            (message.into(), help.into()),
            location,
        );
    }

    /// Reports something that is allowed but likely not meant.
    #[track_caller]
    pub fn warn(&self, rule: &'static Rule, message: impl Into<String>, help: impl Into<String>) {
        let location = SourceLocation(Location::caller());
        self.report(
            Severity::Warning,
            rule,
            (message.into(), help.into()),
            location,
        );
    }

    /// Reports a mistake that was made at another line than where this construct was added.
    pub fn error_at(
        &self,
        location: SourceLocation,
        rule: &'static Rule,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let texts = (message.into(), help.into());
        self.tree
            .write(|tree| tree.report(self.node, Severity::Error, rule, texts, location));
    }

    fn report(
        &self,
        severity: Severity,
        rule: &'static Rule,
        texts: (String, String),
        caller: SourceLocation,
    ) {
        self.tree.write(|tree| {
            let location = tree.user_location(self.node, caller);
            tree.report(self.node, severity, rule, texts, location);
        });
    }

    /// The line of the user's program that made this construct.
    #[must_use]
    pub fn location(&self) -> SourceLocation {
        self.tree.read(|tree| tree.node(self.node).location)
    }

    /// The construct whose resource a value reads by `Ref` or an attribute; `None` if it reads none of this app.
    #[must_use]
    pub fn construct_behind(&self, value: &Json) -> Option<Self> {
        let node = match value {
            Json::Token(token) => token.node()?,
            _ => return None,
        };
        self.tree.read(|tree| {
            if tree.app != node.app {
                return None;
            }
            let found = tree.node(node.index);
            let is_main = &*found.id == MAIN;
            Some(Self {
                tree: self.tree.clone(),
                node: if is_main { found.parent } else { node.index },
            })
        })
    }

    pub(crate) fn node_ref(&self) -> NodeRef {
        NodeRef {
            app: self.tree.read(|tree| tree.app),
            index: self.node,
        }
    }

    pub(crate) fn make_stack(&self, id: &Text, data: StackData, caller: SourceLocation) -> Stack {
        let child = self.child_at(id, "cloudwright::Stack", caller);
        child.tree.write(|tree| {
            let node = tree.node_mut(child.node);
            node.kind = Kind::Stack(Box::new(data));
            node.stack = Some(child.node);
            node.library = false;
        });
        Stack(child)
    }

    pub(crate) fn make_stage(&self, id: &Text, caller: SourceLocation) -> Self {
        let child = self.child_at(id, "cloudwright::Stage", caller);
        child
            .tree
            .write(|tree| tree.node_mut(child.node).kind = Kind::Stage);
        child
    }
}
