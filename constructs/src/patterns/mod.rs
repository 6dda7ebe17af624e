//! Whole systems (L3): constructs that bring several services together.
//!
//! Each is a cargo feature of its own, so that a program pays with build time only for those that it
//! uses: `cloudwright = { version = "..", features = ["replicated-bucket"] }`.

#[cfg(feature = "cache-sync")]
pub mod cache_sync;
#[cfg(feature = "notified-queue")]
pub mod notified_queue;
#[cfg(feature = "package-index")]
pub mod package_index;
#[cfg(feature = "processing-pipeline")]
pub mod processing_pipeline;
#[cfg(feature = "replicated-bucket")]
pub mod replicated_bucket;
#[cfg(any(
    feature = "cache-sync",
    feature = "processing-pipeline",
    feature = "replicated-bucket",
    feature = "ssm-sync-fleet"
))]
mod shared;
#[cfg(feature = "ssm-sync-fleet")]
pub mod ssm_sync_fleet;

#[cfg(feature = "cache-sync")]
pub use cache_sync::{CacheSync, CacheSyncRef, PackageTables, RedisServer};
#[cfg(feature = "notified-queue")]
pub use notified_queue::{NotifiedQueue, NotifiedQueueRef};
#[cfg(feature = "package-index")]
pub use package_index::{PackageIndex, PackageIndexRef};
#[cfg(feature = "processing-pipeline")]
pub use processing_pipeline::{
    HandOver, Place, ProcessingPipeline, ProcessingPipelineRef, Stage, StageRef, Submission,
};
#[cfg(feature = "replicated-bucket")]
pub use replicated_bucket::{Deletion, PacoName, Replica, ReplicatedBucket, ReplicatedBucketRef};
#[cfg(feature = "ssm-sync-fleet")]
pub use ssm_sync_fleet::{SsmSyncFleet, SsmSyncFleetRef};
