//! The Lambda handlers that cloudwright's constructs bundle.
//!
//! A handler is pure logic over small traits (head an object, copy it, send a message), so that what
//! it decides is tested without AWS, under permuted, duplicated and malformed events. An SDK client
//! implements the traits. Everything that handlers share stands before them:
//!
//! | module | what it brings |
//! |---|---|
//! | [`intake`] | every envelope that an S3 event can come in, made one list of [`intake::ObjectEvent`] |

pub mod intake;
