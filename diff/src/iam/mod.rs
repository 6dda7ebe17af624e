//! What policies allow that they did not allow before, and the other way round.
//!
//! Both templates are taken apart into grants: one action on one resource for one principal under
//! some conditions, held by a role, a user, a group or a resource. A grant of the new template that
//! no grant of the old one covers, wildcards counted, is an opening; so is a denial that is gone.
//! What belongs to one statement is told as one [`Permission`].

mod collect;
mod grant;
mod statement;

use cloudwright_spec::sorted::{self, sort};

use crate::compare::Elements;

use crate::model::{Access, Permission, Reason};

use grant::Grant;

/// The openings, then the closings.
pub(crate) fn changes(old: &Elements<'_>, new: &Elements<'_>) -> Vec<Permission> {
    let (old, new) = (collect::grants(old), collect::grants(new));
    let mut changes = news(&old, &new, Access::Opened);
    changes.extend(news(&new, &old, Access::Closed));
    sort(&mut changes);
    changes.dedup();
    changes
}

/// What `after` has and `before` has not. A new permission opens, a new denial closes.
fn news(before: &[Grant], after: &[Grant], access: Access) -> Vec<Permission> {
    let mut known: sorted::Map<_, Vec<&Grant>> = sorted::Map::new();
    for grant in before {
        known.or_default(grant.place()).push(grant);
    }
    let mut told: sorted::Map<_, Permission> = sorted::Map::new();
    for grant in after {
        let there = known.get(&grant.place()).map_or(&[][..], Vec::as_slice);
        if there.iter().any(|other| other.covers(grant)) {
            continue;
        }
        let reason = reason(grant, there);
        let key = (grant.place(), grant.statement, reason);
        let permission = told.or_insert_with(key, || start(grant, reason, access));
        add(&mut permission.actions, &grant.action);
        add(&mut permission.resources, &grant.resource);
        add(&mut permission.principals, &grant.principal);
    }
    told.into_iter().map(|(_, permission)| permission).collect()
}

fn start(grant: &Grant, reason: Reason, access: Access) -> Permission {
    let access = match (access, grant.denies) {
        (access, false) => access,
        (Access::Opened, true) => Access::Closed,
        (Access::Closed, true) => Access::Opened,
    };
    Permission {
        access,
        holder: grant.holder.clone(),
        kind: grant.kind,
        reason,
        denies: grant.denies,
        actions: Vec::new(),
        resources: Vec::new(),
        principals: Vec::new(),
        conditions: grant.conditions.clone(),
    }
}

fn add(list: &mut Vec<String>, item: &str) {
    if !item.is_empty() && !list.iter().any(|known| known == item) {
        list.push(item.to_owned());
        sort(list);
    }
}

/// In what a grant goes beyond those that were there: the one part that would have to be the same
/// for it to be covered.
fn reason(grant: &Grant, there: &[&Grant]) -> Reason {
    let alike = |part: Reason| there.iter().any(|other| other.covers_but(grant, part));
    let parts = [
        Reason::Conditions,
        Reason::Resources,
        Reason::Actions,
        Reason::Principals,
    ];
    parts
        .into_iter()
        .find(|part| alike(*part))
        .unwrap_or(Reason::Statement)
}
