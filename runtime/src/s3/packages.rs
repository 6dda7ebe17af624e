//! The bucket of `cache-sync`.

use aws_types::SdkConfig;

use super::S3;
use crate::cache_sync::index::Shelf;
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

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        const OPERATION: &str = "S3 ListObjectsV2";
        let request = self.s3.client.list_objects_v2().bucket(&self.bucket);
        let mut pages = request.prefix(prefix).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                let failure = sdk::failure(OPERATION, &error);
                failure.about(&self.bucket, prefix).within(&self.s3.region)
            })?;
            let objects = page.contents.unwrap_or_default().into_iter();
            keys.extend(objects.filter_map(|object| object.key));
        }
        Ok(keys)
    }
}
