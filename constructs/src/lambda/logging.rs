//! Where a function's logs go.

use cloudwright_synth::Scope;

use crate::iam::{Grantee, Identity, RoleRef};
use crate::logs::{LogGroup, LogGroupRef};

/// A function that is still being made, writing as its role.
struct Writer<'a> {
    scope: &'a Scope,
    role: &'a RoleRef,
}

impl Grantee for Writer<'_> {
    fn identity(&self) -> Identity {
        Identity::Role {
            role: self.role.clone(),
            actor: self.scope.clone(),
        }
    }
}

/// The function's log group, one of its own unless said, which its role may write to.
pub(super) fn group(scope: &Scope, role: &RoleRef, chosen: Option<LogGroupRef>) -> LogGroupRef {
    let group = chosen.unwrap_or_else(|| scope.add("LogGroup", LogGroup::new()));
    group.grant_write(&Writer { scope, role });
    group
}
