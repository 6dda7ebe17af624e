//! Who may do what with a bucket's objects.

use cloudwright_synth::IntoValue;

use super::BucketRef;
use crate::iam::{GrantRule, Grantee, OwnName, Subject, grant, table};

impl BucketRef {
    /// Lets a grantee list the bucket and read its objects and their tags.
    #[track_caller]
    pub fn grant_read(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::S3_READ, grantee)
    }

    /// Lets a grantee read objects that it knows the keys of, and their tags, but not list the bucket: what
    /// a function needs that is told of each object.
    #[track_caller]
    pub fn grant_read_objects(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_read_objects_below("", grantee)
    }

    /// As [`grant_read_objects`](Self::grant_read_objects), of objects whose keys begin so.
    #[track_caller]
    pub(crate) fn grant_read_objects_below(&self, prefix: &str, grantee: &dyn Grantee) -> &Self {
        self.grant_below(&table::S3_READ_OBJECTS, prefix, grantee)
    }

    /// Lets a grantee write objects and their tags.
    #[track_caller]
    pub fn grant_write(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_write_below("", grantee)
    }

    /// As [`grant_write`](Self::grant_write), of objects whose keys begin so.
    #[track_caller]
    pub(crate) fn grant_write_below(&self, prefix: &str, grantee: &dyn Grantee) -> &Self {
        self.grant_below(&table::S3_WRITE, prefix, grantee)
    }

    /// Lets a grantee read and write objects.
    #[track_caller]
    pub fn grant_read_write(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_read(grantee).grant_write(grantee)
    }

    /// Lets a grantee delete objects. In a versioned bucket that leaves a delete marker; versions
    /// stay.
    #[track_caller]
    pub fn grant_delete(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::S3_DELETE, grantee)
    }

    /// Lets a grantee delete objects for good, with all their versions: see them and delete each.
    #[track_caller]
    pub fn grant_erase(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_erase_below("", grantee)
    }

    /// As [`grant_erase`](Self::grant_erase), of objects whose keys begin so.
    #[track_caller]
    pub(crate) fn grant_erase_below(&self, prefix: &str, grantee: &dyn Grantee) -> &Self {
        self.grant_below(&table::S3_ERASE, prefix, grantee)
    }

    /// Lets a grantee keep copies of these objects elsewhere: see what is here now, with its versions
    /// and tags.
    #[track_caller]
    pub fn grant_replicate_from(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_replicate_from_below("", grantee)
    }

    /// As [`grant_replicate_from`](Self::grant_replicate_from), of objects whose keys begin so.
    #[track_caller]
    pub(crate) fn grant_replicate_from_below(&self, prefix: &str, grantee: &dyn Grantee) -> &Self {
        self.grant_below(&table::S3_REPLICATE_FROM, prefix, grantee)
    }

    /// Lets a grantee keep copies of objects here: see, write and remove them.
    #[track_caller]
    pub fn grant_replicate_to(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_replicate_to_below("", grantee)
    }

    /// As [`grant_replicate_to`](Self::grant_replicate_to), of objects whose keys begin so.
    #[track_caller]
    pub(crate) fn grant_replicate_to_below(&self, prefix: &str, grantee: &dyn Grantee) -> &Self {
        self.grant_below(&table::S3_REPLICATE_TO, prefix, grantee)
    }

    /// As [`grant_replicate_to`](Self::grant_replicate_to), without removing copies.
    #[track_caller]
    pub fn grant_copy_to(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_copy_to_below("", grantee)
    }

    /// As [`grant_copy_to`](Self::grant_copy_to), of objects whose keys begin so.
    #[track_caller]
    pub(crate) fn grant_copy_to_below(&self, prefix: &str, grantee: &dyn Grantee) -> &Self {
        self.grant_below(&table::S3_COPY_TO, prefix, grantee)
    }

    /// Lets the role of S3's own replication copy objects to this bucket
    /// ([AWS](https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html)).
    #[track_caller]
    pub fn grant_replication_destination(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::S3_REPLICATION_DESTINATION, grantee)
    }

    /// Lets the role of S3's own replication read the versions of objects here.
    #[track_caller]
    pub fn grant_replication_source(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_replication_source_below("", grantee)
    }

    /// As [`grant_replication_source`](Self::grant_replication_source), of objects whose keys begin so.
    #[track_caller]
    pub(crate) fn grant_replication_source_below(
        &self,
        prefix: &str,
        grantee: &dyn Grantee,
    ) -> &Self {
        self.grant_below(&table::S3_REPLICATION_SOURCE, prefix, grantee)
    }

    #[track_caller]
    fn grant(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
        self.grant_below(rule, "", grantee)
    }

    /// Gives the rights of a rule, to objects whose keys begin so.
    #[track_caller]
    pub(crate) fn grant_below(
        &self,
        rule: &'static GrantRule,
        prefix: &str,
        grantee: &dyn Grantee,
    ) -> &Self {
        let content = format!("/{prefix}*");
        let subject = Subject {
            scope: self.scope(),
            arn: IntoValue::<cloudwright_synth::Json>::into_json(self.arn()),
            content: &content,
            key: self.key(),
            policy: Some(self.policy()),
            own_name: OwnName::Arn,
            known_arn: Some(self.arn().as_json().clone()),
        };
        grant(rule, &subject, grantee);
        self
    }
}
