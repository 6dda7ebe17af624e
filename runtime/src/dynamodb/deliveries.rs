//! What became of the objects of `submit`, in a table.

use std::collections::HashMap;

use aws_types::SdkConfig;

use super::{Condition, Item, Tables, number, number_of, text, text_of};
use crate::failure::Failure;
use crate::submit::ports::{Delivery, Head, Ledger, State};

const OBJECT: &str = "object";
const VERSION: &str = "version";
const STATE: &str = "state";
const ATTEMPTS: &str = "attempts";
const UNTIL: &str = "until";
const DETAIL: &str = "detail";

/// A table of deliveries: partition key `object`, sort key `version`.
#[derive(Clone, Debug)]
pub struct Deliveries {
    tables: Tables,
    table: String,
}

impl Deliveries {
    /// The table with this name, in the function's region.
    #[must_use]
    pub fn new(sdk: &SdkConfig, table: String) -> Self {
        let tables = Tables::new(sdk, None);
        Self { tables, table }
    }
}

impl Ledger for Deliveries {
    async fn read(&self, head: &Head) -> Result<Option<Delivery>, Failure> {
        let item = self.tables.get(&self.table, key(head)).await?;
        let strange = |problem: String| self.tables.strange(&self.table, &head.object(), &problem);
        item.map(|item| delivery(&item).map_err(strange))
            .transpose()
    }

    async fn write(
        &self,
        head: &Head,
        new: &Delivery,
        was: Option<&Delivery>,
    ) -> Result<bool, Failure> {
        let mut item = key(head);
        item.extend(attributes(new));
        let unchanged = match was {
            None => Condition::default().is(OBJECT, None),
            Some(was) => Condition::default()
                .is(STATE, Some(text(was.state.name())))
                .is(ATTEMPTS, Some(number(&was.attempts)))
                .is(UNTIL, Some(number(&was.until))),
        };
        self.tables.put(&self.table, item, unchanged).await
    }
}

fn key(head: &Head) -> Item {
    let names = [
        (OBJECT, head.object()),
        (VERSION, head.version().to_owned()),
    ];
    let owned = |(name, value): (&str, String)| (name.to_owned(), text(value));
    names.map(owned).into()
}

fn attributes(delivery: &Delivery) -> Item {
    let mut item = HashMap::from([
        (STATE.to_owned(), text(delivery.state.name())),
        (ATTEMPTS.to_owned(), number(&delivery.attempts)),
        (UNTIL.to_owned(), number(&delivery.until)),
    ]);
    let detail = delivery.detail.clone();
    item.extend(detail.map(|detail| (DETAIL.to_owned(), text(detail))));
    item
}

fn delivery(item: &Item) -> Result<Delivery, String> {
    let name = text_of(item, STATE)?.unwrap_or_default();
    let state = name.parse::<State>();
    Ok(Delivery {
        state: state.map_err(|_| format!("attribute {STATE}: got {name:?}, expected a state"))?,
        attempts: number_of(item, ATTEMPTS)?,
        until: number_of(item, UNTIL)?,
        detail: text_of(item, DETAIL)?,
    })
}
