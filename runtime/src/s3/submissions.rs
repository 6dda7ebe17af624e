//! The buckets of `submit`.

use aws_sdk_s3::types::{Tag, Tagging};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;

use super::S3;
use crate::failure::{Class, Failure};
use crate::replicate::store::Store as _;
use crate::sdk;
use crate::submit::ports::{Head, Source};

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
    async fn look(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Option<Head>, Failure> {
        if version.is_none() {
            let object = self.0.look(bucket, key, None).await?;
            return Ok(object.map(|object| Head {
                bucket: bucket.to_owned(),
                key: key.to_owned(),
                version_id: object.version_id,
                etag: object.etag,
                size: object.size,
                content_type: object.headers.content_type,
            }));
        }
        let request = self.0.client.head_object().bucket(bucket).key(key);
        let output = match request
            .set_version_id(version.map(str::to_owned))
            .send()
            .await
        {
            Ok(output) => output,
            // Removed for good. A bucket that is gone answers the same, and has no objects either.
            Err(SdkError::ServiceError(answer)) if answer.raw().status().as_u16() == 404 => {
                return Ok(None);
            }
            Err(error) => {
                let failure = sdk::failure("S3 HeadObject", &error);
                return Err(failure.about(bucket, key).within(&self.0.region));
            }
        };
        Ok(Some(Head {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: version.map(str::to_owned),
            etag: output.e_tag.unwrap_or_default(),
            size: output.content_length.unwrap_or_default().unsigned_abs(),
            content_type: output.content_type,
        }))
    }

    async fn read(&self, head: &Head) -> Result<Option<Vec<u8>>, Failure> {
        const OPERATION: &str = "S3 GetObject";
        let request = self
            .0
            .client
            .get_object()
            .bucket(&head.bucket)
            .key(&head.key);
        let request = request
            .set_version_id(head.version_id.clone())
            .if_match(&head.etag);
        let output = match request.send().await {
            Ok(output) => output,
            Err(error)
                if matches!(
                    sdk::code(&error),
                    "PreconditionFailed" | "NoSuchKey" | "NoSuchVersion"
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(self.failed(OPERATION, &error, head)),
        };
        // What breaks off within the content is not tried again by the SDK, but by who sent the event.
        let broken = |problem: &dyn std::error::Error| {
            let failure = Failure::new(Class::Unreachable, format!("the content: {problem}"));
            let failure = failure.during(OPERATION).about(&head.bucket, &head.key);
            failure.within(&self.0.region)
        };
        let content = output
            .body
            .collect()
            .await
            .map_err(|problem| broken(&problem))?;
        Ok(Some(content.to_vec()))
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
