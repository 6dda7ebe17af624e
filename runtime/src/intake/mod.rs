//! Event intake: whatever S3 events come in, one list of [`ObjectEvent`]s goes out.
//!
//! S3 events reach a function directly, through SQS, SNS or SNS in SQS, from EventBridge, or out of
//! the failure queue of a function, in the record of its on-failure destination. [`read`] takes off
//! every wrapping, in any nesting up to [`DEPTH_LIMIT`], and decodes keys where they are encoded:
//!
//! | what comes | what it leads to |
//! |---|---|
//! | an event of S3 or EventBridge | its object events; keys of S3 are decoded, EventBridge's are not encoded |
//! | `s3:TestEvent`, bare or wrapped; an empty list of records | nothing to do, success |
//! | a record on a failure queue | the event inside its `requestPayload` |
//! | a record that cannot be read | an [`Unreadable`] in its place; the others are handled first |
//! | any other shape, `{}` included | an [`Unreadable`], so that the function's Errors alarm shows it |
//!
//! Optional fields stay optional (removals have no size and no entity tag), unknown fields are
//! ignored, a newer version of the event is fine.

mod bridge;
mod envelope;
mod event;
mod key;
mod s3;
mod sequencer;
mod time;

pub use envelope::{DEPTH_LIMIT, Delivery, Item, QueueMessage, Unreadable, read};
pub use event::{Change, ObjectEvent, Removal};
pub use key::{NotUtf8, decode_form, encode_form, encode_path};
pub use sequencer::Sequencer;
pub use time::epoch_millis;

#[cfg(test)]
mod tests;
