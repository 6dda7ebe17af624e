//! Crowd-sourced bathymetry in three stages: convert, validate, submit. A topic stands before each stage, so that
//! whoever else wants to know of a file subscribes to it.

use std::process::ExitCode;

use cloudwright::lambda::{Code, Function, Runtime};
use cloudwright::package;
use cloudwright::patterns::{HandOver, Stage, Submission};
use cloudwright::prelude::*;
use cloudwright::sns::Subscription;

/// The archive, and this provider's id there.
const ARCHIVE: &str = "https://www.ngdc.noaa.gov/ingest-external/upload/csb/test/geojson/";
const PROVIDER: &str = "UNHJHC";

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let stack = app.stack("Bathymetry", Environment::new("111111111111", "us-east-1"));

        // The converter of the example wibl-pipeline, in Rust: it reads an event of S3 in a message as well.
        let convert = Code::cargo(package!("wibl-pipeline/convert")).features(["function"]);
        let convert = Function::new(convert)
            .memory(MiB(2048))
            .timeout(seconds(90));

        // Checks in Python, with a configuration file in the package.
        let validate = Function::new(Code::python(package!("three-stages/validate")))
            .runtime(Runtime::Python3_14, "validate.handler")
            .env("WIBL_CONFIG_FILE", "configure.json")
            .memory(MiB(2048))
            .timeout(seconds(90));

        let token = secretsmanager::Secret::new().description("what proves to be the provider");
        let token = stack.add("Token", token);
        let submission = Submission::to(ARCHIVE, PROVIDER, &token);

        // Each stage reads what the one before writes, and hears of it from a topic.
        let told =
            |stage: Stage, suffix: &'static str| stage.suffix(suffix).hand_over(HandOver::Topic);
        let pipeline = ProcessingPipeline::new()
            .stage(
                "Convert",
                told(Stage::function(convert), ".wibl").writes("Staging"),
            )
            .stage(
                "Validate",
                told(Stage::function(validate), ".json").writes("Valid"),
            )
            .stage("Submit", told(Stage::submit(submission), ".json"));
        let pipeline = stack.add("Pipeline", pipeline);

        let operators = stack.add("Operators", sns::Topic::new());
        operators.subscribe(Subscription::email("operators@example.com"));
        pipeline.alarms(&operators);

        stack.output("TokenArn", token.arn().cast::<String>());
        for place in ["Incoming", "Staging", "Valid"] {
            if let Some(bucket) = pipeline.bucket(place) {
                stack.output(format!("{place}Bucket"), bucket.name());
            }
        }
        Ok(())
    })
}
