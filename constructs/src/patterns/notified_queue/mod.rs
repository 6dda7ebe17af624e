//! What happens to the objects of a bucket, as messages of a queue, in order for each object.
//!
//! S3 can tell a standard queue by itself, and a FIFO queue not at all. A [`NotifiedQueue`] puts the bundled
//! handler `forward` in between, so that whoever works on the messages meets the changes of one object in the
//! order in which they came in, one at a time, and those of different objects at once.
//!
//! # How data flows
//!
//! ```text
//!          created, removed, expired           one message for each change, grouped by object
//!  bucket ───────────────────────────> forward ──────────────────────────> queue.fifo ──> your workers
//!                                        │ gave up after 3 times              │ gave up after 5 times
//!                                        v                                    v
//!                                   failure queue                        dead letters
//!
//!  .standard():    bucket ─────────────────────────────────────────────────> queue ─────> your workers
//! ```
//!
//! A message of the FIFO queue is the JSON of
//! [`ObjectMessage`](https://docs.rs/cloudwright-contract/latest/cloudwright_contract/struct.ObjectMessage.html), whose
//! schema is in `docs/schema`; its key is decoded already. What `.standard()` delivers is S3's own
//! [notification](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html), whose keys are
//! form-encoded. Events come at least once and may come late: a worker that looks at the object, and acts on what
//! is there *now*, is right whatever it is told; the order only saves it work. With the feature `queue-worker` there is
//! one: `.worker(Worker::netstorage(..))` carries the objects to Akamai NetStorage, or to any server that takes `PUT`.

mod alarms;
mod handle;
mod queue;
#[cfg(feature = "queue-worker")]
mod worker;

pub use handle::NotifiedQueueRef;
pub use queue::NotifiedQueue;
#[cfg(feature = "queue-worker")]
pub use worker::{WayOut, Worker, WorkerRef};
