//! Pipelines of stages.

use cloudwright::lambda::{Code, Function};
use cloudwright::patterns::{HandOver, Place, ProcessingPipeline, Stage, Submission};
use cloudwright::prelude::*;
use cloudwright::s3::{Event, LifecycleRule};

pub fn fill(stack: &Stack) {
    let operators = stack.add("Operators", sns::Topic::new());
    let secret = stack.add("Provider", secretsmanager::Secret::new());
    let old = s3::Bucket::import(stack, "Old", "validated-soundings");
    let code = || Function::new(Code::s3("releases", "stage.zip"));
    let convert = Stage::function(code().timeout(minutes(5)))
        .events([
            Event::ObjectCreatedPut,
            Event::ObjectCreatedCompleteMultipartUpload,
        ])
        .suffix(".wibl")
        .hand_over(HandOver::Queue)
        .maximum_concurrency(10)
        .writes("Staging")
        .output_variables("DEST_BUCKET", "DEST_PREFIX");
    let told = |suffix: &'static str| {
        Stage::function(code())
            .hand_over(HandOver::Topic)
            .suffix(suffix)
    };
    let archive = Submission::to("https://archive.example.org/upload", "UNHJHC", &secret)
        .secret_field("token")
        .retry_unknown()
        .attempts(3)
        .answer_within(seconds(30))
        .largest(MiB(128))
        .local();
    let validated = Place::named("Validated").bucket(&old).below("ok/");
    let pipeline = ProcessingPipeline::new()
        .bucket_with(|bucket| bucket.lifecycle(LifecycleRule::new().expire_after(days(90))))
        .stage("Convert", convert)
        .stage(
            "Validate",
            told(".json")
                .reads("Staging")
                .writes(validated)
                .producing(".geojson"),
        )
        .stage("Count", told("").reads("Staging").writes("Counts"))
        .stage(
            "Rename",
            Stage::function(code())
                .reads("Counts")
                .suffix(".a")
                .writes("Counts")
                .producing(".b"),
        )
        .deliver(Stage::submit(archive).reads("Counts").suffix(".b"));
    stack.add("Soundings", pipeline).alarms(&operators);
    let lone = Stage::function(code()).writes("Prints");
    let lone = ProcessingPipeline::new().stage("Print", lone);
    stack.add("Prints", lone.without_status());
}
