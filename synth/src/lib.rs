//! The synthesis engine of cloudwright: it turns a tree of constructs into CloudFormation.
//!
//! It knows the template format and nothing of any AWS service; services live in the crates
//! `cloudwright-cfn` (every resource type) and `cloudwright` (secure defaults, grants, systems).
//! It uses no network, and touches the disk only to read assets and to write the assembly.
//!
//! A program builds a tree ([`App`], [`Stage`], [`Stack`], [`Scope::add`]) out of plain values that
//! implement [`Construct`]. Attributes and intrinsic functions are typed values ([`Value`]), never
//! strings. What constructs do to each other is recorded as [`Fact`]s. [`App::synth`] then runs the
//! phases listed in `phases.rs` and returns an [`Assembly`], or every mistake at once.

mod accept;
mod app;
mod aspect;
mod assembly;
mod asset;
mod check;
mod condition;
mod construct;
mod context;
mod diagnostic;
mod environment;
mod expr;
mod facts;
mod hint;
pub mod intrinsic;
mod json;
mod logical_id;
mod mapping;
mod names;
mod naming;
mod need;
mod operation;
mod output;
mod parameter;
mod phases;
mod provided;
mod pseudo;
mod resolve;
mod resource;
pub mod rules;
mod said;
mod scope;
mod spelled;
mod stack;
mod tags;
mod template;
mod tree;
mod value;

/// The name that was probably meant.
#[doc(hidden)]
pub use cloudwright_spec::nearest;
/// The release of the facts, for command lines.
#[doc(hidden)]
pub use cloudwright_spec::release;
/// Sorted maps that compile to little, for the crates of constructs.
#[doc(hidden)]
pub use cloudwright_spec::sorted;
/// Which stacks a command line means.
#[doc(hidden)]
pub use cloudwright_spec::stacks;

pub use app::{App, Stage};
pub use aspect::{Aspect, priority};
pub use assembly::{Assembly, StackArtifact, WriteError};
pub use asset::{Asset, AssetRef, FileAsset};
pub use check::custom::{Check, Found, View};
pub use condition::{
    Condition, ConditionRef, ParameterRule, Test, ref_all, value_of, value_of_all,
};
pub use construct::{Builder, Construct, Props, RawResource, Resource};
pub use diagnostic::{Diagnostic, Diagnostics, Rule, Severity, SourceLocation};
pub use environment::{Environment, Regions};
pub use expr::Token;
pub use facts::{Edge, Fact, Recorded, Verb};
#[doc(hidden)]
pub use json::in_order;
pub use json::{Json, Text};
pub use logical_id::{logical_id, short_hash};
pub use mapping::{Mapping, MappingRef};
pub use need::NeedArtifact;
pub use operation::{DeclaredOperation, OperationArtifact};
pub use output::Output;
pub use parameter::Parameter;
pub use pseudo::{Pseudo, no_value, notification_arns};
pub use resource::{Handle, HasArn, RefOf, RemovalPolicy, ResourceRef, Unknown};
pub use scope::Scope;
pub use stack::Stack;
pub use tags::TagRule;
pub use template::{Template, TemplateResource};
pub use value::{AnyArn, Arn, Choice, Id, IdOrArn, IntoValue, MapOf, Value};
