//! Tables of an index, page by page: the keys of all items, and what many items say of their objects.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Item, Tables, text, text_of};
use crate::cache_sync::index::Page;
use crate::failure::{Class, Failure};

/// How many items [one request](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html)
/// may ask for, and how many requests are under way at once.
const BATCH: usize = 100;
const AT_ONCE: usize = 10;

/// How many milliseconds to wait before each attempt to get what the attempt before left out.
const PAUSES: [u64; 6] = [0, 50, 200, 800, 3_200, 6_400];

/// What is asked of many items: their keys, as `#key`, when their objects were written, as `#modified`, and where these
/// are.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    /// The partition key.
    pub(super) key: &'static str,
    /// The path of the attribute that names the object; that of the key, if it is the same.
    pub(super) path: &'static str,
    /// What stands for names in paths.
    pub(super) names: HashMap<String, String>,
}

impl Tables {
    /// A page of the keys of all items of a table.
    pub(super) async fn keys(
        &self,
        table: &str,
        key: &str,
        from: Option<&str>,
    ) -> Result<Page, Failure> {
        let request = self.client.scan().table_name(table).consistent_read(true);
        let request = request
            .projection_expression("#key")
            .expression_attribute_names("#key", key)
            .set_exclusive_start_key(from.map(|from| self::key(key, from)));
        let page = request.send().await;
        let page = page.map_err(|error| self.failed("Scan", table, &error))?;
        let strange = |problem: String| self.strange(table, "", &problem);
        let mut entries = Vec::new();
        for item in page.items.unwrap_or_default() {
            entries.extend(text_of(&item, key).map_err(strange)?);
        }
        let last = page.last_evaluated_key.unwrap_or_default();
        let next = text_of(&last, key).map_err(strange)?;
        Ok(Page { entries, next })
    }

    /// What the items with these keys say, of those that are there.
    pub(super) async fn marks(
        &self,
        table: &str,
        marks: Marks,
        keys: &[String],
    ) -> Result<Vec<Item>, Failure> {
        let batches = keys
            .chunks(BATCH)
            .map(|batch| self.some_marks(table, &marks, batch));
        let found: Vec<Vec<Item>> = stream::iter(batches)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The marks of up to 100 items. What DynamoDB leaves out for now is asked for again.
    async fn some_marks(
        &self,
        table: &str,
        marks: &Marks,
        all: &[String],
    ) -> Result<Vec<Item>, Failure> {
        let mut keys: Vec<_> = all.iter().map(|one| key(marks.key, one)).collect();
        let mut items = Vec::new();
        for pause in PAUSES {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let wanted = marks.request(std::mem::take(&mut keys))?;
            let request = self.client.batch_get_item();
            let output = request.request_items(table, wanted).send().await;
            let mut output = output.map_err(|error| self.failed("BatchGetItem", table, &error))?;
            let found = output.responses.as_mut();
            items.extend(
                found
                    .and_then(|found| found.remove(table))
                    .unwrap_or_default(),
            );
            let left = output.unprocessed_keys.as_mut();
            let left = left.and_then(|left| left.remove(table));
            keys = left.map(|left| left.keys).unwrap_or_default();
            if keys.is_empty() {
                return Ok(items);
            }
        }
        let (left, all) = (keys.len(), all.len());
        let message = format!("{left} of {all} items were left out each time");
        let failure = Failure::new(Class::Throttled, message);
        let operation = format!("DynamoDB BatchGetItem on table {table}");
        Err(failure.during(operation).within(&self.region))
    }
}

impl Marks {
    fn request(&self, keys: Vec<Item>) -> Result<KeysAndAttributes, Failure> {
        let mut attributes = vec!["#key", "#modified"];
        attributes.extend(Some(self.path).filter(|path| !attributes.contains(path)));
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .projection_expression(attributes.join(", "))
            .set_expression_attribute_names(Some(self.names.clone()))
            .build();
        wanted.map_err(|problem| {
            let failure = Failure::new(Class::Refused, problem.to_string());
            failure.during("DynamoDB BatchGetItem")
        })
    }
}

pub(super) fn key(name: &str, value: &str) -> Item {
    HashMap::from([(name.to_owned(), text(value))])
}

pub(super) fn names<const N: usize>(names: [(&str, &str); N]) -> HashMap<String, String> {
    let owned = |(place, name): (&str, &str)| (place.to_owned(), name.to_owned());
    names.into_iter().map(owned).collect()
}
