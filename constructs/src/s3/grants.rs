//! Who may do what with a bucket's objects.

use cloudwright_synth::IntoValue;

use super::BucketRef;
use crate::iam::{GrantRule, Grantee, Subject, grant, table};

impl BucketRef {
    /// Lets a grantee list the bucket and read its objects and their tags.
    #[track_caller]
    pub fn grant_read(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::S3_READ, grantee)
    }

    /// Lets a grantee write objects and their tags.
    #[track_caller]
    pub fn grant_write(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::S3_WRITE, grantee)
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

    #[track_caller]
    fn grant(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: self.scope(),
            arn: IntoValue::<cloudwright_synth::Json>::into_json(self.arn()),
            content: "/*",
            key: self.key(),
            policy: Some(self.policy()),
            own_name: None,
            known_arn: Some(self.arn().as_json().clone()),
        };
        grant(rule, &subject, grantee);
        self
    }
}
