//! What can be said about a queue, and how it is written.

use super::*;

#[test]
fn every_setting_is_written() {
    let template = template(|stack| {
        let failures = stack.add("Failures", FifoQueue::dead_letter());
        let queue = FifoQueue::new()
            .queue_name("ledger")
            .visibility_timeout(hours(12))
            .retention(minutes(1))
            .delay(minutes(15))
            .receive_wait(seconds(0))
            .max_message_bytes(1024)
            .dead_letter_queue(&failures)
            .max_receives(1000)
            .content_based_deduplication()
            .deduplicated_across_groups()
            .removal_policy(RemovalPolicy::Destroy);
        stack.add("Ledger", queue);
    });
    let failures = template.id(QUEUE, "Failures");
    let ledger = template.named(QUEUE, "Ledger");
    let expected = expected!({
        "ContentBasedDeduplication": true,
        "DeduplicationScope": "queue",
        "DelaySeconds": 900,
        "FifoQueue": true,
        "FifoThroughputLimit": "perQueue",
        "MaximumMessageSize": 1024,
        "MessageRetentionPeriod": 60,
        "QueueName": "ledger.fifo",
        "ReceiveMessageWaitTimeSeconds": 0,
        "RedrivePolicy": {
            "deadLetterTargetArn": { "Fn::GetAtt": [failures, "Arn"] },
            "maxReceiveCount": 1000,
        },
        "SqsManagedSseEnabled": true,
        "VisibilityTimeout": 43_200,
    });
    assert_eq!(ledger["Properties"], expected);
    assert_eq!(ledger["DeletionPolicy"], "Delete");
}

#[test]
fn a_removal_policy_and_a_key_are_those_of_the_dead_letter_queue_too() {
    let template = template(|stack| {
        let key = stack.add("Key", kms::Key::new());
        let jobs = Queue::new().encrypted_with(&key);
        stack.add("Jobs", jobs.removal_policy(RemovalPolicy::Destroy));
    });
    let key = expected!({ "Fn::GetAtt": [template.id(KEY, "Key"), "Arn"] });
    for queue in template.all(QUEUE) {
        assert_eq!(queue["DeletionPolicy"], "Delete");
        assert_eq!(queue["Properties"]["KmsMasterKeyId"], key);
    }
}

#[test]
fn the_count_of_attempts_may_be_said_before_or_after_the_queue_for_the_rest() {
    let template = template(|stack| {
        let failures = stack.add("Failures", Queue::dead_letter());
        let before = Queue::new().max_receives(2).dead_letter_queue(&failures);
        stack.add("Before", before);
        let after = Queue::new().dead_letter_queue(&failures).max_receives(2);
        stack.add("After", after);
    });
    for id in ["Before", "After"] {
        let redrive = &template.named(QUEUE, id)["Properties"]["RedrivePolicy"];
        assert_eq!(redrive["maxReceiveCount"], 2, "{id}");
    }
    assert_eq!(template.all(QUEUE).len(), 3);
}

#[test]
fn names_of_fifo_queues_end_in_fifo_whoever_says_so() {
    for name in ["ledger", "ledger.fifo"] {
        let template = template(|stack| {
            let queue = FifoQueue::new().queue_name(name);
            stack.add("Ledger", queue.without_dead_letter_queue());
        });
        assert_eq!(template.properties(QUEUE)["QueueName"], "ledger.fifo");
    }
}

#[test]
fn only_a_queue_with_a_known_name_may_use_its_dead_letter_queue() {
    let template = template(|stack| {
        stack.add("Jobs", Queue::new().queue_name("jobs"));
    });
    let dead_letters = template.named(QUEUE, "JobsDeadLetterQueue");
    let allow = &dead_letters["Properties"]["RedriveAllowPolicy"];
    assert_eq!(allow["redrivePermission"], "byQueue");
    let source = allow["sourceQueueArns"][0].to_string();
    assert!(
        source.contains(":sqs:eu-central-1:123456789012:jobs"),
        "{source}"
    );
    // No reference back: else the two queues would wait for each other.
    assert!(!source.contains("GetAtt"), "{source}");
    assert!(dead_letters["Properties"].get("QueueName").is_none());
}
