//! What constructs and bundled handlers agree on.
//!
//! A construct configures a handler by environment variables, a handler hands its work on by
//! messages. Each is one type here, used by both sides, so that they cannot drift apart:
//!
//! - A construct fills the type with literals and tokens (`Forward<Value<String>>`) and asks it for
//!   its variables.
//! - The handler reads the same type with plain text in it (`Forward<String>`), by `from_env`. What
//!   is missing or wrong is named: the variable, what it held, what is expected.
//!
//! ```
//! use cloudwright_contract::Forward;
//! # use std::collections::BTreeMap;
//! let url = "https://sqs.eu-central-1.amazonaws.com/123456789012/uploads.fifo";
//! let written = Forward::new(url.to_owned()).variables(|literal| literal);
//! let environment: BTreeMap<_, _> = written.into_iter().collect();
//! assert!(Forward::read(&environment)?.is_fifo());
//! # Ok::<(), cloudwright_contract::EnvironmentError>(())
//! ```
//!
//! Nothing is derived by default: this crate is compiled on the way to every template. The features
//! `serde` and `schemars` are for the handlers and for the documentation.

mod bucket_notifications;
mod cache_sync;
mod environment;
mod forward;
mod handler;
mod message;
mod object_index;
mod pipeline_status;
mod reconcile;
mod replicate;
#[cfg(feature = "schemars")]
pub mod schema;
mod ssm_sync;
mod submit;
mod worker;
mod writer;

pub use bucket_notifications::{
    BucketNotifications, EventBridge, Filter, FilterRule, KeyFilter, LambdaFunctionConfiguration,
    NotificationConfiguration, Property, QueueConfiguration, TopicConfiguration,
};
pub use cache_sync::{CacheSync, PackageIndex, PackageTables, Rebuild, Rebuilt};
pub use environment::{EnvironmentError, Process, Variable, Variables};
pub use forward::Forward;
pub use handler::{Handler, UnknownHandler};
pub use message::{KeyEncoding, ObjectMessage};
pub use object_index::ObjectIndex;
pub use pipeline_status::{
    ItemState, PipelineStatus, PipelineStatusAnswer, StagePlace, StagePlan, StageStatus, StatusAsk,
    StatusItem,
};
pub use reconcile::{Reconcile, Reconciled};
pub use replicate::{Deletion, Destination, Mode, Multipart, Replicate, Skip, Tombstones};
pub use ssm_sync::{Command, Limit, Marker, Output, Parameter, SsmSync, Target, Window};
pub use submit::{Auth, Submit, WhenUnknown};
pub use worker::{Login, SinkPlan, Worker};
