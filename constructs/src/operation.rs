//! Operations: what people ask of a system that runs.
//!
//! A construct adds an [`Operation`] beside its resources. The assembly carries it, and the command line
//! knows it by the construct's path and the operation's id:
//!
//! ```text
//! cargo run -- run Prod/Index                              # what there is
//! cargo run -- run Prod/Index reload --payload '{"from": "six-1.0.tar.gz"}'
//! ```
//!
//! An operation of one's own takes three things: the resource that does it, a line for people, and, where
//! it is handed something, the [JSON Schema](https://json-schema.org) of that:
//!
//! ```
//! use cloudwright::prelude::*;
//!
//! # let app = App::new();
//! # let scope = app.stack("Shop", Environment::new("111111111111", "eu-central-1"));
//! # let code = lambda::Code::s3("releases", "stock.zip");
//! # let function = scope.add("Stock", lambda::Function::new(code));
//! scope.add(
//!     "stock",
//!     Operation::invoke(&function)
//!         .summary("how many of an article are there")
//!         .read_only()
//!         .payload(json!({
//!             "type": "object",
//!             "properties": { "article": { "type": "string", "description": "its number" } },
//!             "required": ["article"],
//!             "additionalProperties": false,
//!         }))
//!         .argument("article"),
//! );
//! # let assembly = app.synth().unwrap();
//! # assert_eq!(assembly.operations()[0].name, "stock");
//! ```
//!
//! With `argument` a plain word says that member: `run Shop stock 77` instead of
//! `run Shop stock --payload '{"article": "77"}'`.
//!
//! The payload is checked before anything is sent. What changes something is only done after a question;
//! `read_only()` says that nobody needs to be asked. The id is what people type: small letters, digits and
//! dashes.

use cloudwright_synth::{Construct, DeclaredOperation, Handle, IntoValue, Json, Scope, Text};

use crate::delivery::Delivery;
use crate::lambda::FunctionRef;
use crate::rules;
use crate::sqs::QueueRefOf;

/// What people can ask of a construct once it is deployed; its id is the operation's name.
///
/// See the [module](self).
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"reload\", ..)`"]
pub struct Operation {
    /// `None` for a resource that is imported.
    target: Option<Handle>,
    summary: Text,
    read_only: bool,
    payload: Option<Json>,
    member: Option<Text>,
    argument: Option<Text>,
}

impl Operation {
    /// Calls a function and waits for its answer
    /// ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)).
    pub fn invoke(function: &FunctionRef) -> Self {
        use cloudwright_synth::ResourceRef;
        Self::on(function.cfn().map(ResourceRef::handle).cloned())
    }

    /// Sends a message to a queue; whoever takes from it does the work
    /// ([SendMessage](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html)).
    pub fn send<K: Delivery>(queue: &QueueRefOf<K>) -> Self {
        use cloudwright_synth::ResourceRef;
        Self::on(queue.cfn().map(ResourceRef::handle).cloned())
    }

    /// Starts an execution of a state machine and waits for its end
    /// ([StartExecution](https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html)).
    #[cfg(feature = "stepfunctions")]
    pub fn start(machine: &crate::stepfunctions::StateMachineRef) -> Self {
        use cloudwright_synth::ResourceRef;
        Self::on(machine.cfn().map(ResourceRef::handle).cloned())
    }

    const fn on(target: Option<Handle>) -> Self {
        Self {
            target,
            summary: Text::Borrowed(""),
            read_only: false,
            payload: None,
            member: None,
            argument: None,
        }
    }

    /// What it does, in one line for people, such as "compares all objects and repairs the replicas".
    pub fn summary(mut self, line: impl Into<Text>) -> Self {
        self.summary = line.into();
        self
    }

    /// It changes nothing, so that nobody is asked before it runs.
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// What it is handed, as a [JSON Schema](https://json-schema.org) without references to other files.
    /// Without one, it is handed an empty object.
    pub fn payload(mut self, schema: impl IntoValue<Json>) -> Self {
        self.payload = Some(schema.into_json());
        self
    }

    /// The payload stands in this member of the event: `.member("rebuild")` makes `{"rebuild": PAYLOAD}`
    /// of it. Otherwise the payload is the event.
    pub fn member(mut self, name: impl Into<Text>) -> Self {
        self.member = Some(name.into());
        self
    }

    /// The member of the payload that people most often say: a plain word behind the operation's name stands for it, so
    /// that `run Prod/Files status a.txt` is `run Prod/Files status --payload '{"key": "a.txt"}'` after
    /// `.argument("key")`. It has to be one of the schema's `properties`.
    pub fn argument(mut self, member: impl Into<Text>) -> Self {
        self.argument = Some(member.into());
        self
    }
}

impl Construct for Operation {
    type Handle = ();

    fn construct(self, scope: &Scope) {
        let Some(target) = self.target else {
            let message = "an operation works on a resource of the app, got an imported one";
            let help = "declare it in the app that has the resource";
            return scope.error(&rules::FOREIGN_OPERATION, message, help);
        };
        scope.declare_operation(DeclaredOperation {
            target,
            summary: self.summary,
            read_only: self.read_only,
            payload: self.payload,
            member: self.member,
            argument: self.argument,
        });
    }
}
