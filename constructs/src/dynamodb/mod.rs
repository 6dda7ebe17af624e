//! Tables of DynamoDB.
//!
//! A [`Table`] is paid by request, can be restored to any second of the last 35 days, is encrypted, and
//! stays when it leaves the template. Its keys are typed [`Attribute`]s, from which the definitions that
//! CloudFormation asks for are made; an [`Index`] names its own.

mod grants;
mod handle;
mod keys;
mod metrics;
mod table;

pub use crate::cfn::dynamodb::table::{StreamViewType as StreamView, TableClass};
pub use handle::TableRef;
pub use keys::{Attribute, Index};
pub use table::Table;
