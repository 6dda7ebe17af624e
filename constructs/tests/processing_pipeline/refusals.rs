//! What cannot work: told at synthesis, by stage, at the line of its `.stage(..)`.

use cloudwright::lambda::{Code, Function, Runtime};
use cloudwright::patterns::{HandOver, Place, Stage, Submission};
use cloudwright::prelude::*;

use crate::support::{assert_error, findings};
use crate::{mistakes, secret, stage, submission};

#[test]
fn a_pipeline_that_starts_itself_is_refused_with_the_way() {
    let found = mistakes(
        ProcessingPipeline::new()
            .stage("Convert", stage().writes("Staging"))
            .stage("Check", stage().writes("Checked"))
            .stage("Mend", stage().writes("Incoming")),
    );
    let way =
        "`Convert` writes to `Staging`, `Check` writes to `Checked`, `Mend` writes to `Incoming`";
    assert_error(
        &found,
        "CW1422",
        &[
            "the stage `Convert` starts itself",
            way,
            "processing_pipeline/refusals.rs:",
        ],
    );
    let found = mistakes(ProcessingPipeline::new().stage("Convert", stage().writes("Incoming")));
    assert_error(&found, "CW1422", &["`Convert` writes to `Incoming`"]);
}

#[test]
fn a_stage_that_nobody_feeds_is_refused_with_what_was_meant() {
    let found = mistakes(
        ProcessingPipeline::new()
            .stage("Convert", stage().writes("Staging"))
            .stage("Check", stage().reads("Stagin")),
    );
    assert_error(
        &found,
        "CW1421",
        &[
            "nobody feeds the stage `Check`",
            "`Stagin`",
            "did you mean `Staging`?",
        ],
    );
}

#[test]
fn after_the_last_stage_of_a_row_another_has_to_say_what_it_reads() {
    let row = ProcessingPipeline::new().stage("Convert", stage());
    let found = mistakes(row.stage("Check", stage()));
    assert_error(&found, "CW1421", &["nobody feeds the stage `Check`"]);
}

#[test]
fn two_stages_that_want_the_same_objects_need_a_topic() {
    let found = mistakes(
        ProcessingPipeline::new()
            .stage("Convert", stage().writes("Staging"))
            .stage(
                "Count",
                stage().reads("Incoming").suffix(".wibl").writes("Counts"),
            ),
    );
    assert!(found.to_string().contains("HandOver::Topic"), "{found}");
}

#[test]
fn what_does_not_fit_together_is_told_by_stage() {
    let twice = ProcessingPipeline::new().stage("Convert", stage().writes("A"));
    let found = mistakes(twice.stage("Convert", stage().writes("B")));
    assert_error(&found, "CW1004", &["two stages are called `Convert`"]);
    let found = mistakes(ProcessingPipeline::new());
    assert_error(&found, "CW1103", &["at least one stage, got none"]);
    let found =
        mistakes(ProcessingPipeline::new().stage("Convert", stage().maximum_concurrency(3)));
    assert_error(&found, "CW1103", &["the stage `Convert` has no queue"]);
    let found = findings(|stack| {
        let plain = Submission::to("http://archive.example.org", "UNHJHC", &secret(stack));
        let pipeline = ProcessingPipeline::new().deliver(Stage::submit(plain.attempts(11)));
        stack.add("Files", pipeline);
    });
    assert_error(
        &found,
        "CW1106",
        &["the stage `Deliver`", "got \"http://archive.example.org\""],
    );
    assert_error(
        &found,
        "CW1002",
        &["the stage `Deliver`: an object is posted 1 to 10 times in one call, got 11"],
    );
    let found = findings(|stack| {
        let large = submission(stack).largest(MiB(4097));
        stack.add(
            "Files",
            ProcessingPipeline::new().deliver(Stage::submit(large)),
        );
    });
    assert_error(
        &found,
        "CW1002",
        &["the stage `Deliver`: ", "1 to 4096 MiB, got 4097"],
    );
    let found = findings(|stack| {
        let nobody = Submission::to("https://archive.example.org", " ", &secret(stack));
        let stage = Stage::submit(nobody).writes("Nowhere");
        stack.add("Files", ProcessingPipeline::new().stage("Submit", stage));
    });
    assert!(
        found
            .to_string()
            .contains("the stage `Submit` hands in as a provider without an id"),
        "{found}"
    );
    assert!(
        found
            .to_string()
            .contains("the stage `Submit` hands in to an archive and writes to no place"),
        "{found}"
    );
}

