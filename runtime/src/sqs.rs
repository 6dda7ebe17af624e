//! The queue of `forward`, by the SDK's client.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchOutput;
use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::failure::{Class, Failure};
use crate::forward::{Message, Queue, Receipt, Refusal};
use crate::sdk;

const OPERATION: &str = "SQS SendMessageBatch";

/// A queue of SQS.
#[derive(Clone, Debug)]
pub struct Sqs {
    client: Client,
    url: String,
    region: String,
}

impl Sqs {
    /// The queue with this URL, in the region that the URL names, else the function's.
    #[must_use]
    pub fn new(sdk: &SdkConfig, url: String) -> Self {
        let (client, region) = client(sdk, &url);
        Self {
            client,
            url,
            region,
        }
    }
}

/// A client for the queue with this URL, and its region.
pub(crate) fn client(sdk: &SdkConfig, url: &str) -> (Client, String) {
    let own = sdk.region().map(ToString::to_string).unwrap_or_default();
    let region = region(url).unwrap_or(&own).to_owned();
    let configuration = aws_sdk_sqs::config::Builder::from(sdk)
        .region(Region::new(region.clone()))
        .build();
    (Client::from_conf(configuration), region)
}

impl Queue for Sqs {
    async fn send(&self, messages: &[Message]) -> Result<Receipt, Failure> {
        let about = |failure: Failure| failure.during(OPERATION).within(&self.region);
        let entries = messages.iter().map(entry).collect::<Result<_, _>>();
        let entries =
            entries.map_err(|problem| about(Failure::new(Class::Refused, problem.to_string())))?;
        let request = self.client.send_message_batch().queue_url(&self.url);
        let answer = request.set_entries(Some(entries)).send().await;
        match answer {
            Ok(output) => Ok(receipt(output)),
            Err(error) => Err(about(sdk::failure(OPERATION, &error))),
        }
    }
}

fn entry(message: &Message) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let order = message.order.clone();
    let (group, deduplication) = order
        .map(|order| (order.group, order.deduplication))
        .unzip();
    SendMessageBatchRequestEntry::builder()
        .id(&message.id)
        .message_body(&message.body)
        .set_message_group_id(group)
        .set_message_deduplication_id(deduplication)
        .build()
}

fn receipt(output: SendMessageBatchOutput) -> Receipt {
    let refusal = |entry: BatchResultErrorEntry| Refusal {
        id: entry.id,
        code: entry.code,
        message: entry.message.unwrap_or_default(),
        is_final: entry.sender_fault,
    };
    Receipt {
        accepted: (output.successful.into_iter())
            .map(|entry| entry.id)
            .collect(),
        refused: output.failed.into_iter().map(refusal).collect(),
    }
}

/// The region in the URL of a queue: `https://sqs.eu-central-1.amazonaws.com/..`.
fn region(url: &str) -> Option<&str> {
    let (_, address) = url.split_once("://")?;
    let mut labels = address.split('/').next()?.split('.');
    let first = labels.next()?;
    let region = labels.next()?;
    (first == "sqs" && labels.next() == Some("amazonaws")).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_names_the_region() {
        let found = |url| region(url);
        assert_eq!(
            found("https://sqs.us-west-2.amazonaws.com/123456789012/q"),
            Some("us-west-2")
        );
        assert_eq!(
            found("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q"),
            Some("cn-north-1")
        );
        assert_eq!(found("http://127.0.0.1:4566/000000000000/q"), None);
        assert_eq!(found("https://sqs.example.com/q"), None);
    }
}
