//! Many files at once, with an archive that fails now and then.

use cloudwright_runtime::harness::http::Reply;

use super::*;

const FILES: usize = 500;

/// What goes wrong with a file: by its number, and how often it was posted before.
fn trouble(name: &str, before: usize) -> Option<Reply> {
    let number: usize = name.strip_suffix(".json")?.parse().ok()?;
    match (number % 10, before) {
        (1, 0) => Some(Reply::new(503, "closed")),
        (3, 0 | 1) => Some(Reply::new(500, "oops")),
        (5, 0) => Some(Reply::new(429, "").with("Retry-After", "1")),
        (7, 0) => Some(Reply::HangUp),
        (9, 0) => Some(Reply::Break),
        _ => None,
    }
}

#[test]
fn five_hundred_files_at_once_are_each_delivered_and_none_twice() {
    let archive = Archive::answering(trouble);
    let setup = Setup {
        name: "many",
        hand_over: HandOver::Queue,
        submission: |submission| submission.retry_unknown().attempts(2),
    };
    let pipeline = Pipeline::deploy(&setup, &archive);
    pipeline.hurry("Deliver");
    // As the stages before leave them. A stride that meets each number once, so that they come in no order.
    for number in (0..FILES).map(|index| index * 347 % FILES) {
        let object = expected!({
            "Bucket": pipeline.output("StagingName"), "Key": format!("{}/{number}.json", number % 7),
            "Body": "{}", "Tagging": format!("SourceID=PRO-{}", number % 3),
        });
        aws(HERE).call("s3", "PutObject", &object);
    }
    let mut seen = 0;
    // As long as something goes on, it is waited for.
    while seen < FILES {
        seen = wait_for("another file at the archive", || {
            Some(archive.files().len()).filter(|now| *now > seen)
        });
    }
    pipeline.await_states(FILES, "accepted");
    let files = archive.files();
    assert_eq!(files.len(), FILES);
    let twice = files.values().filter(|posts| posts.len() != 1).count();
    assert_eq!(twice, 0);
    for queue in ["ConvertFailures", "CapitalsFailures", "DeliverFailures"] {
        let dead = aws(HERE).take_messages(pipeline.output(queue));
        assert!(dead.is_empty(), "{queue}: {dead:?}");
    }
}
