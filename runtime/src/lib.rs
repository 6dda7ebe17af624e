//! The Lambda handlers that cloudwright's constructs bundle.
//!
//! A handler is pure logic over small traits (head an object, copy it, send a message), so that what
//! it decides is tested without AWS, under permuted, duplicated and malformed events. An SDK client
//! implements the traits. An invocation goes through these, from top to bottom:
//!
//! | module | what it brings |
//! |---|---|
//! | [`intake`] | every envelope that an S3 event can come in, made one list of [`intake::ObjectEvent`] |
//! | [`work`] | what is tried in which order, and what the function answers |
//! | [`forward`] | the handler that turns S3 events into messages of a queue |
//! | [`replicate`] | the handler that keeps copies of objects in other buckets |
//! | [`failure`], [`deadline`], [`journal`] | errors that lead to the cause, in time; logs and metrics |

pub mod deadline;
pub mod failure;
pub mod forward;
pub mod intake;
pub mod journal;
pub mod replicate;
pub mod work;
