//! The construct tree: an arena of nodes behind a cheap handle.
//!
//! This file alone knows the `Rc<RefCell<..>>`. The rest of the crate reads and changes the tree
//! through [`TreeRef::read`] and [`TreeRef::write`], whose closures never run user code: facts are
//! data and aspects run over a list of nodes taken beforehand. So no borrow can ever meet another.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::Location;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use cloudwright_spec::sorted::{Set, sort_by};

use crate::accept;
use crate::aspect::AspectEntry;
use crate::asset::Asset;
use crate::check::custom::Check;
use crate::diagnostic::{Diagnostic, Rule, Severity, SourceLocation};
use crate::environment::{Accounts, Environment};
use crate::expr::NodeRef;
use crate::facts::{Edge, Entry};
use crate::json::{Json, Text};
use crate::need;
use crate::operation;
use crate::provided;
use crate::rules;
use crate::said;
use crate::tags::TagRule;

/// Crates whose `add` lines are never shown to the user as the place of a mistake.
const LIBRARY_CRATES: [&str; 3] = ["cloudwright", "cloudwright_cfn", "cloudwright_synth"];

/// Gives each app of a process its own number, so that handles cannot be mixed up unnoticed.
static APPS: AtomicU32 = AtomicU32::new(0);

/// Shared access to one app's tree.
#[derive(Clone)]
pub(crate) struct TreeRef(Rc<RefCell<Tree>>);

impl TreeRef {
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Tree) -> T) -> T {
        look(&self.0.borrow())
    }

    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Tree) -> T) -> T {
        change(&mut self.0.borrow_mut())
    }

    /// The tree itself, leaving an empty closed one to any handle that is still alive.
    pub(crate) fn take(&self) -> Tree {
        let app = self.read(|tree| tree.app);
        let mut closed = Tree::empty(app, self.read(|tree| tree.nodes[0].location));
        closed.closed = true;
        self.0.replace(closed)
    }

    #[track_caller]
    pub(crate) fn new() -> Self {
        let app = APPS.fetch_add(1, Ordering::Relaxed);
        Self(Rc::new(RefCell::new(Tree::empty(
            app,
            SourceLocation(Location::caller()),
        ))))
    }
}

/// All constructs of one app.
pub(crate) struct Tree {
    pub(crate) app: u32,
    pub(crate) name: Option<Text>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) facts: Vec<Entry>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) operations: Vec<operation::Entry>,
    pub(crate) needs: Vec<need::Entry>,
    pub(crate) aspects: Vec<AspectEntry>,
    pub(crate) checks: Vec<Box<dyn Check>>,
    /// What the program accepts.
    pub(crate) accepted: Vec<accept::Entry>,
    /// Where words of resources were said.
    pub(crate) said: Vec<said::Entry>,
    /// Pairs of constructs of which the first needs the second.
    pub(crate) dependencies: Vec<(NodeRef, NodeRef)>,
    pub(crate) accounts: Accounts,
    pub(crate) active_regions: Vec<Text>,
    /// Whether literals are checked against patterns that need a regular expression engine.
    pub(crate) every_pattern: bool,
    /// The list of the resources that hold data, where the program keeps one.
    pub(crate) stateful_ids: Option<Text>,
    /// Context of the whole app that its own cannot replace.
    pub(crate) given_context: Vec<(Text, Text)>,
    /// What places hand to what is below them.
    pub(crate) provided: Vec<provided::Entry>,
    /// The context keys that were looked up.
    pub(crate) context_read: RefCell<Set<String>>,
    /// Set while facts are merged: what is added then belongs to the construct it is added to.
    pub(crate) merging: bool,
    /// Look-up only: never iterated, so its order never shows.
    names: HashMap<(u32, Text), u32>,
    /// The constructs whose `construct` is running, innermost last.
    running: Vec<u32>,
    closed: bool,
}

/// One construct.
pub(crate) struct Node {
    pub(crate) id: Text,
    pub(crate) parent: u32,
    pub(crate) children: Vec<u32>,
    pub(crate) stack: Option<u32>,
    pub(crate) kind: Kind,
    pub(crate) location: SourceLocation,
    pub(crate) library: bool,
    pub(crate) construct: &'static str,
    pub(crate) context: Vec<(Text, Text)>,
    pub(crate) tags: Vec<TagRule>,
    pub(crate) logical_id: Option<Text>,
}

pub(crate) enum Kind {
    App,
    Stage,
    Stack(Box<StackData>),
    Plain,
    Resource(Box<ResourceData>),
    Element(Section, Json),
}

/// The sections of a template besides `Resources`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Parameters,
    Mappings,
    Conditions,
    Rules,
    Outputs,
    /// `Fn::ForEach` entries of `Resources`.
    Loops,
}

