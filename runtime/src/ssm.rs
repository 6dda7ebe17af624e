//! The servers of `ssm-sync`, by the SDK's client.

mod memory;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{CloudWatchOutputConfig, Target};
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use cloudwright_contract::Limit;

use crate::failure::{Class, Failure};
use crate::sdk;
use crate::ssm_sync::{Fleet, Order};

pub use memory::Ledger;

const OPERATION: &str = "SSM SendCommand";

/// Systems Manager takes few commands in a second from a whole account, so it is tried more often than
/// the usual three times.
const ATTEMPTS: u32 = 5;

/// Systems Manager of a region.
#[derive(Clone, Debug)]
pub struct Ssm {
    client: Client,
    region: String,
}

impl Ssm {
    /// Systems Manager of the function's region.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        let configuration = aws_sdk_ssm::config::Builder::from(sdk)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .build();
        Self {
            client: Client::from_conf(configuration),
            region: sdk.region().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

impl Fleet for Ssm {
    async fn send(&self, order: &Order<'_>) -> Result<String, Failure> {
        let command = order.command;
        let output = &command.output;
        let prefix = Some(output.prefix.clone()).filter(|prefix| !prefix.is_empty());
        let text = |limit: Option<Limit>| limit.map(|limit| limit.to_string());
        let seconds = i32::try_from(command.delivery_seconds).ok();
        let request = (self.client.send_command())
            .document_name(&command.document)
            .set_document_version(command.document_version.clone())
            .set_targets(Some(targets(order)))
            .set_parameters(Some(order.parameters().into_iter().collect()))
            .set_timeout_seconds(seconds)
            .comment(order.comment())
            .set_max_concurrency(text(command.max_concurrency))
            .set_max_errors(text(command.max_errors))
            .set_output_s3_bucket_name(output.bucket.clone())
            .set_output_s3_key_prefix(prefix)
            .set_cloud_watch_output_config(output.log_group.as_deref().map(log_group));
        let about = |failure: Failure| failure.during(OPERATION).within(&self.region);
        let answer = request.send().await;
        let answer = answer.map_err(|error| about(sdk::failure(OPERATION, &error)))?;
        let command = answer.command();
        let id = command.and_then(|command| command.command_id());
        id.map(str::to_owned).ok_or_else(|| {
            let message = "the answer does not name a command";
            about(Failure::new(Class::ServiceFailed, message))
        })
    }
}

fn targets(order: &Order<'_>) -> Vec<Target> {
    let target = |target: &cloudwright_contract::Target| {
        Target::builder()
            .key(format!("tag:{}", target.tag))
            .set_values(Some(target.values.clone()))
            .build()
    };
    order.command.targets.iter().map(target).collect()
}

fn log_group(name: &str) -> CloudWatchOutputConfig {
    CloudWatchOutputConfig::builder()
        .cloud_watch_output_enabled(true)
        .cloud_watch_log_group_name(name)
        .build()
}
