//! Queues as targets of notifications.

use cloudwright_synth::Scope;

use super::QueueRef;
use crate::s3::{BucketRef, NotificationTarget, Notified};

/// The service that S3 sends as.
const S3: &str = "s3.amazonaws.com";

impl NotificationTarget for QueueRef {
    fn place(&self) -> &Scope {
        self.scope()
    }

    fn bind(&self, bucket: &BucketRef) -> Notified {
        // The bucket's ARN is known without the bucket, so the bucket can wait for the policy.
        let account = bucket.scope().account();
        let arn = bucket.arn().as_json().clone();
        self.let_in(S3, arn, account.clone(), |statement| {
            statement.when("StringEquals", "aws:SourceAccount", account)
        });
        Notified::queue(self.arn_json(), self.policy().place().clone())
    }
}
