//! Data that a deployment would delete.

use serde_json::Value;

use crate::compare::Elements;
use crate::facts::{Facts, SpecLookup};
use crate::model::{Action, DataLoss, Replacement, ResourceChange};

/// The policies that keep data when a resource leaves the template.
const KEEPING: [&str; 3] = ["Retain", "RetainExceptOnCreate", "Snapshot"];
/// Types that CloudFormation takes a snapshot of unless told otherwise.
const SNAPSHOT_BY_DEFAULT: [&str; 2] = ["AWS::RDS::DBCluster", "AWS::RDS::DBInstance"];

/// Whether resources of a type hold data that is gone with them, as far as the facts know the type.
#[must_use]
pub fn holds_data(kind: &str, spec: SpecLookup<'_>) -> bool {
    Facts::new(spec)
        .of(kind)
        .is_some_and(|facts| facts.stateful)
}

/// Whether a policy (`DeletionPolicy` or `UpdateReplacePolicy`) keeps the data of a resource.
#[must_use]
pub fn keeps_data(policy: &str) -> bool {
    KEEPING.contains(&policy)
}

/// Marks the changes that lose data, and those that leave a resource behind.
pub(crate) fn mark(
    changes: &mut [ResourceChange],
    old: &Elements<'_>,
    new: &Elements<'_>,
    facts: &mut Facts<'_>,
) {
    for change in changes {
        let (Some(before), after) = (old.get(&*change.id), new.get(&*change.id)) else {
            continue;
        };
        let leaves = matches!(change.action, Action::Remove | Action::Rename);
        let policy = if leaves {
            policy(before, "DeletionPolicy")
        } else {
            policy(after.unwrap_or(before), "UpdateReplacePolicy")
        };
        let goes = change.replacement != Replacement::Impossible
            && (leaves || change.replacement != Replacement::No);
        change.is_kept = goes && KEEPING[..2].contains(&policy);
        if !goes
            || KEEPING.contains(&policy)
            || (leaves && policy.is_empty() && has_snapshot(before))
        {
            continue;
        }
        if facts.of(&change.kind).is_some_and(|facts| facts.stateful) {
            change.data_loss = Some(loss(change));
        }
    }
}

fn policy<'v>(resource: &'v Value, name: &str) -> &'v str {
    resource
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Whether CloudFormation takes a snapshot by itself: of clusters, and of instances outside of one.
fn has_snapshot(resource: &Value) -> bool {
    let kind = resource["Type"].as_str().unwrap_or_default();
    let in_cluster = resource["Properties"].get("DBClusterIdentifier").is_some();
    SNAPSHOT_BY_DEFAULT.contains(&kind) && !in_cluster
}

fn loss(change: &ResourceChange) -> DataLoss {
    match (change.action, change.replacement) {
        (Action::Remove | Action::Rename, _) => DataLoss::Deleted,
        (_, Replacement::Maybe) => DataLoss::MaybeReplaced,
        _ => DataLoss::Replaced,
    }
}
