//! The bucket of an index.

use aws_types::SdkConfig;

use super::S3;
use crate::cache_sync::index::{List, Listed, Shelf};
use crate::cache_sync::projection::Tags;
use crate::failure::Failure;
use crate::replicate::listing::Listing as _;
use crate::replicate::store::{Object, Origin, Stop, Store as _};

/// A bucket whose objects are in an index.
#[derive(Clone, Debug)]
pub struct IndexedBucket {
    s3: S3,
    bucket: String,
}

impl IndexedBucket {
    /// The bucket with this name, in the function's region.
    #[must_use]
    pub fn new(sdk: &SdkConfig, bucket: String) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let s3 = S3::new(sdk, &region);
        Self { s3, bucket }
    }
}

impl Shelf for IndexedBucket {
    async fn look(&self, key: &str) -> Result<Option<Object>, Failure> {
        self.s3.look(&self.bucket, key, None).await
    }

    async fn tags(&self, key: &str, object: &Object) -> Result<Option<Tags>, Failure> {
        // Without the version, which is a right of its own. If the object is another one by now, it is looked at
        // again, or its own event is on its way.
        let object = &Object {
            version_id: None,
            ..object.clone()
        };
        let (bucket, region) = (&*self.bucket, &*self.s3.region);
        let origin = Origin {
            bucket,
            key,
            region,
            object,
        };
        match self.s3.tags(&origin).await {
            Ok(tags) => Ok(Some(tags.into_iter().collect())),
            Err(Stop::Changed) => Ok(None),
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }

    async fn list(&self, prefix: &str, after: &str) -> Result<List, Failure> {
        let after = Some(after).filter(|after| !after.is_empty());
        let page = self.s3.list(&self.bucket, prefix, after).await?;
        let listed = page.entries.into_iter().map(|entry| Listed {
            key: entry.key,
            modified: entry.modified,
        });
        Ok(List {
            objects: listed.collect(),
            is_last: page.is_last,
        })
    }
}