#[test]
fn a_place_that_is_said_in_two_ways_is_refused() {
    let found = findings(|stack| {
        let one = stack.add("One", s3::Bucket::new());
        let pipeline = ProcessingPipeline::new()
            .stage(
                "Convert",
                stage().writes(Place::named("Staging").bucket(&one)),
            )
            .stage("Check", stage().reads(Place::named("Staging").below("x/")));
        stack.add("Files", pipeline);
    });
    assert_error(&found, "CW1103", &["the place `Staging` is said twice"]);
}

#[test]
fn one_bucket_by_two_handles_is_one_place() {
    let found = findings(|stack| {
        let [one, two] = ["One", "Two"].map(|id| s3::Bucket::import(stack, id, "given"));
        let input = Place::named("In").bucket(&one);
        let output = Place::named("Out").bucket(&two);
        let row = ProcessingPipeline::new().stage("Convert", stage().reads(input).writes(output));
        stack.add("Files", row);
    });
    assert_error(&found, "CW1422", &["`Convert` writes to `Out`"]);
}

#[test]
fn each_mistake_has_the_line_of_its_stage() {
    let line = line!() + 3;
    let found = mistakes(
        ProcessingPipeline::new()
            .stage("Convert", stage().writes("Staging"))
            .stage("Check", stage().reads("Nowhere").maximum_concurrency(2))
            .stage("Check", stage().reads("Staging"))
            .deliver(stage().reads("Staging").suffix(".json")),
    );
    let at = |code: &str, stages: u32| {
        let place = format!("processing_pipeline/refusals.rs:{}", line + stages);
        let told = found.iter().find(|one| one.rule.code == code);
        let told = told.unwrap_or_else(|| panic!("no {code} in {found}"));
        assert!(
            told.to_string().contains(&place),
            "{told} is not at {place}"
        );
    };
    at("CW1421", 1);
    at("CW1103", 1);
    at("CW1004", 2);
    at("CW1101", 3);
}

#[test]
fn a_way_of_handing_over_that_cannot_do_it_is_told() {
    let gone = stage().events([s3::Event::ObjectRemoved]);
    let gone = gone.hand_over(HandOver::EventBridge);
    let found = mistakes(ProcessingPipeline::new().stage("Forget", gone));
    let told = "the stage `Forget` wants `s3:ObjectRemoved:*` by EventBridge";
    assert_error(&found, "CW1103", &[told]);
    let none = stage().events([]);
    let found = mistakes(ProcessingPipeline::new().stage("Never", none));
    assert_error(&found, "CW1421", &["nothing starts the stage `Never`"]);
    let found = findings(|stack| {
        let silent = stack.add("Silent", s3::Bucket::new());
        let told = stage().reads(Place::named("In").bucket(&silent));
        let told = told.hand_over(HandOver::EventBridge);
        stack.add("Files", ProcessingPipeline::new().stage("Convert", told));
    });
    assert_error(
        &found,
        "CW1103",
        &["events of `S/Silent` are wanted from EventBridge"],
    );
}

#[test]
fn a_package_that_cannot_be_started_is_told_with_its_stage() {
    let folder = tempfile::tempdir().unwrap();
    // An archive of nothing: the end of a directory without entries.
    let zip = folder.path().join("stage.zip");
    let empty = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    std::fs::write(&zip, empty).unwrap();
    let found = findings(|stack| {
        let function = Function::new(Code::zip(&zip));
        let row = ProcessingPipeline::new().stage("Convert", Stage::function(function));
        stack.add("Files", row);
    });
    assert_error(&found, "CW1301", &["S/Files/Convert", "\"stage.zip\""]);
    let missing = folder.path().join("missing");
    let found = findings(|stack| {
        let code =
            Function::new(Code::python(&missing)).runtime(Runtime::Python3_14, "app.handler");
        let row = ProcessingPipeline::new().stage("Validate", Stage::function(code));
        stack.add("Files", row);
    });
    let text = found.to_string();
    assert!(text.contains("S/Files/Validate"), "{text}");
}

#[test]
fn an_upload_point_is_https_but_on_this_machine() {
    let to = |url: &'static str| {
        findings(move |stack| {
            let to = Submission::to(url, "UNHJHC", &secret(stack));
            stack.add(
                "Files",
                ProcessingPipeline::new().deliver(Stage::submit(to)),
            );
        })
    };
    for url in [
        "http://127.0.0.1:8000/upload",
        "http://localhost/upload",
        "https://a.example/",
    ] {
        assert!(to(url).is_empty(), "{url}: {}", to(url));
    }
    for url in [
        "http://a.example/",
        "ftp://a.example/",
        "a.example",
        "",
        "https://",
    ] {
        assert_error(
            &to(url),
            "CW1106",
            &["the stage `Deliver`", &format!("got \"{url}\"")],
        );
    }
}
