//! Whole systems (L3): constructs that bring several services together.
//!
//! Each is a cargo feature of its own, so that a program pays with build time only for those that it
//! uses: `cloudwright = { version = "..", features = ["replicated-bucket"] }`.

pub mod replicated_bucket;

pub use replicated_bucket::{Replica, ReplicatedBucket, ReplicatedBucketRef};
