//! What the `forward` handler puts into a queue and a worker takes out of it.

/// One change of one object, as a JSON object in the body of an SQS message.
///
/// The key stands as the object is called: the forwarder has decoded it, nobody decodes it again,
/// and [`key_encoding`](Self::key_encoding) says so. Events come more than once and in any order: a
/// worker that keeps the highest [`sequencer`](Self::sequencer) of each object may drop the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct ObjectMessage {
    /// The version of this shape, [`ObjectMessage::SCHEMA_VERSION`]. It rises when a field changes
    /// its meaning or goes; new fields do not raise it.
    pub schema_version: u32,
    /// What happened, as S3 names it, without the `s3:` of a subscription: `ObjectCreated:Put`,
    /// `ObjectRemoved:DeleteMarkerCreated`, `LifecycleExpiration:Delete`
    /// ([event names](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html)).
    pub event_name: String,
    /// The bucket's name.
    pub bucket: String,
    /// The object's key, decoded.
    pub key: String,
    /// How [`key`](Self::key) is written.
    pub key_encoding: KeyEncoding,
    /// The object's entity tag without quotes; null for removals.
    pub etag: Option<String>,
    /// The object's size in bytes; null for removals.
    pub size: Option<u64>,
    /// The version that was made or removed; null in a bucket without versions.
    pub version_id: Option<String>,
    /// Orders the changes of this object: hexadecimal, lower case, without trailing zeros, compared
    /// as text. Null if the event had none.
    pub sequencer: Option<String>,
    /// When it happened, such as `2026-01-31T12:00:00.000Z`; null if the event did not say.
    pub event_time: Option<String>,
    /// The region of the bucket; null if the event did not say.
    pub region: Option<String>,
}

impl ObjectMessage {
    /// The version of the shape that this crate writes.
    pub const SCHEMA_VERSION: u32 = 1;
}

/// How a key is written in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
#[non_exhaustive]
pub enum KeyEncoding {
    /// As the object is called: nothing is to be decoded.
    None,
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_is_a_flat_object_with_nulls_for_what_is_not_known() {
        let message = ObjectMessage {
            schema_version: ObjectMessage::SCHEMA_VERSION,
            event_name: "ObjectRemoved:Delete".to_owned(),
            bucket: "media".to_owned(),
            key: "a b+ü.mp4".to_owned(),
            key_encoding: KeyEncoding::None,
            etag: None,
            size: None,
            version_id: None,
            sequencer: Some("0055aed6dcd90281e5".to_owned()),
            event_time: None,
            region: Some("eu-central-1".to_owned()),
        };
        let expected = json!({
            "schemaVersion": 1, "eventName": "ObjectRemoved:Delete", "bucket": "media",
            "key": "a b+ü.mp4", "keyEncoding": "none", "etag": null, "size": null,
            "versionId": null, "sequencer": "0055aed6dcd90281e5", "eventTime": null,
            "region": "eu-central-1",
        });
        assert_eq!(serde_json::to_value(&message).unwrap(), expected);
        assert_eq!(
            serde_json::from_value::<ObjectMessage>(expected).unwrap(),
            message
        );
    }
}
