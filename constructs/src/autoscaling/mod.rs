//! Groups of servers that are replaced when they fail.
//!
//! A [`Group`] keeps as many servers of a launch template as it is told, over all zones of a network. A new
//! version of the template exchanges them a few at a time ([`RollingUpdate`]).

mod capacity;
mod group;
mod handle;
mod metrics;
mod rolling;

pub use group::Group;
pub use handle::GroupRef;
pub use rolling::RollingUpdate;
