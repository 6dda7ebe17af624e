//! Functions as targets of notifications.

use cloudwright_synth::{IntoValue, Json, Scope};

use super::{FunctionRef, Permission};
use crate::s3::{BucketRef, NotificationTarget, Notified};

/// The service that S3 calls as.
const S3: &str = "s3.amazonaws.com";

impl NotificationTarget for FunctionRef {
    fn place(&self) -> &Scope {
        self.scope()
    }

    fn bind(&self, bucket: &BucketRef) -> Notified {
        // The bucket's ARN is known without the bucket, so the bucket can wait for the permission.
        let permission =
            Permission::service(S3, bucket.arn()).source_account(bucket.scope().account());
        let id = format!("AllowBucket{}", bucket.scope().path().replace('/', "--"));
        let place = self.permit_once(id, permission);
        Notified::function(IntoValue::<Json>::into_json(self.arn()), place)
    }
}
