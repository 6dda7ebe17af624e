//! What the worker that is brought along may do, and nothing else: it is told the URLs of its queues, and asks for nothing but
//! messages. What people grant to programs of their own is in [the table](crate::iam::GRANTS).

use cloudwright_synth::Verb;

use crate::iam::{GrantRule, KeyUse};

/// Takes messages, keeps them hidden, and removes them.
pub(super) static CONSUME: GrantRule = GrantRule {
    service: "sqs",
    name: "consume",
    verb: Verb::Consumes,
    on_itself: &[
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
    ],
    on_content: &[],
    key: KeyUse::Decrypt,
    on_everything: &[],
};

/// Looks at objects and reads what is in them.
pub(super) static READ: GrantRule = GrantRule {
    service: "s3",
    name: "read_objects",
    verb: Verb::MayRead,
    on_itself: &[],
    on_content: &["s3:GetObject"],
    key: KeyUse::Decrypt,
    on_everything: &[],
};
