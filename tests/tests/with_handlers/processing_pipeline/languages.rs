//! The same stage in two languages, in one pipeline.

use serde_json::Value as Document;
use tests::aws::wait_for;

use super::*;

#[test]
fn files_go_through_stages_in_rust_and_python_and_bad_ones_are_kept_with_the_reason() {
    let archive = Archive::open();
    let setup = Setup {
        name: "queued",
        hand_over: HandOver::Queue,
        submission: |submission| submission,
    };
    let pipeline = Pipeline::deploy(&setup, &archive);
    pipeline.put("2026/ship one+é.WIBL.wibl", GOOD);
    pipeline.put("2026/bad.wibl", "no logger's file\n");
    pipeline.put("2026/bad.WIBL", "WIBL PRO-7 logger-1\nt,200,2,3\n");
    // Two files of one vessel: to the archive they have one unique id.
    pipeline.put("2026/again.wibl", GOOD);
    pipeline.put("2026.wibl/CAPITALS+é.WIBL", GOOD);
    pipeline.put("2026/notes.txt", "not for the pipeline");
    let wanted = ["CAPITALS+é.json", "again.json", "ship one+é.WIBL.json"];
    let files = wait_for("the files at the archive", || {
        Some(archive.files()).filter(|files| files.len() == wanted.len())
    });
    assert!(files.keys().eq(wanted), "{files:?}");
    for posts in files.values() {
        assert_eq!(posts.len(), 1, "{posts:?}");
        assert!(posts[0].contains("\"uniqueID\": \"PRO-7\""), "{}", posts[0]);
        let feature = posts[0].replace(' ', "");
        assert!(feature.contains("\"coordinates\":[8.1,54.2]"), "{feature}");
    }
    pipeline.await_states(3, "accepted");
    for key in ["2026/ship one+é.WIBL.json", "2026.wibl/CAPITALS+é.json"] {
        let tags = wait_for("the tag that says what became of it", || {
            Some(pipeline.tags(key)).filter(|tags| tags.contains_key("SubmissionState"))
        });
        let tag = |name: &str| tags.get(name).map(String::as_str);
        assert_eq!(tag("SourceID"), Some("PRO-7"), "{key}");
        assert_eq!(tag("Logger"), Some("logger-1"), "{key}");
        assert_eq!(tag("Soundings"), Some("1"), "{key}");
        assert_eq!(tag("SubmissionState"), Some("accepted"), "{key}");
    }
    assert_status(&pipeline);
    let reasons = [
        ("ConvertFailures", "2026/bad.wibl: the first line is `WIBL"),
        (
            "CapitalsFailures",
            "2026/bad.WIBL: line 2 is nowhere on earth: 200.0",
        ),
    ];
    for (failures, expected) in reasons {
        let reason = &failures_of(&pipeline, failures)["responsePayload"]["errorMessage"];
        assert!(reason.as_str().unwrap().contains(expected), "{reason}");
    }
}

/// `status` agrees with what the test has seen, of all files and of one.
fn assert_status(pipeline: &Pipeline) {
    let counts = |stage: &Document| {
        ["seen", "done", "failed", "waiting", "lost"].map(|name| stage[name].as_u64().unwrap())
    };
    let all = wait_for("what was given up", || {
        let all = pipeline.status(None);
        let given_up = all["Convert"]["failed"] == 1 && all["Capitals"]["failed"] == 1;
        given_up.then_some(all)
    });
    assert_eq!(counts(&all["Convert"]), [3, 2, 1, 0, 0]);
    assert_eq!(counts(&all["Capitals"]), [2, 1, 1, 0, 0]);
    assert_eq!(counts(&all["Deliver"]), [3, 3, 0, 0, 0]);
    let bad = &all["Convert"]["items"][0];
    assert_eq!(bad["key"], "2026/bad.wibl");
    let reason = bad["detail"].as_str().unwrap();
    assert!(reason.contains("the first line is `WIBL"), "{reason}");
    let key = "2026/ship one+é.WIBL.wibl";
    let one = pipeline.status(Some(key));
    assert_eq!(counts(&one["Convert"]), [1, 1, 0, 0, 0]);
    assert_eq!(
        one["Convert"]["items"][0]["detail"],
        "2026/ship one+é.WIBL.json"
    );
    assert_eq!(counts(&one["Capitals"]), [0, 0, 0, 0, 0]);
    assert_eq!(counts(&one["Deliver"]), [1, 1, 0, 0, 0]);
}

fn failures_of(pipeline: &Pipeline, queue: &str) -> Document {
    let kept = aws(HERE).await_messages(pipeline.output(queue));
    serde_json::from_str(kept[0]["Body"].as_str().unwrap()).unwrap()
}

#[test]
fn a_file_that_was_mended_passes_when_its_event_is_given_again() {
    let archive = Archive::open();
    let setup = Setup {
        name: "mended",
        hand_over: HandOver::Call,
        submission: |submission| submission,
    };
    let pipeline = Pipeline::deploy(&setup, &archive);
    pipeline.put("bad.WIBL", "not yet\n");
    let record = failures_of(&pipeline, "CapitalsFailures");
    // Mended without an event of its own, as when the program is mended and not the file.
    let key =
        expected!({ "Bucket": pipeline.output("IncomingName"), "Key": "bad.WIBL", "Body": GOOD });
    aws(HERE).call("s3", "PutObject", &key);
    let call = expected!({
        "FunctionName": pipeline.output("CapitalsFunction"),
        "Payload": record["requestPayload"].to_string(),
    });
    let answer = aws(HERE).call("lambda", "Invoke", &call);
    assert_eq!(answer.get("FunctionError"), None, "{answer}");
    let files = wait_for("the file at the archive", || {
        Some(archive.files()).filter(|files| !files.is_empty())
    });
    assert!(files.keys().eq(["bad.json"]), "{files:?}");
}
