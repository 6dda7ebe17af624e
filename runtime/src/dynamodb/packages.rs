//! The package index of `cache-sync`, in the tables of a pypicloud server.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_types::SdkConfig;
use cloudwright_contract::PackageTables;

use super::whole::{Marks, key, names};
use super::{Condition, Item, Tables, number, number_of, text, text_of};
use crate::cache_sync::index::{Added, Index, Mark, Page};
use crate::cache_sync::package::{PATH, Package};
use crate::cache_sync::projection::Summary;
use crate::failure::Failure;

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

/// What the tables are like; told with what DynamoDB says of those that are not.
const SCHEMA: &str = "expected the partition key `filename` and the index `name-index` on `name` in the table of the \
                      files, and the partition key `name` in that of the names, all texts";

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
            tables: Tables::new(sdk, tables.region.as_deref()).expecting(SCHEMA),
            packages: tables.packages,
            summaries: tables.summaries,
        }
    }

    /// The package that an item of this file is.
    fn package(&self, file: &str, item: &Item) -> Result<Package, Failure> {
        let strange = |problem: String| self.tables.strange(&self.packages, file, &problem);
        package(item).map_err(strange)
    }
}

impl Index for PackageIndexTables {
    type Row = Package;

    fn lag(&self) -> Duration {
        LAG
    }

    async fn row(&self, file: &str) -> Result<Option<Package>, Failure> {
        let item = self.tables.get(&self.packages, key(FILE, file)).await?;
        item.map(|item| self.package(file, &item)).transpose()
    }

    async fn add(&self, package: &Package) -> Result<Added<Package>, Failure> {
        let added = self.tables.add(&self.packages, item(package), FILE).await?;
        added
            .or_read(
                |there| self.package(&package.file, &there),
                self.row(&package.file),
            )
            .await
    }

    async fn put(&self, package: &Package, was: Option<&Package>) -> Result<bool, Failure> {
        self.tables
            .put(&self.packages, item(package), unchanged(was))
            .await
    }

    async fn remove(&self, was: &Package) -> Result<bool, Failure> {
        let (key, condition) = (key(FILE, &was.file), unchanged(Some(was)));
        self.tables.delete(&self.packages, key, condition).await
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
            let key = key(NAME, name);
            return self.tables.delete(&self.summaries, key, condition).await;
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
        let marks = Marks {
            key: FILE,
            path: "#data.#path",
            names: names([
                ("#key", FILE),
                ("#modified", MODIFIED),
                ("#data", DATA),
                ("#path", PATH),
            ]),
        };
        let items = self.tables.marks(&self.packages, marks, files).await?;
        Ok(items.iter().filter_map(mark).collect())
    }

    async fn ids(&self, from: Option<&str>) -> Result<Page, Failure> {
        self.tables.keys(&self.packages, FILE, from).await
    }

    async fn groups(&self, from: Option<&str>) -> Result<Page, Failure> {
        self.tables.keys(&self.summaries, NAME, from).await
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
        key: path.unwrap_or_default(),
        modified: number_of(item, MODIFIED).ok()?,
    };
    Some((file, mark))
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
