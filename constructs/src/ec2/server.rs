//! What a program holds of a launch template.

use cloudwright_synth::{Id, IntoValue, Json, Scope, Value};

use crate::iam::{Grantee, Identity, RoleRef};
use crate::{cfn, kms};

/// The handle of a [`LaunchTemplate`](super::LaunchTemplate). What is granted to it, its servers may do.
#[derive(Clone)]
pub struct LaunchTemplateRef {
    scope: Scope,
    cfn: cfn::ec2::LaunchTemplateRef,
    role: RoleRef,
    key: Option<kms::KeyRef>,
}

impl LaunchTemplateRef {
    pub(super) fn new(
        scope: &Scope,
        cfn: cfn::ec2::LaunchTemplateRef,
        role: RoleRef,
        key: Option<kms::KeyRef>,
    ) -> Self {
        Self {
            scope: scope.clone(),
            cfn,
            role,
            key,
        }
    }

    /// The template's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::ec2::LaunchTemplateRef {
        &self.cfn
    }

    /// The template's id.
    #[must_use]
    pub fn id(&self) -> Value<Id<cfn::ec2::LaunchTemplate>> {
        self.cfn.reference()
    }

    /// The number of its newest version.
    #[must_use]
    pub fn version(&self) -> Value<String> {
        self.cfn.latest_version_number()
    }

    /// The role that the servers act as.
    #[must_use]
    pub const fn role(&self) -> &RoleRef {
        &self.role
    }

    /// The key that disks are encrypted with, when it is one of your own.
    #[must_use]
    pub const fn key(&self) -> Option<&kms::KeyRef> {
        self.key.as_ref()
    }
}

impl Grantee for LaunchTemplateRef {
    fn identity(&self) -> Identity {
        Identity::Role {
            role: self.role.clone(),
            actor: self.scope.clone(),
        }
    }
}

impl IntoValue<Id<cfn::ec2::LaunchTemplate>> for &LaunchTemplateRef {
    fn into_json(self) -> Json {
        IntoValue::<Id<cfn::ec2::LaunchTemplate>>::into_json(self.id())
    }
}
