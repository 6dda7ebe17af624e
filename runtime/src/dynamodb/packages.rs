//! The package index of `cache-sync`, in the tables of a pypicloud server.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use aws_types::SdkConfig;
use cloudwright_contract::PackageTables;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Condition, Item, Tables, number, number_of, text, text_of};
use crate::cache_sync::index::{Index, Mark, Page};
use crate::cache_sync::package::{PATH, Package, Summary};
use crate::failure::{Class, Failure};

const FILE: &str = "filename";
const NAME: &str = "name";
const VERSION: &str = "version";
const SUMMARY: &str = "summary";
const MODIFIED: &str = "last_modified";
const DATA: &str = "data";

/// The index of the files by the name of their package.
const BY_NAME: &str = "name-index";

/// How long that index is taken to lag behind: it follows
/// [within a second](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.Writes)
/// unless something is wrong with the table.
const LAG: Duration = Duration::from_secs(1);

/// How many items [one request](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html)
/// may ask for, and how many requests are under way at once.
const BATCH: usize = 100;
const AT_ONCE: usize = 10;

/// How many milliseconds to wait before each attempt to get what the attempt before left out.
const PAUSES: [u64; 6] = [0, 50, 200, 800, 3_200, 6_400];

/// A package index in two tables.
#[derive(Clone, Debug)]
pub struct PackageIndexTables {
    tables: Tables,
    packages: String,
    summaries: String,
}

impl PackageIndexTables {
    /// The index in these tables.
    #[must_use]
    pub fn new(sdk: &SdkConfig, tables: PackageTables) -> Self {
        Self {
            tables: Tables::new(sdk, tables.region.as_deref()),
            packages: tables.packages,
            summaries: tables.summaries,
        }
    }

    /// A page of the keys of all items of a table.
    async fn keys(&self, table: &str, key: &str, from: Option<&str>) -> Result<Page, Failure> {
        let request = (self.tables.client.scan())
            .table_name(table)
            .consistent_read(true);
        let request = request
            .projection_expression("#key")
            .expression_attribute_names("#key", key)
            .set_exclusive_start_key(from.map(|from| self::key(key, from)));
        let page = request.send().await;
        let page = page.map_err(|error| self.tables.failed("Scan", table, &error))?;
        let strange = |problem: String| self.tables.strange(table, "", &problem);
        let mut entries = Vec::new();
        for item in page.items.unwrap_or_default() {
            entries.extend(text_of(&item, key).map_err(strange)?);
        }
        let last = page.last_evaluated_key.unwrap_or_default();
        let next = text_of(&last, key).map_err(strange)?;
        Ok(Page { entries, next })
    }

    /// The marks of up to 100 files. What DynamoDB leaves out for now is asked for again.
    async fn some_marks(&self, files: &[String]) -> Result<Vec<(String, Mark)>, Failure> {
        let mut keys: Vec<_> = files.iter().map(|file| key(FILE, file)).collect();
        let mut marks = Vec::new();
        for pause in PAUSES {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut keys)))
                .consistent_read(true)
                .projection_expression("#file, #modified, #data.#path")
                .set_expression_attribute_names(Some(names([
                    ("#file", FILE),
                    ("#modified", MODIFIED),
                    ("#data", DATA),
                    ("#path", PATH),
                ])))
                .build();
            let wanted = wanted.map_err(|problem| {
                let failure = Failure::new(Class::Refused, problem.to_string());
                failure.during("DynamoDB BatchGetItem")
            })?;
            let request = self.tables.client.batch_get_item();
            let output = request.request_items(&self.packages, wanted).send().await;
            let mut output = output
                .map_err(|error| self.tables.failed("BatchGetItem", &self.packages, &error))?;
            let found = output.responses.as_mut();
            let found = found.and_then(|found| found.remove(&self.packages));
            marks.extend(found.unwrap_or_default().iter().filter_map(mark));
            let left = output.unprocessed_keys.as_mut();
            let left = left.and_then(|left| left.remove(&self.packages));
            keys = left.map(|left| left.keys).unwrap_or_default();
            if keys.is_empty() {
                return Ok(marks);
            }
        }
        let message = format!(
            "{} of {} items were left out each time",
            keys.len(),
            files.len()
        );
        let failure = Failure::new(Class::Throttled, message);
        let operation = format!("DynamoDB BatchGetItem on table {}", self.packages);
        Err(failure.during(operation).within(&self.tables.region))
    }
}

impl Index for PackageIndexTables {
    fn lag(&self) -> Duration {
        LAG
    }

    async fn package(&self, file: &str) -> Result<Option<Package>, Failure> {
        let item = self.tables.get(&self.packages, key(FILE, file)).await?;
        let strange = |problem: String| self.tables.strange(&self.packages, file, &problem);
        item.map(|item| package(&item).map_err(strange)).transpose()
    }

    async fn put(&self, package: &Package, was: Option<&Package>) -> Result<bool, Failure> {
        self.tables
            .put(&self.packages, item(package), unchanged(was))
            .await
    }

