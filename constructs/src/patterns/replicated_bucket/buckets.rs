//! The buckets that are made, and what a program says about them.

use std::rc::Rc;

use cloudwright_synth::{RemovalPolicy, Scope};

use super::paco::{PacoName, named};
use crate::iam::Statement;
use crate::s3::{Bucket, BucketRef};

/// What a program says about a replica's bucket, by its region.
type Say = Rc<dyn Fn(Bucket, &str) -> Bucket>;

/// What a program lets others do with a replica.
type Allow = Rc<dyn Fn(&BucketRef) -> Statement>;

/// What a program says about the buckets that are made.
#[derive(Clone)]
pub(super) struct Buckets {
    pub(super) versioned: bool,
    pub(super) removal: Option<RemovalPolicy>,
    pub(super) source: Vec<Rc<dyn Fn(Bucket) -> Bucket>>,
    pub(super) replicas: Vec<Say>,
    pub(super) statements: Vec<Allow>,
    /// The names of the source and of the replicas, if they follow Paco's rule.
    pub(super) paco: Option<[PacoName; 2]>,
}

impl Default for Buckets {
    fn default() -> Self {
        Self {
            versioned: true,
            removal: None,
            source: Vec::new(),
            replicas: Vec::new(),
            statements: Vec::new(),
            paco: None,
        }
    }
}

impl Buckets {
    /// Makes the source, with all that was said about it.
    pub(super) fn source(&self, scope: &Scope) -> BucketRef {
        let said = self.source.iter();
        let bucket = match &self.paco {
            Some([name, _]) => named(scope, Bucket::new(), name),
            None => Bucket::new(),
        };
        let bucket = said.fold(self.plain(bucket), |bucket, say| say(bucket));
        scope.add("Source", bucket)
    }

    /// Whether something is said about a source that is made, and about all buckets or replicas that are.
    pub(super) const fn said(&self) -> [bool; 2] {
        let of_replicas = !self.replicas.is_empty() || !self.statements.is_empty();
        let of_all =
            !self.versioned || self.removal.is_some() || self.paco.is_some() || of_replicas;
        [!self.source.is_empty(), of_all]
    }

    /// The bucket of a replica, with all that was said about it.
    pub(super) fn replica(&self, bucket: Bucket, region: &str) -> Bucket {
        let bucket = match &self.paco {
            Some([_, name]) => bucket.bucket_name(name.in_region(region)),
            None => bucket,
        };
        let said = self.replicas.iter();
        said.fold(self.plain(bucket), |bucket, say| say(bucket, region))
    }

    fn plain(&self, bucket: Bucket) -> Bucket {
        let bucket = match self.removal {
            Some(policy) => bucket.removal_policy(policy),
            None => bucket,
        };
        if self.versioned {
            bucket
        } else {
            bucket.unversioned()
        }
    }

    /// Adds what was said about the policies of replicas.
    pub(super) fn let_in(&self, replica: &BucketRef) {
        for statement in &self.statements {
            replica.add_statement(statement(replica));
        }
    }
}
