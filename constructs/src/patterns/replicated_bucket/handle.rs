//! What a program holds of a replicated bucket.

use cloudwright_synth::{Arn, Scope, Value};

use super::alarms;
use super::copier::Copier;
use super::native::Rule;
use super::places::Site;
use super::reconcile::Reconciler;
use crate::cfn;
use crate::cloudwatch::Metric;
use crate::lambda::FunctionRef;
use crate::s3::BucketRef;
use crate::sqs::QueueRef;

/// The handle of a [`ReplicatedBucket`](super::ReplicatedBucket).
#[derive(Clone)]
pub struct ReplicatedBucketRef {
    pub(super) scope: Scope,
    pub(super) source: BucketRef,
    pub(super) replicas: Vec<ReplicaRef>,
    /// The one beside the source first.
    pub(super) copiers: Vec<Copier>,
    /// Those of S3's own replication.
    pub(super) rules: Vec<Rule>,
    pub(super) reconciler: Option<Reconciler>,
}

impl ReplicatedBucketRef {
    /// The construct's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The bucket whose objects are copied.
    #[must_use]
    pub const fn source(&self) -> &BucketRef {
        &self.source
    }

    /// Where the copies are, in the order in which the program says the replicas.
    #[must_use]
    pub fn replicas(&self) -> &[ReplicaRef] {
        &self.replicas
    }

    /// The function beside the source; `None` where S3 replicates by itself.
    #[must_use]
    pub fn function(&self) -> Option<&FunctionRef> {
        self.copiers.first().map(|copier| &copier.function)
    }

    /// All functions: in two-way replication one beside each bucket, the source's first.
    pub fn functions(&self) -> impl Iterator<Item = &FunctionRef> {
        self.copiers.iter().map(|copier| &copier.function)
    }

    /// The state machine that looks at all objects that are replicated, whatever its input; `None` unless the program wants one.
    #[must_use]
    pub fn reconciliation(&self) -> Option<Value<Arn<cfn::stepfunctions::StateMachine>>> {
        let reconciler = self.reconciler.as_ref()?;
        Some(reconciler.machine.clone())
    }

    /// The function that looks at all objects.
    #[must_use]
    pub fn reconcile_function(&self) -> Option<&FunctionRef> {
        self.reconciler.as_ref().map(|one| &one.function)
    }

    /// How long after a change the function beside the source had brought it to all replicas, in
    /// milliseconds: of each call, the longest. `None` where S3 replicates by itself.
    #[must_use]
    pub fn metric_lag(&self) -> Option<Metric> {
        self.function().map(alarms::metric_lag)
    }

    /// The queue that the function beside the source takes failed events from; its dead-letter queue
    /// has what was given up. `None` where S3 replicates by itself.
    #[must_use]
    pub fn failure_queue(&self) -> Option<&QueueRef> {
        self.copiers.first().map(|copier| &copier.failures)
    }
}

/// A place that gets copies.
#[derive(Clone)]
pub struct ReplicaRef {
    pub(super) site: Site,
}

impl ReplicaRef {
    /// The bucket that holds the copies.
    #[must_use]
    pub const fn bucket(&self) -> &BucketRef {
        &self.site.bucket
    }

    /// The region of that bucket.
    #[must_use]
    pub fn region(&self) -> Value<String> {
        self.site.region.clone()
    }

    /// What stands before the key of each copy; empty when keys are kept.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.site.prefix
    }
}
