//! The buckets of `submit`.

use aws_sdk_s3::types::{Tag, Tagging};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;

use super::S3;
use crate::failure::{Class, Failure};
use crate::sdk;
use crate::submit::ports::{Head, Object, Source};

/// Buckets of the function's region.
#[derive(Clone, Debug)]
pub struct Submissions(S3);

impl Submissions {
    /// The buckets of the region of this configuration.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        Self(S3::new(sdk, &region))
    }

    fn failed<E>(&self, operation: &str, error: &SdkError<E, HttpResponse>, head: &Head) -> Failure
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let failure = sdk::failure(operation, error);
        failure
            .about(&head.bucket, &head.key)
            .within(&self.0.region)
    }
}

impl Source for Submissions {
    async fn fetch(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        largest: u64,
    ) -> Result<Option<Object>, Failure> {
        const OPERATION: &str = "S3 GetObject";
        let about = |failure: Failure| failure.about(bucket, key).within(&self.0.region);
        let request = self.0.client.get_object().bucket(bucket).key(key);
        let request = request.set_version_id(version.map(str::to_owned));
        let output = match request.send().await {
            Ok(output) => output,
            // Removed for good. A bucket that is gone answers the same, and has no objects either.
            Err(SdkError::ServiceError(answer)) if answer.raw().status().as_u16() == 404 => {
                return Ok(None);
            }
            Err(error) => return Err(about(sdk::failure(OPERATION, &error))),
        };
        let size = output.content_length.unwrap_or_default().unsigned_abs();
        let head = Head {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: version.map(str::to_owned).or(output.version_id),
            etag: output.e_tag.unwrap_or_default(),
            size,
            content_type: output.content_type,
        };
        if size > largest {
            let content = None;
            return Ok(Some(Object { head, content }));
        }
        // What breaks off within the content is not tried again by the SDK, but by who sent the event.
        let content = output.body.collect().await.map_err(|problem| {
            let failure = Failure::new(Class::Unreachable, format!("the content: {problem}"));
            about(failure.during(OPERATION))
        })?;
        let content = Some(content.to_vec());
        Ok(Some(Object { head, content }))
    }

    async fn tags(&self, head: &Head) -> Result<Vec<(String, String)>, Failure> {
        let request = self.0.client.get_object_tagging();
        let request = request.bucket(&head.bucket).key(&head.key);
        let output = request.set_version_id(head.version_id.clone()).send().await;
        let output = output.map_err(|error| self.failed("S3 GetObjectTagging", &error, head))?;
        let tags = output.tag_set.into_iter();
        Ok(tags.map(|tag| (tag.key, tag.value)).collect())
    }

    async fn set_tags(&self, head: &Head, tags: &[(String, String)]) -> Result<(), Failure> {
        const OPERATION: &str = "S3 PutObjectTagging";
        let tag = |(name, value): &(String, String)| Tag::builder().key(name).value(value).build();
        let tags = tags.iter().map(tag).collect::<Result<Vec<_>, _>>();
        let tagging = tags.and_then(|tags| Tagging::builder().set_tag_set(Some(tags)).build());
        let tagging = tagging.map_err(|problem| {
            Failure::new(Class::Refused, problem.to_string()).during(OPERATION)
        })?;
        let request = self.0.client.put_object_tagging();
        let request = request.bucket(&head.bucket).key(&head.key).tagging(tagging);
        let done = request.set_version_id(head.version_id.clone()).send().await;
        done.map(drop)
            .map_err(|error| self.failed(OPERATION, &error, head))
    }
}
