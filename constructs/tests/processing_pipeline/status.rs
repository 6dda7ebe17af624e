//! What the operation `status` is told of the stages.

use cloudwright::patterns::{HandOver, Stage};
use cloudwright::prelude::*;
use cloudwright::s3::Event;
use serde_json::{Value, json as expected};

use crate::support::assert_error;
use crate::{Template, function, mistakes, pipeline, stage};

/// The stages in the definition of the state machine, by their names.
fn plan(template: &Template, name: &str) -> Option<Value> {
    let machine = template.properties("AWS::StepFunctions::StateMachine");
    let stages = &machine["Definition"]["States"]["Look"]["Parameters"]["status"]["stages"];
    let mut stages = stages.as_array().unwrap().iter();
    stages.find(|stage| stage["name"] == name).cloned()
}

fn planned(stage: Stage) -> Value {
    let template = pipeline(|_| ProcessingPipeline::new().stage("Convert", stage));
    plan(&template, "Convert").unwrap()
}

#[test]
fn an_object_is_late_when_it_was_tried_and_lost_when_nothing_tries_it_any_more() {
    let quick = || function().timeout(seconds(20)).retry_attempts(1);
    let told = |stage: Stage| {
        let plan = planned(stage);
        (plan["late"].clone(), plan["over"].clone())
    };
    let by = |way| Stage::function(quick()).hand_over(way);
    let of = |late: u64, over: u64| (expected!(late), expected!(over));
    // Two calls of 20 seconds, what Lambda waits between them, and some time.
    let late = 2 * 20 + 180 + 300;
    let six_hours = 6 * 3600;
    assert_eq!(told(by(HandOver::Call)), of(late, late + six_hours));
    assert_eq!(told(by(HandOver::Topic)), of(late, late + six_hours));
    let by_bridge = of(late, late + six_hours + 24 * 3600);
    assert_eq!(told(by(HandOver::EventBridge)), by_bridge);
    // Five receives, each hidden for six times the timeout; what waits longer is counted in the queue.
    let queued = 5 * 120 + 300;
    assert_eq!(told(by(HandOver::Queue)), of(queued, queued));
    let short = quick().maximum_event_age(minutes(10));
    assert_eq!(told(Stage::function(short)), of(late, late + 600));
}

#[test]
fn a_stage_for_some_objects_says_so_and_one_for_objects_that_are_gone_is_left_out() {
    assert_eq!(planned(stage().writes("Staging")).get("partial"), None);
    let put = stage().events([Event::ObjectCreatedPut]).writes("Staging");
    assert_eq!(planned(put)["partial"], true);
    let template = pipeline(|_| {
        let row = ProcessingPipeline::new().stage("Convert", stage().writes("Staging"));
        let gone = stage().reads("Incoming").events([Event::ObjectRemoved]);
        row.stage("Forget", gone)
    });
    assert!(plan(&template, "Convert").is_some());
    assert_eq!(plan(&template, "Forget"), None);
}

#[test]
fn a_pipeline_can_do_without() {
    let row = || ProcessingPipeline::new().stage("Status", stage().writes("Staging"));
    let template = pipeline(|_| row().without_status());
    assert!(template.all("AWS::StepFunctions::StateMachine").is_empty());
    // Its own function is there, under a name that is free now.
    assert_eq!(template.all("AWS::Lambda::Function").len(), 1);
    let reserved = "`Status` is the part of the pipeline that answers where files are";
    let line = line!() - 6;
    let place = format!("processing_pipeline/status.rs:{line}");
    assert_error(&mistakes(row()), "CW1004", &[reserved, &place]);
    let place = ProcessingPipeline::new().stage("Convert", stage().writes("status"));
    assert_error(&mistakes(place), "CW1004", &[reserved]);
}
