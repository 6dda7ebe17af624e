//! Rules of EventBridge that lose nothing.

use cloudwright_synth::{Scope, Value};

use crate::cfn;
use crate::cfn::events::rule;
use crate::iam::{Principal, Statement};
use crate::sqs::QueueRef;

/// The service that runs rules and schedules.
pub(super) const EVENTS: &str = "events.amazonaws.com";

/// Adds a rule with one target. What it cannot hand over, it leaves in `lost`
/// ([AWS](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html)).
pub(super) fn add(
    scope: &Scope,
    id: &'static str,
    rule: cfn::events::Rule,
    target: rule::Target,
    lost: Option<&QueueRef>,
) -> cfn::events::RuleRef {
    let letters = |lost: &QueueRef| {
        let arn: Value<String> = lost.arn().cast();
        rule::DeadLetterConfig::new().arn(arn)
    };
    let target = match lost {
        Some(lost) => target.dead_letter_config(letters(lost)),
        None => target,
    };
    let rule = scope.add(id, rule.targets([target]));
    if let Some(lost) = lost {
        let_send(&rule, lost);
    }
    rule
}

/// Lets a rule send to a queue.
pub(super) fn let_send(rule: &cfn::events::RuleRef, queue: &QueueRef) {
    let send = Statement::allow(["sqs:SendMessage"])
        .by(Principal::service(EVENTS))
        .on(queue.arn())
        .when("ArnEquals", "aws:SourceArn", rule.arn());
    queue.add_statement(send);
    if let Some(key) = queue.key() {
        key.allow_service(EVENTS);
    }
}
