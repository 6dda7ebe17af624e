//! Events that S3 sends to EventBridge
//! ([structure](https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html)). Keys are not
//! encoded here: decoding them would make another object of `a+b`.

use serde_json::Value;

use super::Item;
use super::event::{Change, ObjectEvent};
use super::s3::Fields;

pub(super) fn read(path: &str, event: &Value) -> Item {
    let fields = Fields {
        path,
        object: event,
    };
    let name = name(event, fields.required("/detail-type")?);
    Ok(ObjectEvent {
        change: Change::named(&name),
        name,
        bucket: fields.required("/detail/bucket/name")?.to_owned(),
        key: fields.required("/detail/object/key")?.to_owned(),
        region: fields.text("/region")?,
        time: fields.text("/time")?,
        size: fields.size("/detail/object/size")?,
        etag: fields.etag("/detail/object/etag")?,
        version_id: fields.text("/detail/object/version-id")?,
        sequencer: fields.sequencer("/detail/object/sequencer")?,
        principal: None,
    })
}

/// The name that S3's own notification of the same change has; for changes that are neither a
/// creation nor a removal, the detail type.
fn name(event: &Value, detail_type: &str) -> String {
    let detail = |field: &str| event["detail"][field].as_str().unwrap_or_default();
    let reason = detail("reason");
    let name = match detail_type {
        "Object Created" => match reason {
            "PutObject" => "ObjectCreated:Put",
            "POST Object" => "ObjectCreated:Post",
            "CopyObject" => "ObjectCreated:Copy",
            "CompleteMultipartUpload" => "ObjectCreated:CompleteMultipartUpload",
            other => return format!("ObjectCreated:{other}"),
        },
        "Object Deleted" => {
            let marker = detail("deletion-type") == "Delete Marker Created";
            match (reason == "Lifecycle Expiration", marker) {
                (false, false) => "ObjectRemoved:Delete",
                (false, true) => "ObjectRemoved:DeleteMarkerCreated",
                (true, false) => "LifecycleExpiration:Delete",
                (true, true) => "LifecycleExpiration:DeleteMarkerCreated",
            }
        }
        other => other,
    };
    name.to_owned()
}
