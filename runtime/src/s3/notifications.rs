//! The buckets of `bucket-notifications`.

use std::fmt::Display;

use aws_sdk_s3::types::{
    Event, EventBridgeConfiguration, FilterRule, FilterRuleName, LambdaFunctionConfiguration,
    NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
    TopicConfiguration,
};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;

use super::S3;
use crate::bucket_notifications::entries::{Configuration, Entry, Service};
use crate::bucket_notifications::{Buckets, REQUEST_TIME};
use crate::failure::{Class, Failure};
use crate::sdk;

const READ: &str = "S3 GetBucketNotificationConfiguration";
const WRITE: &str = "S3 PutBucketNotificationConfiguration";

/// The notifications of the buckets of a region.
#[derive(Clone, Debug)]
pub struct NotifyingBuckets {
    s3: S3,
}

impl NotifyingBuckets {
    /// Buckets in the function's region. Nothing is sent twice: what was read is too old by then.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let timeouts = TimeoutConfig::builder().operation_timeout(REQUEST_TIME);
        let once = sdk
            .to_builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts.build());
        Self {
            s3: S3::new(&once.build(), &region),
        }
    }

    fn about(&self, failure: Failure, bucket: &str) -> Failure {
        failure.inside(bucket).within(&self.s3.region)
    }
}

impl Buckets for NotifyingBuckets {
    async fn read(&self, bucket: &str) -> Result<Configuration, Failure> {
        let request = self.s3.client.get_bucket_notification_configuration();
        let answer = request.bucket(bucket).send().await;
        let found = answer.map_err(|error| self.about(sdk::failure(READ, &error), bucket))?;
        let mut entries = Vec::new();
        for to in found.lambda_function_configurations() {
            entries.push(entry(
                to.id(),
                Service::Lambda,
                &to.lambda_function_arn,
                &to.events,
                to.filter(),
            ));
        }
        for to in found.queue_configurations() {
            entries.push(entry(
                to.id(),
                Service::Sqs,
                &to.queue_arn,
                &to.events,
                to.filter(),
            ));
        }
        for to in found.topic_configurations() {
            entries.push(entry(
                to.id(),
                Service::Sns,
                &to.topic_arn,
                &to.events,
                to.filter(),
            ));
        }
        Ok(Configuration {
            entries,
            event_bridge: found.event_bridge_configuration().is_some(),
        })
    }

    async fn write(
        &self,
        bucket: &str,
        configuration: &Configuration,
        skip_validation: bool,
    ) -> Result<(), Failure> {
        let document = document(configuration).map_err(|problem| self.about(problem, bucket))?;
        let request = (self.s3.client.put_bucket_notification_configuration())
            .bucket(bucket)
            .notification_configuration(document)
            .set_skip_destination_validation(skip_validation.then_some(true));
        let answer = request.send().await;
        let answer = answer.map_err(|error| self.about(sdk::failure(WRITE, &error), bucket));
        answer.map(|_| ())
    }
}

fn entry(
    id: Option<&str>,
    service: Service,
    arn: &str,
    events: &[Event],
    filter: Option<&NotificationConfigurationFilter>,
) -> Entry {
    let key = filter.and_then(NotificationConfigurationFilter::key);
    let rules = key.map(S3KeyFilter::filter_rules).unwrap_or_default();
    let rule = |rule: &FilterRule| {
        let name = rule.name().map(FilterRuleName::as_str).unwrap_or_default();
        (name.to_owned(), rule.value().unwrap_or_default().to_owned())
    };
    Entry {
        id: id.unwrap_or_default().to_owned(),
        service,
        arn: arn.to_owned(),
        events: events
            .iter()
            .map(|event| event.as_str().to_owned())
            .collect(),
        rules: rules.iter().map(rule).collect(),
    }
}

fn document(configuration: &Configuration) -> Result<NotificationConfiguration, Failure> {
    let bridge = configuration.event_bridge;
    let bridge = bridge.then(|| EventBridgeConfiguration::builder().build());
    let mut document = NotificationConfiguration::builder().set_event_bridge_configuration(bridge);
    for entry in &configuration.entries {
        let id = Some(entry.id.clone()).filter(|id| !id.is_empty());
        let (arn, events, filter) = (&entry.arn, Some(events(entry)), filter(entry));
        document = match entry.service {
            Service::Lambda => {
                let to = LambdaFunctionConfiguration::builder()
                    .set_id(id)
                    .set_filter(filter);
                let to = to.lambda_function_arn(arn).set_events(events).build();
                document.lambda_function_configurations(to.map_err(incomplete)?)
            }
            Service::Sqs => {
                let to = QueueConfiguration::builder().set_id(id).set_filter(filter);
                let to = to.queue_arn(arn).set_events(events).build();
                document.queue_configurations(to.map_err(incomplete)?)
            }
            Service::Sns => {
                let to = TopicConfiguration::builder().set_id(id).set_filter(filter);
                let to = to.topic_arn(arn).set_events(events).build();
                document.topic_configurations(to.map_err(incomplete)?)
            }
        };
    }
    Ok(document.build())
}

fn events(entry: &Entry) -> Vec<Event> {
    let names = entry.events.iter();
    names.map(|name| Event::from(name.as_str())).collect()
}

fn filter(entry: &Entry) -> Option<NotificationConfigurationFilter> {
    let rules = entry.rules.iter().map(|(name, value)| {
        let name = FilterRuleName::from(name.as_str());
        FilterRule::builder().name(name).value(value).build()
    });
    let rules: Vec<_> = rules.collect();
    (!rules.is_empty()).then(|| {
        let key = S3KeyFilter::builder().set_filter_rules(Some(rules));
        NotificationConfigurationFilter::builder()
            .key(key.build())
            .build()
    })
}

fn incomplete(problem: impl Display) -> Failure {
    Failure::new(Class::Refused, problem.to_string())
}
