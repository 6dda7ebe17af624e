//! Replacement that spreads: a resource that reads a replaced one may have to be replaced too.

use cloudwright_spec::sorted::{self, Set, sort, sort_by};

use crate::compare::Elements;
use crate::facts::{self, Facts};
use crate::model::{Action, Replacement, ResourceChange};
use crate::references;

/// Who reads whom: for each resource the readers and the property that does.
type Readers = sorted::Map<String, Vec<(String, String)>>;

/// Marks, and adds where nothing else changes, the resources that read a replaced one in a property
/// that cannot change in place.
pub(crate) fn propagate(
    changes: &mut Vec<ResourceChange>,
    new: &Elements<'_>,
    facts: &mut Facts<'_>,
) {
    let readers = readers(new);
    let mut waiting: Vec<String> = changes
        .iter()
        .filter(|change| change.replacement != Replacement::No && change.action != Action::Remove)
        .map(|change| change.id.clone())
        .collect();
    let mut told: Set<(String, String)> = Set::new();
    while let Some(replaced) = waiting.pop() {
        for (reader, path) in readers.get(&replaced).into_iter().flatten() {
            let kind = new[reader.as_str()]["Type"].as_str().unwrap_or_default();
            let Some(known) = facts.of(kind) else {
                continue;
            };
            let is_new = told.insert((reader.clone(), path.clone()));
            if !is_new || facts::replacement(known, path) == Replacement::No {
                continue;
            }
            let change = entry(changes, reader, kind);
            if change.action == Action::Add {
                continue;
            }
            if change.replacement == Replacement::No {
                change.replacement = Replacement::Maybe;
                waiting.push(reader.clone());
            }
            change
                .because
                .push(format!("{path} reads {replaced}, which is replaced"));
        }
    }
    for change in changes.iter_mut() {
        sort(&mut change.because);
    }
    sort_by(changes, |a, b| a.id.cmp(&b.id));
}

fn entry<'c>(changes: &'c mut Vec<ResourceChange>, id: &str, kind: &str) -> &'c mut ResourceChange {
    let known = changes.iter().position(|change| change.id == id);
    let index = known.unwrap_or_else(|| {
        changes.push(ResourceChange::new(id, kind, Action::Modify));
        changes.len() - 1
    });
    &mut changes[index]
}

fn readers(resources: &Elements<'_>) -> Readers {
    let mut readers = Readers::new();
    for (id, body) in resources {
        let Some(properties) = body.get("Properties") else {
            continue;
        };
        references::each(properties, "", &mut |target, path| {
            if target != *id {
                let read = ((*id).to_owned(), path.to_owned());
                readers.or_default(target.to_owned()).push(read);
            }
        });
    }
    readers
}