#[derive(Default)]
pub(crate) struct StackData {
    pub(crate) name: Option<Text>,
    pub(crate) environment: Environment,
    pub(crate) description: Option<Text>,
    pub(crate) termination_protection: bool,
    pub(crate) tags: Vec<(Text, Text)>,
    pub(crate) transforms: Vec<Text>,
    pub(crate) metadata: Vec<(Text, Json)>,
    /// Logical ids that paths give, with those that are used in their place.
    pub(crate) renames: Vec<(Text, Text)>,
    pub(crate) strict: bool,
    pub(crate) weak: bool,
    /// The `AWS::CloudFormation::Stack` resource, when the stack is nested.
    pub(crate) nested: Option<u32>,
    pub(crate) assets: Vec<Asset>,
}

#[derive(Default)]
pub(crate) struct ResourceData {
    pub(crate) kind: Text,
    pub(crate) spec: &'static str,
    pub(crate) props: Vec<(Text, Json)>,
    pub(crate) condition: Option<NodeRef>,
    pub(crate) deletion_policy: Option<&'static str>,
    pub(crate) update_replace_policy: Option<&'static str>,
    pub(crate) creation_policy: Option<Json>,
    pub(crate) update_policy: Option<Json>,
    pub(crate) metadata: Vec<(Text, Json)>,
}

impl Tree {
    fn empty(app: u32, location: SourceLocation) -> Self {
        let root = Node {
            id: "".into(),
            parent: 0,
            children: Vec::new(),
            stack: None,
            kind: Kind::App,
            location,
            library: false,
            construct: "cloudwright::App",
            context: Vec::new(),
            tags: Vec::new(),
            logical_id: None,
        };
        Self {
            app,
            name: None,
            nodes: vec![root],
            diagnostics: Vec::new(),
            facts: Vec::new(),
            edges: Vec::new(),
            operations: Vec::new(),
            needs: Vec::new(),
            aspects: Vec::new(),
            checks: Vec::new(),
            accepted: Vec::new(),
            said: Vec::new(),
            dependencies: Vec::new(),
            accounts: Accounts::default(),
            active_regions: Vec::new(),
            every_pattern: false,
            stateful_ids: None,
            given_context: Vec::new(),
            provided: Vec::new(),
            context_read: RefCell::default(),
            merging: false,
            names: HashMap::new(),
            running: Vec::new(),
            closed: false,
        }
    }

    /// A node; the app itself stands for the nodes of a tree that has been synthesized.
    pub(crate) fn node(&self, index: u32) -> &Node {
        self.nodes.get(index as usize).unwrap_or(&self.nodes[0])
    }

    pub(crate) fn node_mut(&mut self, index: u32) -> &mut Node {
        let known = (index as usize) < self.nodes.len();
        &mut self.nodes[if known { index as usize } else { 0 }]
    }

    /// Adds a construct; a taken or unusable id is reported, and the construct still gets a place
    /// so that the rest of the program can be checked too.
    pub(crate) fn child(
        &mut self,
        parent: u32,
        id: &Text,
        construct: &'static str,
        caller: SourceLocation,
    ) -> u32 {
        debug_assert!(
            !self.closed,
            "a construct was added at {caller}, after the app was synthesized"
        );
        let location = self.user_location(parent, caller);
        let index = self.nodes.len() as u32;
        let id = stored_id(id);
        self.nodes.push(Node {
            id: id.clone(),
            parent,
            children: Vec::new(),
            stack: self.node(parent).stack,
            kind: Kind::Plain,
            location,
            library: is_library(construct),
            construct,
            context: Vec::new(),
            tags: Vec::new(),
            logical_id: None,
        });
        self.check_id(index);
        if let Some(first) = self.names.insert((parent, id.clone()), index) {
            self.report_taken_id(index, first);
        }
        self.node_mut(parent).children.push(index);
        index
    }

    /// The child of `parent` called `id`.
    pub(crate) fn find(&self, parent: u32, id: &str) -> Option<u32> {
        self.names
            .get(&(parent, Text::Owned(id.to_owned())))
            .copied()
    }

    fn check_id(&mut self, index: u32) {
        let id = self.node(index).id.clone();
        if !id.chars().any(|letter| letter.is_ascii_alphanumeric()) {
            let message = format!("a construct id needs a letter or a digit of ASCII, got {id:?}");
            self.error(
                index,
                &rules::BAD_ID,
                message,
                "use an UpperCamel name such as \"Uploads\"",
            );
        } else if let Some(lost) = id
            .chars()
            .find(|letter| !letter.is_ascii() || letter.is_ascii_control())
        {
            let message = format!(
                "construct id {id:?} holds {lost:?}, which a CloudFormation logical id cannot show"
            );
            let help =
                "use ASCII letters and digits: ids that differ only in such letters would collide";
            self.error(index, &rules::BAD_ID, message, help);
        }
    }

