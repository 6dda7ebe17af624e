//! What a queue refuses, and what it answers.

use super::*;

#[track_caller]
fn refused(queue: Queue, code: &str, parts: &[&str]) {
    let found = findings(|stack| {
        stack.add("Jobs", queue);
    });
    assert_error(&found, code, parts);
}

#[test]
fn durations_have_ranges_and_whole_seconds() {
    let new = Queue::new;
    let cases = [
        (
            new().visibility_timeout(hours(13)),
            "a visibility timeout is 0 to 43200 seconds, got 46800",
        ),
        (
            new().retention(seconds(59)),
            "a queue's retention is 60 to 1209600 seconds, got 59",
        ),
        (
            new().retention(days(15)),
            "a queue's retention is 60 to 1209600 seconds, got 1296000",
        ),
        (
            new().delay(seconds(901)),
            "a queue's delay is 0 to 900 seconds, got 901",
        ),
        (
            new().receive_wait(seconds(21)),
            "a queue's receive wait is 0 to 20 seconds, got 21",
        ),
    ];
    for (queue, message) in cases {
        refused(
            queue,
            "CW1002",
            &[message, "choose a duration in this range"],
        );
    }
    let half = std::time::Duration::from_millis(1500);
    let parts = [
        "a visibility timeout is whole seconds, got 1.5s",
        "round it",
    ];
    refused(Queue::new().visibility_timeout(half), "CW1001", &parts);
}

#[test]
fn messages_have_a_size() {
    for bytes in [1023, 1_048_577] {
        let got = format!("got {bytes}");
        let parts = ["1024 to 1048576 bytes", &got, "goes to a bucket"];
        refused(Queue::new().max_message_bytes(bytes), "CW1002", &parts);
    }
}

#[test]
fn attempts_are_counted_up_to_a_thousand() {
    for count in [0, 1001] {
        let got = format!("1 to 1000 times, got {count}");
        let parts = [got.as_str(), "`without_dead_letter_queue()`"];
        refused(Queue::new().max_receives(count), "CW1002", &parts);
    }
}

#[test]
fn attempts_are_counted_only_with_somewhere_to_give_up_to() {
    let parts = [
        "got `max_receives(3)`",
        "no dead-letter queue",
        "name a dead-letter queue",
    ];
    for queue in [
        Queue::dead_letter(),
        Queue::new().without_dead_letter_queue(),
    ] {
        refused(queue.max_receives(3), "CW1103", &parts);
    }
}

#[test]
fn names_have_a_form_and_a_length() {
    let long = "q".repeat(81);
    for name in ["", "jobs and more", "jobs.fifo", &long] {
        let got = format!("got \"{name}\"");
        let parts = [
            "a standard queue's name has 1 to 80 letters",
            &got,
            "leave it out",
        ];
        refused(Queue::new().queue_name(name.to_owned()), "CW1004", &parts);
    }
    let found = findings(|stack| {
        stack.add("Ledger", FifoQueue::new().queue_name("q".repeat(76)));
    });
    let parts = [
        "a FIFO queue's name has 1 to 75 letters",
        "shorten or clean the name",
    ];
    assert_error(&found, "CW1004", &parts);
    template(|stack| {
        stack.add("Ledger", FifoQueue::new().queue_name("q".repeat(75)));
        stack.add("Jobs", Queue::new().queue_name("q".repeat(80)));
    });
}

#[test]
fn a_dead_letter_queue_stands_in_the_same_account_and_region() {
    let app = App::new();
    let away = app.stack("Away", Environment::new(ABROAD, "eu-west-1"));
    let failures = away.add("Failures", Queue::dead_letter().queue_name("failures"));
    let jobs = Queue::new().dead_letter_queue(&failures);
    app.stack("S", home()).add("Jobs", jobs);
    let found = refusal_of(app).to_string();
    for (expected, got) in [("123456789012", ABROAD), ("eu-central-1", "eu-west-1")] {
        let message = format!("expected {expected}, got \"Away/Failures\" in {got}");
        assert!(found.contains(&message), "{found}");
    }
    assert!(
        found.contains("CW1109") && found.contains("add one of the two"),
        "{found}"
    );
}
