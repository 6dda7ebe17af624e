//! The index of a program of one's own, in one table.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_types::SdkConfig;
use cloudwright_contract::ObjectIndex;

use super::whole::{Marks, key, names};
use super::{Condition, Item as Attributes, Tables, number, number_of, text, text_of};
use crate::cache_sync::index::{Added, Index, Mark, Page};
use crate::cache_sync::item::{Attribute, Item, KEY, MODIFIED};
use crate::failure::Failure;

/// What the table is like; told with what DynamoDB says of one that is not.
const SCHEMA: &str = "expected a table whose whole key is the partition key `key`, a text";

/// An index in one table.
#[derive(Clone, Debug)]
pub struct ItemTable {
    tables: Tables,
    table: String,
}

impl ItemTable {
    /// The index that the plan names.
    #[must_use]
    pub fn new(sdk: &SdkConfig, plan: &ObjectIndex) -> Self {
        Self {
            tables: Tables::new(sdk, plan.region.as_deref()).expecting(SCHEMA),
            table: plan.table.clone(),
        }
    }

    /// The row that the attributes under this id are.
    fn item(&self, id: &str, attributes: &Attributes) -> Result<Item, Failure> {
        let strange = |problem: String| self.tables.strange(&self.table, id, &problem);
        item(attributes).map_err(strange)
    }
}

impl Index for ItemTable {
    type Row = Item;

    async fn row(&self, id: &str) -> Result<Option<Item>, Failure> {
        let attributes = self.tables.get(&self.table, key(KEY, id)).await?;
        attributes.map(|found| self.item(id, &found)).transpose()
    }

    async fn add(&self, row: &Item) -> Result<Added<Item>, Failure> {
        let added = self.tables.add(&self.table, attributes(row), KEY).await?;
        added
            .or_read(|there| self.item(&row.key, &there), self.row(&row.key))
            .await
    }

    async fn put(&self, row: &Item, was: Option<&Item>) -> Result<bool, Failure> {
        let condition = unchanged(was);
        self.tables
            .put(&self.table, attributes(row), condition)
            .await
    }

    async fn remove(&self, was: &Item) -> Result<bool, Failure> {
        let (key, condition) = (key(KEY, &was.key), unchanged(Some(was)));
        self.tables.delete(&self.table, key, condition).await
    }

    async fn marks(&self, ids: &[String]) -> Result<BTreeMap<String, Mark>, Failure> {
        let marks = Marks {
            key: KEY,
            path: "#key",
            names: names([("#key", KEY), ("#modified", MODIFIED)]),
        };
        let found = self.tables.marks(&self.table, marks, ids).await?;
        Ok(found.iter().filter_map(mark).collect())
    }

    async fn ids(&self, from: Option<&str>) -> Result<Page, Failure> {
        self.tables.keys(&self.table, KEY, from).await
    }
}

/// What a row tells of its object; nothing if it is not as this program writes it.
fn mark(found: &Attributes) -> Option<(String, Mark)> {
    let key = text_of(found, KEY).ok()??;
    let modified = number_of(found, MODIFIED).ok()?;
    Some((key.clone(), Mark { key, modified }))
}

/// Nothing is there, or exactly this.
fn unchanged(was: Option<&Item>) -> Condition {
    let Some(was) = was else {
        return Condition::default().is(KEY, None);
    };
    let was = attributes(was).into_iter();
    let was = was
        .filter(|(name, _)| name != KEY)
        .collect::<BTreeMap<_, _>>();
    let is = |condition: Condition, (name, value): (String, _)| condition.is(&name, Some(value));
    was.into_iter().fold(Condition::default(), is)
}

fn attributes(item: &Item) -> Attributes {
    let own = item.attributes.iter();
    let own = own.map(|(name, attribute)| (name.clone(), value(attribute)));
    let always = [
        (KEY.to_owned(), text(&*item.key)),
        (MODIFIED.to_owned(), number(&item.modified)),
    ];
    own.chain(always).collect()
}

fn value(attribute: &Attribute) -> AttributeValue {
    match attribute {
        Attribute::Text(content) => text(content.clone()),
        Attribute::Number(count) => number(count),
        Attribute::Texts(texts) => {
            let texts = texts.iter();
            AttributeValue::M(
                texts
                    .map(|(name, content)| (name.clone(), text(content.clone())))
                    .collect(),
            )
        }
    }
}

fn item(found: &Attributes) -> Result<Item, String> {
    let named = text_of(found, KEY)?.unwrap_or_default();
    let others = found
        .keys()
        .filter(|name| *name != KEY && *name != MODIFIED);
    let others = others.map(|name| Ok((name.clone(), attribute(found, name)?)));
    Ok(Item {
        key: named,
        modified: number_of(found, MODIFIED)?,
        attributes: others.collect::<Result<_, String>>()?,
    })
}

fn attribute(found: &Attributes, name: &str) -> Result<Attribute, String> {
    match found.get(name) {
        Some(AttributeValue::S(content)) => Ok(Attribute::Text(content.clone())),
        Some(AttributeValue::N(_)) => number_of(found, name).map(Attribute::Number),
        Some(AttributeValue::M(texts)) => {
            let texts = texts
                .keys()
                .map(|entry| Ok((entry.clone(), text_of(texts, entry)?.unwrap_or_default())));
            let texts = texts.collect::<Result<_, String>>();
            texts.map(Attribute::Texts)
        }
        other => Err(format!(
            "attribute {name}: got {other:?}, expected a text, a whole number or a map of texts"
        )),
    }
}
