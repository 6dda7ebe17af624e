//! The traits that constructs implement.
//!
//! A construct is a plain value. [`Scope::add`](crate::Scope::add) puts it into the tree and yields
//! its handle:
//!
//! ```
//! use cloudwright_synth::{App, Construct, Environment, RawResource, Handle, Scope};
//!
//! /// Two queues that belong together.
//! struct Mailboxes;
//!
//! #[derive(Clone)]
//! struct MailboxesRef { inbox: Handle, outbox: Handle }
//!
//! impl Construct for Mailboxes {
//!     type Handle = MailboxesRef;
//!
//!     fn construct(self, scope: &Scope) -> MailboxesRef {
//!         MailboxesRef {
//!             inbox: scope.add("Inbox", RawResource::new("AWS::SQS::Queue")),
//!             outbox: scope.add("Outbox", RawResource::new("AWS::SQS::Queue")),
//!         }
//!     }
//! }
//!
//! let app = App::new();
//! let stack = app.stack("Mail", Environment::agnostic());
//! stack.add("Boxes", Mailboxes);
//! let assembly = app.synth().unwrap();
//! assert_eq!(assembly.stacks()[0].template().resources().count(), 2);
//! ```

use std::mem::take;

use crate::IntoValue;
use crate::json::{Json, Text, set_member};
use crate::resource::Handle;
use crate::scope::Scope;

/// A value that can be put into the construct tree.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a construct",
    label = "cannot be added to a scope",
    note = "add an L1 resource (`cfn::..`), an L2 or L3 construct, or implement `Construct` for your type"
)]
pub trait Construct {
    /// What adding the construct yields: a cheap, cloneable name for it.
    type Handle;

    /// Adds the construct's children to `scope`, which is the construct's own place in the tree.
    fn construct(self, scope: &Scope) -> Self::Handle;
}

/// An L1 resource: one CloudFormation resource with its properties.
///
/// Implemented by generated code; use [`RawResource`] for a type that is not generated.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a construct",
    label = "cannot be added to a scope",
    note = "add an L1 resource (`cfn::..`), an L2 or L3 construct, or implement `Construct` for your type"
)]
pub trait Resource: Builder {
    /// The CloudFormation type, such as `AWS::SQS::Queue`.
    const TYPE: &'static str;
    /// The facts about the type, in the notation of the spec files; empty when there are none.
    const SPEC: &'static str;
    /// The handle that adding the resource yields.
    type Ref: From<Handle>;
}

/// What sets properties: an L1 resource, or a property type of one. Implemented by generated code.
///
/// The setters are methods of the types themselves. What every type has comes once, from here: a
/// method more on each of ten thousand types is a tenth of the time that all of them take to check.
pub trait Builder: Sized {
    /// The properties that are set.
    fn props(&mut self) -> &mut Props;

    /// Sets a property by its CloudFormation name, replacing its value: for what has no setter.
    #[must_use]
    fn raw(mut self, name: impl Into<Text>, value: impl IntoValue<Json>) -> Self {
        set_member(&mut self.props().0, name.into(), value.into_json());
        self
    }
}

#[diagnostic::do_not_recommend]
impl<R: Resource> Construct for R {
    type Handle = R::Ref;

    fn construct(mut self, scope: &Scope) -> R::Ref {
        let props = take(self.props());
        scope.declare(R::TYPE.into(), R::SPEC, props).into()
    }
}

/// The properties of a resource or of a structured property: names and untyped values.
#[derive(Clone, Default)]
pub struct Props(pub(crate) Vec<(Text, Json)>);

impl Props {
    /// No properties.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets a property, replacing an earlier value.
    #[must_use]
    pub fn with(mut self, name: impl Into<Text>, value: Json) -> Self {
        set_member(&mut self.0, name.into(), value);
        self
    }

    /// The properties as an object.
    #[must_use]
    pub fn into_json(self) -> Json {
        Json::Map(self.0)
    }
}

/// A resource of any type, with any properties: for what the generated types do not have.
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct RawResource {
    kind: Text,
    props: Props,
}

impl RawResource {
    /// A resource of the given CloudFormation type, such as `AWS::New::Thing` or `Custom::Thing`.
    pub fn new(kind: impl Into<Text>) -> Self {
        Self {
            kind: kind.into(),
            props: Props::new(),
        }
    }

    /// Sets a property.
    pub fn property(mut self, name: impl Into<Text>, value: impl IntoValue<Json>) -> Self {
        self.props = self.props.with(name, value.into_json());
        self
    }
}

impl Construct for RawResource {
    type Handle = Handle;

    fn construct(self, scope: &Scope) -> Handle {
        scope.declare(self.kind, "", self.props)
    }
}
