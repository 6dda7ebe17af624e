//! What a program holds of the worker.

use cloudwright_synth::Scope;

use crate::ec2::VpcRef;
use crate::ecs::{ClusterRef, ServiceRef, TaskDefinitionRef};
use crate::iam::{Grantee, Identity};

/// The handle of a [`Worker`](super::Worker). What is granted to it, its containers may.
#[derive(Clone)]
pub struct WorkerRef {
    pub(super) scope: Scope,
    pub(super) cluster: ClusterRef,
    pub(super) network: VpcRef,
    pub(super) task: TaskDefinitionRef,
    pub(super) service: Option<ServiceRef>,
}

impl WorkerRef {
    /// The worker's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The cluster that it runs in.
    #[must_use]
    pub const fn cluster(&self) -> &ClusterRef {
        &self.cluster
    }

    /// The network that it runs in.
    #[must_use]
    pub const fn network(&self) -> &VpcRef {
        &self.network
    }

    /// What it runs.
    #[must_use]
    pub const fn task(&self) -> &TaskDefinitionRef {
        &self.task
    }

    /// The service that keeps it running; `None` for one that runs by a schedule.
    #[must_use]
    pub const fn service(&self) -> Option<&ServiceRef> {
        self.service.as_ref()
    }
}

impl Grantee for WorkerRef {
    fn identity(&self) -> Identity {
        self.task.identity()
    }
}
