//! Where objects lie between stages.

use cloudwright_synth::{Scope, Text};

use crate::patterns::shared;
use crate::s3::{Bucket, BucketRef};

/// A bucket, or a part of one, that stages read from and write to, by a name.
///
/// A name alone (`"Staging"`) is a bucket that the pipeline makes.
#[derive(Clone)]
pub struct Place {
    pub(super) name: Text,
    pub(super) bucket: Option<BucketRef>,
    pub(super) prefix: Text,
}

impl Place {
    /// A bucket of the pipeline's own.
    #[must_use]
    pub fn named(name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            bucket: None,
            prefix: "".into(),
        }
    }

    /// This bucket, in place of one that is made.
    #[must_use]
    pub fn bucket(mut self, bucket: &BucketRef) -> Self {
        self.bucket = Some(bucket.clone());
        self
    }

    /// Only the objects whose keys begin so, such as `staging/`. What is written gets this in front.
    #[must_use]
    pub fn below(mut self, prefix: impl Into<Text>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The place with a bucket, one that is there or is made now. A stage may want its events by EventBridge.
    pub(super) fn settle(
        &self,
        scope: &Scope,
        make: &dyn Fn(Bucket) -> Bucket,
        by_bridge: bool,
    ) -> Settled {
        if let (Some(given), true) = (&self.bucket, by_bridge) {
            shared::on_bridge(scope, given);
        }
        let made = || {
            let bucket = make(Bucket::new());
            let bucket = match by_bridge {
                true => bucket.event_bridge(),
                false => bucket,
            };
            scope.add(self.name.clone(), bucket)
        };
        Settled {
            name: self.name.clone(),
            bucket: self.bucket.clone().unwrap_or_else(made),
            prefix: self.prefix.clone(),
        }
    }
}

impl<T: Into<Text>> From<T> for Place {
    fn from(name: T) -> Self {
        Self::named(name)
    }
}

/// A place that has its bucket.
#[derive(Clone)]
pub(super) struct Settled {
    pub(super) name: Text,
    pub(super) bucket: BucketRef,
    pub(super) prefix: Text,
}

impl Settled {
    /// Whether an object that is written to `other` may lie here.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let (one, two): (&str, &str) = (&self.prefix, &other.prefix);
        self.bucket.is_same(&other.bucket) && (one.starts_with(two) || two.starts_with(one))
    }
}
