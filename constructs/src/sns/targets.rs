//! Topics as targets of notifications and alarms.

use cloudwright_synth::{Json, Scope};

use super::TopicRef;
use crate::cloudwatch::AlarmTarget;
use crate::s3::{BucketRef, NotificationTarget, Notified};

/// The services that publish.
const S3: &str = "s3.amazonaws.com";
const CLOUDWATCH: &str = "cloudwatch.amazonaws.com";

impl NotificationTarget for TopicRef {
    fn place(&self) -> &Scope {
        self.scope()
    }

    fn bind(&self, bucket: &BucketRef) -> Notified {
        // The bucket's ARN is known without the bucket, so the bucket can wait for the policy.
        self.let_in(S3, bucket.scope().account(), |statement| {
            statement.when("ArnEquals", "aws:SourceArn", bucket.arn())
        });
        Notified::topic(self.arn_json(), self.policy().place().clone())
    }
}

impl AlarmTarget for TopicRef {
    fn place(&self) -> &Scope {
        self.scope()
    }

    fn bind(&self, alarm: &Scope) -> Json {
        // Of all alarms of the account: one statement, and no circle between alarm and policy.
        self.let_in(CLOUDWATCH, alarm.account(), |statement| statement);
        self.arn_json()
    }
}
