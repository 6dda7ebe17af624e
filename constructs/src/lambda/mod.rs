//! Functions of AWS Lambda.
//!
//! A [`Function`] runs `provided.al2023` on arm64, acts as a role of its own that starts with the
//! right to write to its own log group and to send traces, and nothing else, and starts only after
//! that role's policy is attached. Whatever calls it asynchronously (a bucket, a topic, a rule)
//! brings a failure queue along: an event that the function gives up on is kept for 14 days
//! instead of being dropped. A function that consumes a queue needs none: what it fails on goes back
//! to that queue.
//!
//! Rights of others to call the function are [`Permission`]s, which name who calls on whose behalf.
//! A bucket is named by its known ARN, so that a function can be told of the events of a bucket
//! that it reads, and no circle arises.

#[cfg(feature = "lambda-more")]
mod alias;
mod architecture;
mod asynchronous;
pub(crate) mod bundled;
mod code;
mod environment;
mod event_source;
mod function;
mod handle;
mod image;
mod layer;
mod logging;
mod made;
mod metrics;
mod network;
mod notify;
mod pattern;
mod permission;
#[cfg(feature = "lambda-more")]
mod stream;
#[cfg(feature = "lambda-more")]
mod url;
mod zip;

#[cfg(feature = "lambda-more")]
pub use alias::{Alias, AliasRef};
pub use architecture::Architecture;
pub use code::Code;
pub use event_source::{EventSource, EventSourceRef, IntoEventSource};
pub use function::Function;
pub use handle::FunctionRef;
pub use layer::Layer;
pub use made::{CargoCode, PythonCode};
pub use permission::Permission;
#[cfg(feature = "lambda-more")]
pub use stream::Stream;
#[cfg(feature = "lambda-more")]
pub use url::{Url, UrlRef};

pub use cloudwright_contract::Handler;

pub use crate::cfn::lambda::function::{ApplicationLogLevel as LogLevel, Runtime};
