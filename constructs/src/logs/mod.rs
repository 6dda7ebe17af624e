//! Log groups of CloudWatch Logs.
//!
//! A [`LogGroup`] forgets what is older than 30 days, a year in a strict stack, so that logs are not
//! paid for until the end of time; [`forever`](LogGroup::forever) says otherwise. It stays when it
//! leaves the template. A key of your own learns by itself that the service may use it, for log
//! groups of this account and region only.

mod group;
mod handle;
mod retention;
#[cfg(feature = "logs-more")]
mod subscription;

pub use group::LogGroup;
pub use handle::LogGroupRef;

pub use crate::cfn::logs::log_group::LogGroupClass;
