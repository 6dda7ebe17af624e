//! What happened to one object, whatever it came wrapped in.

use super::Sequencer;

/// One change of one object. Fields that an event may leave out are optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEvent {
    /// What the change means.
    pub change: Change,
    /// The name of the event as S3 writes it, without `s3:`, such as `ObjectCreated:Put`. Events of
    /// EventBridge get the name that S3 gives the same change.
    pub name: String,
    /// The bucket's name.
    pub bucket: String,
    /// The object's key as it is called, decoded.
    pub key: String,
    /// The bucket's region.
    pub region: Option<String>,
    /// When it happened, such as `2026-01-31T12:00:00.000Z`.
    pub time: Option<String>,
    /// The object's size in bytes; removals have none.
    pub size: Option<u64>,
    /// The entity tag without quotes; removals have none.
    pub etag: Option<String>,
    /// The version that was made or removed; only buckets with versions have it.
    pub version_id: Option<String>,
    /// Orders the events of this key.
    pub sequencer: Option<Sequencer>,
    /// Who did it, such as `AWS:AROAEXAMPLE:session-name`; events of EventBridge do not say.
    pub principal: Option<String>,
}

/// What an event means for who keeps up with a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The object has new content: put, posted, copied or uploaded in parts.
    Created,
    /// The object or one of its versions is gone, by a request or by lifecycle.
    Removed(Removal),
    /// Neither: tags, ACLs, restores and whatever S3 adds. Handlers leave it alone.
    Other,
}

/// Which way an object was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// For good. In a bucket with versions one version is gone, and the object may still be there.
    Permanent,
    /// By a delete marker: the object is not there, its versions are.
    DeleteMarker,
}

impl Change {
    /// The meaning of an event's name, such as `ObjectRemoved:Delete`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name.split_once(':') {
            Some(("ObjectCreated", _)) => Self::Created,
            Some(("ObjectRemoved" | "LifecycleExpiration", "DeleteMarkerCreated")) => {
                Self::Removed(Removal::DeleteMarker)
            }
            Some(("ObjectRemoved" | "LifecycleExpiration", _)) => Self::Removed(Removal::Permanent),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_meaning() {
        for name in ["Put", "Post", "Copy", "CompleteMultipartUpload"] {
            assert_eq!(
                Change::named(&format!("ObjectCreated:{name}")),
                Change::Created
            );
        }
        for family in ["ObjectRemoved", "LifecycleExpiration"] {
            let named = |name| Change::named(&format!("{family}:{name}"));
            assert_eq!(named("Delete"), Change::Removed(Removal::Permanent));
            assert_eq!(
                named("DeleteMarkerCreated"),
                Change::Removed(Removal::DeleteMarker)
            );
        }
        for name in [
            "ObjectTagging:Put",
            "ObjectRestore:Post",
            "Replication:OperationMissed",
            "",
        ] {
            assert_eq!(Change::named(name), Change::Other);
        }
    }
}
