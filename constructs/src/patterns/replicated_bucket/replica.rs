//! What a program says about one replica.

use cloudwright_contract::Deletion;
use cloudwright_synth::Text;

use crate::kms;
use crate::s3::{BucketRef, StorageClass};

/// A place for copies: a bucket that is made for them, or one that exists already.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::patterns::Replica;
/// # let app = App::new();
/// # let stack = app.stack("Artifacts", Environment::new("111111111111", "eu-central-1"));
/// let archive = s3::Bucket::import(&stack, "Archive", "archive-of-the-company");
/// let replicas = [
///     Replica::in_region("us-west-2"),
///     Replica::in_account("222222222222", "us-west-2"),
///     Replica::in_bucket(&archive).prefix("artifacts/"),
/// ];
/// stack.add("Artifacts", ReplicatedBucket::to(replicas));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a replica does nothing until a bucket is replicated to it: `ReplicatedBucket::to([..])`"]
pub struct Replica {
    pub(super) place: Place,
    pub(super) prefix: Text,
    pub(super) key: Option<kms::KeyRef>,
    pub(super) storage_class: Option<StorageClass>,
    pub(super) deletion: Option<Deletion>,
    pub(super) owner: Option<Text>,
    /// A setting that this place does not take.
    pub(super) misplaced: Option<&'static str>,
}

/// Where the bucket of a replica is.
#[derive(Clone)]
pub(super) enum Place {
    /// In a bucket that is made, in this account (else the source's) and region.
    Made { account: Option<Text>, region: Text },
    /// In this bucket, in this region (else that of its stack).
    Existing {
        bucket: Box<BucketRef>,
        region: Option<Text>,
    },
    /// In the source itself.
    Source,
}

impl Replica {
    /// A bucket that is made in another region of the same account, or in the same region.
    pub fn in_region(region: impl Into<Text>) -> Self {
        Self::at(Place::Made {
            account: None,
            region: region.into(),
        })
    }

    /// A bucket that is made in another account, by its id or name. The source's stack has to say its
    /// own account, and the function gets a role with a fixed name, by which the bucket lets it in.
    pub fn in_account(account: impl Into<Text>, region: impl Into<Text>) -> Self {
        Self::at(Place::Made {
            account: Some(account.into()),
            region: region.into(),
        })
    }

    /// A bucket that exists already, in the region of the stack that it belongs to or was imported
    /// to. A bucket of another owner has to let the function in by its own policy.
    pub fn in_bucket(bucket: &BucketRef) -> Self {
        Self::at(Place::Existing {
            bucket: Box::new(bucket.clone()),
            region: None,
        })
    }

    /// The source itself: copies lie below a prefix, and are not copied again.
    pub fn in_source(prefix: impl Into<Text>) -> Self {
        Self::at(Place::Source).prefix(prefix)
    }

    const fn at(place: Place) -> Self {
        Self {
            place,
            prefix: Text::Borrowed(""),
            key: None,
            storage_class: None,
            deletion: None,
            owner: None,
            misplaced: None,
        }
    }

    /// What is put before the key of each copy, such as `copies/`; nothing unless said.
    pub fn prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Encrypts the copies with this key, which is in the region of the replica (and, in two-way
    /// replication, in a stack of its own).
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Stores the copies in this class, in place of that of each object. What was copied before keeps the
    /// class that it has.
    pub const fn storage_class(mut self, class: StorageClass) -> Self {
        self.storage_class = Some(class);
        self
    }

    /// What becomes of the copy of an object that is removed from the source.
    ///
    /// | | a bucket with versions | one without |
    /// |---|---|---|
    /// | [`Deletion::Remove`], unless said | a delete marker; versions stay | removed |
    /// | [`Deletion::Erase`] | removed with all versions | removed |
    /// | [`Deletion::Keep`] | stays | stays |
    ///
    /// Whatever lies in the replica under the key of a removed object is taken for its copy, so erasing is not
    /// for buckets that others write to.
    pub const fn deletion(mut self, deletion: Deletion) -> Self {
        self.deletion = Some(deletion);
        self
    }

    /// The region of a bucket that was imported to a stack of another region.
    pub fn region(mut self, name: impl Into<Text>) -> Self {
        match &mut self.place {
            Place::Made { region, .. } => *region = name.into(),
            Place::Existing { region, .. } => *region = Some(name.into()),
            Place::Source => self.misplaced = Some(".region(..)"),
        }
        self
    }

    /// The account that owns a bucket that exists already, which then owns the copies. For S3's own
    /// replication; the bucket's policy lets the
    /// [role](https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html) in.
    pub fn owned_by(mut self, account: impl Into<Text>) -> Self {
        match &self.place {
            Place::Existing { .. } => self.owner = Some(account.into()),
            Place::Made { .. } | Place::Source => self.misplaced = Some(".owned_by(..)"),
        }
        self
    }
}

impl From<&'static str> for Replica {
    fn from(region: &'static str) -> Self {
        Self::in_region(region)
    }
}

impl From<String> for Replica {
    fn from(region: String) -> Self {
        Self::in_region(region)
    }
}

impl From<Text> for Replica {
    fn from(region: Text) -> Self {
        Self::in_region(region)
    }
}

impl From<&BucketRef> for Replica {
    fn from(bucket: &BucketRef) -> Self {
        Self::in_bucket(bucket)
    }
}
