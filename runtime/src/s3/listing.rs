//! The objects of a bucket, a thousand at a time.

use aws_sdk_s3::types::{EncodingType, Object};

use super::S3;
use crate::failure::{Class, Failure};
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
        let entries = page.contents.unwrap_or_default().into_iter().map(entry);
        let entries = entries.collect::<Result<_, _>>().map_err(|problem| {
            let failure = Failure::new(Class::ServiceFailed, problem).during(OPERATION);
            failure.about(bucket, prefix).within(&self.region)
        })?;
        Ok(Page {
            entries,
            is_last: !page.is_truncated.unwrap_or_default(),
        })
    }
}

/// What a list says of an object. One that cannot be read is an error: left out, it would count as gone.
fn entry(object: Object) -> Result<Entry, String> {
    let key = object.key.unwrap_or_default();
    let decoded = decode_form(&key).map_err(|_| format!("got the key {key:?}, expected UTF-8"))?;
    Ok(Entry {
        key: decoded,
        etag: object.e_tag.unwrap_or_default(),
        modified: object.last_modified.map_or(0, |time| time.secs()),
        size: u64::try_from(object.size.unwrap_or_default()).unwrap_or_default(),
    })
}
