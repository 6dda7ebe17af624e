//! The tables of the handlers, by the SDK's client.

#[cfg(any(feature = "pipeline-status", feature = "submit"))]
mod deliveries;
#[cfg(feature = "index")]
mod items;
#[cfg(feature = "ssm-sync")]
mod notes;
#[cfg(feature = "cache-sync")]
mod packages;
#[cfg(feature = "index")]
mod whole;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
#[cfg(feature = "index")]
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use aws_types::region::Region;

#[cfg(feature = "index")]
use crate::cache_sync::index::Added;
use crate::failure::{Class, Failure};
use crate::sdk;

#[cfg(any(feature = "pipeline-status", feature = "submit"))]
pub use deliveries::Deliveries;
#[cfg(feature = "pipeline-status")]
pub use deliveries::DeliveryTables;
#[cfg(feature = "index")]
pub use items::ItemTable;
#[cfg(feature = "ssm-sync")]
pub use notes::Notes;
#[cfg(feature = "cache-sync")]
pub use packages::PackageIndexTables;

/// An item, by the names of its attributes.
type Item = HashMap<String, AttributeValue>;

/// A client of one region.
#[derive(Clone, Debug)]
struct Tables {
    client: Client,
    region: String,
    /// What the tables have to be like, where that is told.
    schema: &'static str,
}

impl Tables {
    /// The tables of a region, by default the function's.
    fn new(sdk: &SdkConfig, region: Option<&str>) -> Self {
        let own = sdk.region().map(ToString::to_string);
        let region = region.map_or(own.unwrap_or_default(), str::to_owned);
        let configuration = aws_sdk_dynamodb::config::Builder::from(sdk)
            .region(Region::new(region.clone()))
            .build();
        Self {
            client: Client::from_conf(configuration),
            region,
            schema: "",
        }
    }

    /// Tells what the tables have to be like with each request that is not valid for them.
    #[cfg(feature = "index")]
    const fn expecting(mut self, schema: &'static str) -> Self {
        self.schema = schema;
        self
    }

    async fn get(&self, table: &str, key: Item) -> Result<Option<Item>, Failure> {
        let request = self.client.get_item().table_name(table);
        let request = request.set_key(Some(key)).consistent_read(true);
        let output = request.send().await;
        let output = output.map_err(|error| self.failed("GetItem", table, &error))?;
        Ok(output.item)
    }

    /// Some items of a table, or of one partition of it, and the key of the last one if there are more.
    #[cfg(feature = "pipeline-status")]
    async fn page(
        &self,
        table: &str,
        partition: Option<(&str, AttributeValue)>,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), Failure> {
        let Some((name, value)) = partition else {
            let request = self.client.scan().table_name(table);
            let output = request.set_exclusive_start_key(start).send().await;
            let output = output.map_err(|error| self.failed("Scan", table, &error))?;
            return Ok((output.items.unwrap_or_default(), output.last_evaluated_key));
        };
        let request = self.client.query().table_name(table);
        let request = request
            .key_condition_expression("#n = :v")
            .expression_attribute_names("#n", name)
            .expression_attribute_values(":v", value);
        let output = request.set_exclusive_start_key(start).send().await;
        let output = output.map_err(|error| self.failed("Query", table, &error))?;
        Ok((output.items.unwrap_or_default(), output.last_evaluated_key))
    }

    async fn put(&self, table: &str, item: Item, condition: Condition) -> Result<bool, Failure> {
        let (text, names, values) = condition.parts();
        let request = self.client.put_item().table_name(table);
        let request = request
            .set_item(Some(item))
            .condition_expression(text)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values);
        self.written("PutItem", table, request.send().await)
    }

    /// Writes an item where none is, which the attribute of its key tells.
    #[cfg(feature = "index")]
    async fn add(&self, table: &str, item: Item, key: &str) -> Result<Added<Item>, Failure> {
        use aws_sdk_dynamodb::operation::put_item::PutItemError;
        let (text, names, _) = Condition::default().is(key, None).parts();
        let request = self.client.put_item().table_name(table);
        let request = request
            .set_item(Some(item))
            .condition_expression(text)
            .set_expression_attribute_names(names)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = request.send().await else {
            return Ok(Added::Written);
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(there)) => {
                Ok(Added::Not(there.item.clone()))
            }
            _ => Err(self.failed("PutItem", table, &error)),
        }
    }

    /// Removes an item if it is as the condition says.
    #[cfg(feature = "index")]
    async fn delete(&self, table: &str, key: Item, condition: Condition) -> Result<bool, Failure> {
        let (text, names, values) = condition.parts();
        let request = self.client.delete_item().table_name(table);
        let request = request
            .set_key(Some(key))
            .condition_expression(text)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values);
        self.written("DeleteItem", table, request.send().await)
    }

    /// Whether a conditional write was done.
    fn written<T, E>(
        &self,
        operation: &str,
        table: &str,
        answer: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<bool, Failure>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match answer {
            Ok(_) => Ok(true),
            Err(error) if sdk::code(&error) == "ConditionalCheckFailedException" => Ok(false),
            Err(error) => Err(self.failed(operation, table, &error)),
        }
    }

    fn failed<E>(&self, operation: &str, table: &str, error: &SdkError<E, HttpResponse>) -> Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let operation = format!("DynamoDB {operation} on table {table}");
        let failure = sdk::failure(&operation, error).within(&self.region);
        match sdk::code(error) {
            "ValidationException" if !self.schema.is_empty() => failure.explained(self.schema),
            _ => failure,
        }
    }

    /// An item that is not as the handler, or whoever else writes the table, writes it.
    fn strange(&self, table: &str, item: &str, problem: &str) -> Failure {
        let failure = Failure::new(Class::Refused, format!("item {item:?}: {problem}"));
        failure
            .during(format!("DynamoDB table {table}"))
            .within(&self.region)
    }
}

/// What an item has to be like to be written.
#[derive(Debug, Default)]
struct Condition {
    terms: Vec<String>,
    names: HashMap<String, String>,
    values: Item,
}

impl Condition {
    /// The attribute is this, or is not there.
    fn is(mut self, name: &str, value: Option<AttributeValue>) -> Self {
        // Names may be words of the language, so that none stands for itself.
        let (place, held) = (
            format!("#a{}", self.terms.len()),
            format!(":v{}", self.terms.len()),
        );
        self.terms.push(match value {
            None => format!("attribute_not_exists({place})"),
            Some(value) => {
                let term = format!("{place} = {held}");
                self.values.insert(held, value);
                term
            }
        });
        self.names.insert(place, name.to_owned());
        self
    }

    fn parts(self) -> (String, Option<HashMap<String, String>>, Option<Item>) {
        // DynamoDB refuses an empty list of values.
        let values = (!self.values.is_empty()).then_some(self.values);
        (self.terms.join(" AND "), Some(self.names), values)
    }
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn number(number: &impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A text attribute of an item, if it has it.
fn text_of(item: &Item, name: &str) -> Result<Option<String>, String> {
    match item.get(name) {
        None => Ok(None),
        Some(AttributeValue::S(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("attribute {name}: got {other:?}, expected a text")),
    }
}

/// A number attribute of an item.
fn number_of<N: std::str::FromStr>(item: &Item, name: &str) -> Result<N, String> {
    let wrong = || {
        format!(
            "attribute {name}: got {:?}, expected a number",
            item.get(name)
        )
    };
    match item.get(name) {
        Some(AttributeValue::N(number)) => number.parse().map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}
