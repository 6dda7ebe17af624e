//! The queues of `pipeline-status`, by the SDK's client.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use aws_types::SdkConfig;

use crate::failure::Failure;
use crate::pipeline_status::ports::Letters;
use crate::sdk;

/// The most messages of one answer.
const AT_ONCE: i32 = 10;

/// How many seconds an empty queue is waited for.
const WAIT: i32 = 1;

/// Queues of the function's region.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    region: String,
}

impl Queues {
    /// The queues of the region of this configuration.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self {
            client: Client::new(sdk),
            region: sdk.region().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

impl Letters for Queues {
    async fn count(&self, url: &str) -> Result<u64, Failure> {
        const OPERATION: &str = "SQS GetQueueAttributes";
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let request = self.client.get_queue_attributes().queue_url(url);
        let request = request.set_attribute_names(Some(names.to_vec()));
        let output = request.send().await;
        let output = output.map_err(|error| {
            sdk::failure(&format!("{OPERATION} on {url}"), &error).within(&self.region)
        })?;
        let held = output.attributes.unwrap_or_default();
        let number = |name| held.get(&name).and_then(|text| text.parse::<u64>().ok());
        Ok(names.into_iter().filter_map(number).sum())
    }

    async fn look(&self, url: &str) -> Result<Vec<(String, String)>, Failure> {
        const OPERATION: &str = "SQS ReceiveMessage";
        let request = self.client.receive_message().queue_url(url);
        // Nobody else shall miss them, and only who waits is answered by all servers of the queue.
        let request = request
            .visibility_timeout(0)
            .wait_time_seconds(WAIT)
            .max_number_of_messages(AT_ONCE);
        let output = request.send().await;
        let output = output.map_err(|error| {
            sdk::failure(&format!("{OPERATION} on {url}"), &error).within(&self.region)
        })?;
        let messages = output.messages.unwrap_or_default().into_iter();
        let text = messages.filter_map(|message| Some((message.message_id?, message.body?)));
        Ok(text.collect())
    }
}
