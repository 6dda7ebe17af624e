//! Two-way replication: a function beside each bucket, and the table that they share.

use cloudwright_contract::{Mode, Tombstones};
use cloudwright_synth::{Json, Scope, Value, Verb};

use super::copier::{Copier, Settings, let_read, let_write};
use super::places::Site;
use crate::dynamodb::{Attribute, Table, TableRef};
use crate::iam::Statement;
use crate::lambda::FunctionRef;

/// The longest name of a table.
const TABLE_NAME: usize = 255;

/// The table of the newest change of each object, in the home region.
#[derive(Clone)]
pub(super) struct Changes {
    table: TableRef,
    /// By its known name: a reference would make every other stack wait for this one.
    arn: Value<String>,
    place: Tombstones<Json>,
}

impl Changes {
    /// Makes the table.
    pub(super) fn add(scope: &Scope) -> Self {
        let name = scope.physical_name(TABLE_NAME);
        let table = Table::new(Attribute::string("key"))
            .time_to_live("expires")
            .table_name(name.clone());
        Self {
            table: scope.add("Changes", table),
            arn: scope.arn("dynamodb", format!("table/{name}")),
            place: Tombstones {
                table: Json::Text(name.into()),
                region: scope.region().as_json().clone(),
            },
        }
    }

    /// What a function is told.
    pub(super) fn mode(&self) -> Mode<Json> {
        Mode::TwoWay(self.place.clone())
    }

    /// Lets a function bring all buckets to the newest change.
    pub(super) fn let_in(&self, settings: &Settings, sites: &[Site], function: &FunctionRef) {
        let filters = settings.chosen();
        for site in sites {
            let_read(&filters, &site.bucket, function);
            let_write(site, function);
        }
        let statement = Statement::allow(["dynamodb:GetItem", "dynamodb:UpdateItem"]);
        function.add_statement(statement.on(&self.arn));
        for verb in [Verb::MayRead, Verb::MayWrite] {
            function.scope().edge(verb, self.table.scope(), "changes");
        }
        if let Some(key) = self.table.key() {
            key.grant_encrypt_decrypt(function);
        }
    }
}

/// Makes the functions.
pub(super) fn connect(changes: &Changes, settings: &Settings, sites: &[Site]) -> Vec<Copier> {
    let sides = sites.iter().enumerate();
    let sides = sides.map(|(index, own)| {
        let others: Vec<_> = [&sites[..index], &sites[index + 1..]].concat();
        let copier = settings.copier(own, &others, changes.mode());
        changes.let_in(settings, sites, &copier.function);
        copier
    });
    sides.collect()
}
