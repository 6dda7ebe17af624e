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
//! | [`bucket_notifications`] | the custom resource for notifications of a bucket that exists already |
//! | [`cache_sync`] | the handler that keeps the index of a Python package server, and what an index of one's own is made of |
//! | [`forward`] | the handler that turns S3 events into messages of a queue |
//! | [`pipeline_status`] | the handler that tells where the files of a pipeline are |
//! | [`replicate`] | the handler that keeps copies of objects in other buckets |
//! | [`ssm_sync`] | the handler that runs documents on servers when a bucket changes |
//! | [`submit`] | the handler that hands objects in to an archive over HTTP |
//! | [`worker`] | the program of a container that carries objects to NetStorage or another server |
//! | [`failure`], [`deadline`], [`journal`] | errors that lead to the cause, in time; logs and metrics |
//!
//! None of these needs an SDK. A feature for each handler, with its name, adds the clients and the
//! program `bootstrap`; `handlers` is all of them; `worker` the program of that name; `index` the clients of a program of one's own that keeps an
//! index ([`cache_sync::projection`]); `harness` a Runtime API for tests.

#[cfg(feature = "submit")]
pub mod archive;
pub mod bucket_notifications;
pub mod cache_sync;
pub mod deadline;
#[cfg(any(
    feature = "index",
    feature = "pipeline-status",
    feature = "ssm-sync",
    feature = "submit"
))]
pub mod dynamodb;
pub mod failure;
pub mod forward;
#[cfg(feature = "harness")]
pub mod harness;
pub mod intake;
pub mod journal;
#[cfg(feature = "pipeline-status")]
pub mod letters;
#[cfg(feature = "worker")]
pub mod mailbox;
pub mod pipeline_status;
#[cfg(feature = "sdk")]
pub mod program;
#[cfg(feature = "cache-sync")]
pub mod redis_index;
pub mod replicate;
#[cfg(feature = "bucket-notifications")]
pub mod response_url;
#[cfg(any(
    feature = "bucket-notifications",
    feature = "index",
    feature = "pipeline-status",
    feature = "replicate",
    feature = "submit",
    feature = "worker"
))]
pub mod s3;
#[cfg(feature = "sdk")]
mod sdk;
#[cfg(any(feature = "cache-sync", feature = "submit"))]
pub mod secrets;
#[cfg(any(feature = "forward", feature = "worker"))]
pub mod sqs;
#[cfg(feature = "ssm-sync")]
pub mod ssm;
pub mod ssm_sync;
pub mod submit;
#[cfg(feature = "replicate")]
pub mod tombstones;
pub mod work;
pub mod worker;
#[cfg(feature = "worker")]
pub mod worker_http;

#[cfg(all(
    feature = "sdk",
    not(any(
        feature = "bucket-notifications",
        feature = "forward",
        feature = "index",
        feature = "pipeline-status",
        feature = "replicate",
        feature = "ssm-sync",
        feature = "submit",
        feature = "worker"
    ))
))]
compile_error!("the feature `sdk` is what the handlers share: turn on the feature of a handler");
