//! Lifecycle rules: when objects move to cheaper storage and when they go.

use std::time::Duration;

use cloudwright_synth::{Scope, Text};

use crate::cfn::s3::bucket;
use crate::units::whole_days;

/// Where an object is stored; the standard class is not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageClass {
    /// Infrequent access, several zones.
    StandardInfrequentAccess,
    /// Infrequent access, one zone.
    OneZoneInfrequentAccess,
    /// Moves objects by how they are used.
    IntelligentTiering,
    /// Archive, read within milliseconds.
    GlacierInstantRetrieval,
    /// Archive, read within minutes to hours.
    GlacierFlexibleRetrieval,
    /// Archive, read within hours.
    GlacierDeepArchive,
}

impl StorageClass {
    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StandardInfrequentAccess => "STANDARD_IA",
            Self::OneZoneInfrequentAccess => "ONEZONE_IA",
            Self::IntelligentTiering => "INTELLIGENT_TIERING",
            Self::GlacierInstantRetrieval => "GLACIER_IR",
            Self::GlacierFlexibleRetrieval => "GLACIER",
            Self::GlacierDeepArchive => "DEEP_ARCHIVE",
        }
    }
}

/// A [rule](https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html) about
/// the objects of a bucket. Durations are whole days.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::s3::{LifecycleRule, StorageClass};
/// # let app = App::new();
/// # let stack = app.stack("Records", Environment::agnostic());
/// let archive = LifecycleRule::new()
///     .prefix("invoices/")
///     .move_after(days(90), StorageClass::GlacierInstantRetrieval)
///     .expire_after(days(3650));
/// stack.add("Records", s3::Bucket::new().lifecycle(archive));
/// # app.synth().unwrap();
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a rule does nothing until a bucket has it"]
pub struct LifecycleRule {
    id: Option<Text>,
    prefix: Option<Text>,
    expiration: Option<Duration>,
    noncurrent_expiration: Option<Duration>,
    abort_uploads: Option<Duration>,
    transitions: Vec<(StorageClass, Duration)>,
    noncurrent_transitions: Vec<(StorageClass, Duration)>,
    expired_markers: bool,
}

impl LifecycleRule {
    /// A rule for all objects that does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the rule; at most 255 characters.
    pub fn id(mut self, id: impl Into<Text>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Only for objects whose keys begin so.
    pub fn prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Removes objects this long after they were created.
    pub const fn expire_after(mut self, age: Duration) -> Self {
        self.expiration = Some(age);
        self
    }

    /// Removes versions this long after they were replaced or deleted.
    pub const fn expire_noncurrent_after(mut self, age: Duration) -> Self {
        self.noncurrent_expiration = Some(age);
        self
    }

    /// Gives up multipart uploads that were not completed for this long.
    pub const fn abort_uploads_after(mut self, age: Duration) -> Self {
        self.abort_uploads = Some(age);
        self
    }

    /// Moves objects to another class this long after they were created.
    pub fn move_after(mut self, age: Duration, class: StorageClass) -> Self {
        self.transitions.push((class, age));
        self
    }

    /// Moves versions to another class this long after they were replaced or deleted.
    pub fn move_noncurrent_after(mut self, age: Duration, class: StorageClass) -> Self {
        self.noncurrent_transitions.push((class, age));
        self
    }

    /// Removes delete markers that no longer hide a version.
    pub const fn remove_expired_markers(mut self) -> Self {
        self.expired_markers = true;
        self
    }

    pub(super) fn render(self, scope: &Scope) -> bucket::Rule {
        let days = |what: &str, age: Duration| whole_days(scope, what, age);
        let mut rule = bucket::Rule::new("Enabled");
        if let Some(id) = self.id {
            rule = rule.id(id);
        }
        if let Some(prefix) = self.prefix {
            rule = rule.prefix(prefix);
        }
        if let Some(age) = self.expiration {
            rule = rule.expiration_in_days(days("an expiration", age));
        }
        if let Some(age) = self.noncurrent_expiration {
            let age = days("an expiration", age);
            rule =
                rule.noncurrent_version_expiration(bucket::NoncurrentVersionExpiration::new(age));
        }
        if let Some(age) = self.abort_uploads {
            let age = days("the age of an upload", age);
            rule = rule.abort_incomplete_multipart_upload(
                bucket::AbortIncompleteMultipartUpload::new(age),
            );
        }
        if !self.transitions.is_empty() {
            let moves = self.transitions.into_iter().map(|(class, age)| {
                bucket::Transition::new(class.name()).transition_in_days(days("a transition", age))
            });
            rule = rule.transitions(moves.collect::<Vec<_>>());
        }
        if !self.noncurrent_transitions.is_empty() {
            let moves = self.noncurrent_transitions.into_iter().map(|(class, age)| {
                bucket::NoncurrentVersionTransition::new(class.name(), days("a transition", age))
            });
            rule = rule.noncurrent_version_transitions(moves.collect::<Vec<_>>());
        }
        if self.expired_markers {
            rule = rule.expired_object_delete_marker(true);
        }
        rule
    }
}
