//! For servers that missed a command: all look again, every so often and when they are asked to.

use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_synth::{Json, Scope, Value};

use crate::cfn::ssm::association as l1;
use crate::lambda::FunctionRef;
use crate::ssm::{DocumentRef, Servers};
use crate::units::{check_seconds, minutes};
use crate::{Operation, cfn, rules};

/// How often State Manager can do something, in seconds: every 30 minutes to every 31 days.
const PERIODS: std::ops::RangeInclusive<i64> = 1_800..=2_678_400;
const USUAL: Duration = minutes(30);

/// Whether servers look at the bucket again without a change of it.
#[derive(Clone, Copy)]
pub(super) enum Reconcile {
    /// Nothing was said.
    Usual,
    Every(Duration),
    Never,
}

/// Has State Manager run the document on the servers, also at once on those that come.
pub(super) fn add(
    scope: &Scope,
    reconcile: Reconcile,
    document: &DocumentRef,
    servers: &[Servers],
    settings: &contract::Command<Json>,
) {
    let period = match (reconcile, servers) {
        (Reconcile::Every(period), [_]) => period,
        (Reconcile::Usual, [_]) => USUAL,
        (Reconcile::Every(_), _) => {
            let message = format!(
                "servers that look again by themselves are found by one tag, got {}",
                servers.len()
            );
            let help = "give them a tag of their own, or say `.without_reconcile()`";
            scope.error(&rules::BAD_FLEET, message, help);
            return;
        }
        (Reconcile::Usual | Reconcile::Never, _) => return,
    };
    let seconds = check_seconds(scope, "the time between two looks", period, PERIODS);
    if seconds % 60 != 0 {
        let message = format!("servers look every so many whole minutes, got {seconds} seconds");
        scope.error(&rules::BAD_DURATION, message, "such as `minutes(30)`");
    }
    let target = |servers: &Servers| {
        let values = servers.values().iter().cloned();
        l1::Target::new(format!("tag:{}", servers.tag()), values.collect::<Vec<_>>())
    };
    let mut association = cfn::ssm::Association::new(document.name().cast::<String>())
        .schedule_expression(format!("rate({} minutes)", seconds / 60))
        .targets(servers.iter().map(target).collect::<Vec<_>>());
    if let Some(most) = settings.max_concurrency {
        association = association.max_concurrency(most.to_string());
    }
    if let Some(most) = settings.max_errors {
        association = association.max_errors(most.to_string());
    }
    if let Some(bucket) = &settings.output.bucket {
        let place = l1::S3OutputLocation::new()
            .output_s3_bucket_name(Value::<String>::from_json(bucket.clone()));
        let place = l1::InstanceAssociationOutputLocation::new().s3_location(place);
        association = association.output_location(place);
    }
    scope.add("Reconcile", association);
}

/// Lets people ask for a run.
pub(super) fn on_demand(scope: &Scope, function: &FunctionRef) {
    let sync = Operation::invoke(function)
        .member(contract::SsmSync::SYNC)
        .summary("has all servers look at the bucket now");
    scope.add("sync", sync);
}
