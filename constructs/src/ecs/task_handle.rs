//! What a program holds of a task.

use cloudwright_synth::{Arn, IntoValue, Json, Scope, Value};

use crate::cfn;
use crate::iam::{Grantee, Identity, RoleRef};
use crate::logs::LogGroupRef;

/// The handle of a [`TaskDefinition`](super::TaskDefinition). What is granted to it, its containers may.
#[derive(Clone)]
pub struct TaskDefinitionRef {
    pub(super) scope: Scope,
    pub(super) cfn: cfn::ecs::TaskDefinitionRef,
    pub(super) role: RoleRef,
    pub(super) execution: RoleRef,
    pub(super) logs: LogGroupRef,
    /// Whether there is a container that can write everywhere.
    pub(super) is_writable: bool,
}

impl TaskDefinitionRef {
    /// The task's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::ecs::TaskDefinitionRef {
        &self.cfn
    }

    /// The ARN of this version of the task.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::ecs::TaskDefinition>> {
        self.cfn.reference().cast()
    }

    /// What the containers act as.
    #[must_use]
    pub const fn role(&self) -> &RoleRef {
        &self.role
    }

    /// What Amazon ECS acts as to start the task.
    #[must_use]
    pub const fn execution_role(&self) -> &RoleRef {
        &self.execution
    }

    /// Where the containers log to.
    #[must_use]
    pub const fn logs(&self) -> &LogGroupRef {
        &self.logs
    }
}

impl Grantee for TaskDefinitionRef {
    fn identity(&self) -> Identity {
        Identity::Role {
            role: self.role.clone(),
            actor: self.scope.clone(),
        }
    }
}

impl IntoValue<Arn<cfn::ecs::TaskDefinition>> for &TaskDefinitionRef {
    fn into_json(self) -> Json {
        self.arn().as_json().clone()
    }
}
