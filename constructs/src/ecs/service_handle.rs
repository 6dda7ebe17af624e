//! What a program holds of a service.

use std::ops::RangeInclusive;

use cloudwright_synth::{Arn, Json, Scope, Value};

use super::{ClusterRef, TaskDefinitionRef};
use crate::applicationautoscaling::{ScalableTarget, ScalableTargetRef};
use crate::cfn;
use crate::ec2::SecurityGroupRef;
use crate::iam::{Grantee, Identity};
use crate::rules;

/// The handle of a [`FargateService`](super::FargateService). What is granted to it, its containers may.
#[derive(Clone)]
pub struct ServiceRef {
    pub(super) scope: Scope,
    pub(super) cfn: cfn::ecs::ServiceRef,
    pub(super) cluster: ClusterRef,
    pub(super) task: TaskDefinitionRef,
    pub(super) name: Value<String>,
    pub(super) groups: Vec<SecurityGroupRef>,
    /// The number of tasks, if it was said.
    pub(super) desired: Option<u32>,
}

impl ServiceRef {
    /// The service's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::ecs::ServiceRef {
        &self.cfn
    }

    /// The service's name.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.name.clone()
    }

    /// The service's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::ecs::Service>> {
        self.cfn.service_arn().cast()
    }

    /// The cluster that it runs in.
    #[must_use]
    pub const fn cluster(&self) -> &ClusterRef {
        &self.cluster
    }

    /// What it runs.
    #[must_use]
    pub const fn task(&self) -> &TaskDefinitionRef {
        &self.task
    }

    /// The security groups of its tasks, for connections: `database.allow_from(&service.security_groups()[0], ..)`.
    #[must_use]
    pub fn security_groups(&self) -> &[SecurityGroupRef] {
        &self.groups
    }

    /// Lets the number of tasks change between two limits: once for a service.
    #[track_caller]
    pub fn scale(&self, tasks: RangeInclusive<u32>) -> ScalableTargetRef {
        if let Some(desired) = self.desired {
            let message =
                format!("the service scales, and each deployment sets it to {desired} again");
            let help = "leave `.desired(..)` out";
            self.scope.warn(&rules::CONTRADICTION, message, help);
        }
        let text = |text: &'static str| Json::Text(text.into());
        let resource = Json::concat(vec![
            text("service/"),
            self.cluster.name().as_json().clone(),
            text("/"),
            self.name.as_json().clone(),
        ]);
        let target = ScalableTarget::of_service(Value::from_json(resource), tasks);
        self.scope.add("Scaling", target)
    }
}

impl Grantee for ServiceRef {
    fn identity(&self) -> Identity {
        Identity::Role {
            role: self.task.role().clone(),
            actor: self.scope.clone(),
        }
    }
}
