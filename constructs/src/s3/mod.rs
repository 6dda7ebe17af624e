//! Buckets of the Simple Storage Service, and their notifications.
//!
//! A [`Bucket`] is private, versioned, encrypted, reachable over TLS only and kept when it leaves
//! the template. Its name is known at synthesis (`<prefix>-<account>-<region>-an`, in the
//! account-regional namespace, where nobody else can take it). So nothing needs to refer to the
//! bucket resource to name it, and a bucket that notifies a function which reads the bucket is no
//! circle.

mod bucket;
mod cors;
mod event;
mod existing;
mod grants;
mod lifecycle;
mod name;
mod notify;

pub use bucket::{Bucket, BucketRef, Encryption};
pub use event::{Event, Events};
pub use lifecycle::{LifecycleRule, StorageClass};
#[cfg(feature = "processing-pipeline")]
pub(crate) use notify::key_in_events;
pub use notify::{Filter, NotificationTarget, Notified};
