//! Lifecycle rules: when objects move to cheaper storage and when they go.

use std::time::Duration;

use cloudwright_synth::{Scope, Text};

use crate::cfn::s3::bucket;
use crate::rules;
use crate::units::{days, whole_days};

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

    /// How old objects are at least when a lifecycle rule moves them here.
    const fn least_age(self) -> Duration {
        match self {
            Self::StandardInfrequentAccess | Self::OneZoneInfrequentAccess => days(30),
            Self::IntelligentTiering
            | Self::GlacierInstantRetrieval
            | Self::GlacierFlexibleRetrieval
            | Self::GlacierDeepArchive => Duration::ZERO,
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

    /// Removes delete markers that no longer hide a version; not in a rule that also removes objects by their age.
    pub const fn remove_expired_markers(mut self) -> Self {
        self.expired_markers = true;
        self
    }

    /// Reports what S3 refuses.
    fn check(&self, scope: &Scope) {
        let moves = || self.transitions.iter().chain(&self.noncurrent_transitions);
        let removals = [
            (self.expiration, &self.transitions),
            (self.noncurrent_expiration, &self.noncurrent_transitions),
        ];
        let ages = [
            self.expiration,
            self.noncurrent_expiration,
            self.abort_uploads,
        ];
        let ends = || ages.into_iter().flatten();
        if ends().next().is_none() && moves().next().is_none() && !self.expired_markers {
            let message = "a lifecycle rule has nothing to do";
            let help = "say what, such as `.expire_after(days(30))`, or leave the rule out";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        if ends().any(|age| age.is_zero()) {
            let message = "a lifecycle rule removes what is at least a day old, got 0 days";
            scope.error(&rules::OUT_OF_RANGE, message, "such as `days(1)`");
        }
        for (class, age) in moves().filter(|(class, age)| *age < class.least_age()) {
            let in_days = |age: Duration| age.as_secs() / days(1).as_secs();
            let message = format!(
                "S3 moves objects to {} after {} days or more, got {}",
                class.name(),
                in_days(class.least_age()),
                in_days(*age)
            );
            let help = "wait for longer, or choose a class without such a time, such as `IntelligentTiering`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        for (removal, moves) in removals {
            let late = moves
                .iter()
                .find(|(_, age)| removal.is_some_and(|end| end <= *age));
            if let Some((class, _)) = late {
                let message = format!(
                    "a lifecycle rule removes objects before or when it moves them to {}",
                    class.name()
                );
                let help = "let the removal come later, or leave the move out";
                scope.error(&rules::CONTRADICTION, message, help);
            }
        }
        if self.expired_markers && self.expiration.is_some() {
            let message =
                "one lifecycle rule removes objects by age and delete markers, which S3 refuses";
            let help = "say `.remove_expired_markers()` in a rule of its own";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }

    pub(super) fn render(self, scope: &Scope) -> bucket::Rule {
        self.check(scope);
        let in_days = |what: &str, age: Duration| whole_days(scope, what, age);
        let mut rule = bucket::Rule::new("Enabled");
        if let Some(id) = self.id {
            rule = rule.id(id);
        }
        if let Some(prefix) = self.prefix {
            rule = rule.prefix(prefix);
        }
        if let Some(age) = self.expiration {
            rule = rule.expiration_in_days(in_days("an expiration", age));
        }
        if let Some(age) = self.noncurrent_expiration {
            let age = in_days("an expiration", age);
            rule =
                rule.noncurrent_version_expiration(bucket::NoncurrentVersionExpiration::new(age));
        }
        if let Some(age) = self.abort_uploads {
            let age = in_days("the age of an upload", age);
            rule = rule.abort_incomplete_multipart_upload(
                bucket::AbortIncompleteMultipartUpload::new(age),
            );
        }
        if !self.transitions.is_empty() {
            let moves = self.transitions.into_iter().map(|(class, age)| {
                bucket::Transition::new(class.name())
                    .transition_in_days(in_days("a transition", age))
            });
            rule = rule.transitions(moves.collect::<Vec<_>>());
        }
        if !self.noncurrent_transitions.is_empty() {
            let moves = self.noncurrent_transitions.into_iter().map(|(class, age)| {
                bucket::NoncurrentVersionTransition::new(class.name(), in_days("a transition", age))
            });
            rule = rule.noncurrent_version_transitions(moves.collect::<Vec<_>>());
        }
        if self.expired_markers {
            rule = rule.expired_object_delete_marker(true);
        }
        rule
    }
}
