//! Work with what is deployed: the operations that constructs declare, single functions, messages that were
//! given up, alarms, metrics and logs.
//!
//! What people say (a construct's path, a logical id, a name) is found among the resources of the deployed
//! stacks ([`find`]); a payload is checked before anything is sent ([`schema`]); then one of the
//! [`services`] is asked. As in a deployment all of it is written over small traits, prints nothing, and is
//! tested with scripted answers. The verbs are in `cli/running`, the SDK behind the traits in `aws/running`,
//! both with the feature `operate`.

pub mod find;
pub mod letters;
pub mod logs;
pub mod metrics;
pub mod operation;
pub mod redrive;
pub mod schema;
pub mod secrets;
pub mod services;
