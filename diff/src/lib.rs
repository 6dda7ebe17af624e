//! Property-level differences between two CloudFormation templates, and what they mean.
//!
//! [`compare`] needs no network: what a change of a property does to the real resource is known
//! from the spec facts. The result, a [`Diff`], is plain data:
//!
//! - every change of every section, down to the nested property, with lists compared item by item
//!   and sets (tags, policy statements) without regard to order;
//! - whether a resource is replaced, also by way of another one that it reads;
//! - which data is lost, and which replacement cannot work at all;
//! - what IAM policies and security groups let through now that they did not before.
//!
//! ```
//! use cloudwright_diff::{Style, compare};
//! use serde_json::json;
//! let queue = |name: &str| json!({ "Resources": { "Inbox": {
//!     "Type": "AWS::SQS::Queue", "Properties": { "QueueName": name } } } });
//! let facts = "resource AWS::SQS::Queue\n  id QueueUrl\n  stateful\n  QueueName string replace\n";
//! let diff = compare(&queue("old"), &queue("new"), &|_| Some(facts));
//! assert!(diff.is_destructive());
//! assert!(diff.to_text(Style::Plain).contains("± Inbox  AWS::SQS::Queue"));
//! ```

mod compare;
mod data;
mod facts;
mod iam;
mod json;
mod lists;
mod model;
mod names;
mod network;
mod references;
mod rename;
mod replacement;
mod text;
mod values;

#[doc(hidden)]
pub use cloudwright_spec::nearest;
pub use compare::compare;
pub use data::{holds_data, keeps_data};
pub use facts::SpecLookup;
pub use model::{
    Access, Action, Change, DataLoss, Diff, Direction, ElementChange, NetworkChange, Permission,
    PolicyKind, Reason, Replacement, ResourceChange, Section,
};
/// A scalar or an intrinsic function as one line of text, as permissions name resources: `${Inbox.Arn}/*`.
pub use references::short as one_line;
pub use text::Style;
