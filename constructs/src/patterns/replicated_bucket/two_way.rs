//! Two-way replication: a function beside each bucket, and the table that they share.

use cloudwright_contract::{Mode, Tombstones};
use cloudwright_synth::{Json, Scope};

use super::copier::{Copier, Settings, let_read, let_write};
use super::places::Site;
use crate::dynamodb::{Attribute, Table};
use crate::iam::Statement;

/// The longest name of a table.
const TABLE_NAME: usize = 255;

/// Makes the table in the home region, and the functions.
pub(super) fn connect(scope: &Scope, settings: &Settings, sites: &[Site]) -> Vec<Copier> {
    let name = scope.physical_name(TABLE_NAME);
    let table = scope.add("Changes", changes(&name));
    let place = Tombstones {
        table: Json::Text(name.clone().into()),
        region: scope.region().as_json().clone(),
    };
    // By its known name: a reference would make every other stack wait for this one.
    let arn = scope.arn("dynamodb", format!("table/{name}"));
    let sides = sites.iter().enumerate();
    let sides = sides.map(|(index, own)| {
        let others: Vec<_> = [&sites[..index], &sites[index + 1..]].concat();
        let copier = settings.copier(own, &others, Mode::TwoWay(place.clone()));
        let filters = settings.chosen();
        for site in sites {
            let_read(&filters, &site.bucket, &copier.function);
            let_write(site, &copier.function);
        }
        let statement = Statement::allow(["dynamodb:GetItem", "dynamodb:UpdateItem"]);
        copier.function.add_statement(statement.on(&arn));
        if let Some(key) = table.key() {
            key.grant_encrypt_decrypt(&copier.function);
        }
        copier
    });
    sides.collect()
}

/// The table of the newest change of each object.
fn changes(name: &str) -> Table {
    Table::new(Attribute::string("key"))
        .time_to_live("expires")
        .table_name(name.to_owned())
}
