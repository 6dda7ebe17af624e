//! Crowd-sourced bathymetry: raw files of ships' loggers come in, are converted, and are handed in to an
//! archive with the provider's name.

use std::process::ExitCode;

use cloudwright::lambda::{Code, Function, Runtime};
use cloudwright::package;
use cloudwright::patterns::{Stage, Submission};
use cloudwright::prelude::*;
use cloudwright::sns::Subscription;

/// The archive, and this provider's id there.
const ARCHIVE: &str = "https://www.ngdc.noaa.gov/ingest-external/upload/csb/test/geojson/";
const PROVIDER: &str = "UNHJHC";

fn main() -> ExitCode {
    cloudwright::main(|app| {
        let stack = app.stack("Soundings", Environment::new("111111111111", "us-east-1"));

        // The science code, in Rust.
        let code = Code::cargo(package!("wibl-pipeline/convert")).features(["function"]);
        let convert = Function::new(code).memory(MiB(2048)).timeout(seconds(90));

        // The same in Python. S3 tells upper from lower case, and some loggers write their names in capitals.
        let code = Code::python(package!("wibl-pipeline/convert-python"));
        let convert_capitals = Function::new(code)
            .runtime(Runtime::Python3_14, "convert.handler")
            .memory(MiB(2048))
            .timeout(seconds(90));

        // Filled after the deployment; a new value needs none.
        let token = secretsmanager::Secret::new().description("what proves to be the provider");
        let token = stack.add("Token", token);

        let convert = Stage::function(convert).suffix(".wibl");
        let convert_capitals = Stage::function(convert_capitals).suffix(".WIBL");
        let submission = Submission::to(ARCHIVE, PROVIDER, &token);
        let pipeline = ProcessingPipeline::new()
            .stage("Convert", convert.writes("Staging"))
            .stage(
                "ConvertCapitals",
                convert_capitals.reads("Incoming").writes("Staging"),
            )
            .deliver(Stage::submit(submission).suffix(".json"));
        let pipeline = stack.add("Pipeline", pipeline);

        let operators = stack.add("Operators", sns::Topic::new());
        operators.subscribe(Subscription::email("operators@example.com"));
        pipeline.alarms(&operators);

        stack.output("TokenArn", token.arn().cast::<String>());
        for (id, place) in [("IncomingBucket", "Incoming"), ("StagingBucket", "Staging")] {
            if let Some(bucket) = pipeline.bucket(place) {
                stack.output(id, bucket.name());
            }
        }
        Ok(())
    })
}
