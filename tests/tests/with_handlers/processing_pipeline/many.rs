//! Many files at once, some of them bad, with an archive that fails now and then.

use std::collections::BTreeSet;

use cloudwright_runtime::harness::http::Reply;

use super::*;

const FILES: usize = 500;
/// What goes wrong goes wrong with one of so many files; each wait of a call is a wait for the nine files behind it.
const ONE_OF: usize = 50;
/// Files that are held, since the archive took them and did not say so.
const HELD: usize = 2 * FILES / ONE_OF;
/// Files that are no logger's.
const BAD: usize = FILES / ONE_OF;

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

fn is_bad(number: usize) -> bool {
    number % ONE_OF == 11
}

/// The key of a file: those of half of the loggers end in capitals, and are read by the stage in Python.
fn key(number: usize) -> String {
    let end = match number / ONE_OF % 2 {
        0 => "wibl",
        _ => "WIBL",
    };
    format!("{}/{number}.{end}", number % 7)
}

/// How many objects the table has in each state.
fn counted(pipeline: &Pipeline) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for state in pipeline.states().into_values() {
        *counts.entry(state).or_default() += 1;
    }
    counts
}

/// The messages of these queues, when there are so many.
fn dead(pipeline: &Pipeline, queues: &[&str], count: usize) -> Vec<String> {
    let aws = aws(HERE);
    let mut bodies = Vec::new();
    while bodies.len() < count {
        let more = wait_for("another dead letter", || {
            let queues = queues.iter().map(|queue| pipeline.output(queue));
            let messages: Vec<_> = queues.flat_map(|queue| aws.take_messages(queue)).collect();
            Some(messages).filter(|messages| !messages.is_empty())
        });
        bodies.extend(
            more.iter()
                .map(|message| message["Body"].as_str().unwrap().to_owned()),
        );
    }
    bodies
}

#[test]
fn five_hundred_files_at_once_are_each_delivered_or_given_up_with_the_reason_and_none_twice() {
    let archive = Archive::answering(trouble);
    let setup = Setup {
        name: "many",
        hand_over: HandOver::Queue,
        submission: |submission| submission.attempts(2),
    };
    let pipeline = Pipeline::deploy(&setup, &archive);
    // Longer than a batch takes, or it would be given to two calls at once; one of the two would wait.
    pipeline.hurry("Deliver", 30);
    // One client: each is a process.
    let aws = aws(HERE);
    // A stride that meets each number once, so that they come in no order.
    for number in (0..FILES).map(|index| index * 347 % FILES) {
        let vessel = format!(
            "WIBL PRO-{} logger-1\n2026-01-01T00:00:00Z,8.1,54.2,17.5\n",
            number % 3
        );
        let content = if is_bad(number) {
            "no logger's file\n"
        } else {
            &vessel
        };
        aws.put_object(pipeline.output("IncomingName"), &key(number), content);
    }
    let mut taken = 0;
    while taken < FILES - BAD {
        // As long as something goes on, it is waited for.
        taken = wait_for("another file at the archive", || {
            Some(archive.taken()).filter(|now| *now > taken)
        });
    }
    let wanted = BTreeMap::from([
        ("accepted".to_owned(), FILES - BAD - HELD),
        ("unknown".to_owned(), HELD),
    ]);
    wait_for("the end of each in the table", || {
        (counted(&pipeline) == wanted).then_some(())
    });
    // The archive has each of them once: those that it did not confirm, too.
    let files = archive.files();
    let names = (0..FILES).filter(|number| !is_bad(*number));
    let names: BTreeSet<_> = names.map(|number| format!("{number}.json")).collect();
    assert!(files.keys().eq(&names), "{:?}", files.keys());
    let twice = files.values().filter(|posts| posts.len() != 1).count();
    assert_eq!(twice, 0);
    assert_told(&pipeline);
    assert_given_up(&pipeline);
}

/// `status` says the same.
fn assert_told(pipeline: &Pipeline) {
    let bad_wibl = (0..FILES).filter(|number| is_bad(*number) && key(*number).ends_with("wibl"));
    let bad = |stage: &str| match stage {
        "Convert" => bad_wibl.clone().count(),
        _ => BAD - bad_wibl.clone().count(),
    };
    let all = wait_for("what was given up", || {
        let all = pipeline.status(None);
        let is_told = |stage: &str| all[stage]["failed"] == bad(stage);
        (is_told("Convert") && is_told("Capitals")).then_some(all)
    });
    let sum = |member: &str| {
        let stages = ["Convert", "Capitals"].map(|stage| all[stage][member].as_u64().unwrap());
        stages.into_iter().sum::<u64>()
    };
    let stages = ["seen", "done", "failed", "lost"].map(sum);
    assert_eq!(
        stages,
        [FILES, FILES - BAD, BAD, 0].map(|count| count as u64)
    );
    let status = &all["Deliver"];
    let deliver = ["seen", "done", "failed", "lost"].map(|member| status[member].as_u64().unwrap());
    let expected = [FILES - BAD, FILES - BAD - HELD, HELD, 0];
    assert_eq!(deliver, expected.map(|count| count as u64), "{status}");
}

/// What was given up is among the dead letters, once each, and nothing else is.
fn assert_given_up(pipeline: &Pipeline) {
    let named = |body: &str| -> BTreeSet<usize> {
        let is_named = |number: &usize| {
            let name = format!("/{number}.");
            body.contains(&name) || body.contains(&name.replace('/', "%2F"))
        };
        (0..FILES).filter(is_named).collect()
    };
    let of = |bodies: &[String]| -> Vec<usize> {
        let mut numbers: Vec<_> = bodies.iter().flat_map(|body| named(body)).collect();
        numbers.sort_unstable();
        numbers
    };
    let bad = dead(pipeline, &["ConvertFailures", "CapitalsFailures"], BAD);
    let expected: Vec<_> = (0..FILES).filter(|number| is_bad(*number)).collect();
    assert_eq!(of(&bad), expected);
    for body in &bad {
        assert!(body.contains("the first line is `WIBL"), "{body}");
    }
    let held = dead(pipeline, &["DeliverFailures"], HELD);
    let is_held = |number: &usize| [7, 9].contains(&(number % ONE_OF));
    let expected: Vec<_> = (0..FILES).filter(is_held).collect();
    assert_eq!(of(&held), expected);
}
