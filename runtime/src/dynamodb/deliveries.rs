//! What became of the objects of `submit`, in a table.

use std::collections::HashMap;

use aws_types::SdkConfig;

use super::{Condition, Item, Tables, number, number_of, text, text_of};
use crate::failure::Failure;
#[cfg(feature = "pipeline-status")]
use crate::pipeline_status::ports::{Mark, Row, Rows};
use crate::submit::ports::{Delivery, Head, Ledger, State};

const OBJECT: &str = "object";
const VERSION: &str = "version";
const STATE: &str = "state";
const ATTEMPTS: &str = "attempts";
const UNTIL: &str = "until";
const DETAIL: &str = "detail";
/// Which content it was about; a version is not told by lists of objects.
const ETAG: &str = "etag";

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
        item.insert(ETAG.to_owned(), text(&head.etag));
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

/// The tables of a function's region, to be read.
#[cfg(feature = "pipeline-status")]
#[derive(Clone, Debug)]
pub struct DeliveryTables(Tables);

#[cfg(feature = "pipeline-status")]
impl DeliveryTables {
    /// The tables in the function's region.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self(Tables::new(sdk, None))
    }
}

#[cfg(feature = "pipeline-status")]
impl Rows for DeliveryTables {
    async fn rows(
        &self,
        table: &str,
        object: Option<&str>,
        after: Option<Mark>,
    ) -> Result<(Vec<Row>, Option<Mark>), Failure> {
        let start = after.map(|(object, version)| {
            let names = [(OBJECT, object), (VERSION, version)];
            names
                .map(|(name, value)| (name.to_owned(), text(value)))
                .into()
        });
        let key = object.map(|object| (OBJECT, text(object)));
        let (items, last) = self.0.page(table, key, start).await?;
        let strange = |item: &Item, problem: String| {
            let object = text_of(item, OBJECT).ok().flatten().unwrap_or_default();
            self.0.strange(table, &object, &problem)
        };
        let row = |item: &Item| {
            Ok(Row {
                object: text_of(item, OBJECT)?.unwrap_or_default(),
                etag: text_of(item, ETAG)?,
                delivery: delivery(item)?,
            })
        };
        let rows = items
            .iter()
            .map(|item| row(item).map_err(|problem| strange(item, problem)));
        let mark = last.and_then(|item| {
            let part = |name| text_of(&item, name).ok().flatten();
            Some((part(OBJECT)?, part(VERSION)?))
        });
        Ok((rows.collect::<Result<_, Failure>>()?, mark))
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
