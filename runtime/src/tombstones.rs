//! The table of two-way replication, by the SDK's client.
//!
//! One item for each key: `key` (text), the hash key; for each bucket a map `at:<bucket>` with
//! `sequencer`, `time` (milliseconds since 1970) and, where there are, `etag` and `version`; `writers`,
//! a set of function names; and `expires`, the second since 1970 after which DynamoDB may forget it.
//! A change is written only over an earlier one of the same bucket, by its sequencer.

use std::collections::HashMap;
use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use aws_types::region::Region;
use cloudwright_contract::Tombstones;

use crate::failure::{Class, Failure};
use crate::intake::Sequencer;
use crate::replicate::two_way::record::{Entry, Ledger, Record};
use crate::sdk;

/// How long a change is remembered: longer than an event can wait in a queue and then in its failure
/// queue, 14 days in each.
const REMEMBERED_SECONDS: i64 = 30 * 86_400;

/// What is before a bucket's name in the name of its attribute.
const SITE: &str = "at:";

/// The table that all functions of a replication share.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
    region: String,
}

type Item = HashMap<String, AttributeValue>;

impl Table {
    /// The table with this name in this region.
    #[must_use]
    pub fn new(sdk: &SdkConfig, tombstones: &Tombstones) -> Self {
        let configuration = aws_sdk_dynamodb::config::Builder::from(sdk)
            .region(Region::new(tombstones.region.clone()))
            .build();
        Self {
            client: Client::from_conf(configuration),
            name: tombstones.table.clone(),
            region: tombstones.region.clone(),
        }
    }

    fn update(&self, key: &str, writer: &str) -> UpdateItemFluentBuilder {
        let request = self.client.update_item().table_name(&self.name);
        let writer = AttributeValue::Ss(vec![writer.to_owned()]);
        request
            .key("key", text(key))
            .expression_attribute_names("#writers", "writers")
            .expression_attribute_values(":writer", writer)
            .return_values(ReturnValue::AllNew)
    }

    fn failed<E>(&self, operation: &str, error: &SdkError<E, HttpResponse>) -> Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let operation = format!("DynamoDB {operation} on table {}", self.name);
        sdk::failure(&operation, error).within(&self.region)
    }

    fn record(&self, item: Option<Item>) -> Result<Record, Failure> {
        let record = record(item.unwrap_or_default());
        record.map_err(|problem| {
            let operation = format!("DynamoDB table {}", self.name);
            let failure = Failure::new(Class::Refused, problem);
            failure.during(operation).within(&self.region)
        })
    }
}

impl Ledger for Table {
    async fn read(&self, key: &str) -> Result<Record, Failure> {
        let request = self.client.get_item().table_name(&self.name);
        let request = request.key("key", text(key)).consistent_read(true);
        let output = request.send().await;
        self.record(output.map_err(|error| self.failed("GetItem", &error))?.item)
    }

    async fn change(
        &self,
        key: &str,
        site: &str,
        entry: &Entry,
        writer: &str,
    ) -> Result<Record, Failure> {
        let expires = entry.time.div_euclid(1_000) + REMEMBERED_SECONDS;
        let sequencer = text(entry.sequencer.as_str());
        let request = self.update(key, writer);
        let request = request
            .update_expression("SET #site = :entry, #expires = :expires ADD #writers :writer")
            .condition_expression("attribute_not_exists(#site) OR #site.#sequencer < :sequencer")
            .expression_attribute_names("#site", format!("{SITE}{site}"))
            .expression_attribute_names("#sequencer", "sequencer")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_values(":entry", AttributeValue::M(attributes(entry)))
            .expression_attribute_values(":sequencer", sequencer)
            .expression_attribute_values(":expires", AttributeValue::N(expires.to_string()));
        match request.send().await {
            Ok(output) => self.record(output.attributes),
            Err(error) if sdk::code(&error) == "ConditionalCheckFailedException" => {
                self.read(key).await
            }
            Err(error) => Err(self.failed("UpdateItem", &error)),
        }
    }

    async fn sign(&self, key: &str, writer: &str) -> Result<Record, Failure> {
        let request = self.update(key, writer);
        let output = request.update_expression("ADD #writers :writer").send();
        let output = output.await;
        let output = output.map_err(|error| self.failed("UpdateItem", &error))?;
        self.record(output.attributes)
    }

    fn horizon(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = since.unwrap_or_default().as_secs();
        i64::try_from(now).unwrap_or(i64::MAX) - REMEMBERED_SECONDS
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn attributes(entry: &Entry) -> Item {
    let time = AttributeValue::N(entry.time.to_string());
    let always = [
        ("sequencer", Some(text(entry.sequencer.as_str()))),
        ("time", Some(time)),
        ("etag", entry.etag.as_deref().map(text)),
        ("version", entry.version.as_deref().map(text)),
    ];
    let held = always.into_iter();
    held.filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// What an item says, or which part of it no handler has written so.
fn record(item: Item) -> Result<Record, String> {
    let mut record = Record::default();
    for (name, value) in item {
        match (name.strip_prefix(SITE), value) {
            (Some(site), AttributeValue::M(held)) => {
                let entry = entry(&held);
                let entry = entry.ok_or_else(|| wrong(&name, &AttributeValue::M(held)))?;
                record.sites.insert(site.to_owned(), entry);
            }
            (Some(_), other) => return Err(wrong(&name, &other)),
            (None, AttributeValue::Ss(writers)) if name == "writers" => {
                record.writers = writers.into_iter().collect();
            }
            (None, _) => {}
        }
    }
    Ok(record)
}

fn wrong(name: &str, held: &AttributeValue) -> String {
    format!(
        "attribute {name:?}: got {held:?}, expected a map with the text `sequencer` and the number `time`"
    )
}

fn entry(held: &Item) -> Option<Entry> {
    let text = |name| held.get(name).and_then(|value| value.as_s().ok()).cloned();
    // Without its trailing zeros a sequencer of zeros is empty.
    let sequencer = Some(text("sequencer")?).filter(|digits| !digits.is_empty());
    Some(Entry {
        sequencer: Sequencer::new(sequencer.as_deref().unwrap_or("0"))?,
        time: held.get("time")?.as_n().ok()?.parse().ok()?,
        etag: text("etag"),
        version: text("version"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removal() -> Entry {
        Entry {
            sequencer: Sequencer::new("0055AED6DC").unwrap(),
            time: 1_769_860_800_123,
            etag: None,
            version: Some("v1".to_owned()),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let put = Entry {
            etag: Some("\"e\"".to_owned()),
            version: None,
            sequencer: Sequencer::new("00").unwrap(),
            ..removal()
        };
        let site = |entry| AttributeValue::M(attributes(entry));
        let item = HashMap::from([
            ("key".to_owned(), text("a b")),
            ("at:east".to_owned(), site(&put)),
            ("at:west".to_owned(), site(&removal())),
            (
                "writers".to_owned(),
                AttributeValue::Ss(vec!["sync".to_owned()]),
            ),
        ]);
        let record = record(item).unwrap();
        assert_eq!(
            (&record.sites["east"], &record.sites["west"]),
            (&put, &removal())
        );
        assert!(record.writers.contains("sync"));
        assert!(record.removes());
    }

    #[test]
    fn what_nobody_writes_is_refused() {
        for held in [text("x"), AttributeValue::M(HashMap::new())] {
            let problem = record(HashMap::from([("at:east".to_owned(), held)])).unwrap_err();
            assert!(
                problem.starts_with("attribute \"at:east\": got "),
                "{problem}"
            );
        }
    }
}
