//! The handlers of the one `bootstrap` program, by the name that selects them.

use std::fmt;
use std::str::FromStr;

/// A bundled handler. Its name is the function's `Handler` property, which the program reads from
/// `_HANDLER` ([custom runtimes](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Handler {
    /// Notifications of buckets that a stack does not own: see [`crate::BucketNotifications`].
    BucketNotifications,
    /// Keeps the package index of a pypicloud server: see [`crate::CacheSync`].
    CacheSync,
    /// Forwards S3 events to an SQS queue: see [`crate::Forward`].
    Forward,
    /// Tells where the files of a pipeline are: see [`crate::PipelineStatus`].
    PipelineStatus,
    /// Keeps copies of a bucket's objects in other buckets: see [`crate::Replicate`].
    Replicate,
    /// Runs documents of Systems Manager on servers when a bucket changes: see [`crate::SsmSync`].
    SsmSync,
    /// Hands objects in to an archive over HTTP: see [`crate::Submit`].
    Submit,
}

impl Handler {
    /// Every handler, sorted by name.
    pub const ALL: &[Self] = &[
        Self::BucketNotifications,
        Self::CacheSync,
        Self::Forward,
        Self::PipelineStatus,
        Self::Replicate,
        Self::SsmSync,
        Self::Submit,
    ];

    /// The name, such as `replicate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BucketNotifications => "bucket-notifications",
            Self::CacheSync => "cache-sync",
            Self::Forward => "forward",
            Self::PipelineStatus => "pipeline-status",
            Self::Replicate => "replicate",
            Self::SsmSync => "ssm-sync",
            Self::Submit => "submit",
        }
    }
}

impl fmt::Display for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Handler {
    type Err = UnknownHandler;

    fn from_str(name: &str) -> Result<Self, UnknownHandler> {
        let named = Self::ALL.iter().find(|handler| handler.name() == name);
        named
            .copied()
            .ok_or_else(|| UnknownHandler(name.to_owned()))
    }
}

/// A name that no handler has; its text lists the valid ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownHandler(pub String);

impl fmt::Display for UnknownHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let valid: Vec<_> = Handler::ALL.iter().map(|handler| handler.name()).collect();
        let Self(got) = self;
        write!(
            f,
            "unknown handler: got {got:?}, expected one of {}; set it as the function's Handler",
            valid.join(", ")
        )
    }
}

impl std::error::Error for UnknownHandler {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_sorted() {
        for handler in Handler::ALL {
            assert_eq!(handler.name().parse(), Ok(*handler));
        }
        assert!(Handler::ALL.is_sorted_by_key(|handler| handler.name()));
    }

    #[test]
    fn an_unknown_name_lists_the_valid_ones() {
        let error = "index.handler".parse::<Handler>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown handler: got \"index.handler\", expected one of bucket-notifications, cache-sync, \
             forward, pipeline-status, replicate, ssm-sync, submit; set it as the function's Handler"
        );
    }
}
