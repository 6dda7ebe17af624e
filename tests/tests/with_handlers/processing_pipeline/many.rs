//! Many files at once, with an archive that fails now and then.

use cloudwright_runtime::harness::http::Reply;

use super::*;

const FILES: usize = 500;
/// What goes wrong goes wrong with one of so many files; each wait of a call is a wait for the nine files behind it.
const ONE_OF: usize = 50;
/// Files that are held, since the archive took them and did not say so.
const HELD: usize = 2 * FILES / ONE_OF;

/// What goes wrong with a file: by its number, and how often it was posted before.
fn trouble(name: &str, before: usize) -> Fate {
    let number = name.strip_suffix(".json").map(str::parse::<usize>);
    let Some(Ok(number)) = number else {
        return Fate::TurnAway(Reply::new(400, "no file of this test"));
    };
    match (number % ONE_OF, before) {
        (1, 0) => Fate::TurnAway(Reply::new(503, "closed")),
        // Longer than one call tries it: it comes again from the queue.
        (3, 0 | 1) => Fate::TurnAway(Reply::new(500, "oops")),
        (5, 0) => Fate::TurnAway(Reply::new(429, "").with("Retry-After", "1")),
        (7, _) => Fate::TakeAndSay(Reply::HangUp),
        (9, _) => Fate::TakeAndSay(Reply::Break),
        _ => Fate::Accept,
    }
}

/// How many objects the table has in each state.
fn counted(pipeline: &Pipeline) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for state in pipeline.states().into_values() {
        *counts.entry(state).or_default() += 1;
    }
    counts
}

#[test]
fn five_hundred_files_at_once_are_each_delivered_and_none_twice() {
    let archive = Archive::answering(trouble);
    let setup = Setup {
        name: "many",
        hand_over: HandOver::Queue,
        submission: |submission| submission.attempts(2),
    };
    let pipeline = Pipeline::deploy(&setup, &archive);
    // Longer than a batch takes, or it would be given to two calls at once; one of the two would wait.
    pipeline.hurry("Deliver", 15);
    // One client: each is a process.
    let aws = aws(HERE);
    // As the stages before leave them. A stride that meets each number once, so that they come in no order.
    for number in (0..FILES).map(|index| index * 347 % FILES) {
        let object = expected!({
            "Bucket": pipeline.output("StagingName"), "Key": format!("{}/{number}.json", number % 7),
            "Body": "{}", "Tagging": format!("SourceID=PRO-{}", number % 3),
        });
        aws.call("s3", "PutObject", &object);
    }
    let mut taken = 0;
    while taken < FILES {
        // As long as something goes on, it is waited for.
        taken = wait_for("another file at the archive", || {
            Some(archive.taken()).filter(|now| *now > taken)
        });
    }
    let wanted = BTreeMap::from([
        ("accepted".to_owned(), FILES - HELD),
        ("unknown".to_owned(), HELD),
    ]);
    wait_for("the end of each in the table", || {
        (counted(&pipeline) == wanted).then_some(())
    });
    // The archive has each of them once: those that it did not confirm, too.
    let files = archive.files();
    assert_eq!(files.len(), FILES);
    let twice = files.values().filter(|posts| posts.len() != 1).count();
    assert_eq!(twice, 0);
    let status = &pipeline.status(None)["Deliver"];
    assert_eq!(status["seen"], FILES, "{status}");
    assert_eq!(status["done"], FILES - HELD, "{status}");
    assert_eq!(status["failed"], HELD, "{status}");
    assert_eq!(status["lost"], 0, "{status}");
}
