//! Queues of the Simple Queue Service.
//!
//! A [`Queue`] (or a [`FifoQueue`]) is encrypted, lets nobody in over an unencrypted connection, is
//! polled long, and gives up a message after five attempts to a dead-letter queue of its own, which
//! keeps it for 14 days. Who delivers in order and who does not is a type: a FIFO queue cannot be
//! given where AWS wants a standard one, such as in a bucket's notifications.
//!
//! All statements about a queue (TLS only, the buckets and topics that send to it, principals of
//! other accounts) are facts, and become one queue policy at synthesis.

mod alarms;
mod grants;
mod handle;
mod queue;
mod targets;

pub use handle::{FifoQueueRef, QueueRef, QueueRefOf};
#[cfg(feature = "processing-pipeline")]
pub(crate) use queue::MAX_RECEIVES;
pub use queue::{FifoQueue, Queue, QueueOf};

pub use crate::delivery::{Delivery, Fifo, Standard};
