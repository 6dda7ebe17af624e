//! What a program holds of a queue that a bucket tells.

use cloudwright_synth::Scope;

use crate::lambda::FunctionRef;
use crate::s3::BucketRef;
use crate::sqs::{Fifo, QueueRefOf};

/// The handle of a [`NotifiedQueue`](super::NotifiedQueue).
#[derive(Clone)]
pub struct NotifiedQueueRef<K = Fifo> {
    pub(super) scope: Scope,
    pub(super) bucket: BucketRef,
    pub(super) queue: QueueRefOf<K>,
    pub(super) function: Option<FunctionRef>,
    #[cfg(feature = "queue-worker")]
    pub(super) worker: Option<super::WorkerRef>,
}

impl<K> NotifiedQueueRef<K> {
    /// The construct's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The bucket whose objects it is about.
    #[must_use]
    pub const fn bucket(&self) -> &BucketRef {
        &self.bucket
    }

    /// The queue; its dead-letter queue has what was given up.
    #[must_use]
    pub const fn queue(&self) -> &QueueRefOf<K> {
        &self.queue
    }

    /// The function in between; `None` for a standard queue, which S3 tells by itself.
    #[must_use]
    pub const fn function(&self) -> Option<&FunctionRef> {
        self.function.as_ref()
    }

    /// Who works on the messages, if that was said.
    #[cfg(feature = "queue-worker")]
    #[must_use]
    pub const fn worker(&self) -> Option<&super::WorkerRef> {
        self.worker.as_ref()
    }
}
