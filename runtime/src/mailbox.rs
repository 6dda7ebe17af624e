//! The queue of the worker and its dead-letter queue, by the SDK's client.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use aws_types::SdkConfig;

use crate::failure::{Class, Failure};
use crate::sdk;
use crate::sqs::client;
use crate::worker::ports::{Letter, Mailbox};

/// The attributes of a message that was given up: the kind of failure, and what is said about it.
pub const ERROR_TYPE: &str = "ErrorType";
/// See [`ERROR_TYPE`].
pub const REASON: &str = "Reason";

/// How much of a reason is kept, in characters. A message with its attributes has to stay below 256 KiB, and the original
/// of an event is far below that.
const LONGEST: usize = 4_000;

/// A queue and its dead-letter queue.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    region: String,
    url: String,
    buried: (Client, String),
    visibility: Duration,
}

impl Queues {
    /// The queues with these URLs; a message is hidden for so long when it is received.
    #[must_use]
    pub fn new(
        sdk: &SdkConfig,
        url: String,
        dead_letter_url: String,
        visibility: Duration,
    ) -> Self {
        let (own, region) = client(sdk, &url);
        let (other, _) = client(sdk, &dead_letter_url);
        Self {
            client: own,
            region,
            url,
            buried: (other, dead_letter_url),
            visibility,
        }
    }

    fn failed<E>(
        &self,
        operation: &str,
        error: &aws_smithy_runtime_api::client::result::SdkError<
            E,
            aws_smithy_runtime_api::client::orchestrator::HttpResponse,
        >,
    ) -> Failure
    where
        E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + 'static,
    {
        sdk::failure(operation, error).within(&self.region)
    }
}

impl Mailbox for Queues {
    async fn receive(&self, most: usize, wait: Duration) -> Result<Vec<Letter>, Failure> {
        let request = self.client.receive_message().queue_url(&self.url);
        let request = request
            .max_number_of_messages(i32::try_from(most).unwrap_or(1))
            .wait_time_seconds(seconds(wait))
            .visibility_timeout(seconds(self.visibility))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
        let output = request.send().await;
        let output = output.map_err(|error| self.failed("SQS ReceiveMessage", &error))?;
        let messages = output.messages.unwrap_or_default().into_iter();
        // Without a receipt nothing can be done about a message.
        Ok(messages
            .filter_map(|message| letter(message, &self.url))
            .collect())
    }

    async fn hide(&self, letter: &Letter, time: Duration) -> Result<(), Failure> {
        let request = self.client.change_message_visibility();
        let request = request.queue_url(&self.url).receipt_handle(&letter.receipt);
        let done = request.visibility_timeout(seconds(time)).send().await;
        done.map(drop)
            .map_err(|error| self.failed("SQS ChangeMessageVisibility", &error))
    }

    async fn remove(&self, letter: &Letter) -> Result<(), Failure> {
        let request = self.client.delete_message().queue_url(&self.url);
        let done = request.receipt_handle(&letter.receipt).send().await;
        done.map(drop)
            .map_err(|error| self.failed("SQS DeleteMessage", &error))
    }

    async fn bury(&self, letter: &Letter, reason: &Failure) -> Result<(), Failure> {
        const OPERATION: &str = "SQS SendMessage to the dead-letter queue";
        let text = |text: String| {
            let value = MessageAttributeValue::builder().data_type("String");
            let value = value.string_value(carried(&text)).build();
            value.map_err(|problem| {
                Failure::new(Class::Refused, problem.to_string()).during(OPERATION)
            })
        };
        let (client, url) = &self.buried;
        let mut request = client
            .send_message()
            .queue_url(url)
            .message_body(&letter.body);
        request = request
            .message_attributes(ERROR_TYPE, text(reason.class.name().to_owned())?)
            .message_attributes(REASON, text(reason.to_string())?);
        if url.ends_with(".fifo") {
            // A message that was sent and not yet removed is not sent twice; one that was put back and
            // failed again has another id.
            let group = letter.group.as_ref().unwrap_or(&letter.id);
            request = request
                .message_group_id(group)
                .message_deduplication_id(&letter.id);
        }
        let done = request.send().await;
        done.map(drop)
            .map_err(|error| self.failed(OPERATION, &error))
    }
}

fn letter(message: Message, url: &str) -> Option<Letter> {
    let mut attributes = message.attributes.unwrap_or_default();
    let mut attribute = |name| attributes.remove(&name);
    let receives = attribute(MessageSystemAttributeName::ApproximateReceiveCount);
    let group = attribute(MessageSystemAttributeName::MessageGroupId);
    Some(Letter {
        id: message.message_id?,
        receipt: message.receipt_handle?,
        body: message.body.unwrap_or_default(),
        // A standard queue's groups order nothing.
        group: group.filter(|_| url.ends_with(".fifo")),
        receives: receives.and_then(|text| text.parse().ok()).unwrap_or(1),
    })
}

/// SQS counts whole seconds.
fn seconds(time: Duration) -> i32 {
    i32::try_from(time.as_secs()).unwrap_or(i32::MAX)
}

/// The text with what SQS carries: no control characters but tab and line breaks, and not too long.
fn carried(text: &str) -> String {
    let is_carried = |one: char| {
        matches!(one, '\t' | '\n' | '\r') || (' '..'\u{fffe}').contains(&one) || one > '\u{ffff}'
    };
    let kept = |one: char| if is_carried(one) { one } else { '\u{fffd}' };
    text.chars().take(LONGEST).map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_holds_what_sqs_carries() {
        assert_eq!(carried("a\u{1}\u{ffff}\n🎉"), "a\u{fffd}\u{fffd}\n🎉");
        assert_eq!(carried(&"é".repeat(9_000)).chars().count(), LONGEST);
    }
}
