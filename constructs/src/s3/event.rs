//! The events that a bucket tells of.

/// A kind of [event](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html)
/// of a bucket. The first variant of each group stands for the whole group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Event {
    /// An object was created in any way.
    ObjectCreated,
    /// ... by PUT.
    ObjectCreatedPut,
    /// ... by POST from a form.
    ObjectCreatedPost,
    /// ... by a copy.
    ObjectCreatedCopy,
    /// ... by completing a multipart upload.
    ObjectCreatedCompleteMultipartUpload,
    /// An object was removed by a request. Expiry by a lifecycle rule is [`Event::LifecycleExpiration`].
    ObjectRemoved,
    /// ... for good, or a version of it.
    ObjectRemovedDelete,
    /// ... by a delete marker in a versioned bucket.
    ObjectRemovedDeleteMarkerCreated,
    /// A lifecycle rule removed an object.
    LifecycleExpiration,
    /// ... for good.
    LifecycleExpirationDelete,
    /// ... by a delete marker in a versioned bucket.
    LifecycleExpirationDeleteMarkerCreated,
    /// A lifecycle rule moved an object to another storage class.
    LifecycleTransition,
    /// An archived object is brought back.
    ObjectRestore,
    /// ... was asked for.
    ObjectRestorePost,
    /// ... is done.
    ObjectRestoreCompleted,
    /// ... is over: the temporary copy is gone.
    ObjectRestoreDelete,
    /// Tags of an object changed.
    ObjectTagging,
    /// ... were set.
    ObjectTaggingPut,
    /// ... were taken away.
    ObjectTaggingDelete,
    /// The access control list of an object changed.
    ObjectAclPut,
    /// Intelligent tiering archived an object.
    IntelligentTiering,
    /// An object with reduced redundancy was lost.
    ReducedRedundancyLostObject,
    /// Something happened to a replication with a time limit.
    Replication,
    /// ... it failed.
    ReplicationFailed,
    /// ... it missed the limit.
    ReplicationMissedThreshold,
    /// ... it was done after the limit.
    ReplicationReplicatedAfterThreshold,
    /// ... it is no longer tracked.
    ReplicationNotTracked,
}

impl Event {
    /// Every kind of event.
    pub const ALL: &'static [Self] = &[
        Self::ObjectCreated,
        Self::ObjectCreatedPut,
        Self::ObjectCreatedPost,
        Self::ObjectCreatedCopy,
        Self::ObjectCreatedCompleteMultipartUpload,
        Self::ObjectRemoved,
        Self::ObjectRemovedDelete,
        Self::ObjectRemovedDeleteMarkerCreated,
        Self::LifecycleExpiration,
        Self::LifecycleExpirationDelete,
        Self::LifecycleExpirationDeleteMarkerCreated,
        Self::LifecycleTransition,
        Self::ObjectRestore,
        Self::ObjectRestorePost,
        Self::ObjectRestoreCompleted,
        Self::ObjectRestoreDelete,
        Self::ObjectTagging,
        Self::ObjectTaggingPut,
        Self::ObjectTaggingDelete,
        Self::ObjectAclPut,
        Self::IntelligentTiering,
        Self::ReducedRedundancyLostObject,
        Self::Replication,
        Self::ReplicationFailed,
        Self::ReplicationMissedThreshold,
        Self::ReplicationReplicatedAfterThreshold,
        Self::ReplicationNotTracked,
    ];

    /// The name in a notification configuration, such as `s3:ObjectCreated:*`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ObjectCreated => "s3:ObjectCreated:*",
            Self::ObjectCreatedPut => "s3:ObjectCreated:Put",
            Self::ObjectCreatedPost => "s3:ObjectCreated:Post",
            Self::ObjectCreatedCopy => "s3:ObjectCreated:Copy",
            Self::ObjectCreatedCompleteMultipartUpload => {
                "s3:ObjectCreated:CompleteMultipartUpload"
            }
            Self::ObjectRemoved => "s3:ObjectRemoved:*",
            Self::ObjectRemovedDelete => "s3:ObjectRemoved:Delete",
            Self::ObjectRemovedDeleteMarkerCreated => "s3:ObjectRemoved:DeleteMarkerCreated",
            Self::LifecycleExpiration => "s3:LifecycleExpiration:*",
            Self::LifecycleExpirationDelete => "s3:LifecycleExpiration:Delete",
            Self::LifecycleExpirationDeleteMarkerCreated => {
                "s3:LifecycleExpiration:DeleteMarkerCreated"
            }
            Self::LifecycleTransition => "s3:LifecycleTransition",
            Self::ObjectRestore => "s3:ObjectRestore:*",
            Self::ObjectRestorePost => "s3:ObjectRestore:Post",
            Self::ObjectRestoreCompleted => "s3:ObjectRestore:Completed",
            Self::ObjectRestoreDelete => "s3:ObjectRestore:Delete",
            Self::ObjectTagging => "s3:ObjectTagging:*",
            Self::ObjectTaggingPut => "s3:ObjectTagging:Put",
            Self::ObjectTaggingDelete => "s3:ObjectTagging:Delete",
            Self::ObjectAclPut => "s3:ObjectAcl:Put",
            Self::IntelligentTiering => "s3:IntelligentTiering",
            Self::ReducedRedundancyLostObject => "s3:ReducedRedundancyLostObject",
            Self::Replication => "s3:Replication:*",
            Self::ReplicationFailed => "s3:Replication:OperationFailedReplication",
            Self::ReplicationMissedThreshold => "s3:Replication:OperationMissedThreshold",
            Self::ReplicationReplicatedAfterThreshold => {
                "s3:Replication:OperationReplicatedAfterThreshold"
            }
            Self::ReplicationNotTracked => "s3:Replication:OperationNotTracked",
        }
    }

    /// Whether some event is of both kinds.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let covers = |wide: Self, narrow: Self| match wide.name().strip_suffix('*') {
            Some(group) => narrow.name().starts_with(group),
            None => wide == narrow,
        };
        covers(self, other) || covers(other, self)
    }
}

/// One event or several.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event of a bucket",
    label = "expected `s3::Event`, or an array of them",
    note = "events have names, so that none can be misspelt: `s3::Event::ObjectCreated` for `s3:ObjectCreated:*`"
)]
pub trait Events {
    /// The events as a list.
    fn into_events(self) -> Vec<Event>;
}

impl Events for Event {
    fn into_events(self) -> Vec<Event> {
        vec![self]
    }
}

impl<const N: usize> Events for [Event; N] {
    fn into_events(self) -> Vec<Event> {
        self.into()
    }
}

impl Events for Vec<Event> {
    fn into_events(self) -> Vec<Event> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn a_group_overlaps_its_members_and_nothing_else() {
        assert!(Event::ObjectCreated.overlaps(Event::ObjectCreatedPut));
        assert!(Event::ObjectCreatedPut.overlaps(Event::ObjectCreated));
        assert!(!Event::ObjectCreatedPut.overlaps(Event::ObjectCreatedPost));
        assert!(!Event::ObjectRemoved.overlaps(Event::LifecycleExpiration));
    }
}
