//! The package index of a [pypicloud](https://pypicloud.readthedocs.io/) server, kept equal to the
//! bucket of its packages.
//!
//! pypicloud serves a Python package index out of a bucket, and remembers in DynamoDB or Redis what is
//! in it. What comes into the bucket by another way than through that server, such as a copy from
//! another region, it does not see. A [`CacheSync`] writes it into the index.
//!
//! # How data flows
//!
//! ```text
//!          created, removed, expired            batches                  look at the object
//!  bucket ───────────────────────────> queue ───────────> function ───────────────────────> bucket
//!    │                                  │  ^ again, for      │ write what is there now
//!    │            gave up 5 times       v  │ what failed     v
//!    │                        dead letters └──────────── two tables, or Redis <── pypicloud
//!    │   list, look at all                                   ^
//!    └───────────────────────> rebuild ──────────────────────┘
//!                              │  ^ calls, each with what the last one left
//!                              v  │
//!                          state machine <── on demand, or by a schedule
//! ```
//!
//! Both functions are the bundled handler `cache-sync`. An event only tells which file to look at, so
//! events may come late, twice and in any order; only those that failed come back. A rebuild compares
//! the whole bucket with the whole index: once for what is in the bucket already, then as often as
//! wanted. It is a function of its own, since it may run for 15 minutes and may read whole tables,
//! neither of which an event should. When the time of a call is over, its answer names the place that the next one
//! goes on from, and the state machine hands it on.
//!
//! # On demand
//!
//! A rebuild is the [operation](crate::operation) `reload`, after the first deployment for example:
//!
//! ```text
//! cargo run -- run Packages/Index reload
//! ```
//!
//! It answers how many files it compared and how many it had to change, and tells in its log how far it is.
//! It compares the list of the bucket with the index, and asks only those objects for their metadata of
//! which the two say different times; `reload --payload '{"thorough": true}'` asks all. A run that failed names the
//! place to go on from: `reload --payload '{"from": "object:packages/six-1.0.zip"}'`.
//!
//! # An index of one's own
//!
//! Queue, order of events, conditional writes and rebuilds are the same for every index. What differs is what it holds
//! of an object: a trait of the crate `cloudwright-runtime`, `cache_sync::projection::Projection`. A package with a
//! type that has it is the code of both functions, and [`CacheSync::of`] is all else. The example `object-catalog` is
//! one: key, size, entity tag, tags and last change of every object.

mod alarms;
mod bridge;
mod check;
mod config;
mod handle;
mod ini;
mod names;
mod own;
mod redis;
mod reload;
mod rights;
mod sync;
mod tables;
mod worker;

pub use handle::CacheSyncRef;
pub use redis::RedisServer;
pub use sync::CacheSync;
pub use tables::PackageTables;

/// The event that makes the rebuild function compare the whole bucket with the whole index.
pub const REBUILD: &str = cloudwright_contract::Rebuild::EVENT;
