//! Names of tables, each of which an account and region has once.

use cloudwright_synth::sorted::Map;
use cloudwright_synth::{Fact, Recorded, Scope, Text};

use crate::{order, rules};

/// That an index makes tables of these names.
struct Made {
    scope: Scope,
    names: [Text; 2],
}

/// Says that an index makes tables of these names.
#[track_caller]
pub(super) fn made(scope: &Scope, names: [Text; 2]) {
    let made = Made {
        scope: scope.clone(),
        names,
    };
    scope.record(made);
}

impl Fact for Made {
    const ORDER: u16 = order::PACKAGE_TABLES;

    fn merge(facts: Vec<Recorded<Self>>) {
        let mut known: Map<String, String> = Map::new();
        for Recorded { fact, location, .. } in facts {
            let path = fact.scope.path();
            let taken = |name: &Text| {
                let other = known.insert(key(&fact.scope, name), path.clone())?;
                Some((name.clone(), other))
            };
            let Some((name, other)) = fact.names.iter().find_map(taken) else {
                continue;
            };
            let message = format!("`{other}` makes a table \"{name}\" here already");
            let help = "give one of the two a namespace, here and in its server's `db.namespace`: `PackageTables::new().namespace(\"staging-\")`";
            fact.scope
                .error_at(location, &rules::CONTRADICTION, message, help);
        }
    }
}

/// What no other table shares: where it is, as far as that is known, and its name.
fn key(scope: &Scope, name: &str) -> String {
    let environment = scope.environment();
    match (environment.account_id(), environment.region_name()) {
        (Some(account), Some(region)) => format!("{account}/{region}/{name}"),
        _ => format!("{}//{name}", scope.stack().path()),
    }
}
