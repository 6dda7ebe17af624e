//! Who may do what with a queue's messages.

use super::QueueRefOf;
use crate::delivery::Delivery;
use crate::iam::{GrantRule, Grantee, OwnName, Subject, grant, table};

impl<K: Delivery> QueueRefOf<K> {
    /// Lets a grantee send messages.
    #[track_caller]
    pub fn grant_send(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::SQS_SEND, grantee)
    }

    /// Lets a grantee receive messages and delete them.
    #[track_caller]
    pub fn grant_consume(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::SQS_CONSUME, grantee)
    }

    /// Lets a grantee delete all messages at once.
    #[track_caller]
    pub fn grant_purge(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::SQS_PURGE, grantee)
    }

    #[track_caller]
    fn grant(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: self.scope(),
            arn: self.arn_json(),
            content: "",
            key: self.key(),
            policy: Some(self.policy()),
            own_name: OwnName::Arn,
            known_arn: self.known_arn(),
        };
        grant(rule, &subject, grantee);
        self
    }
}
