//! Who may do what with a queue's messages.

use cloudwright_synth::Verb;

use super::QueueRefOf;
use crate::delivery::Delivery;
use crate::iam::{GrantRule, Grantee, KeyUse, OwnName, Subject, grant, table};

/// What [`SQS_SEND`](table::SQS_SEND) has for programs that look a queue up is left out.
static SEND: GrantRule = GrantRule {
    service: "sqs",
    name: "send",
    verb: Verb::SendsTo,
    on_itself: &["sqs:SendMessage"],
    on_content: &[],
    key: KeyUse::DataKeys,
    on_everything: &[],
};

impl<K: Delivery> QueueRefOf<K> {
    /// Lets a grantee send messages.
    #[track_caller]
    pub fn grant_send(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_by(&table::SQS_SEND, grantee)
    }

    /// Lets a grantee receive messages and delete them.
    #[track_caller]
    pub fn grant_consume(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_by(&table::SQS_CONSUME, grantee)
    }

    /// Lets a grantee delete all messages at once.
    #[track_caller]
    pub fn grant_purge(&self, grantee: &dyn Grantee) -> &Self {
        self.grant_by(&table::SQS_PURGE, grantee)
    }

    /// Lets a program that knows the queue's URL, or AWS itself, send messages, and do nothing else.
    #[track_caller]
    pub(crate) fn let_send(&self, grantee: &dyn Grantee) {
        self.grant_by(&SEND, grantee);
    }

    /// Gives the rights of a rule.
    #[track_caller]
    pub(crate) fn grant_by(&self, rule: &'static GrantRule, grantee: &dyn Grantee) -> &Self {
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
