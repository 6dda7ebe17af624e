//! Where a function's logs go.

use cloudwright_synth::{Id, IntoValue, Json, RemovalPolicy, ResourceRef, Scope, Value};

use crate::cfn;
use crate::iam::{RoleRef, Statement, table};

/// How long logs are kept, in days.
const RETENTION: i64 = 30;

/// A log group of the function's own, which its role may write to.
pub(super) fn group(scope: &Scope, role: &RoleRef) -> Value<Id<cfn::logs::LogGroup>> {
    let place = scope.place("LogGroup");
    let group = cfn::logs::LogGroup::new().retention_in_days(RETENTION);
    let group = place.add("Resource", group);
    group.removal_policy(RemovalPolicy::RetainExceptOnCreate);
    let arn = IntoValue::<Json>::into_json(group.arn());
    let actions = table::LOGS_WRITE.on_itself.iter().copied();
    role.add_statement(Statement::allow(actions).on_all([arn]));
    group.reference()
}
