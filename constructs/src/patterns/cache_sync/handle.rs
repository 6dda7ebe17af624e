//! What a program holds of an index that follows a bucket.

use cloudwright_synth::{Arn, Scope, Value};

use super::reload::Reload;
use crate::cfn;
use crate::dynamodb::TableRef;
use crate::lambda::FunctionRef;
use crate::s3::BucketRef;
use crate::sqs::QueueRef;

/// The handle of a [`CacheSync`](super::CacheSync).
#[derive(Clone)]
pub struct CacheSyncRef {
    pub(super) scope: Scope,
    pub(super) bucket: BucketRef,
    pub(super) tables: Option<[TableRef; 2]>,
    pub(super) events: QueueRef,
    pub(super) function: FunctionRef,
    pub(super) rebuild: FunctionRef,
    /// What calls the rebuild function to the end.
    pub(super) reload: Reload,
}

impl CacheSyncRef {
    /// The construct's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The bucket of the packages.
    #[must_use]
    pub const fn bucket(&self) -> &BucketRef {
        &self.bucket
    }

    /// The tables of the index, that of the files and that of the names; `None` where it is not in
    /// DynamoDB. A pypicloud server needs `grant_read_write` on both.
    #[must_use]
    pub fn tables(&self) -> Option<(&TableRef, &TableRef)> {
        let [packages, summaries] = self.tables.as_ref()?;
        Some((packages, summaries))
    }

    /// The queue of what happens to the bucket; its dead-letter queue has what was given up.
    #[must_use]
    pub const fn queue(&self) -> &QueueRef {
        &self.events
    }

    /// The function that brings the index up to date with each event.
    #[must_use]
    pub const fn function(&self) -> &FunctionRef {
        &self.function
    }

    /// The function that makes the whole index equal to the whole bucket, as far as one call comes, when it is
    /// called with [`REBUILD`](super::REBUILD).
    #[must_use]
    pub const fn rebuild_function(&self) -> &FunctionRef {
        &self.rebuild
    }

    /// The state machine that calls [the rebuild function](Self::rebuild_function) until it is through: what the
    /// [operation](crate::operation) `reload` and the schedule start. Its input is what a
    /// [`Rebuild`](cloudwright_contract::Rebuild) holds, `{}` for everything.
    #[must_use]
    pub fn reload(&self) -> Value<Arn<cfn::stepfunctions::StateMachine>> {
        self.reload.machine.clone()
    }
}
