//! The objects of a bucket, a thousand at a time.

use aws_sdk_s3::types::EncodingType;

use super::S3;
use crate::failure::Failure;
use crate::intake::decode_form;
use crate::replicate::listing::{Entry, Listing, Page};
use crate::sdk;

impl Listing for S3 {
    async fn list(&self, bucket: &str, prefix: &str, after: Option<&str>) -> Result<Page, Failure> {
        const OPERATION: &str = "S3 ListObjectsV2";
        let request = (self.client.list_objects_v2())
            .bucket(bucket)
            .prefix(prefix)
            // XML cannot hold every key.
            .encoding_type(EncodingType::Url)
            .set_start_after(after.map(str::to_owned));
        let page = request.send().await.map_err(|error| {
            let failure = sdk::failure(OPERATION, &error);
            failure.about(bucket, prefix).within(&self.region)
        })?;
        let objects = page.contents.unwrap_or_default().into_iter();
        let entries = objects.filter_map(|object| {
            Some(Entry {
                key: decode_form(&object.key?).ok()?,
                etag: object.e_tag?,
                modified: object.last_modified.map_or(0, |time| time.secs()),
                size: u64::try_from(object.size.unwrap_or_default()).unwrap_or_default(),
            })
        });
        Ok(Page {
            entries: entries.collect(),
            is_last: !page.is_truncated.unwrap_or_default(),
        })
    }
}
