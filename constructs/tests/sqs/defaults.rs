//! What a queue is unless said.

use super::*;

#[test]
fn a_queue_is_encrypted_polled_long_kept_and_gives_up_after_five_attempts() {
    let template = template(|stack| {
        stack.add("Jobs", Queue::new());
    });
    let dead_letters = template.id(QUEUE, "JobsDeadLetterQueue");
    let queue = template.named(QUEUE, JOBS);
    let expected = expected!({
        "ReceiveMessageWaitTimeSeconds": 20,
        "RedrivePolicy": {
            "deadLetterTargetArn": { "Fn::GetAtt": [dead_letters, "Arn"] },
            "maxReceiveCount": 5,
        },
        "SqsManagedSseEnabled": true,
        "VisibilityTimeout": 180,
    });
    assert_eq!(queue["Properties"], expected);
    for queue in template.all(QUEUE) {
        assert_eq!(queue["DeletionPolicy"], "RetainExceptOnCreate");
        assert_eq!(queue["UpdateReplacePolicy"], "Retain");
    }
}

#[test]
fn dead_letters_are_kept_for_two_weeks_and_given_up_nowhere() {
    let template = template(|stack| {
        stack.add("Failures", Queue::dead_letter());
    });
    let properties = template.properties(QUEUE);
    assert_eq!(properties["MessageRetentionPeriod"], 14 * 86_400);
    assert_eq!(properties["SqsManagedSseEnabled"], true);
    assert!(properties.get("RedrivePolicy").is_none());
}

#[test]
fn nobody_comes_in_without_tls() {
    let template = template(|stack| {
        stack.add("Jobs", Queue::new().without_dead_letter_queue());
    });
    let queue = template.id(QUEUE, "Jobs");
    let expected = expected!([{
        "Action": "sqs:*",
        "Condition": { "Bool": { "aws:SecureTransport": false } },
        "Effect": "Deny",
        "Principal": "*",
        "Resource": { "Fn::GetAtt": [queue, "Arn"] },
    }]);
    let policy = template.properties(POLICY);
    assert_eq!(policy["Queues"], expected!([{ "Ref": queue }]));
    assert_eq!(policy["PolicyDocument"]["Statement"], expected);
}

#[test]
fn a_fifo_queue_is_fast_and_so_is_its_dead_letter_queue() {
    let template = template(|stack| {
        stack.add("Ledger", FifoQueue::new());
    });
    let queues = template.all(QUEUE);
    assert_eq!(queues.len(), 2);
    for queue in queues {
        let properties = &queue["Properties"];
        assert_eq!(properties["FifoQueue"], true);
        assert_eq!(properties["DeduplicationScope"], "messageGroup");
        assert_eq!(properties["FifoThroughputLimit"], "perMessageGroupId");
    }
}

#[test]
fn a_strict_stack_encrypts_queues_and_dead_letters_with_its_key() {
    let template = strict_template(|stack| {
        stack.add("Jobs", Queue::new());
    });
    let key = expected!({ "Fn::GetAtt": [template.id(KEY, "StrictKey"), "Arn"] });
    let queues = template.all(QUEUE);
    assert_eq!(queues.len(), 2);
    for queue in queues {
        assert_eq!(queue["Properties"]["KmsMasterKeyId"], key);
        assert!(queue["Properties"].get("SqsManagedSseEnabled").is_none());
    }
}
