//! A bucket with copies of its objects in other regions and accounts.
//!
//! # How data flows
//!
//! ```text
//!            created, removed, expired                    one copy per replica, all at once
//!  source ────────────────────────────────> function ──────────────────────> replica us-west-2
//!                                            │     ^  └────────────────────> replica ca-central-1
//!                  gave up after 3 attempts  v     │ again, for what failed
//!                                           failures ────────────────> dead letters
//!                                                    gave up 5 times
//! ```
//!
//! The function is the bundled handler `replicate`. An event only tells it which object to look at: what
//! is in the source *now* is brought to every replica, so events may come late, twice and in any
//! order. A replica that refuses keeps no other from its copy. What failed waits in the failure queue
//! and is done again from there; what still fails then ends among the dead letters, where an alarm
//! sees it.
//!
//! # Where things are
//!
//! The source, the function and its queues are in the stack that the [`ReplicatedBucket`] is added to.
//! A replica is in the stack of its region, [`Scope::sibling_stack`], which all constructs of a stage
//! share, below the same path as here. Names of buckets are known at synthesis, so no value crosses
//! from stack to stack for them. The stack of the source is deployed after those of the replicas.
//!
//! # What no event tells of
//!
//! Objects that were in the source before, events that were lost, copies that somebody changed: with
//! [`ReplicatedBucket::reconcile_every`] a state machine calls a second function until it has compared
//! everything that is to be replicated, and nothing but an answer says where it is. It is started on
//! demand, too, as the [operation](crate::operation) `reconcile`:
//!
//! ```text
//! cargo run -- run Prod/Artifacts reconcile
//! ```
//!
//! # What is removed
//!
//! What is removed from the source is removed from the replicas, by a delete marker where there are
//! versions. [`ReplicatedBucket::deletion`] and [`Replica::deletion`] say otherwise, and a run over all objects
//! does what they say, too.
//!
//! # Two-way
//!
//! With [`ReplicatedBucket::two_way`] every bucket may be written to: each region has a function of its
//! own, and one table remembers the newest change of each object. No stack waits for another, for all
//! of them would; an event that comes before its bucket is there is done again from the failure queue.
//!
//! # S3's own replication
//!
//! With [`ReplicatedBucket::native`] nothing of ours runs: S3 copies by rules of the source, as a role
//! that may do just that. Its documentation says when to choose which.
//!
//! [`Scope::sibling_stack`]: crate::Scope::sibling_stack

mod alarms;
mod bucket;
mod buckets;
mod check;
mod copier;
mod handle;
mod native;
mod paco;
mod places;
mod reconcile;
mod replica;
mod two_way;

pub use bucket::ReplicatedBucket;
pub use cloudwright_contract::Deletion;
pub use handle::{ReplicaRef, ReplicatedBucketRef};
pub use paco::PacoName;
pub use replica::Replica;
