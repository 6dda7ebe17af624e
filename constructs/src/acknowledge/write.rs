//! Writes exceptions into the metadata of the resources that they concern.

use cloudwright_synth::sorted::Map;

use cloudwright_synth::{Fact, Handle, Json, Recorded, ResourceRef, Text};

use super::table::{Finding, Row};
use crate::order;

/// An accepted finding, for a place in the tree and all below it.
pub(super) struct Exception {
    pub(super) finding: Finding,
    pub(super) reason: Text,
    /// Whether it is a mistake when no resource is concerned.
    pub(super) expected: bool,
}

/// What is accepted of one resource: the reason by finding. The first that is said stays.
struct Accepted {
    resource: Handle,
    reasons: Map<Finding, Text>,
}

impl Fact for Exception {
    const ORDER: u16 = order::EXCEPTIONS;

    fn merge(facts: Vec<Recorded<Self>>) {
        let mut accepted: Map<String, Accepted> = Map::new();
        // What a user says of a resource goes before what the library says of it.
        let (said, residual): (Vec<_>, Vec<_>) =
            facts.into_iter().partition(|fact| fact.fact.expected);
        for fact in said.into_iter().chain(residual) {
            spread(&fact, &mut accepted);
        }
        for (_, accepted) in accepted {
            write(&accepted.resource, &accepted.reasons);
        }
    }
}

/// Puts an exception onto every resource that it concerns.
fn spread(exception: &Recorded<Exception>, accepted: &mut Map<String, Accepted>) {
    let Recorded {
        fact,
        scope,
        location,
    } = exception;
    let row = fact.finding.row();
    if let Some(rule) = row.rule() {
        scope.accept_at(*location, rule, fact.expected && row.absent.is_empty());
    }
    let below = scope.descendants();
    let resources = below.iter().filter_map(cloudwright_synth::Scope::resource);
    let mut idle = true;
    for resource in resources.filter(|resource| concerns(row, resource)) {
        idle = false;
        let entry = accepted.or_insert_with(resource.scope().path(), || Accepted {
            resource,
            reasons: Map::new(),
        });
        let reason = || fact.reason.clone();
        entry.reasons.or_insert_with(fact.finding, reason);
    }
    if idle && fact.expected {
        super::report_idle(scope, *location, fact.finding);
    }
}

fn concerns(row: &Row, resource: &Handle) -> bool {
    let kind = resource.kind();
    let mut needed = row.only_with.iter().filter(|(of, _)| *of == &*kind);
    row.kinds.contains(&&*kind)
        && needed.all(|(_, property)| resource.property(property).is_some())
        && (row.absent.is_empty() || resource.property(row.absent).is_none())
}

/// Writes all four dialects, and our own.
fn write(resource: &Handle, reasons: &Map<Finding, Text>) {
    let names = |of: fn(&'static Row) -> &'static [&'static str]| {
        ids(reasons, of).map(|(id, _)| text(id)).collect::<Vec<_>>()
    };
    let guard = names(|row: &Row| row.guard);
    let lint = names(|row: &Row| row.cfn_lint);
    let checkov = explained(reasons, |row| row.checkov, "comment");
    let nag = explained(reasons, |row| row.cdk_nag, "reason");
    let nag = nag.into_iter().map(|entry| narrowed(entry, reasons));
    let nag = nag.collect();
    set(resource, "guard", "SuppressedRules", guard);
    set(resource, "checkov", "skip", checkov);
    if !lint.is_empty() {
        let config = Json::map([("ignore_checks", Json::List(lint))]);
        resource.metadata("cfn-lint", Json::map([("config", config)]));
    }
    set(resource, "cdk_nag", "rules_to_suppress", nag);
    let ours = explained(reasons, own, "reason");
    set(resource, "cloudwright", "acknowledged", ours);
}

/// The code of our own rule, as a list.
fn own(row: &'static Row) -> &'static [&'static str] {
    if row.own.is_empty() {
        &[]
    } else {
        std::slice::from_ref(&row.own)
    }
}

fn set(resource: &Handle, tool: &'static str, list: &'static str, entries: Vec<Json>) {
    if !entries.is_empty() {
        resource.metadata(tool, Json::map([(list, Json::List(entries))]));
    }
}

/// The ids of a tool with their reasons, as objects, in the order of the findings.
fn explained(
    reasons: &Map<Finding, Text>,
    of: fn(&'static Row) -> &'static [&'static str],
    reason_key: &'static str,
) -> Vec<Json> {
    let entry = |(id, reason): (&'static str, &Text)| {
        Json::map([("id", text(id)), (reason_key, Json::Text(reason.clone()))])
    };
    ids(reasons, of).map(entry).collect()
}

/// An entry of cdk-nag, for those findings of its id that are meant.
fn narrowed(mut entry: Json, reasons: &Map<Finding, Text>) -> Json {
    let rows = reasons.iter().map(|(finding, _)| finding.row());
    let id = entry.get("id").and_then(Json::as_text).unwrap_or_default();
    let only = rows
        .flat_map(|row| row.cdk_nag_only)
        .find(|(of, _)| *of == id);
    if let Some((_, pattern)) = only {
        let pattern = Json::map([("regex", text(pattern))]);
        entry.set("applies_to", Json::List(vec![pattern]));
    }
    entry
}

fn ids(
    reasons: &Map<Finding, Text>,
    of: fn(&'static Row) -> &'static [&'static str],
) -> impl Iterator<Item = (&'static str, &Text)> {
    reasons
        .iter()
        .flat_map(move |(finding, reason)| of(finding.row()).iter().map(move |id| (*id, reason)))
}

fn text(id: &'static str) -> Json {
    Json::Text(id.into())
}
