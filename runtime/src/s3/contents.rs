//! The objects that the worker carries.

use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;

use super::S3;
use crate::failure::Failure;
use crate::replicate::store::Store as _;
use crate::sdk;
use crate::worker::ports::{Head, Source};

/// Buckets of one region.
#[derive(Clone, Debug)]
pub struct Contents(S3);

impl Contents {
    /// The buckets of the region of this configuration.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        Self(S3::new(sdk, &region))
    }
}

impl Source for Contents {
    type Content = SdkBody;

    async fn look(&self, bucket: &str, key: &str) -> Result<Option<Head>, Failure> {
        let object = self.0.look(bucket, key, None).await?;
        Ok(object.map(|object| Head {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: real(object.version_id),
            etag: object.etag,
            size: object.size,
            content_type: object.headers.content_type,
        }))
    }

    async fn open(&self, bucket: &str, key: &str) -> Result<Option<(Head, SdkBody)>, Failure> {
        let request = self.0.client.get_object().bucket(bucket).key(key);
        let output = match request.send().await {
            Ok(output) => output,
            Err(error) if sdk::code(&error) == "NoSuchKey" => return Ok(None),
            Err(error) => {
                let failure = sdk::failure("S3 GetObject", &error);
                return Err(failure.about(bucket, key).within(&self.0.region));
            }
        };
        let head = Head {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: real(output.version_id),
            etag: output.e_tag.unwrap_or_default(),
            size: output.content_length.unwrap_or_default().unsigned_abs(),
            content_type: output.content_type,
        };
        Ok(Some((head, output.body.into_inner())))
    }
}

/// A version that is told from others: where versions are suspended, all are called `null`.
fn real(version: Option<String>) -> Option<String> {
    version.filter(|version| version != "null")
}

#[cfg(test)]
mod tests {
    use super::real;

    #[test]
    fn the_version_of_a_suspended_bucket_tells_nothing() {
        assert_eq!(real(Some("null".to_owned())), None);
        assert_eq!(real(Some("3HL4".to_owned())).as_deref(), Some("3HL4"));
    }
}