    fn report_taken_id(&mut self, index: u32, first: u32) {
        let at = self.node(first).location;
        let id = self.node(index).id.clone();
        let message = format!("there is already a construct called `{id}` here, defined at {at}");
        self.error(
            index,
            &rules::TAKEN_ID,
            message,
            "give one of the two another id",
        );
    }

    /// The line to show for something that happens at `scope`: the nearest one outside the library.
    pub(crate) fn user_location(&self, scope: u32, caller: SourceLocation) -> SourceLocation {
        if self.merging {
            return self.node(scope).location;
        }
        match self.running.last() {
            Some(running) if self.node(*running).library => self.node(*running).location,
            _ => caller,
        }
    }

    pub(crate) fn enter(&mut self, construct: u32) {
        self.running.push(construct);
    }

    pub(crate) fn leave(&mut self) {
        self.running.pop();
    }

    pub(crate) fn error(
        &mut self,
        node: u32,
        rule: &'static Rule,
        message: String,
        help: impl Into<String>,
    ) {
        let location = self.node(node).location;
        self.report(
            node,
            Severity::Error,
            rule,
            (message, help.into()),
            location,
        );
    }

    pub(crate) fn report(
        &mut self,
        node: u32,
        severity: Severity,
        rule: &'static Rule,
        (message, help): (String, String),
        location: SourceLocation,
    ) {
        let path = self.path(node);
        self.diagnostics.push(Diagnostic {
            rule,
            severity,
            message,
            help,
            path,
            location: Some(location),
        });
    }

    /// The node's path from the app down, joined with `/`.
    pub(crate) fn path(&self, node: u32) -> String {
        self.components(node, |_| false).join("/")
    }

    /// The ids between the stack of `node` (not included) and `node` itself.
    pub(crate) fn path_in_stack(&self, node: u32) -> Vec<&str> {
        let stack = self.node(node).stack;
        self.components(node, |index| Some(index) == stack && index != node)
    }

    fn components(&self, node: u32, stop: impl Fn(u32) -> bool) -> Vec<&str> {
        let mut components = Vec::new();
        let mut at = node;
        while at != 0 && !stop(at) {
            components.push(&*self.node(at).id);
            at = self.node(at).parent;
        }
        components.reverse();
        components
    }

    pub(crate) fn stack(&self, index: u32) -> Option<&StackData> {
        match &self.node(index).kind {
            Kind::Stack(data) => Some(data),
            _ => None,
        }
    }

    pub(crate) fn stack_mut(&mut self, index: u32) -> Option<&mut StackData> {
        match &mut self.node_mut(index).kind {
            Kind::Stack(data) => Some(data),
            _ => None,
        }
    }

    pub(crate) fn resource(&self, index: u32) -> Option<&ResourceData> {
        match &self.node(index).kind {
            Kind::Resource(data) => Some(data),
            _ => None,
        }
    }

    pub(crate) fn resource_mut(&mut self, index: u32) -> Option<&mut ResourceData> {
        match &mut self.node_mut(index).kind {
            Kind::Resource(data) => Some(data),
            _ => None,
        }
    }

    /// All nodes at and below `top`, parents first, siblings by id: the order of every output.
    pub(crate) fn below(&self, top: u32) -> Vec<u32> {
        let mut ordered = Vec::new();
        let mut waiting = vec![top];
        while let Some(node) = waiting.pop() {
            ordered.push(node);
            let mut children = self.node(node).children.clone();
            sort_by(&mut children, |a, b| {
                self.node(*b).id.cmp(&self.node(*a).id)
            });
            waiting.append(&mut children);
        }
        ordered
    }
}

/// Ids as the CDK stores them: a slash would read as two components.
fn stored_id(id: &Text) -> Text {
    if id.contains('/') {
        id.replace('/', "--").into()
    } else {
        id.clone()
    }
}

fn is_library(construct: &str) -> bool {
    let krate = construct.split("::").next().unwrap_or_default();
    LIBRARY_CRATES.contains(&krate)
}

/// Stacks, stages and their names.
impl Tree {
    /// The nearest stage at or above `node`, or the app.
    pub(crate) fn stage(&self, node: u32) -> u32 {
        let mut at = node;
        while at != 0 && !matches!(self.node(at).kind, Kind::Stage) {
            at = self.node(at).parent;
        }
        at
    }

    /// The stack of `node` that is deployed by itself: the outermost one around a nested stack.
    pub(crate) fn top_stack(&self, node: u32) -> Option<u32> {
        let mut stack = self.node(node).stack?;
        while self.stack(stack).is_some_and(|data| data.nested.is_some()) {
            stack = self.node(self.node(stack).parent).stack?;
        }
        Some(stack)
    }

    /// The name of the deployed stack: the ids of its stages and its own, joined by `-`.
    pub(crate) fn stack_name(&self, stack: u32) -> String {
        match self.stack(stack).and_then(|data| data.name.as_ref()) {
            Some(name) => name.to_string(),
            None => self.components(stack, |_| false).join("-"),
        }
    }
}