    async fn remove(&self, was: &Package) -> Result<bool, Failure> {
        let (condition, names, values) = unchanged(Some(was)).parts();
        let request = self.tables.client.delete_item().table_name(&self.packages);
        let request = request
            .set_key(Some(key(FILE, &was.file)))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values);
        self.tables
            .written("DeleteItem", &self.packages, request.send().await)
    }

    async fn summary(&self, name: &str) -> Result<Option<Summary>, Failure> {
        let item = self.tables.get(&self.summaries, key(NAME, name)).await?;
        let strange = |problem: String| self.tables.strange(&self.summaries, name, &problem);
        item.map(|item| summary(&item).map_err(strange)).transpose()
    }

    async fn say(
        &self,
        name: &str,
        summary: Option<&Summary>,
        was: Option<&Summary>,
    ) -> Result<bool, Failure> {
        let condition = match was {
            None => Condition::default().is(NAME, None),
            Some(was) => Condition::default()
                .is(MODIFIED, Some(number(&was.modified)))
                .is(SUMMARY, was.text.clone().map(text)),
        };
        let Some(summary) = summary else {
            let (condition, names, values) = condition.parts();
            let request = self.tables.client.delete_item().table_name(&self.summaries);
            let request = request
                .set_key(Some(key(NAME, name)))
                .condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values);
            return self
                .tables
                .written("DeleteItem", &self.summaries, request.send().await);
        };
        let mut item = key(NAME, name);
        item.insert(MODIFIED.to_owned(), number(&summary.modified));
        item.extend(
            summary
                .text
                .clone()
                .map(|line| (SUMMARY.to_owned(), text(line))),
        );
        self.tables.put(&self.summaries, item, condition).await
    }

    async fn newest(&self, name: &str, except: &str) -> Result<Option<Summary>, Failure> {
        let request = self
            .tables
            .client
            .query()
            .table_name(&self.packages)
            .index_name(BY_NAME);
        let request = request
            .key_condition_expression("#name = :name")
            .projection_expression("#file, #modified, #summary")
            .set_expression_attribute_names(Some(names([
                ("#name", NAME),
                ("#file", FILE),
                ("#modified", MODIFIED),
                ("#summary", SUMMARY),
            ])))
            .expression_attribute_values(":name", text(name));
        let mut pages = request.into_paginator().send();
        let mut newest = None;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.tables.failed("Query", &self.packages, &error))?;
            for item in page.items.unwrap_or_default() {
                let strange = |problem: String| self.tables.strange(&self.packages, name, &problem);
                if text_of(&item, FILE).map_err(strange)?.as_deref() != Some(except) {
                    newest = newest.max(Some(summary(&item).map_err(strange)?));
                }
            }
        }
        Ok(newest)
    }

    async fn marks(&self, files: &[String]) -> Result<BTreeMap<String, Mark>, Failure> {
        let batches = files.chunks(BATCH).map(|batch| self.some_marks(batch));
        let marks: Vec<_> = stream::iter(batches)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(marks.into_iter().flatten().collect())
    }

    async fn files(&self, from: Option<&str>) -> Result<Page, Failure> {
        self.keys(&self.packages, FILE, from).await
    }

    async fn names(&self, from: Option<&str>) -> Result<Page, Failure> {
        self.keys(&self.summaries, NAME, from).await
    }
}

/// What a row tells of its object; nothing if it is not as anybody writes it, which whoever looks at the
/// row says.
fn mark(item: &Item) -> Option<(String, Mark)> {
    let file = text_of(item, FILE).ok()??;
    let path = match item.get(DATA) {
        Some(AttributeValue::M(data)) => text_of(data, PATH).ok()?,
        _ => None,
    };
    let mark = Mark {
        path: path.unwrap_or_default(),
        modified: number_of(item, MODIFIED).ok()?,
    };
    Some((file, mark))
}

fn key(name: &str, value: &str) -> Item {
    HashMap::from([(name.to_owned(), text(value))])
}

fn names<const N: usize>(names: [(&str, &str); N]) -> HashMap<String, String> {
    let owned = |(place, name): (&str, &str)| (place.to_owned(), name.to_owned());
    names.into_iter().map(owned).collect()
}

/// Nothing is there, or exactly this.
fn unchanged(was: Option<&Package>) -> Condition {
    match was {
        None => Condition::default().is(FILE, None),
        Some(was) => Condition::default()
            .is(NAME, Some(text(&was.name)))
            .is(VERSION, Some(text(&was.version)))
            .is(MODIFIED, Some(number(&was.modified)))
            .is(SUMMARY, was.summary.clone().map(text))
            .is(DATA, Some(data(&was.data))),
    }
}

fn item(package: &Package) -> Item {
    let summary = package.summary.clone();
    let attributes = [
        (FILE, Some(text(&package.file))),
        (NAME, Some(text(&package.name))),
        (VERSION, Some(text(&package.version))),
        (SUMMARY, summary.map(text)),
        (MODIFIED, Some(number(&package.modified))),
        (DATA, Some(data(&package.data))),
    ];
    let present = |(name, value): (&str, Option<AttributeValue>)| Some((name.to_owned(), value?));
    attributes.into_iter().filter_map(present).collect()
}

fn data(entries: &BTreeMap<String, String>) -> AttributeValue {
    let entries = entries
        .iter()
        .map(|(name, entry)| (name.clone(), text(entry)));
    AttributeValue::M(entries.collect())
}

fn package(item: &Item) -> Result<Package, String> {
    let required = |name: &str| {
        let found = text_of(item, name)?;
        found.ok_or_else(|| format!("attribute {name} is missing, expected a text"))
    };
    let Some(AttributeValue::M(entries)) = item.get(DATA) else {
        return Err(format!(
            "attribute {DATA}: got {:?}, expected a map",
            item.get(DATA)
        ));
    };
    let entries = (entries.keys())
        .map(|name| Ok((name.clone(), text_of(entries, name)?.unwrap_or_default())));
    Ok(Package {
        file: required(FILE)?,
        name: required(NAME)?,
        version: required(VERSION)?,
        modified: number_of(item, MODIFIED)?,
        summary: text_of(item, SUMMARY)?,
        data: entries.collect::<Result<_, String>>()?,
    })
}

fn summary(item: &Item) -> Result<Summary, String> {
    Ok(Summary {
        modified: number_of(item, MODIFIED)?,
        text: text_of(item, SUMMARY)?,
    })
}
