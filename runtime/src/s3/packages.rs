//! The bucket of `cache-sync`.

use aws_types::SdkConfig;

use super::S3;
use crate::cache_sync::index::{List, Listed, Shelf};
use crate::failure::Failure;
use crate::replicate::store::{Object, Store as _};
use crate::sdk;

/// A bucket of packages.
#[derive(Clone, Debug)]
pub struct PackageBucket {
    s3: S3,
    bucket: String,
}

impl PackageBucket {
    /// The bucket with this name, in the function's region.
    #[must_use]
    pub fn new(sdk: &SdkConfig, bucket: String) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let s3 = S3::new(sdk, &region);
        Self { s3, bucket }
    }
}

impl Shelf for PackageBucket {
    async fn look(&self, key: &str) -> Result<Option<Object>, Failure> {
        self.s3.look(&self.bucket, key, None).await
    }

    async fn list(&self, prefix: &str, after: &str) -> Result<List, Failure> {
        const OPERATION: &str = "S3 ListObjectsV2";
        let request = self.s3.client.list_objects_v2().bucket(&self.bucket);
        let after = Some(after.to_owned()).filter(|after| !after.is_empty());
        let output = request.prefix(prefix).set_start_after(after).send().await;
        let output = output.map_err(|error| {
            let failure = sdk::failure(OPERATION, &error);
            failure.about(&self.bucket, prefix).within(&self.s3.region)
        })?;
        let is_last = output.is_truncated != Some(true);
        let listed = |object: aws_sdk_s3::types::Object| {
            let modified = object.last_modified.map_or(0, |moment| moment.secs());
            let key = object.key?;
            Some(Listed { key, modified })
        };
        let objects = output.contents.unwrap_or_default().into_iter();
        Ok(List {
            objects: objects.filter_map(listed).collect(),
            is_last,
        })
    }
}
